"""Who is in a room: at this worker, and at the others as far as the bus tells. Soft, and no part of the log.

An absence is known only after a whole renewal period in which this worker has heard all others: a bus that was away, or
that has lost its memory, proves nothing.
"""

from collections.abc import Callable, Iterator
from itertools import chain
from typing import Final

from game_server.bus.bus import Attendance, Bus
from game_server.core.commands import NoteAway, NoteBack
from game_server.core.ids import Color, PlayerId
from game_server.core.room import Room
from game_server.rooms.feed import Feed
from game_server.rooms.frame import Frame
from game_server.rooms.presence import Announcer
from game_server.rooms.seats import Connection, Seats
from game_server.wire.snapshot import Presence

EXPECTED_WITHIN_MS: Final = 1_000   # a whole presence renewal
BLIND_MS: Final = 5_000             # so much longer the lost are waited for while the others cannot be heard

Place = tuple[int, str]     # since when (Unix ms), at which worker


class Company:
    """A room's players, spectators and feeds."""

    def __init__(self, name: str, bus: Bus, now: Callable[[], int]) -> None:
        self.seats = Seats()
        self.players: set[Feed] = set()
        self.spectators: set[Feed] = set()
        self._name = name
        self._bus = bus
        self._now = now
        self._announcer = Announcer()

    @property
    def frame(self) -> Frame | None:
        """The newest announcement of who is here; None before the first."""
        return self._announcer.frame

    def cursors(self) -> Iterator[int]:
        """How far each listener has been served."""
        return (feed.cursor for feed in chain(self.players, self.spectators))

    @property
    def is_here(self) -> bool:
        """Somebody is connected to this worker."""
        return bool(self.players or self.spectators) or not self.seats.is_empty

    @property
    def is_occupied(self) -> bool:
        """Somebody is in the room, or may be."""
        return self.is_here or not self.is_sighted or any(self._bus.elsewhere(self._name))

    @property
    def is_sighted(self) -> bool:
        """Whether it is known who is elsewhere, and so who is not."""
        since_ms = self._bus.sighted_ms()
        return since_ms is not None and self._now() - since_ms >= EXPECTED_WITHIN_MS

    def places(self, player_id: PlayerId) -> Iterator[Place]:
        """Where the player is connected."""
        here_ms = self.seats.arrivals().get(player_id)
        if here_ms is not None:
            yield here_ms, self._bus.worker
        for worker, attendance in self._bus.elsewhere(self._name):
            if player_id in attendance.players:
                yield attendance.players[player_id], worker

    def elsewhere(self) -> dict[PlayerId, Place]:
        """The players who are connected to other workers, each at the newest place."""
        found: dict[PlayerId, Place] = {}
        for worker, attendance in self._bus.elsewhere(self._name):
            for player, since_ms in attendance.players.items():
                player_id = PlayerId(player)
                found[player_id] = max((since_ms, worker), found.get(player_id, (0, "")))
        return found

    def presence(self, room: Room) -> Presence:
        watching = len(self.spectators) + sum(seen.attendance.others for seen in self._bus.elsewhere(self._name))
        return self.seats.presence(room, watching, self.elsewhere())

    def arrive(self, player_id: PlayerId, connection: Connection) -> None:
        """`connection` is the player's from now on: older ones are closed with 4005, here at once."""
        newest_ms, _ = self.elsewhere().get(player_id, (0, ""))
        self.seats.arrive(player_id, connection, max(self._now(), newest_ms + 1))
        self.tell()

    def leave(self, player_id: PlayerId, connection: Connection, code: int) -> None:
        """`connection` was lost with close code `code`."""
        self.seats.leave(player_id, connection, code, self._now())
        self.tell()

    def tell(self) -> None:
        """Lets other workers know who is here."""
        if not self._bus.is_alone:
            self._bus.attend(self._name, Attendance(dict(self.seats.arrivals()), len(self.spectators)))

    def note_elsewhere(self) -> None:
        """Somebody came or went at another worker."""
        self.seats.yield_to(self.elsewhere(), self._bus.worker)

    def correction(self, room: Room, color: Color, now_ms: int) -> NoteAway | NoteBack | None:
        """What the log does not know yet of that seat."""
        return self.seats.correction(room, color, now_ms, self.elsewhere(), self._patience_ms)

    def due_ms(self, room: Room) -> int | None:
        """When there is something to correct or to announce; None if nothing is pending."""
        dues = (
            self.seats.due_ms(room, self.elsewhere(), self._patience_ms),
            self._announcer.due_ms(self.presence(room)),
        )
        return min((due for due in dues if due is not None), default=None)

    @property
    def _patience_ms(self) -> int:
        return 0 if self.is_sighted else BLIND_MS

    def announce(self, room: Room) -> None:
        """Makes a new announcement of who is here, if that is news and the last one is long enough ago."""
        self._announcer.note(self.presence(room), self._now())
