"""How a connection is told that its room has closed."""

from game_server.core.ids import Color
from game_server.core.room import Room
from game_server.wire.close import CloseCode


def closing_code(room: Room, color: Color, *, came_late: bool) -> CloseCode:
    """With which code the player of `color` is told that the room has closed; `came_late`: it already had.

    Only a forfeit by absence has codes of its own: for who was away, and for who was there to see it.
    """
    winner = room.game.winner if room.game is not None and room.closed_reason == "abandonment" else None
    if winner is None or (winner == color and came_late):
        return CloseCode.ROOM_CLOSED
    return CloseCode.OPPONENT_FORFEITED if winner == color else CloseCode.FORFEITED


def closing_reason(room: Room) -> str:
    """Result and reason, as far as there was a game."""
    if room.game is not None and room.game.result is not None:
        return f"{room.game.result} {room.game.reason}"
    return f"closed: {room.closed_reason}"
