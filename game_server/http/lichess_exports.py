"""Games as files: `/game/export/{id}` and `/api/games/user/{name}`, in PGN or JSON as the client accepts."""

from collections.abc import AsyncIterator
from typing import Final

from starlette.responses import JSONResponse, Response, StreamingResponse

from game_server.core.account import account_id, player_of
from game_server.core.ids import PlayerId
from game_server.core.room import Room
from game_server.http.games import PGN_MEDIA_TYPE, notation
from game_server.http.lichess_door import ApiError, Call
from game_server.http.lichess_find import found
from game_server.http.ndjson import line
from game_server.http.visibility import told
from game_server.rooms.archive import room_at_end
from game_server.store.log import FinishedGame
from game_server.wire.lichess_export import game_document

PAGE: Final = 50


async def export_game(call: Call) -> Response:
    """One game, running or finished."""
    me = await call.maybe_me()
    _, room = await found(call.edge, call.path["id"], me.id if me is not None else None)
    if "application/json" in call.headers.get("accept", ""):
        return JSONResponse(_document(call, room))
    return Response(notation(room, call.origin), media_type=PGN_MEDIA_TYPE)


def _document(call: Call, room: Room) -> dict[str, object]:
    pgn = notation(room, call.origin) if call.query.get("pgnInJson") == "true" else None
    return game_document(room, pgn=pgn, with_clocks=call.query.get("clocks") == "true")


async def export_games(call: Call) -> Response:
    """A user's finished games, the newest first: public ones, to the user itself all."""
    row = await call.edge.log.account(account_id(call.path["user"]))
    if row is None:
        raise ApiError(404, "No such user")
    me = await call.maybe_me()
    most = _number(call, "max") or 1_000_000
    is_json = "json" in call.headers.get("accept", "")

    async def texts() -> AsyncIterator[str]:
        sent = 0
        async for game in _games(call, player_of(row.id), only_public=me is None or me.id != row.id):
            if sent >= most:
                return
            room = await room_at_end(call.edge.log, game)
            yield f"{line(_document(call, room))}\n" if is_json else f"{notation(room, call.origin)}\n\n"
            sent += 1

    return StreamingResponse(texts(), media_type="application/x-ndjson" if is_json else PGN_MEDIA_TYPE)


async def _games(call: Call, player_id: PlayerId, *, only_public: bool) -> AsyncIterator[FinishedGame]:
    """The user's games that the query wants: `since`, `until` (ms), `vs`, `color`."""
    before_ms, since_ms = _number(call, "until"), _number(call, "since") or 0
    rival, color = call.query.get("vs"), call.query.get("color")
    while True:
        rows = await call.edge.log.games_of(player_id, PAGE, before_ms, only_public=only_public)
        for row in await told(call.edge, call.headers, rows):
            mine, other = ("white", row.black_id) if row.white_id == player_id else ("black", row.white_id)
            is_vs = rival is None or other == player_of(account_id(rival))
            if row.started_ms >= since_ms and is_vs and color in (None, "", mine):
                yield row
        if len(rows) < PAGE:
            return
        before_ms = rows[-1].ended_ms


def _number(call: Call, name: str) -> int | None:
    text = call.query.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 15 else None
