"""Who sees what: the players of a room its present and their results; everybody else what is shown of it by now."""

from collections.abc import Sequence

from starlette.datastructures import Headers

from game_server.core.account import player_of, seat_key
from game_server.core.ids import GameId
from game_server.core.room import Room
from game_server.http import account_auth as auth
from game_server.http import identity
from game_server.http.connection import Closed
from game_server.http.edge import Edge
from game_server.rooms.archive import room_at_end
from game_server.rooms.delayed import Shown
from game_server.rooms.embargo import under_embargo
from game_server.rooms.live import LiveRoom
from game_server.store.log import FinishedGame
from game_server.wire.close import CloseCode


async def seen(edge: Edge, headers: Headers, live: LiveRoom) -> Shown:
    """The room as the sender of a request sees it, who is a player of it by a seat's token or an account.

    Raises Unavailable.
    """
    shown = live.shown
    return live if shown is not live and await _plays(edge, headers, live.room) else shown


async def _plays(edge: Edge, headers: Headers, room: Room) -> bool:
    token = identity.given_token(headers, [], None)
    if token is not None and room.color_of(identity.hashed(token)) is not None:
        return True
    me = await auth.identified(edge, headers)
    return me is not None and room.color_of(seat_key(me.id)) is not None


async def ended(edge: Edge, headers: Headers, game_id: str) -> tuple[FinishedGame, Room]:
    """A finished game that the sender of the request may know to be over, and its room at its end.

    Raises Closed(NO_ROOM), which HTTP answers with 404, or Unavailable.
    """
    row = await edge.log.finished_game(GameId(game_id))
    if row is not None:
        room = await room_at_end(edge.log, row)
        if not await under_embargo(edge.log, [row], edge.now()) or await _plays(edge, headers, room):
            return row, room
    raise Closed(CloseCode.NO_ROOM, "there is no such finished game")


async def told(edge: Edge, headers: Headers, rows: Sequence[FinishedGame]) -> list[FinishedGame]:
    """Those of `rows` that a list may tell the sender of the request of. Raises Unavailable."""
    late = await under_embargo(edge.log, rows, edge.now())
    if not late:
        return list(rows)
    me = await auth.identified(edge, headers)
    mine = player_of(me.id) if me is not None else None
    return [row for row in rows if row.game_id not in late or mine in (row.white_id, row.black_id)]
