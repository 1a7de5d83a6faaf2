"""The other workers, as one worker lives with them: it follows what they write, and notices when one ends.

Hints make it quick; a poll of all that is open here, each second, makes it sure: a lost hint, or a bus that is away,
frozen or empty, costs that second and nothing else. Who is alive is the store's to say: a worker whose lease there has
run out, or that has said farewell, has ended, and that is an outage for those whom it served.
"""

import asyncio
import logging
from typing import Final

from game_server.bus.bus import Bus, Hint
from game_server.core.ids import AccountId, PlayerId, RoomId
from game_server.rooms.accounts import Accounts
from game_server.rooms.directory import PREFIX as ROOM
from game_server.rooms.directory import Directory
from game_server.rooms.live import LiveRoom
from game_server.rooms.live_account import PREFIX as ACCOUNT
from game_server.rooms.live_account import LiveAccount
from game_server.rooms.outages import STALL_MS, Outage, Outages
from game_server.store.log import EventLog, StreamId, Unavailable, Version, WorkerId

logger = logging.getLogger("tabiya.bus")

POLL_S: Final = 0.8
LEASE_MS: Final = 2_500         # renewed each second
RETURN_MS: Final = 6_000        # so long at most is waited for the players of a worker that has ended, or stands still


class Neighbours:
    """Feeds what the bus tells to this worker's rooms and accounts."""

    def __init__(
        self, bus: Bus, log: EventLog, outages: Outages, rooms: Directory, people: Accounts
    ) -> None:
        self._bus = bus
        self._log = log
        self._outages = outages
        self._rooms = rooms
        self._people = people
        self._alive: dict[str, int] = {}
        self._renewed_ms: int | None = None     # since when, without a break
        self._ended: dict[str, int] = {}
        self._behind: dict[str, int] = {}       # names that are being looked at, with the life that was hinted at last
        self._tasks: asyncio.TaskGroup | None = None
        bus.ears.hint, bus.ears.attendance, bus.ears.end = self._hinted, self._attended, self.ended

    # What they write

    def _hinted(self, hint: Hint) -> None:
        known = self._known(hint.name)
        if known is None or known < (StreamId(hint.name, hint.life), hint.version):
            self._look_at(hint.name, hint.life)

    def _known(self, name: str) -> tuple[StreamId, Version] | None:
        """What is known here of that stream; None if it is not open here."""
        live: LiveRoom | LiveAccount | None
        if name.startswith(ACCOUNT):
            live = self._people.live(AccountId(name.removeprefix(ACCOUNT)))
        else:
            live = self._rooms.live(RoomId(name.removeprefix(ROOM)))
        return (live.stream, live.version) if live is not None else None

    def _look_at(self, name: str, life: int) -> None:
        if self._tasks is None:     # not serving yet
            return
        if name not in self._behind:
            self._tasks.create_task(self._catch_up(name))
        self._behind[name] = life

    async def _catch_up(self, name: str) -> None:
        """Until no hint has come meanwhile."""
        try:
            while life := self._behind[name]:
                self._behind[name] = 0
                if name.startswith(ACCOUNT):
                    await self._people.refresh(AccountId(name.removeprefix(ACCOUNT)))
                else:
                    await self._rooms.follow(RoomId(name.removeprefix(ROOM)), life)
        except Unavailable:
            pass            # the poll finds it
        except Exception:   # one room's fault must not stop all that are followed
            logger.exception("%s: cannot be followed", name)
        finally:
            del self._behind[name]

    async def poll(self) -> None:
        """Catches up on everything that is open here and that others have written to. Raises Unavailable."""
        known = {live.stream.name: (live.stream, live.version) for live in self._rooms.rooms()}
        known |= {each.stream.name: (each.stream, each.version) for each in self._people.followed()}
        for name, head in (await self._log.heads(list(known))).items():
            if head > known[name] and name not in self._behind:
                self._behind[name] = head[0].life
                await self._catch_up(name)

    # Who they are

    def _attended(self, name: str) -> None:
        """Somebody came to one of them, or went."""
        if name.startswith(ROOM):
            live = self._rooms.live(RoomId(name.removeprefix(ROOM)))
            if live is not None:
                live.note_elsewhere()
        elif name.startswith(ACCOUNT):
            account = self._people.live(AccountId(name.removeprefix(ACCOUNT)))
            if account is not None:
                account.tell()

    def ended(self, worker: str, at_ms: int) -> None:
        """The worker ended at `at_ms`: an outage for its players until they are back, and they count as lost."""
        self._alive.pop(worker, None)
        self._ended[worker] = at_ms
        logger.warning("worker %s has ended", worker)
        now_ms = self._outages.now()
        self._outages.add(Outage(at_ms, max(at_ms + RETURN_MS, now_ms), worker, now_ms))
        for name, attendance in self._bus.attended(worker):
            live = self._rooms.live(RoomId(name.removeprefix(ROOM)))
            for player_id in attendance.players if live is not None else ():
                assert live is not None
                live.expect(PlayerId(player_id))
        self._bus.forget(worker)
        for live in self._rooms.rooms():
            live.note_presence()

    async def renew(self) -> None:
        """Says that this worker is alive, and looks who else is. Raises Unavailable.

        Whose lease has run out has ended; but not if this worker could not have seen it renewed.
        """
        now_ms = self._outages.now()
        if self._renewed_ms is None:
            self._renewed_ms = now_ms
        try:
            await self._log.renew(WorkerId(self._bus.worker), now_ms)
            if not self._bus.is_alone:
                self._note_leases(await self._log.alive_after(now_ms - LEASE_MS), now_ms)
        except Unavailable:
            self._renewed_ms = None
            self._outages.note_unavailable()
            raise
        took_ms = self._outages.now() - now_ms
        if took_ms > LEASE_MS:
            self._renewed_ms = None
        if took_ms > STALL_MS:
            self._outages.note_unavailable()
        self._outages.note_stored()

    def _note_leases(self, alive: dict[WorkerId, int], now_ms: int) -> None:
        assert self._renewed_ms is not None
        is_sure = now_ms - self._renewed_ms > LEASE_MS
        for worker, alive_ms in list(self._alive.items()):
            if worker not in alive and is_sure:
                self.ended(worker, alive_ms)
        for worker, alive_ms in alive.items():
            self._bus.vouch(worker, alive_ms)       # it may be the bus that has ended
        self._alive |= {
            worker: alive_ms
            for worker, alive_ms in alive.items()
            if worker != self._bus.worker and alive_ms > self._ended.get(worker, 0)
        }

    # Its tasks

    async def run(self) -> None:
        """Serves until cancelled."""
        async with asyncio.TaskGroup() as self._tasks:
            self._tasks.create_task(self._bus.run())
            if not self._bus.is_alone:
                self._tasks.create_task(self._poll_forever())

    async def _poll_forever(self) -> None:
        while True:
            try:
                await self.poll()
            except Unavailable as unavailable:
                logger.warning("no poll: the store is unavailable: %s", unavailable)
            await asyncio.sleep(POLL_S)
