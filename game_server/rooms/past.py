"""What a room looked like a moment ago: its latest values, as far back as its spectators' delay reaches.

Nothing here knows what time it is. A room's time never runs backwards, so what its own events have made too old to be
shown can be forgotten.
"""

from bisect import bisect_right

from game_server.core.room import Room


class Past:
    """The values of a room that are younger than its delay as of its latest event, and the newest that is not."""

    def __init__(self, opened: Room) -> None:
        self.delay_ms = opened.options.spectator_delay_ms
        self._rooms = [opened]

    @classmethod
    def of(cls, opened: Room) -> "Past | None":
        """None for a room without a delay: everybody sees its present."""
        return cls(opened) if opened.options.spectator_delay_ms else None

    def __len__(self) -> int:
        return len(self._rooms)

    @property
    def first(self) -> Room:
        return self._rooms[0]

    def add(self, room: Room) -> None:
        """Adds the next value, and forgets what it leaves behind."""
        self._rooms.append(room)
        seen = self._count(room.at_ms)
        if seen > 1:
            del self._rooms[: seen - 1]

    def at(self, now_ms: int) -> Room:
        """The room as it was the delay before `now_ms`. Its opening, in which nothing is secret, is shown at once."""
        return self._rooms[max(0, self._count(now_ms) - 1)]

    def after(self, version: int) -> Room | None:
        """The value that follows that of `version`; None if that is the latest."""
        return next((room for room in self._rooms if room.version > version), None)

    def _count(self, now_ms: int) -> int:
        """How many of the values here are no secret at `now_ms`, but for the opening."""
        return bisect_right(self._rooms, now_ms - self.delay_ms, key=lambda room: room.at_ms)
