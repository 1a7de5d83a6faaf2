"""Which room a game of the API is in, and which side of it is whose."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Final

from game_server.core.account import seat_key
from game_server.core.ids import AccountId, Color, GameId, PlayerId, RoomId
from game_server.core.room import Room
from game_server.http.account_auth import BOARD_PLAY, BOT_PLAY, Me
from game_server.http.edge import Edge
from game_server.http.lichess_door import ApiError, Call
from game_server.http.limits import Limits
from game_server.rooms.archive import room_at_end
from game_server.rooms.delayed import Shown
from game_server.rooms.embargo import under_embargo
from game_server.rooms.live import LiveRoom
from game_server.wire.requests import ROOM_ID_PATTERN

LOOKED_AT: Final = 1_000
_ROOM_ID: Final = re.compile(ROOM_ID_PATTERN)


@dataclass(frozen=True, slots=True)
class Seated:
    """A side of a game. `live` is None if only the archive has it; `room` is as of now, or of the game's end."""

    live: LiveRoom | None
    room: Room
    color: Color
    player_id: PlayerId
    limits: Limits


async def player(call: Call) -> Me:
    """Who plays by this route: bots by `/api/bot`, everybody else by `/api/board`. Raises ApiError."""
    is_bot_route = call.scope["path"].startswith("/api/bot/")
    me = await call.me(BOT_PLAY if is_bot_route else BOARD_PLAY)
    if is_bot_route and not me.is_bot:
        raise ApiError(400, "This endpoint can only be used with a Bot account")
    if not is_bot_route and me.is_bot:
        raise ApiError(400, "This endpoint cannot be used with a Bot account")
    return me


async def seated(call: Call) -> Seated:
    """The caller's side of the game in the path. Raises ApiError: 401, 403, or 404 if it has none."""
    me = await player(call)
    return await side(call.edge, call.path["id"], me.id)


async def side(edge: Edge, game_id: str, account: AccountId) -> Seated:
    """The account's side of that game. Raises ApiError (404)."""
    shown, room = await found(edge, game_id, account)
    color = room.color_of(seat_key(account))
    seat = room.seat(color) if color else None
    if color is None or seat is None:
        raise ApiError(404, "No such game")
    assert shown is None or isinstance(shown, LiveRoom), "players see the present"
    return Seated(shown, room, color, seat.player_id, edge.limits)


async def found(edge: Edge, game_id: str, account: AccountId | None = None) -> tuple[Shown | None, Room]:
    """The room of a game as the account sees it, to be followed if that is its current game.

    Raises ApiError (404) or Unavailable.
    """
    if not _ROOM_ID.fullmatch(game_id):
        raise ApiError(404, "No such game")
    key = seat_key(account) if account is not None else None
    async for room_id in _candidates(edge, GameId(game_id), account):
        live = await edge.directory.find(room_id)
        if live is None:
            continue
        shown = live if key is not None and live.room.color_of(key) is not None else live.shown
        if shown.room.game is not None and shown.room.game.id == game_id:
            return shown, shown.room
    row = await edge.log.finished_game(GameId(game_id))
    if row is None:
        raise ApiError(404, "No such game")
    room = await room_at_end(edge.log, row)
    if (key is None or room.color_of(key) is None) and await under_embargo(edge.log, [row], edge.now()):
        raise ApiError(404, "No such game")
    return None, room


async def _candidates(edge: Edge, game_id: GameId, account: AccountId | None) -> AsyncIterator[RoomId]:
    """Where it may be, the cheapest to look at first: in the room of the same id, where the account entered it, in any
    room that is live here, or where it ended.
    """
    yield RoomId(game_id)
    entered = (await edge.accounts.find(account)).account.game(game_id) if account is not None else None
    if entered is not None:
        yield entered.room_id
    for live in edge.directory.rooms():
        if live.room.game is not None and live.room.game.id == game_id:
            yield live.room.room_id
    if not edge.directory.is_alone:
        async for live in edge.directory.public(LOOKED_AT):
            if live.room.game is not None and live.room.game.id == game_id:
                yield live.room.room_id
    row = await edge.log.finished_game(game_id)
    if row is not None:
        yield RoomId(row.stream.name.partition(":")[2])
