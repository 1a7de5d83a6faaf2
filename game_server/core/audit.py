"""What cannot have happened: an event of a stored log, held against the room before it.

`decide` never makes such an event and `evolve` never refuses one: what is in the log happened. So if a log has been
damaged or written by somebody else, folding it may well succeed, and only this tells. Every history that `decide`
allowed passes.

Rules: FIDE Laws of Chess (2023) 3 (legal moves), 5 and 9 (endings).
"""

from typing import Final

from game_server.core import board
from game_server.core.events import (
    ChatSaid,
    Event,
    GameEnded,
    GameStarted,
    MovePlayed,
    OfferCancelled,
    OfferMade,
    OutageRepaid,
    PlayerAway,
    PlayerBack,
    Reason,
    RoomClosed,
    RoomOpened,
    SeatFreed,
    SeatTaken,
    TakebackAgreed,
    TimeGiven,
)
from game_server.core.position import Position, start_position
from game_server.core.refusals import Refused
from game_server.core.room import Game, Room, winner_of

BY_THE_BOARD: Final[frozenset[Reason]] = frozenset(
    {"checkmate", "stalemate", "insufficient_material", "fivefold_repetition", "fifty_moves", "seventyfive_moves"}
)
DECISIVE: Final[frozenset[Reason]] = frozenset({"checkmate", "resignation", "timeout"})
FIFTY_MOVES: Final = 100    # plies; the last one may be only intended by who claims
EITHER: Final[frozenset[Reason]] = frozenset({"abandonment", "variant_end"})


def fault(room: Room | None, event: Event) -> str | None:
    """Why `event` cannot have been the next one in `room` (None: before the first); None if it can.

    Cost: about 60 µs for a move, 1 µs for anything else.
    """
    if room is None or isinstance(event, RoomOpened):
        return None if room is None and isinstance(event, RoomOpened) else "room_opened comes first, and once"
    if room.status == "closed":
        return "the room has closed"
    if event.at_ms < room.at_ms:
        return f"it is dated {room.at_ms - event.at_ms} ms before the event before it"
    match event:
        case SeatTaken(color=color):
            return None if room.seat(color) is None and room.status == "waiting" else f"{color}'s seat is not free"
        case SeatFreed(color=color):
            is_held = room.seat(color) is not None and room.status == "waiting"
            return None if is_held else f"{color}'s seat cannot be freed"
        case PlayerAway(color=color) | ChatSaid(by=color):
            return None if room.seat(color) is not None else f"nobody sits at {color}"
        case PlayerBack(color=color):
            return None if room.away(color) is not None else f"{color} was not away"
        case GameStarted():
            return _start_fault(room, event)
        case OfferMade(kind="rematch") | OfferCancelled(kind="rematch"):
            return None if room.status == "finished" else "there is no finished game"
        case OutageRepaid():
            return None if event.from_ms < event.until_ms else "it lasted no time"
        case RoomClosed():
            return None if room.status != "playing" else "a game is being played"
        case _:
            if room.game is None or room.status != "playing":
                return "no game is being played"
            return _game_fault(room, room.game, event)


def _start_fault(room: Room, event: GameStarted) -> str | None:
    seated = [seat.player_id for seat in (room.white, room.black) if seat is not None]
    expected = [event.white, event.black] if room.status == "waiting" else [event.black, event.white]
    if room.status not in ("waiting", "finished") or seated != expected:
        return "the seats are not those of a new game"
    try:
        position = start_position(room.options.variant, event.fen)
    except ValueError:
        return f"{event.fen!r} is no position"
    return None if position.board.is_valid() else f"{event.fen!r} is no legal position"


def _game_fault(room: Room, game: Game, event: Event) -> str | None:
    """What is wrong with an event of a game that is being played."""
    if not isinstance(event, GameEnded) and (over := board.ending(game.position, room.options.rules)) is not None:
        return f"the game is over by {over[0]}"
    match event:
        case MovePlayed():
            return _move_fault(game, event)
        case TakebackAgreed(ply=ply):
            return None if 0 <= ply < game.ply else f"there is no ply {ply} to go back to"
        case TimeGiven():
            return None if game.clock is not None and event.ms > 0 else "there is no clock to add to"
        case OfferCancelled(kind=kind):
            return None if room.offers.by(kind) is not None else f"no {kind} was offered"
        case GameEnded():
            return _end_fault(room, game, event)
    return None


def _move_fault(game: Game, event: MovePlayed) -> str | None:
    position: Position = game.position
    if (event.ply, event.color) != (game.ply + 1, game.turn):
        return f"ply {game.ply + 1} is {game.turn}'s, and this is {event.color}'s ply {event.ply}"
    try:
        move = board.parse_move(position, event.uci)
    except Refused:
        return f"{event.uci!r} is not legal in {position.fen}"
    if move.uci() != event.uci or board.san(position, move) != event.san:
        return f"{event.uci!r} is {board.san(position, move)} in {position.fen}, not {event.san!r}"
    if (event.left_ms is None) != (game.clock is None) or (event.left_ms or 0) < 0:
        return f"{event.left_ms} ms cannot be left"
    return None


def _end_fault(room: Room, game: Game, event: GameEnded) -> str | None:
    reason, result = event.reason, event.result
    over = board.ending(game.position, room.options.rules)
    may_be_claimed = room.options.rules == "fide" and game.position.halfmove_clock >= FIFTY_MOVES - 1    # 9.3
    if over is not None or (reason in BY_THE_BOARD and not (reason == "fifty_moves" and may_be_claimed)):
        found = (reason, winner_of(result))
        return None if over == found and result != "*" else f"the board says {over}, not {result} by {reason}"
    if reason == "aborted" or result == "*":
        is_right = reason == "aborted" and result == "*"
    elif reason in EITHER:
        is_right = True
    else:
        is_right = (reason in DECISIVE) == (result != "1/2-1/2")
    return None if is_right else f"{result} is no result of {reason}"
