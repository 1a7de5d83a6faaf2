"""A room as one worker serves it: its replica, a lock, and who is there.

Everything that happens goes through `do`: decided by core, appended to the log, and only then applied and shown. The
lock is an optimisation; what decides between two workers is the log.
"""

import asyncio
import logging
from collections.abc import Callable
from typing import Final

from game_server.bus.bus import Bus, Hint
from game_server.core.commands import CheckTime, Command
from game_server.core.decide import decide
from game_server.core.events import Event, MovePlayed
from game_server.core.ids import COLORS, PlayerId
from game_server.core.refusals import Code, Refused
from game_server.core.room import Room
from game_server.rooms.alarms import Alarms
from game_server.rooms.company import EXPECTED_WITHIN_MS, Company
from game_server.rooms.delayed import Delayed, Shown
from game_server.rooms.downtime import Downtime
from game_server.rooms.frame import Frame
from game_server.rooms.history import told_again
from game_server.rooms.outages import Outage, Outages
from game_server.rooms.replica import Replica
from game_server.store.log import Answer, Cause, Conflict, EventLog, Recalled, StreamId, Unavailable, Version
from game_server.wire.snapshot import Presence, state_frame

logger = logging.getLogger(__name__)

NOT_REMEMBERED: Final = frozenset({Code.RATE_LIMITED, Code.TRY_AGAIN})
LOOK_AGAIN_MS: Final = 100      # at what another worker should have done

Wish = Command | Callable[[], Command]


class LiveRoom:
    """One life of one room. Made by the Directory, which alone says which life is the current one.

    `on_news` is called, and must not wait, whenever listeners or timers have something new to look at.
    """

    def __init__(
        self, stream: StreamId, log: EventLog, outages: Outages, on_news: Callable[["LiveRoom"], None], bus: Bus
    ) -> None:
        self.stream = stream
        self.company = Company(stream.name, bus, outages.now)
        self.seats, self.players, self.spectators = self.company.seats, self.company.players, self.company.spectators
        self._alarms = Alarms(self.company, bus)
        self._replica = Replica(stream, log, self._alarms.look_again_ms)
        self._downtime = Downtime(outages, self.company, bus)
        self._log = log
        self._bus = bus
        self._outages = outages
        self._now = outages.now
        self._on_news = on_news
        self._lock = asyncio.Lock()
        self._delayed: Delayed | None = None
        self.is_retired = False

    @property
    def room(self) -> Room:
        assert self._replica.room is not None, "the directory hands out only rooms that were opened"
        return self._replica.room

    @property
    def shown(self) -> Shown:
        """The room as all but its players see it now."""
        if self._delayed is None:
            if self._replica.past is None:
                return self
            self._delayed = Delayed(self, self._replica.past, lambda: self._on_news(self))
            self._on_news(self)     # it has to be woken
        return self._delayed.advance()

    @property
    def version(self) -> Version:
        room = self._replica.room
        return room.version if room else 0

    @property
    def is_closed(self) -> bool:
        return self.room.status == "closed"

    @property
    def is_needed(self) -> bool:
        """Somebody is here, or is just doing something here, or it has closed and is still shown as open."""
        return self.company.is_here or self._lock.locked() or (self.is_closed and not self.shown.is_closed)

    @property
    def is_owed(self) -> bool:
        """There was an outage that it has not looked at yet."""
        return self._downtime.is_owed

    @property
    def forgotten(self) -> Version:
        """The frames up to this version are not at hand any more."""
        return self._replica.frames.first

    @property
    def presence_frame(self) -> Frame | None:
        """The newest announcement of who is here; None before the first."""
        return self.company.frame

    @property
    def presence(self) -> Presence:
        return self.company.presence(self.room)

    def now_ms(self) -> int:
        """The present as this room knows it: never before its latest event."""
        room = self._replica.room
        return max(self._now(), room.at_ms) if room else self._now()

    def frame(self, version: Version) -> Frame:
        """The frame of the event that raised the room to `version`, which must be after `forgotten`."""
        return self._replica.frames[version]

    def state(self) -> Frame:
        """The whole room, as of now."""
        room = self.room
        text = state_frame(room, self.presence, self.now_ms()).model_dump_json()
        return Frame("state", text, f"{room.epoch}:{room.version}")

    async def load(self, recalled: Recalled, served_since_ms: int) -> None:
        """Takes the room over as it was read from the log, and pays back what outages cost it since.

        If its last event is older than `served_since_ms`, its players were connected to an earlier life of the server,
        if at all: they count as lost in EXPECTED_WITHIN_MS. So do, with several workers, those who are connected to
        none of them then. Raises Unavailable.
        """
        async with self._lock:
            self._replica.begin(recalled.history)
            room = self.room
            self._downtime.note([Outage(*outage) for outage in recalled.outages])
            await self._made_good()
            if room.at_ms < served_since_ms or not self._bus.is_alone:
                self.seats.expect_all(room, self._now() + EXPECTED_WITHIN_MS)

    async def _made_good(self) -> None:
        """Gives back what outages have cost the room while nobody had it here."""
        try:
            await self._repay(self.room, self.now_ms())
        except Conflict:        # another worker does it, or more
            await self._replica.refresh()

    async def resumed(self, position: str | None, shown: Callable[[], Shown] | None = None) -> Version | None:
        """The cursor that `position` (`epoch:v`) names, if the frames after it can be sent to somebody who sees what is
        `shown` (the present); None: send `state`. Raises Unavailable if they are not at hand and cannot be read now.
        """
        epoch, _, v = (position or "").rpartition(":")
        if epoch != self.room.epoch or not (v.isascii() and v.isdigit() and len(v) <= 9):
            return None
        if int(v) > self.version and not self._bus.is_alone:
            await self.catch_up()       # told by another worker
        async with self._lock:
            version = self.version if shown is None else shown().version
            return int(v) if await self._replica.cover(int(v), version) else None

    async def catch_up(self) -> None:
        """Reads what other workers may have added. Raises Unavailable."""
        async with self._lock:
            self._replica.mark_stale()
            if await self._replica.refresh():
                self._note_news()

    async def do(self, wish: Wish, cause: Cause | None = None) -> Version:
        """Carries a command out, once for each `cause`: the version up to which its frames reach.

        A `wish` that depends on the room (a player's colour changes with a rematch) is a function, called when it is
        decided; what it raises is raised. Raises Refused, also as it was refused before under the same `cause`;
        TRY_AGAIN if it cannot be stored now.
        """
        async with self._lock:
            try:
                return await self._decided(wish, cause)
            except Unavailable as unavailable:
                self._outages.note_unavailable()
                logger.warning("room %s: a command was not stored: %s", self.stream.name, unavailable)
                raise Refused(Code.TRY_AGAIN, "the server cannot store this now: try again") from None

    async def _decided(self, wish: Wish, cause: Cause | None) -> Version:
        while True:
            if await self._replica.refresh():
                self._note_news()
            if cause is not None and (known := self._replica.answers.get(cause)) is not None:
                return told_again(known)
            try:
                return await self._attempt(wish, cause)
            except Conflict:
                self._replica.mark_stale()

    async def _attempt(self, wish: Wish, cause: Cause | None) -> Version:
        """One try on what is known here: what time has caused first, then the command, as of the same moment."""
        now_ms = await self._settle()
        command = wish() if callable(wish) else wish
        try:
            events = decide(self._replica.room, command, now_ms)
        except Refused as refused:
            if cause is not None and refused.code not in NOT_REMEMBERED:
                await self._replica.remember(Answer(cause, self.version, refused.code, refused.message))
            elif not self._bus.is_alone:
                await self._replica.verify()
            raise
        if events:
            await self._append(events, cause)
        elif cause is not None:
            await self._replica.remember(Answer(cause, self.version))
        return self.version

    async def _settle(self) -> int:
        """Appends what outages and time have caused up to now; returns that moment, at which nothing is due any more.

        An outage comes first: it was not the players' time. It may be the very reading of the clock that finds it.
        """
        while (room := self._replica.room) is not None:
            if self._outages.is_down:
                await self._log.ready()
                self._outages.note_stored()
            now_ms = self.now_ms()
            if self.is_owed and await self._repay(room, now_ms):
                continue
            if not self._is_due(room, now_ms):
                return now_ms
            if self._downtime.is_doubtful(room, now_ms):
                await asyncio.sleep(LOOK_AGAIN_MS / 1_000)
                self._replica.mark_stale()      # its worker may have done it
                if await self._replica.refresh():
                    self._note_news()
            else:
                await self._append_if_any(CheckTime(is_occupied=self.company.is_occupied), now_ms)
        return self.now_ms()

    def _is_due(self, room: Room, now_ms: int) -> bool:
        due_ms = self._alarms.deadline_ms(room)
        return due_ms is not None and due_ms <= now_ms

    async def _repay(self, room: Room, now_ms: int) -> bool:
        """Gives back what outages have cost; whether there was anything."""
        owed, seen, going_on = self._downtime.owed(room, now_ms)
        has_cost = owed is not None and await self._append_if_any(owed, now_ms)
        self._downtime.given_back(seen, going_on)
        self._alarms.forget()
        return has_cost

    async def _append_if_any(self, command: Command, now_ms: int) -> bool:
        events = decide(self._replica.room, command, now_ms)
        if events:
            await self._append(events, None)
        return bool(events)

    async def _append(self, events: tuple[Event, ...], cause: Cause | None) -> None:
        await self._replica.append(events, cause)
        self.tell()
        self._note_news(is_move=len(events) == 1 and isinstance(events[0], MovePlayed))

    def tell(self) -> None:
        """Lets other workers know which version was reached."""
        if not self._bus.is_alone:
            self._bus.tell(Hint(*self.stream, self.version, self.room.options.public))

    def _note_news(self, *, is_move: bool = False) -> None:
        """`is_move`: nothing but a move, which changes nothing about who is here."""
        self._replica.frames.forget(self.company.cursors, self._replica.hidden)
        if not is_move:
            self.seats.follow(self.room)
            self._alarms.forget()
        self._on_news(self)

    async def tick(self) -> None:
        """Does what time and the connections have caused, and announces who is here. Raises Unavailable."""
        if self._delayed is not None:
            self._delayed.tick()
        if self.is_retired:
            self._on_news(self)
            return
        try:
            async with self._lock:
                await self._look()
        except Unavailable:
            self._outages.note_unavailable()
            raise
        self.note_presence()

    async def _look(self) -> None:
        if self._downtime.is_withheld(self.room, self.now_ms()):
            return
        await self._decided(self._nothing, None)
        for color in COLORS:
            correction = self.company.correction(self.room, color, self.now_ms())
            if correction is not None:
                await self._decided(correction, None)

    def _nothing(self) -> Command:
        return CheckTime(is_occupied=self.company.is_occupied)

    def due_ms(self) -> int | None:
        """When `tick` will next have something to do; None if nothing is pending."""
        delayed_ms = self._delayed.due_ms() if self._delayed is not None else None
        if self.is_retired:     # its spectators may still have to see its end
            return delayed_ms if self.spectators else None
        room = self.room
        if not self._bus.is_alone and self._downtime.is_withheld(room, self.now_ms()):
            return self.now_ms() + LOOK_AGAIN_MS
        due_ms = self._alarms.due_ms(room)
        owed_ms = self._downtime.due_ms(room) if self.is_owed else None
        if owed_ms is None and delayed_ms is None:
            return due_ms
        return min(each_ms for each_ms in (due_ms, owed_ms, delayed_ms) if each_ms is not None)

    # Who comes and goes

    def expect(self, player_id: PlayerId) -> None:
        """The worker that served the player has ended: he counts as lost unless he connects to another soon."""
        if any(seat is not None and seat.player_id == player_id for seat in (self.room.white, self.room.black)):
            self.seats.expect(player_id, self._now() + EXPECTED_WITHIN_MS)
            self._alarms.forget()

    def note_elsewhere(self) -> None:
        """Somebody came to another worker, or went: who came has to hear what has happened."""
        self.company.note_elsewhere()
        self.tell()
        self.note_presence()

    def note_presence(self) -> None:
        """Tells the listeners who is here, at most once a second. To be called whenever somebody came or went."""
        if not self.is_retired:
            self.company.tell()
        self.company.announce(self.room)
        if self._delayed is not None:
            self._delayed.tick()
        self._alarms.forget()
        self._on_news(self)

    def retire(self) -> None:
        """Wants to be woken no more: nobody is here, and who comes later is served by another object (Directory)."""
        self.is_retired = True
        self._on_news(self)
