"""The HTTP routes for finished games."""

import re
from datetime import UTC, datetime
from typing import Annotated
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Query, Request
from starlette.datastructures import Headers
from starlette.responses import Response

from game_server.core.events import Result
from game_server.core.room import Room, winner_of
from game_server.http.connection import Closed
from game_server.http.edge import Edge
from game_server.http.problems import documented
from game_server.http.rooms import TheEdge, found
from game_server.http.visibility import ended, seen, told
from game_server.store.log import FinishedGame, GameQuery
from game_server.wire import documents
from game_server.wire.close import CloseCode
from game_server.wire.parts import PlayedMove
from game_server.wire.pgn import pgn

router = APIRouter(tags=["games"])
PGN_MEDIA_TYPE = "application/x-chess-pgn"


class PgnResponse(Response):
    media_type = PGN_MEDIA_TYPE


@router.get("/games", responses=documented(422, 503))
async def list_games(
    request: Request,
    edge: TheEdge,
    response: Response,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    player: Annotated[str | None, Query(max_length=32, description="part of a player's name")] = None,
    result: Result | None = None,
    before: Annotated[str | None, Query(pattern=r"^\d{1,15}~[A-Za-z0-9]{1,64}$", description="where to go on")] = None,
) -> documents.GamePage:
    """Finished games of public rooms, newest first. Who asks for `text/html` gets the client's page of them."""
    response.headers["Vary"] = "Accept, Authorization, Cookie"
    ended_ms, _, game_id = (before or "").partition("~")
    query = GameQuery(limit + 1, (int(ended_ms), game_id) if before else None, player, result)
    rows = await _told(edge, request.headers, query)
    following = None
    if len(rows) > limit:
        last = rows[limit - 1]
        wanted = {"limit": limit, "player": player, "result": result, "before": f"{last.ended_ms}~{last.game_id}"}
        following = "/games?" + urlencode({key: value for key, value in wanted.items() if value is not None})
    return documents.GamePage(items=[summary(row) for row in rows[:limit]], next=following)


async def _told(edge: Edge, headers: Headers, query: GameQuery) -> list[FinishedGame]:
    """As many games as `query` wants, if there are, that the sender of the request may know to be over."""
    found: list[FinishedGame] = []
    while len(found) < query.limit:
        rows = await edge.log.finished_games(query)
        found += await told(edge, headers, rows)
        if len(rows) < query.limit:
            break
        query = query._replace(before=(rows[-1].ended_ms, rows[-1].game_id))
    return found[: query.limit]


@router.get("/games/{game_id}", responses=documented(404, 422, 503))
async def read_game(game_id: str, request: Request, edge: TheEdge) -> documents.GameDocument:
    """A finished game."""
    row, room = await ended(edge, request.headers, game_id)
    game = room.game
    assert game is not None
    return documents.GameDocument(
        **summary(row).model_dump(),
        initial_fen=game.initial_fen,
        fen=game.position.fen,
        moves=[PlayedMove(uci=ply.uci, san=ply.san) for ply in game.plies],
    )


@router.get("/games/{game_id}/pgn", response_class=PgnResponse, responses=documented(404, 422, 503))
async def read_game_pgn(game_id: str, request: Request, edge: TheEdge) -> PgnResponse:
    """A finished game in Portable Game Notation."""
    _, room = await ended(edge, request.headers, game_id)
    return as_file(room, request)


@router.get(
    "/rooms/{room_id}/pgn", tags=["rooms"], response_class=PgnResponse, responses=documented(404, 422, 503)
)
async def read_room_pgn(room_id: str, request: Request, edge: TheEdge) -> PgnResponse:
    """The room's current game in Portable Game Notation, as far as it has come."""
    room = (await seen(edge, request.headers, await found(edge, room_id))).room
    if room.game is None:
        raise Closed(CloseCode.NO_ROOM, "no game has started in this room yet")
    return as_file(room, request)


def as_file(room: Room, request: Request) -> PgnResponse:
    """The PGN of the room's game, which a browser saves under a name that tells games apart (RFC 6266)."""
    name = file_name(room)
    ascii_name = name.encode("ascii", "replace").decode().replace("?", "_")
    disposition = f"attachment; filename=\"{ascii_name}\"; filename*=UTF-8''{quote(name)}"
    return PgnResponse(notation(room, str(request.base_url)), headers={"Content-Disposition": disposition})


def file_name(room: Room) -> str:
    """Such as `2026-10-03_Ann_vs_Bob_Xy12ab.pgn`, without any character that a file system gives a meaning."""
    game = room.game
    assert game is not None and room.white is not None and room.black is not None
    day = datetime.fromtimestamp(game.started_ms / 1_000, UTC).strftime("%Y-%m-%d")
    white, black = (re.sub(r"[^\w-]+", "-", seat.name).strip("-") or "Anonymous" for seat in (room.white, room.black))
    return f"{day}_{white}_vs_{black}_{game.id}.pgn"


def notation(room: Room, base_url: str) -> str:
    """The PGN of the room's game."""
    game = room.game
    assert game is not None and room.white is not None and room.black is not None
    site = f"{base_url.rstrip('/')}/game/{game.id}"
    return pgn(game, room.white, room.black, room.options, site=site)


def summary(row: FinishedGame) -> documents.GameSummary:
    return documents.GameSummary(
        game_id=row.game_id,
        room_id=row.stream.name.partition(":")[2],
        white=documents.GamePlayer(player_id=row.white_id, name=row.white_name, bot=row.white_is_bot),
        black=documents.GamePlayer(player_id=row.black_id, name=row.black_name, bot=row.black_is_bot),
        variant=row.variant,
        time_control=row.time_control,
        result=row.result,
        winner=winner_of(row.result),
        reason=row.reason,
        plies=row.plies,
        started_at=row.started_ms,
        ended_at=row.ended_ms,
        pgn_url=f"/games/{row.game_id}/pgn",
    )
