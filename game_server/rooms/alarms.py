"""When a room is next due: by its clocks, or because of who is here. Worked out once for all that ask."""

from game_server.bus.bus import Bus
from game_server.core.consequences import DESERTED_MS, deadline
from game_server.core.room import Room
from game_server.rooms.company import Company


class Alarms:
    """One room's. With every move it is asked four times, and a move changes nothing about who is here."""

    def __init__(self, company: Company, bus: Bus) -> None:
        self._company = company
        self._bus = bus
        self._room: Room | None = None
        self._is_occupied = False
        self._deadline_ms: int | None = None
        self._company_ms: int | None = None
        self._knows_company = False

    def forget(self) -> None:
        """Must be called when somebody came or went, and when the room has changed by more than a move."""
        self._knows_company = False

    def deadline_ms(self, room: Room) -> int | None:
        """See core's `deadline`."""
        is_occupied = room.status == "playing" or self._company.is_occupied     # when it is played in, no matter
        if room is not self._room or is_occupied != self._is_occupied:
            self._room, self._is_occupied = room, is_occupied
            self._deadline_ms = deadline(room, is_occupied=is_occupied)
        return self._deadline_ms

    def look_again_ms(self, room: Room) -> int:
        """When the sweep is to find `room` at the latest, if nobody should have it open any more: one in which time
        changes nothing, because its players are connected, must not be forgotten if the server dies and none of them
        comes back.
        """
        due_ms = self.deadline_ms(room) if room.status == "playing" else deadline(room)
        return room.at_ms + DESERTED_MS if due_ms is None else due_ms

    def due_ms(self, room: Room) -> int | None:
        """The earlier of its deadline, and when there is something to correct or to announce; None for neither."""
        due_ms, company_ms = self.deadline_ms(room), self._company_due_ms(room)
        if company_ms is None or due_ms is None:
            return due_ms if company_ms is None else company_ms
        return min(due_ms, company_ms)

    def _company_due_ms(self, room: Room) -> int | None:
        if not (self._knows_company and self._bus.is_alone):    # who is at other workers may have changed by itself
            self._company_ms = self._company.due_ms(room)
            self._knows_company = True
        return self._company_ms
