"""Who is connected to a room right now, seen by this worker: soft, forgettable, no part of the log.

Tokens belong to players, so attendance is kept by player. Of several connections of one player the newest counts; a
lost one is noticed after the room's flicker time, and only then does `PlayerAway` make it a fact.
"""

from collections.abc import Container, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from game_server.core.commands import NoteAway, NoteBack
from game_server.core.ids import COLORS, Color, PlayerId
from game_server.core.room import Room
from game_server.wire.close import CloseCode
from game_server.wire.snapshot import Presence

ON_PURPOSE = frozenset({CloseCode.NORMAL, CloseCode.GOING_AWAY, CloseCode.RESIGNS})


class Connection(Protocol):
    """A player's connection, as far as its seat is concerned."""

    @property
    def hears_offers(self) -> bool:
        """Whether it goes on after the game, and shows a rematch that is offered then."""

    def replace(self) -> None:
        """Closes it with 4005, without waiting for it."""

    def unseat(self) -> None:
        """Its seat was freed while it was lost: closes it, without waiting, so that it comes back for a free one."""


@dataclass(slots=True)
class _Attendance:
    connection: Connection | None = None
    lost_ms: int = 0
    on_purpose: bool = False
    arrived_ms: int = 0
    is_told: bool = False   # the log has been told of this loss


@dataclass(slots=True)
class Seats:
    """The connections of a room's players."""

    _by_player: dict[PlayerId, _Attendance] = field(default_factory=dict)

    def arrive(self, player_id: PlayerId, connection: Connection, at_ms: int = 0) -> None:
        """`connection` is the player's from now on, `at_ms`; an older one is closed with 4005."""
        known = self._by_player.get(player_id)
        if known is not None and known.connection is not None:
            known.connection.replace()
        self._by_player[player_id] = _Attendance(connection, arrived_ms=at_ms)

    def leave(self, player_id: PlayerId, connection: Connection, code: int, now_ms: int) -> None:
        """Notes that `connection` was lost with close code `code`; nothing if it was not the player's newest."""
        known = self._by_player.get(player_id)
        if known is not None and known.connection is connection:
            self._by_player[player_id] = _Attendance(None, now_ms, code in ON_PURPOSE)

    def arrivals(self) -> dict[str, int]:
        """Who is connected here, and since when."""
        return {player: known.arrived_ms for player, known in self._by_player.items() if known.connection is not None}

    def yield_to(self, elsewhere: Mapping[PlayerId, tuple[int, str]], here: str) -> None:
        """Who has connected elsewhere is not lost here; if later than here, the connection here is closed with 4005.

        Places are a moment and a worker's name, which decides between two of one moment.
        """
        for player_id, place in elsewhere.items():
            known = self._by_player.get(player_id)
            if known is None or (known.connection is not None and (known.arrived_ms, here) > place):
                continue
            del self._by_player[player_id]
            if known.connection is not None:
                known.connection.replace()

    def expect(self, player_id: PlayerId, lost_ms: int) -> None:
        """Its connection to another worker is gone: it counts as lost at `lost_ms`."""
        self._by_player.setdefault(player_id, _Attendance(None, lost_ms))

    def hold_up(self, from_ms: int, until_ms: int) -> None:
        """Nobody could come back from `from_ms` until `until_ms`: whoever was lost then counts as lost later."""
        for known in self._by_player.values():
            if known.connection is None:
                known.lost_ms += max(0, until_ms - max(from_ms, known.lost_ms))

    def follow(self, room: Room) -> None:
        """Forgets who holds no seat any more, and notes whose absence the log knows of."""
        seated = [seat.player_id for seat in (room.white, room.black) if seat is not None]
        for player_id in [player_id for player_id in self._by_player if player_id not in seated]:
            connection = self._by_player.pop(player_id).connection
            if connection is not None:
                connection.unseat()
        for color, known in self._known(room):
            known.is_told |= known.connection is None and room.away(color) is not None

    def expect_all(self, room: Room, lost_ms: int) -> None:
        """The connections of an earlier life of the server are gone: they count as lost at `lost_ms`.

        Except those that may never have been: bots that play by HTTP, and a seat taken over HTTP until its first move.
        """
        for color in COLORS:
            seat = room.seat(color)
            if seat is not None and (seat.by_socket or (not seat.is_bot and _has_moved(room, color))):
                self.expect(seat.player_id, lost_ms)

    def is_connected(self, player_id: PlayerId) -> bool:
        known = self._by_player.get(player_id)
        return known is not None and known.connection is not None

    def hears(self, player_id: PlayerId) -> bool:
        """Whether the player would hear of a rematch in the room."""
        known = self._by_player.get(player_id)
        return known is not None and known.connection is not None and known.connection.hears_offers

    @property
    def is_empty(self) -> bool:
        return all(known.connection is None for known in self._by_player.values())

    def presence(self, room: Room, spectators: int, elsewhere: Container[PlayerId] = ()) -> Presence:
        white, black = (
            seat is not None and (self.is_connected(seat.player_id) or seat.player_id in elsewhere)
            for seat in (room.white, room.black)
        )
        return Presence(white, black, spectators)

    def correction(
        self, room: Room, color: Color, now_ms: int, elsewhere: Container[PlayerId] = (), patience_ms: int = 0
    ) -> NoteAway | NoteBack | None:
        """What the log does not know yet of that seat: lost for longer than a flicker, or its player is back.

        Who is connected `elsewhere` is not lost; if that is not known for sure, there is more `patience_ms`.
        """
        seat = room.seat(color)
        known = self._by_player.get(seat.player_id) if seat else None
        if seat is None or known is None:
            return None
        is_away = room.away(color) is not None
        if known.connection is not None:
            return NoteBack(color) if is_away else None
        if is_away or known.is_told or seat.player_id in elsewhere:
            return None
        if known.lost_ms + room.options.flicker_ms + patience_ms > now_ms:
            return None
        return NoteAway(color, known.lost_ms, known.on_purpose)

    def due_ms(self, room: Room, elsewhere: Container[PlayerId] = (), patience_ms: int = 0) -> int | None:
        """When `correction` will next have something to say; None if nothing is pending."""
        if room.status == "closed":
            return None
        dues: list[int] = []
        for color, known in self._known(room):
            if known.connection is not None and room.away(color) is not None:
                return room.at_ms
            if known.connection is None and room.away(color) is None and not known.is_told:
                seat = room.seat(color)
                if seat is not None and seat.player_id not in elsewhere:
                    dues.append(known.lost_ms + room.options.flicker_ms + patience_ms)
        return min(dues, default=None)

    def _known(self, room: Room) -> list[tuple[Color, _Attendance]]:
        found: list[tuple[Color, _Attendance]] = []
        for color in COLORS:
            seat = room.seat(color)
            known = self._by_player.get(seat.player_id) if seat else None
            if known is not None:
                found.append((color, known))
        return found


def _has_moved(room: Room, color: Color) -> bool:
    game = room.game
    return game is not None and (bool(room.score) or game.both_have_moved or (game.ply == 1 and game.turn != color))
