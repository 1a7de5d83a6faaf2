"""Playing on a Tabiya server from Python: what a bot's author imports.

>>> from game_server.client import join
>>> async def main():
...     async with join("http://localhost:8000/room/mine", name="Robot") as seat:
...         async for turn in seat.turns():
...             await turn.play(turn.legal_moves[0])
...         print(seat.view.result, seat.view.reason)

The connection comes back by itself, to the same seat and from where it was; a move is sent until it is answered, and
made once. `watch` follows a room as a spectator, `create_room` opens one with options.
"""

import ssl
from typing import Literal

from game_server.client.address import room_address
from game_server.client.endings import (
    BadToken,
    ClientError,
    Ended,
    Forfeited,
    GameEnded,
    Kicked,
    NoRoom,
    OpponentForfeited,
    ProtocolAbuse,
    Replaced,
    RoomClosed,
    SeatsTaken,
    Unreachable,
)
from game_server.client.listener import Event, Listener
from game_server.client.patience import Patience
from game_server.client.rooms import create_room
from game_server.client.seat import Seat, Turn
from game_server.client.view import RoomView
from game_server.core.refusals import Code, Refused

__all__ = [
    "BadToken", "ClientError", "Code", "Ended", "Event", "Forfeited", "GameEnded", "Kicked", "Listener", "NoRoom",
    "OpponentForfeited", "Patience", "ProtocolAbuse", "Refused", "Replaced", "RoomClosed", "RoomView", "Seat",
    "SeatsTaken", "Turn", "Unreachable", "create_room", "join", "watch",
]  # fmt: skip


def join(
    url: str,
    room_id: str | None = None,
    *,
    name: str | None = None,
    color: Literal["white", "black", "random"] | None = None,
    time: str | None = None,
    variant: str | None = None,
    fen: str | None = None,
    token: str | None = None,
    tls: ssl.SSLContext | None = None,
    patience: Patience | None = None,
) -> Seat:
    """A seat in the room that `url` names (its page, its WebSocket, or the server with `room_id`): `async with` it.

    A room that does not exist is opened, with `time` (`5+3`, `3d`, `unlimited`), `variant` and `fen`. `token` leads
    back to a seat (keep `seat.token` to return to it in another process); without one the client makes its own.

    Raises ValueError if `url` names no room; on entering SeatsTaken, NoRoom, BadToken or Unreachable.
    """
    wishes = {"name": name, "color": color, "time": time, "variant": variant, "fen": fen}
    return Seat(room_address(url, room_id), token=token, wishes=wishes, tls=tls, patience=patience)


def watch(
    url: str, room_id: str | None = None, *, tls: ssl.SSLContext | None = None, patience: Patience | None = None
) -> Listener:
    """A spectator of the room that `url` names: `async with` it, then `async for event in it.events()`.

    Raises ValueError if `url` names no room; on entering NoRoom or Unreachable.
    """
    return Listener(room_address(url, room_id), tls=tls, patience=patience)
