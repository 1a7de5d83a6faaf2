"""Games as the Lichess API shows them to spectators. Pure. Clocks are whole seconds here."""

from typing import Final

from game_server.core.account import account_of
from game_server.core.ids import BLACK, WHITE, Color
from game_server.core.room import Room, clock_now
from game_server.wire.lichess import (
    Json,
    ai_level,
    game_of,
    player_name,
    source,
    speed_key,
    speed_name,
    status_of,
    user_id,
    variant,
)

CHANNELS: Final = (
    *("best", "bullet", "blitz", "rapid", "classical", "ultraBullet", "correspondence"),
    *("bot", "computer", "chess960", "topRated"),
)


def channel_name(text: str) -> str | None:
    return next((name for name in CHANNELS if name.lower() == text.lower()), None)


def is_on(channel: str, room: Room) -> bool:
    """Whether the room's game may be shown there."""
    bots = sum(seat is not None and seat.is_bot for seat in (room.white, room.black))
    match channel:
        case "best" | "topRated":
            return True
        case "bot" | "computer":
            return bots > 0
        case "chess960":
            return room.options.variant == "chess960"
        case _:
            return speed_key(room.options.time) == channel


def started_ms(room: Room) -> int:
    return game_of(room).started_ms


def channel(room: Room) -> Json:
    shown: Color = WHITE if ai_level(room, WHITE) is None else BLACK
    return {"user": _player(room, shown, 0).get("user"), "rating": 1_500, "gameId": game_of(room).id, "color": shown}


def _player(room: Room, color: Color, left_ms: int) -> Json:
    seat = room.seat(color)
    assert seat is not None
    if (level := ai_level(room, color)) is not None:
        return {"color": color, "ai": level, "rating": 1_500, "seconds": left_ms // 1_000}
    user: Json = {"id": user_id(seat) or player_name(room, color).lower(), "name": player_name(room, color)}
    user |= {"title": "BOT"} if seat.is_bot else {}
    return {"color": color, "user": user, "rating": 1_500, "seconds": left_ms // 1_000}


def featured(room: Room, now_ms: int) -> Json:
    """A new game on the channel; White is listed first."""
    game = game_of(room)
    white_ms, black_ms = clock_now(game, now_ms) or (0, 0)
    return {
        "t": "featured",
        "d": {
            "id": game.id,
            "orientation": "white",
            "players": [_player(room, WHITE, white_ms), _player(room, BLACK, black_ms)],
            "fen": game.position.fen,
        },
    }


def moment(room: Room, now_ms: int) -> Json:
    """The board after the latest move."""
    game = game_of(room)
    white_ms, black_ms = clock_now(game, now_ms) or (0, 0)
    last = game.plies[-1].uci if game.plies else ""
    return {"fen": game.position.fen, "lm": last, "wc": white_ms // 1_000, "bc": black_ms // 1_000}


def described(room: Room) -> Json:
    """The first and the last line of one game's stream."""
    game, time = game_of(room), room.options.time
    described: Json = {
        "id": game.id,
        "variant": variant(room.options.variant, room.options.fen),
        "speed": speed_key(time),
        "perf": speed_name(time),
        "rated": False,
        "initialFen": game.initial_fen,
        "fen": game.position.fen,
        "player": game.turn,
        "turns": game.ply,
        "startedAtTurn": 0,
        "source": source(room),
        "status": status_of(game),
        "createdAt": game.started_ms,
        "lastMove": game.plies[-1].uci if game.plies else "",
        "players": {color: _side(room, color) for color in (WHITE, BLACK)},
    }
    return described | ({"winner": game.winner} if game.winner else {})


def _side(room: Room, color: Color) -> Json:
    seat = room.seat(color)
    assert seat is not None
    if (level := ai_level(room, color)) is not None:
        return {"aiLevel": level}
    if account_of(seat.player_id) is None:
        return {"name": player_name(room, color)}
    return {"user": _player(room, color, 0)["user"], "rating": 1_500}
