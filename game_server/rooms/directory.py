"""Which room is which: finds, opens and forgets this worker's live rooms.

A room id may live several times; every life is a stream of its own, and the newest is the current one.
"""

import asyncio
import logging
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from itertools import islice
from typing import Final

from game_server.bus.bus import Bus
from game_server.core.commands import OpenRoom
from game_server.core.ids import Epoch, RoomId
from game_server.core.options import Options
from game_server.rooms.embargo import under_embargo
from game_server.rooms.live import LiveRoom
from game_server.rooms.outages import Outages
from game_server.store.log import EventLog, GameQuery, StreamId, Unavailable

logger = logging.getLogger(__name__)

PREFIX: Final = "room:"
SWEEP_S: Final = 0.5        # what is due in a room that nobody has open happens within a second
SWEPT: Final = 1_000        # overdue rooms looked at in one sweep
LOOK_EVERY_MS: Final = 5_000    # for rooms that nobody needs
OWED_AT_ONCE: Final = 200   # rooms given back an outage in one sweep: all at once would be the next outage
FORGOTTEN_AFTER_MS: Final = 30_000
LEFT_TO_OTHERS_MS: Final = 1_000


class Directory:
    """This worker's rooms. `on_news` is handed to every room (see LiveRoom)."""

    def __init__(
        self, log: EventLog, outages: Outages, on_news: Callable[[LiveRoom], None], bus: Bus
    ) -> None:
        self._log = log
        self._bus = bus
        self._outages = outages
        self._on_news = on_news
        self._live: dict[RoomId, LiveRoom] = {}
        self._late: set[RoomId] = set()
        self._busy: dict[RoomId, tuple[asyncio.Lock, int]] = {}
        self._idle_since_ms: dict[RoomId, int] = {}
        self._look_ms = 0
        self._unreadable: set[str] = set()
        self._since_ms = outages.now()
        self._has_recalled = False

    @property
    def is_alone(self) -> bool:
        """No other worker serves these rooms."""
        return self._bus.is_alone

    def live(self, room_id: RoomId) -> LiveRoom | None:
        """The room, if it is live here."""
        return self._live.get(room_id)

    def rooms(self) -> list[LiveRoom]:
        """The rooms that are live here."""
        return list(self._live.values())

    async def find(self, room_id: RoomId) -> LiveRoom | None:
        """The current life of the room, open or closed, with all that any worker has written to it before; None if
        there never was one. Raises Unavailable.
        """
        known = self._live.get(room_id)
        if known is not None and not self._bus.is_alone:
            await self._refresh(known)
        return await self.glance(room_id)

    async def glance(self, room_id: RoomId) -> LiveRoom | None:
        """As `find`, but what other workers have written may be missing, if it was written less than a second ago."""
        self._idle_since_ms.pop(room_id, None)
        known = self._live.get(room_id)
        if known is not None:
            return known
        async with self._alone(room_id):
            return self._live.get(room_id) or await self._load(room_id)

    async def follow(self, room_id: RoomId, life: int) -> None:
        """Catches up with another worker that has written to that life of the room. Raises Unavailable."""
        known = self._live.get(room_id)
        if known is not None and known.stream.life == life:
            await known.catch_up()
        else:
            await self.find(room_id)

    async def public(self, limit: int) -> AsyncIterator[LiveRoom]:
        """Public rooms, whoever has them open, the newest first; also those that are only shown as open still.

        Raises Unavailable.
        """
        for room_id in await self.public_ids(limit):
            live = await self.glance(room_id)
            if live is not None:
                yield live

    async def public_ids(self, limit: int) -> list[RoomId]:
        """As `public`, but only their ids. Raises Unavailable."""
        streams = await self._log.public_streams(limit)
        late = sorted(self.late(), key=lambda live: live.room.opened_ms)    # the log may know already that they closed
        found: dict[RoomId, None] = {}
        for stream in streams:
            room_id = RoomId(stream.name.removeprefix(PREFIX))
            live = self._live.get(room_id)
            while late and live is not None and late[-1].room.opened_ms > live.room.opened_ms:
                found[late.pop().room.room_id] = None
            found[room_id] = None
        found |= dict.fromkeys(live.room.room_id for live in reversed(late))
        return list(found)

    def late(self) -> list[LiveRoom]:
        """The public rooms with a delay that are live here, and still shown as open."""
        self._late &= self._live.keys()
        return [live for live in map(self._live.__getitem__, self._late) if not live.shown.is_closed]

    def _adopt(self, room_id: RoomId, live: LiveRoom) -> LiveRoom:
        self._live[room_id] = live
        if live.room.options.public and live.room.options.spectator_delay_ms:
            self._late.add(room_id)
        else:
            self._late.discard(room_id)
        self._on_news(live)
        return live

    async def _refresh(self, live: LiveRoom) -> None:
        """Catches up with other workers. A closed room that was opened anew elsewhere is live here no more."""
        head = (await self._log.heads([live.stream.name])).get(live.stream.name)
        if head is None or head <= (live.stream, live.version):
            return
        if head[0] == live.stream:
            await live.catch_up()
        elif self._live.get(live.room.room_id) is live:
            await live.catch_up()       # its listeners are told its end
            if self._live.get(live.room.room_id) is live:       # nobody else has found the new life meanwhile
                del self._live[live.room.room_id]
                live.retire()

    async def open(self, room_id: RoomId, options: Options) -> LiveRoom:
        """The room if it is open, else a new life of it with `options`. Raises Unavailable or Refused(TRY_AGAIN)."""
        self._idle_since_ms.pop(room_id, None)
        async with self._alone(room_id):
            known = self._live.get(room_id) or await self._load(room_id)
            if known is not None and not known.is_closed:
                return known
            life = known.stream.life + 1 if known else 1
            live = self._made(StreamId(PREFIX + room_id, life))
            await live.do(OpenRoom(room_id, Epoch(secrets.token_urlsafe(6)), options))
            if known is not None:
                known.retire()
            return self._adopt(room_id, live)

    async def _load(self, room_id: RoomId) -> LiveRoom | None:
        recalled = await self._log.recall(PREFIX + room_id)
        if recalled is None:
            return None
        live = self._made(recalled.stream)
        await live.load(recalled, self._since_ms)
        return self._adopt(room_id, live)

    def _made(self, stream: StreamId) -> LiveRoom:
        return LiveRoom(stream, self._log, self._outages, self._on_news, self._bus)

    @asynccontextmanager
    async def _alone(self, room_id: RoomId) -> AsyncIterator[None]:
        """Loading and opening of one room, one at a time."""
        lock, users = self._busy.get(room_id, (asyncio.Lock(), 0))
        self._busy[room_id] = lock, users + 1
        try:
            async with lock:
                yield
        finally:
            lock, users = self._busy[room_id]
            if users == 1:
                del self._busy[room_id]
            else:
                self._busy[room_id] = lock, users - 1

    async def sweep_forever(self) -> None:
        """Finds rooms that are due and that nobody has open, and forgets rooms that nobody needs here."""
        while True:
            await self.sweep()
            await asyncio.sleep(SWEEP_S)

    async def sweep(self) -> None:
        """One round of it."""
        try:
            if not self._has_recalled:
                await self._recall()
            for stream in await self._log.overdue(self._outages.now() - self._leave_ms, SWEPT):
                if stream.name.startswith(PREFIX) and stream.name not in self._unreadable:
                    await self._wake(stream.name)
        except Unavailable as unavailable:
            logger.warning("no sweep: the store is unavailable: %s", unavailable)
        for live in islice((live for live in self.rooms() if live.is_owed), OWED_AT_ONCE):
            self._on_news(live)     # so that an outage is seen soon where nobody acts
        if self._outages.now() >= self._look_ms:
            self._forget_idle()

    async def _recall(self) -> None:
        """After a start: has the rooms live here whose end may not be shown yet: a game has ended there so lately."""
        games = await self._log.finished_games(GameQuery(SWEPT))
        untold = await under_embargo(self._log, games, self._outages.now())
        for game in games:
            if game.game_id in untold:
                await self._wake(game.stream.name)
        self._has_recalled = True

    @property
    def _leave_ms(self) -> int:
        """How long the due are left to the workers that have them open."""
        return 0 if self._bus.is_alone else LEFT_TO_OTHERS_MS

    async def _wake(self, name: str) -> None:
        """Has the room live here; its timer does the rest."""
        try:
            await self.glance(RoomId(name.removeprefix(PREFIX)))
        except Unavailable:
            raise
        except Exception:   # one room's fault must not stop the sweep, and with it the worker
            logger.exception("room %s: cannot be read", name.removeprefix(PREFIX))
            self._unreadable.add(name)

    def _forget_idle(self) -> None:
        now_ms = self._outages.now()
        self._look_ms = now_ms + LOOK_EVERY_MS
        for room_id, live in list(self._live.items()):
            due_ms = live.due_ms()
            if live.is_needed or (due_ms is not None and due_ms < now_ms + 2 * FORGOTTEN_AFTER_MS):
                self._idle_since_ms.pop(room_id, None)
            elif self._idle_since_ms.setdefault(room_id, now_ms) + FORGOTTEN_AFTER_MS <= now_ms:
                del self._live[room_id], self._idle_since_ms[room_id]
                live.retire()
