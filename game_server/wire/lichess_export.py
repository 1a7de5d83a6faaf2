"""A whole game as one JSON document of the Lichess API. Pure."""

from game_server.core.account import account_of
from game_server.core.ids import BLACK, WHITE, Color
from game_server.core.room import Room
from game_server.wire.lichess import RATING, Json, ai_level, game_of, player_name, source, speed_key, status_of, variant


def game_document(room: Room, *, pgn: str | None = None, with_clocks: bool = False) -> Json:
    """The game as exports have it; clocks in hundredths of a second."""
    game, time = game_of(room), room.options.time
    document: Json = {
        "id": game.id,
        "rated": False,
        "variant": variant(room.options.variant, room.options.fen)["key"],
        "speed": speed_key(time),
        "perf": speed_key(time),
        "createdAt": game.started_ms,
        "lastMoveAt": max(game.moved_ms, room.ended_ms) if game.result is not None else game.moved_ms,
        "status": status_of(game)["name"],
        "source": source(room),
        "players": {"white": _player(room, WHITE), "black": _player(room, BLACK)},
        "moves": " ".join(ply.san for ply in game.plies),
    }
    if game.winner is not None:
        document["winner"] = game.winner
    if document["variant"] != "standard":
        document["initialFen"] = game.initial_fen
    if time.is_timed:
        estimate_s = (time.limit_ms + 40 * time.increment_ms) // 1_000
        document["clock"] = {
            "initial": time.initial_ms // 1_000,
            "increment": time.increment_ms // 1_000,
            "totalTime": estimate_s,
        }
    if time.is_correspondence:
        document["daysPerTurn"] = time.per_move_ms // 86_400_000
    if with_clocks and time.is_timed:
        document["clocks"] = _clocks(room)
    if pgn is not None:
        document["pgn"] = pgn
    return document


def _player(room: Room, color: Color) -> Json:
    seat = room.seat(color)
    assert seat is not None
    if (level := ai_level(room, color)) is not None:
        return {"aiLevel": level}
    account = account_of(seat.player_id)
    name = player_name(room, color)
    if account is None:
        return {"name": name}
    return {"user": {"id": account, "name": name} | ({"title": "BOT"} if seat.is_bot else {}), **RATING}


def _clocks(room: Room) -> list[int]:
    game = game_of(room)
    is_white = (game.turn == WHITE) == (game.ply % 2 == 0)
    clocks: list[int] = []
    for ply in game.plies:
        clocks.append(((ply.white_ms if is_white else ply.black_ms) or 0) // 10)
        is_white = not is_white
    return clocks
