"""What is due in one room, who may say so, and what outages have cost it.

Nobody owns a flag, but a flag that falls while its player cannot be served is none: what outages took is given back
first. An outage of a worker is one only for whom no other worker served meanwhile, and it is over for a player when he
is connected again.
"""

from collections.abc import Iterable, Iterator

from game_server.bus.bus import Bus
from game_server.core.commands import NoteOutage
from game_server.core.consequences import counted_from_ms, deadline
from game_server.core.ids import COLORS, WHITE, PlayerId
from game_server.core.room import Room
from game_server.rooms.company import Company
from game_server.rooms.outages import Outage, Outages, together


def mover(room: Room) -> PlayerId | None:
    """Whose turn it is in the game that is on."""
    game = room.game
    if room.status != "playing" or game is None:
        return None
    return game.white if game.turn == WHITE else game.black


class Downtime:
    """The outages that one room has still to look at."""

    def __init__(self, outages: Outages, company: Company, bus: Bus) -> None:
        self._outages = outages
        self._company = company
        self._bus = bus
        self._seen = 0
        self._open: list[Outage] = []

    @property
    def is_owed(self) -> bool:
        """There was an outage that the room has not looked at yet, or that is not over yet."""
        return self._seen < self._outages.count or bool(self._open)

    def is_due(self, room: Room, now_ms: int) -> bool:
        """Time alone has caused something by now."""
        due_ms = deadline(room, is_occupied=self._company.is_occupied)
        return due_ms is not None and due_ms <= now_ms

    def is_doubtful(self, room: Room, now_ms: int) -> bool:
        """Something is due, but the mover's worker may have died before: it has not spoken since.

        Soon it will have, or will be known to be dead, and then this is an outage (Neighbours).
        """
        player_id = mover(room)
        if self._bus.is_alone or player_id is None or not self.is_due(room, now_ms):
            return False
        due_ms = deadline(room) or now_ms
        workers = (worker for _, worker in self._company.places(player_id) if worker != self._bus.worker)
        return any(self._bus.alive_ms(worker) < due_ms for worker in workers)

    def is_withheld(self, room: Room, now_ms: int) -> bool:
        """Something is due, and to wait for: until it is no more doubtful, or until an outage is over."""
        if self._bus.is_alone or not self.is_due(room, now_ms):
            return False
        ends_ms = (self._until_ms(room, outage) for outage in (*self._open, *self._outages.since(self._seen)))
        return any(until_ms is not None and until_ms > now_ms for until_ms in ends_ms) or self.is_doubtful(room, now_ms)

    def due_ms(self, room: Room) -> int | None:
        """When there is something to give back; None if nothing is pending."""
        if self._seen < self._outages.count:
            return room.at_ms
        return min((self._until_ms(room, outage) or room.at_ms for outage in self._open), default=None)

    def note(self, noted: Iterable[Outage]) -> None:
        """Outages that the store remembers."""
        self._open += noted

    def owed(self, room: Room, now_ms: int) -> tuple[NoteOutage | None, int, list[Outage]]:
        """What to give back now, and what must be handed to `given_back` when that has been done.

        All that is over; if something is due, also what has passed of those that are not. Core gives nothing back to
        a closed room, so it is not even asked.
        """
        seen = self._outages.count
        if room.status == "closed":
            return None, seen, []
        is_due = self.is_due(room, now_ms)
        over: list[NoteOutage] = []
        still_open: list[Outage] = []
        for outage in (*self._open, *self._outages.since(self._seen)):
            until_ms = self._until_ms(room, outage)
            if until_ms is None:
                continue
            if until_ms > now_ms:
                still_open.append(outage)
            if until_ms <= now_ms or is_due:
                over.append(NoteOutage(outage.from_ms, min(until_ms, now_ms)))
        return together(over, counted_from_ms(room)), seen, still_open

    def given_back(self, seen: int, still_open: list[Outage]) -> None:
        for outage in self._outages.since(self._seen)[: seen - self._seen]:
            if outage.by == self._outages.worker:
                self._company.seats.hold_up(outage.from_ms, outage.until_ms)
        self._seen, self._open = seen, still_open

    def _until_ms(self, room: Room, outage: Outage) -> int | None:
        """Until when it lasted for the room's players; None if it was none for them."""
        out = self._bus.worker if outage.by == self._outages.worker else outage.by
        untils: list[int] = []
        for player_id in _waited_for(room):
            since = [since_ms for since_ms, worker in self._company.places(player_id) if worker != out]
            if all(since_ms > outage.from_ms for since_ms in since):
                back_ms = (max(since_ms, outage.known_ms) for since_ms in since)
                untils.append(min((outage.until_ms, *back_ms)))
        return max(untils, default=None)


def _waited_for(room: Room) -> Iterator[PlayerId]:
    """For whom time runs: the mover, and who is away."""
    to_move = mover(room)
    if to_move is not None:
        yield to_move
    for color in COLORS:
        seat = room.seat(color)
        if seat is not None and room.away(color) is not None:
            yield seat.player_id
