"""All public rooms, as they stand now: the lobby, and the wall of live boards.

To a Feed it is one more source: it is numbered by its changes, and a listener is a cursor in them. Each room has one
frame, its newest, and the numbers of older ones lead nowhere; so a slow reader misses states in between, and nothing
else. Each change is encoded once for everybody. While nobody listens it costs nothing and knows nothing.
"""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from game_server.core.ids import RoomId
from game_server.core.room import Game, Seat, Status
from game_server.rooms.directory import PREFIX, Directory
from game_server.rooms.feed import Feed
from game_server.rooms.frame import Frame
from game_server.rooms.live import LiveRoom
from game_server.store.log import EventLog, Unavailable, Version
from game_server.wire.snapshot import Presence, room_frame

logger = logging.getLogger(__name__)

MOST: Final = 1_000             # rooms shown, the newest first
EVERY_MS: Final = 500           # a room is told of at most twice a second
SWEEP_S: Final = 2.0
KEPT_MS: Final = 60_000         # a closed room: longer than the slowest reader may take
CLOSES_AFTER_MS: Final = 30_000 # without a listener

View = tuple[Status, Seat | None, Seat | None, Game | None, Presence]


@dataclass(slots=True)
class _Line:
    """A room as it was last told: `number` is the frame's, `view` what could be seen then."""

    live: LiveRoom
    view: View
    number: Version
    told_ms: int
    encoded_ms: int


class Lobby:
    """What a Feed reads and the pump serves, by `show`; what the timekeeper wakes, by `wake`."""

    players: tuple[Feed, ...] = ()
    is_closed = False
    forgotten: Version = 0
    presence_frame: Frame | None = None

    def __init__(
        self,
        log: EventLog,
        directory: Directory,
        now: Callable[[], int],
        *,
        show: Callable[["Lobby"], None],
        wake: Callable[["Lobby"], None],
    ) -> None:
        self.spectators: set[Feed] = set()
        self.version: Version = 0
        self._log = log
        self._directory = directory
        self._now = now
        self._show = show
        self._wake = wake
        self._is_open = False
        self._lock = asyncio.Lock()
        self._lines: dict[RoomId, _Line] = {}
        self._frames: dict[Version, Frame] = {}
        self._changed: dict[RoomId, LiveRoom] = {}
        self._due_ms: int | None = None
        self._followed_ms = 0
        self._unreadable: set[str] = set()

    def frame(self, version: Version) -> Frame | None:
        return self._frames.get(version)

    async def open(self) -> None:
        """To be called before a listener comes: knows of all public rooms afterwards. Raises Unavailable."""
        self._followed_ms = self._now()
        async with self._lock:
            if self._is_open:
                return
            self._is_open = True    # what happens meanwhile is noted
            try:
                await self._look()
            except BaseException:
                self._close()
                raise

    def everything(self) -> list[Frame]:
        """All open rooms, with their clocks as of now, in order of their latest change. Encodes what is not fresh."""
        now_ms = self._now()
        shown = sorted(self._lines.values(), key=lambda line: line.number)
        return [self._fresh(line, now_ms) for line in shown if not line.live.shown.is_closed]

    def _fresh(self, line: _Line, now_ms: int) -> Frame:
        game = line.view[3]
        is_running = game is not None and game.clock is not None and game.clock.running is not None
        if is_running and now_ms - line.encoded_ms > EVERY_MS:
            line.encoded_ms = now_ms
            self._frames[line.number] = _encoded(line.live)
        return self._frames[line.number]

    # News

    def note(self, live: LiveRoom) -> None:
        """To be called whenever a room has news. Must not wait; costs next to nothing if there is nothing to see."""
        if not self._is_open or not live.room.options.public:
            return
        room_id = live.room.room_id
        line = self._lines.get(room_id)
        known = self._changed.get(room_id) or (line.live if line else None)
        if known is None and live.shown.is_closed:
            return
        if known is not None and known.stream.life > live.stream.life:
            return
        if line is not None and _is_same(line.view, _view(live)) and room_id not in self._changed:
            return
        self._changed[room_id] = live
        self._put_off_until(line.told_ms + EVERY_MS if line else self._now())

    def _put_off_until(self, due_ms: int) -> None:
        if self._due_ms is None or due_ms < self._due_ms:
            self._due_ms = due_ms
            self._wake(self)

    def due_ms(self) -> int | None:
        return self._due_ms

    async def tick(self) -> None:
        """Tells of the rooms that have changed, and of which nothing was told for EVERY_MS."""
        now_ms, told = self._now(), self.version
        self._due_ms = None
        for room_id, live in list(self._changed.items()):
            line = self._lines.get(room_id)
            if line is None or line.told_ms + EVERY_MS <= now_ms:
                del self._changed[room_id]
                self._tell(live, now_ms)
            else:
                self._put_off_until(line.told_ms + EVERY_MS)
        if self.version > told:
            self._show(self)

    def _tell(self, live: LiveRoom, now_ms: int) -> None:
        view, line = _view(live), self._lines.get(live.room.room_id)
        if line is not None:
            if _is_same(line.view, view):
                return
            del self._frames[line.number]
        self.version += 1
        self._frames[self.version] = _encoded(live)
        self._lines[live.room.room_id] = _Line(live, view, self.version, now_ms, now_ms)

    # Rooms that are not live here

    async def sweep_forever(self) -> None:
        """Until cancelled: finds what others have opened and closed, and closes the lobby when nobody is there."""
        while True:
            await asyncio.sleep(SWEEP_S)
            try:
                await self.sweep()
            except Unavailable as unavailable:
                logger.warning("the lobby waits: the store is unavailable: %s", unavailable)

    async def sweep(self) -> None:
        """One round of it. Raises Unavailable."""
        async with self._lock:
            if self.spectators:
                self._followed_ms = self._now()
            if not self._is_open:
                return
            if self._followed_ms + CLOSES_AFTER_MS <= self._now():
                self._close()
                return
            self._drop_closed()
            await self._look()

    def _drop_closed(self) -> None:
        before_ms = self._now() - KEPT_MS
        for room_id, line in list(self._lines.items()):
            if line.live.shown.is_closed and line.told_ms <= before_ms:
                del self._lines[room_id], self._frames[line.number]

    async def _look(self) -> None:
        newest = await self._log.public_streams(MOST)
        lives = {
            RoomId(stream.name.removeprefix(PREFIX)): stream.life
            for stream in newest
            if stream.name not in self._unreadable
        }
        shown = {
            room_id: line.live.stream.life
            for room_id, line in self._lines.items()
            if not line.live.shown.is_closed
        }
        for live in self._directory.late():
            lives.setdefault(live.room.room_id, live.stream.life)
        if len(newest) == MOST:
            lives = shown | lives       # who is not among the newest need not have closed
        for room_id in {**lives, **shown}:
            if lives.get(room_id, 0) != shown.get(room_id, 0) or self._directory.live(room_id) is None:
                await self._find(room_id)
            else:
                await self._directory.glance(room_id)   # what is shown is kept live, and so followed

    async def _find(self, room_id: RoomId) -> None:
        try:
            live = await self._directory.find(room_id)
        except Unavailable:
            raise
        except Exception:   # one room's fault must not empty the lobby
            logger.exception("room %s: cannot be shown", room_id)
            self._unreadable.add(PREFIX + room_id)
            return
        if live is not None and live.room.options.public and (room_id in self._lines or not live.shown.is_closed):
            self._changed.pop(room_id, None)
            self._tell(live, self._now())
            self._show(self)

    def _close(self) -> None:
        """Forgets everything; numbers go on where they were."""
        self._is_open = False
        self._lines.clear()
        self._frames.clear()
        self._changed.clear()
        self._due_ms = None


def _view(live: LiveRoom) -> View:
    shown = live.shown
    room = shown.room
    return room.status, room.white, room.black, room.game, shown.presence


def _is_same(one: View, other: View) -> bool:
    """Whether nothing has happened in between that can be seen; a game that has not changed is the same object."""
    return one[3] is other[3] and one[:3] == other[:3] and one[4] == other[4]


def _encoded(live: LiveRoom) -> Frame:
    shown = live.shown
    frame = room_frame(shown.room, shown.presence, shown.now_ms())
    return Frame(frame.type, frame.model_dump_json())
