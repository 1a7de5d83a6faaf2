"""A room as all but its players see it: later than it happens, by the delay that its options name.

Whatever shows a room to somebody who does not play there shows `LiveRoom.shown` and nothing else of it: the room itself
if there is no delay, else what stands here. Frames are the same texts as the players', and only come later. The
present is told of but one thing: how many watch.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from game_server.core.room import Room
from game_server.rooms.feed import Feed, Source
from game_server.rooms.frame import Frame
from game_server.rooms.past import Past
from game_server.rooms.presence import Announcer
from game_server.store.log import Version
from game_server.wire.snapshot import Presence, state_frame

if TYPE_CHECKING:
    from game_server.rooms.live import LiveRoom


class Shown(Source, Protocol):
    """A room as somebody sees it, which a Feed can follow."""

    spectators: set[Feed]   # all of them follow the same: what is shown

    @property
    def room(self) -> Room: ...

    @property
    def presence(self) -> Presence: ...

    def now_ms(self) -> int:
        """The moment that is shown."""

    def state(self) -> Frame:
        """The whole room, as of that moment."""

    async def resumed(self, position: str | None) -> Version | None:
        """The cursor that `position` (`epoch:v`) names, if the frames after it can be sent; None: send `state`."""

    def note_presence(self) -> None:
        """To be called whenever somebody came or went."""


class Delayed:
    """What `live` shows to all but its players. It goes on only by `advance`, so that between two calls of it the
    version, the state and the frames are of one moment; `on_news` is called when it does.
    """

    def __init__(self, live: "LiveRoom", past: Past, on_news: Callable[[], None]) -> None:
        self.spectators = live.spectators
        self._live = live
        self._past = past
        self._on_news = on_news
        self._announcer = Announcer()
        self.room = past.at(live.now_ms())

    def advance(self) -> "Delayed":
        """Goes on to what may be shown by now."""
        room = self._past.at(self._live.now_ms())
        if room.version > self.room.version:
            self.room = room
            self._on_news()
        return self

    def tick(self) -> None:
        """Does what is due, and announces who is here."""
        self.advance()
        self._announcer.note(self.presence, self._live.now_ms())

    def due_ms(self) -> int | None:
        """When `tick` will next have something to do; None if nothing is pending."""
        dues = [self._announcer.due_ms(self.presence)]
        if (following := self._past.after(self.version)) is not None:
            dues.append(following.at_ms + self._past.delay_ms)
        return min((due for due in dues if due is not None), default=None)

    @property
    def version(self) -> Version:
        return self.room.version

    @property
    def is_closed(self) -> bool:
        return self.room.status == "closed"

    @property
    def forgotten(self) -> Version:
        return self._live.forgotten

    def frame(self, version: Version) -> Frame:
        return self._live.frame(version)

    def now_ms(self) -> int:
        """The present less the delay; never after an event that is not shown yet."""
        following = self._past.after(self.version)
        shown_ms = self._live.now_ms() - self._past.delay_ms
        return shown_ms if following is None else min(shown_ms, following.at_ms)

    @property
    def presence(self) -> Presence:
        """Who was connected then, as the log knows it; in a room without a game on, who of those shown is now."""
        room, present = self.room, self._live.company.presence(self.room)
        if room.status in ("waiting", "closed"):
            return present
        return Presence(room.away_white is None, room.away_black is None, present.spectators)

    @property
    def presence_frame(self) -> Frame | None:
        return self._announcer.frame

    def state(self) -> Frame:
        text = state_frame(self.room, self.presence, self.now_ms()).model_dump_json()
        return Frame("state", text, f"{self.room.epoch}:{self.version}")

    async def resumed(self, position: str | None) -> Version | None:
        """As LiveRoom's; a position that is not shown yet is a future one."""
        return await self._live.resumed(position, self.advance)

    def note_presence(self) -> None:
        self._live.note_presence()
