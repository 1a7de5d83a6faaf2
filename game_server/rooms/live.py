"""A room as one worker serves it: its replica, a lock, who is connected and who listens.

Everything that happens goes through `do`: decided by core, appended to the log, and only then applied and shown. The
lock is an optimisation; what decides between two workers is the log.
"""

import asyncio
import logging
from collections.abc import Callable
from typing import Final

from game_server.core.commands import CheckTime, Command, NoteOutage
from game_server.core.consequences import deadline
from game_server.core.decide import decide
from game_server.core.ids import COLORS
from game_server.core.refusals import Code, Refused
from game_server.core.room import Room
from game_server.rooms.feed import Feed, Frame
from game_server.rooms.history import told_again
from game_server.rooms.outages import Outages, together
from game_server.rooms.presence import Announcer
from game_server.rooms.replica import Replica
from game_server.rooms.seats import Seats
from game_server.store.log import Answer, Cause, Conflict, EventLog, StreamId, Unavailable, Version
from game_server.wire.snapshot import Presence, state_frame

logger = logging.getLogger(__name__)

NOT_REMEMBERED: Final = frozenset({Code.RATE_LIMITED, Code.TRY_AGAIN})
EXPECTED_WITHIN_MS: Final = 1_000   # after a restart: a whole presence renewal

Wish = Command | Callable[[], Command]


class LiveRoom:
    """One life of one room. Made by the Directory, which alone says which life is the current one.

    `on_news` is called, and must not wait, whenever listeners or timers have something new to look at.
    """

    def __init__(
        self, stream: StreamId, log: EventLog, outages: Outages, on_news: Callable[["LiveRoom"], None]
    ) -> None:
        self.stream = stream
        self.seats = Seats()
        self.players: set[Feed] = set()
        self.spectators: set[Feed] = set()
        self._announcer = Announcer()
        self._replica = Replica(stream, log)
        self._log = log
        self._outages = outages
        self._repaid = 0
        self._now = outages.now
        self._on_news = on_news
        self._lock = asyncio.Lock()
        self._is_retired = False

    @property
    def room(self) -> Room:
        assert self._replica.room is not None, "the directory hands out only rooms that were opened"
        return self._replica.room

    @property
    def version(self) -> Version:
        return self._replica.version

    @property
    def is_closed(self) -> bool:
        return self.room.status == "closed"

    @property
    def is_occupied(self) -> bool:
        return bool(self.players or self.spectators) or not self.seats.is_empty

    @property
    def is_needed(self) -> bool:
        """Somebody is here, or is just doing something here."""
        return self.is_occupied or self._lock.locked()

    @property
    def is_owed(self) -> bool:
        """There was an outage that it has not looked at yet."""
        return self._repaid < self._outages.count

    @property
    def forgotten(self) -> Version:
        """The frames up to this version are not at hand any more."""
        return self._replica.frames.first

    @property
    def presence_frame(self) -> Frame | None:
        """The newest announcement of who is here; None before the first."""
        return self._announcer.frame

    @property
    def presence(self) -> Presence:
        return self.seats.presence(self.room, len(self.spectators))

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

    async def load(self, served_since_ms: int) -> bool:
        """Reads the room from the log, and pays back what outages cost it since; False if it was never opened.

        If its last event is older than `served_since_ms`, its players were connected to an earlier life of the server,
        if at all: they count as lost in EXPECTED_WITHIN_MS. Raises Unavailable.
        """
        async with self._lock:
            await self._replica.refresh()
            room = self._replica.room
            if room is None:
                return False
            noted = [NoteOutage(*outage) for outage in await self._log.outages(room.at_ms)]
            owed = together([*noted, *self._outages.since(0)], room.at_ms)
            if owed is not None:
                await self._decided(owed, None)
            if room.at_ms < served_since_ms:
                self.seats.expect_all(room, self._now() + EXPECTED_WITHIN_MS)
            return True

    async def resumed(self, position: str | None) -> Version | None:
        """The cursor that `position` (`epoch:v`) names, if the frames after it can be sent; None: send `state`.

        Also if the store cannot be asked for them now.
        """
        epoch, _, v = (position or "").rpartition(":")
        if epoch != self.room.epoch or not (v.isascii() and v.isdigit() and len(v) <= 9):
            return None
        try:
            async with self._lock:
                return int(v) if await self._replica.cover(int(v)) else None
        except Unavailable:
            return None

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
        now_ms = self.now_ms() if isinstance(wish, NoteOutage) else await self._settle()
        command = wish() if callable(wish) else wish
        try:
            events = decide(self._replica.room, command, now_ms)
        except Refused as refused:
            if cause is not None and refused.code not in NOT_REMEMBERED:
                await self._replica.remember(Answer(cause, self.version, refused.code, refused.message))
            raise
        if events:
            await self._replica.append(events, cause)
            self._note_news()
        elif cause is not None:
            await self._replica.remember(Answer(cause, self.version))
        return self.version

    async def _settle(self) -> int:
        """Appends what outages and time have caused up to now; returns that moment, at which nothing is due any more.

        An outage comes first: it was not the players' time. It may be the very reading of the clock that finds it.
        """
        while True:
            now_ms = self.now_ms()
            if self._replica.room is None:
                return now_ms
            if self.is_owed:
                await self._repay(self._replica.room, now_ms)
            elif not self._is_due(now_ms):
                return now_ms
            else:
                await self._append_if_any(CheckTime(is_occupied=self.is_occupied), now_ms)

    def _is_due(self, now_ms: int) -> bool:
        due_ms = deadline(self.room, is_occupied=self.is_occupied)
        return due_ms is not None and due_ms <= now_ms

    async def _repay(self, room: Room, now_ms: int) -> None:
        """All outages since the last repayment; nor do they count for how long somebody has been lost."""
        outages = self._outages.since(self._repaid)
        owed = together(outages, room.at_ms)
        if owed is not None:
            await self._append_if_any(owed, now_ms)
        self._repaid += len(outages)
        for outage in outages:
            self.seats.hold_up(outage.from_ms, outage.until_ms)

    async def _append_if_any(self, command: Command, now_ms: int) -> bool:
        events = decide(self._replica.room, command, now_ms)
        if events:
            await self._replica.append(events, None)
            self._note_news()
        return bool(events)

    def _note_news(self) -> None:
        self.seats.drop_unseated(self.room)
        self._on_news(self)

    async def tick(self) -> None:
        """Does what time and the connections have caused, and announces who is here. Raises Unavailable."""
        async with self._lock:
            await self._decided(CheckTime(is_occupied=self.is_occupied), None)
            for color in COLORS:
                correction = self.seats.correction(self.room, color, self.now_ms())
                if correction is not None:
                    await self._decided(correction, None)
        self.note_presence()

    def due_ms(self) -> int | None:
        """When `tick` will next have something to do; None if nothing is pending."""
        if self._is_retired:
            return None
        dues = (
            deadline(self.room, is_occupied=self.is_occupied),
            self.seats.due_ms(self.room),
            self.room.at_ms if self.is_owed else None,
            self._announcer.due_ms(self.presence),
        )
        return min((due for due in dues if due is not None), default=None)

    def note_presence(self) -> None:
        """Tells the listeners who is here, at most once a second. To be called whenever somebody came or went."""
        self._announcer.note(self.presence, self._now())
        self._on_news(self)

    def retire(self) -> None:
        """Wants to be woken no more: nobody is here, and who comes later is served by another object (Directory)."""
        self._is_retired = True
        self._on_news(self)
