"""Rooms and games as the Lichess API writes them (lichess.org/api; the fields that clients read).

Pure. Nobody has a rating here: everybody is shown with a provisional 1500. Durations are milliseconds, but for
`timeControl`, `secondsLeft` and the TV feed, which the API has in seconds.
"""

from typing import Any, Final

from game_server.core.account import account_of
from game_server.core.clock import Speed, TimeControl
from game_server.core.events import ChatRoom, Reason
from game_server.core.ids import BLACK, WHITE, Color, computer_level, opponent
from game_server.core.position import STANDARD_FEN
from game_server.core.room import Game, Room, Seat, clock_now

Json = dict[str, Any]

RATING: Final = {"rating": 1_500, "provisional": True}
UNLIMITED_MS: Final = 2_147_483_647  # what the API shows where no clock runs
SPEEDS: Final[dict[Speed, tuple[str, str]]] = {
    "ultra-bullet": ("ultraBullet", "UltraBullet"),
    "bullet": ("bullet", "Bullet"),
    "blitz": ("blitz", "Blitz"),
    "rapid": ("rapid", "Rapid"),
    "classical": ("classical", "Classical"),
    "correspondence": ("correspondence", "Correspondence"),
    "unlimited": ("correspondence", "Correspondence"),
}
VARIANTS: Final = {
    "standard": {"key": "standard", "name": "Standard", "short": "Std"},
    "fromPosition": {"key": "fromPosition", "name": "From Position", "short": "FEN"},
    "chess960": {"key": "chess960", "name": "Chess960", "short": "960"},
}
_STARTED: Final = (20, "started")
_STATUS: Final[dict[Reason, tuple[int, str]]] = {
    "aborted": (25, "aborted"),
    "checkmate": (30, "mate"),
    "resignation": (31, "resign"),
    "stalemate": (32, "stalemate"),
    "abandonment": (33, "timeout"),
    "timeout": (35, "outoftime"),
    "timeout_insufficient_material": (35, "outoftime"),
    "variant_end": (60, "variantEnd"),
}
_DRAW: Final = (34, "draw")  # every other reason


def status_of(game: Game) -> Json:
    number, name = _STARTED if game.reason is None else _STATUS.get(game.reason, _DRAW)
    return {"id": number, "name": name}


def variant(name: str, fen: str | None) -> Json:
    """As clients know it: a standard game from another position is a variant of its own to them."""
    return dict(VARIANTS["fromPosition" if name == "standard" and fen is not None else name])


def speed_key(time: TimeControl) -> str:
    return SPEEDS[time.speed][0]


def speed_name(time: TimeControl) -> str:
    return SPEEDS[time.speed][1]


def time_control(time: TimeControl) -> Json:
    if time.is_correspondence:
        return {"type": "correspondence", "daysPerTurn": time.per_move_ms // 86_400_000}
    if time.is_unlimited:
        return {"type": "unlimited"}
    limit, increment = _seconds(time.initial_ms), _seconds(time.increment_ms)
    return {"type": "clock", "limit": limit, "increment": increment, "show": time.text}


def _seconds(ms: int) -> int | float:
    return ms // 1_000 if ms % 1_000 == 0 else ms / 1_000


def player_name(room: Room, color: Color) -> str:
    """The name of who sits there. A guest who calls himself like his opponent is told apart: clients find their own
    colour by the name.
    """
    seat, other = room.seat(color), room.seat(opponent(color))
    if seat is None:
        return ""
    is_guest = account_of(seat.player_id) is None
    return f"{seat.name} (guest)" if is_guest and other and other.name.casefold() == seat.name.casefold() else seat.name


def _user(room: Room, color: Color) -> Json:
    """Who plays `color`; of the server's own engine the API has no more than its level."""
    seat = room.seat(color)
    assert seat is not None, "nobody leaves a seat once the game has started"
    if (level := computer_level(seat.player_id)) is not None:
        return {"aiLevel": level}
    user: Json = {"id": user_id(seat), "name": player_name(room, color)}
    return user | ({"title": "BOT"} if seat.is_bot else {}) | RATING


def ai_level(room: Room, color: Color) -> int | None:
    """The level of the server's own engine, if that plays `color`."""
    seat = room.seat(color)
    return computer_level(seat.player_id) if seat is not None else None


def source(room: Room) -> str:
    """Where the game comes from, as the API has it."""
    return "friend" if ai_level(room, WHITE) is ai_level(room, BLACK) is None else "ai"


def user_id(seat: Seat) -> str:
    """The account's id; a guest's name is no account's, and has none."""
    return account_of(seat.player_id) or ""


def game_of(room: Room) -> Game:
    assert room.game is not None, "asked only about rooms in which a game has started"
    return room.game


def game_full(room: Room, now_ms: int) -> Json:
    """The first line of a game stream: everything, and the state as of now."""
    game, time = game_of(room), room.options.time
    full: Json = {
        "id": game.id,
        "rated": False,
        "variant": variant(room.options.variant, room.options.fen),
        "speed": speed_key(time),
        "perf": {"name": speed_name(time)},
        "createdAt": game.started_ms,
        "white": _user(room, WHITE),
        "black": _user(room, BLACK),
        "initialFen": "startpos" if game.initial_fen == STANDARD_FEN else game.initial_fen,
        "type": "gameFull",
        "state": game_state(room, now_ms),
    }
    if time.is_timed:
        full["clock"] = {"initial": time.initial_ms, "increment": time.increment_ms}
    if time.is_correspondence:
        full["daysPerTurn"] = time.per_move_ms // 86_400_000
    return full


def game_state(room: Room, now_ms: int) -> Json:
    """All moves, both clocks and what is offered, as of now."""
    game, time = game_of(room), room.options.time
    left = clock_now(game, now_ms) or (UNLIMITED_MS, UNLIMITED_MS)
    state: Json = {
        "type": "gameState",
        "moves": " ".join(ply.uci for ply in game.plies),
        "wtime": left[0],
        "btime": left[1],
        "winc": time.increment_ms,
        "binc": time.increment_ms,
        "status": status_of(game)["name"],
    }
    if game.winner is not None:
        state["winner"] = game.winner
    for kind, by in (("draw", room.offers.draw), ("takeback", room.offers.takeback)):
        if by is not None:
            state[f"{by[0]}{kind}"] = True
    if game.result is None and not game.both_have_moved and room.options.first_move_ms is not None:
        to_move_ms = max(0, game.moved_ms + room.options.first_move_ms - now_ms)
        state["expiration"] = {"idleMillis": now_ms - game.moved_ms, "millisToMove": to_move_ms}
    return state


def chat_line(name: str, text: str, room: ChatRoom) -> Json:
    return {"type": "chatLine", "room": room, "username": name, "text": text}


def opponent_gone(room: Room, color: Color, now_ms: int) -> Json:
    """Whether the opponent of `color` is away, and when that has consequences."""
    absence = room.away(opponent(color))
    gone: Json = {"type": "opponentGone", "gone": absence is not None}
    if absence is not None and absence.until_ms is not None:
        gone["claimWinInSeconds"] = max(0, (absence.until_ms - now_ms + 999) // 1_000)
    return gone


def game_info(room: Room, color: Color, now_ms: int) -> Json:
    """The game as the event stream and the list of running games have it, for who plays `color`."""
    game, time = game_of(room), room.options.time
    left = clock_now(game, now_ms)
    info: Json = {
        "id": game.id,
        "gameId": game.id,
        "fullId": game.id,
        "color": color,
        "fen": game.position.fen,
        "hasMoved": (game.ply + (_first_mover(game) == color)) // 2 > 0,
        "isMyTurn": game.result is None and game.turn == color,
        "lastMove": game.plies[-1].uci if game.plies else "",
        "opponent": _opponent(room, opponent(color)),
        "perf": speed_key(time),
        "rated": False,
        "rating": RATING["rating"],
        "source": source(room),
        "speed": speed_key(time),
        "status": status_of(game),
        "variant": {key: variant(room.options.variant, room.options.fen)[key] for key in ("key", "name")},
        "compat": {"bot": True, "board": True},
    }
    if left is not None:
        info["secondsLeft"] = left[0 if color == WHITE else 1] // 1_000
    if game.winner is not None:
        info["winner"] = game.winner
    return info


def _opponent(room: Room, color: Color) -> Json:
    seat = room.seat(color)
    assert seat is not None
    level = computer_level(seat.player_id)
    if level is not None:
        return {"id": None, "username": seat.name, "ai": level}
    return {"id": user_id(seat), "username": player_name(room, color), "rating": RATING["rating"]}


def _first_mover(game: Game) -> Color:
    return game.turn if game.ply % 2 == 0 else opponent(game.turn)


def user(account_id: str, name: str, title: str | None) -> Json:
    """A user in few words."""
    return {"id": account_id, "name": name, "title": title} | RATING
