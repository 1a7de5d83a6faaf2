"""Moves, and the ways in which the players themselves end a game.

Rules: FIDE Laws of Chess (2023) 5 (endings), 9.1 (agreement; an offer lapses when the opponent touches a piece), 9.2
and 9.3 (claims).
"""

from game_server.core import board, clock
from game_server.core.commands import Abort, Claim, PlayMove, Resign
from game_server.core.events import (
    Event,
    GameEnded,
    MovePlayed,
    OfferCancelled,
    OfferMade,
    Reason,
    Result,
    RoomClosed,
)
from game_server.core.ids import Color, opponent
from game_server.core.refusals import Code, Refused
from game_server.core.room import NO_OFFERS, Game, Room, won_by

DRAW_OFFER_EVERY_PLIES = 20  # lichess: one draw offer per 20 plies


def game_on(room: Room) -> Game:
    """The game that is being played. Raises Refused(GAME_NOT_STARTED or GAME_OVER)."""
    if room.game is None:
        if room.status == "closed":
            raise Refused(Code.GAME_OVER, "the room has closed")
        raise Refused(Code.GAME_NOT_STARTED, "the game starts when both seats are taken")
    if room.status != "playing":
        raise Refused(Code.GAME_OVER, f"the game is over: {room.game.result} ({room.game.reason})")
    return room.game


def play(room: Room, command: PlayMove, now_ms: int) -> tuple[Event, ...]:
    """The move, then what it ends, cancels or offers; nothing if exactly this move stands at that ply already.

    Raises Refused(STALE_PLY, NOT_YOUR_TURN, ILLEGAL_MOVE, GAME_NOT_STARTED or GAME_OVER).
    """
    if command.ply is not None and room.game is not None and command.ply != room.game.ply + 1:
        return _repeated(room.game, command)
    game, color = game_on(room), command.color
    if game.turn != color:
        raise Refused(Code.NOT_YOUR_TURN, f"it is {game.turn}'s turn")
    move = board.parse_move(game.position, command.uci)
    left_ms: int | None = None
    given_ms = 0
    if game.clock is not None:
        compensates = room.options.lag_compensation and room.options.time.is_timed
        given_ms = clock.given_back_ms(game.clock, color, command.lag_ms, now_ms) if compensates else 0
        left_ms = clock.left_after_move_ms(game.clock, room.options.time, color, now_ms, given_ms)
    uci = move.uci() if game.position.board.chess960 else command.uci   # there castlings have a second name
    after = game.position.after(uci)
    san = board.san(game.position, move, after)
    played = MovePlayed(now_ms, game.ply + 1, color, uci, san, left_ms, command.lag_ms, given_ms)
    ended = board.ending(after, room.options.rules)
    if ended is not None:
        reason, winner = ended
        return played, GameEnded(now_ms, won_by(winner) if winner else "1/2-1/2", reason)
    return played, *_said_with_the_move(room, game, command, now_ms)


def _repeated(game: Game, command: PlayMove) -> tuple[Event, ...]:
    ply = command.ply or 0
    if 1 <= ply <= game.ply and mover(game, ply) == command.color and _is_played(game, ply, command.uci):
        return ()
    raise Refused(Code.STALE_PLY, f"the next ply is {game.ply + 1}, and this is not the move that was played at {ply}")


def _is_played(game: Game, ply: int, uci: str) -> bool:
    """Whether `uci` names the move that stands at `ply`; chess960 has a second way to write some castlings."""
    played = game.plies[ply - 1].uci
    if uci in board.KING_HOME_CASTLINGS and uci != played:
        return board.is_named(game.position_at(ply - 1), uci, played)
    return uci == played


def mover(game: Game, ply: int) -> Color:
    """Who played, or will play, the `ply`-th move."""
    return game.turn if (game.ply + 1 - ply) % 2 == 0 else opponent(game.turn)


def _said_with_the_move(room: Room, game: Game, command: PlayMove, now_ms: int) -> tuple[Event, ...]:
    """What becomes of the offers. An offer that comes with the move and is not allowed is left out: the move counts."""
    if room.offers == NO_OFFERS and not command.offer_draw:
        return ()
    color, events = command.color, list[Event]()
    if room.offers.takeback is not None:
        events.append(OfferCancelled(now_ms, "takeback", color))
    if room.offers.draw == opponent(color):
        if command.offer_draw:
            return *events, GameEnded(now_ms, "1/2-1/2", "agreement")
        events.append(OfferCancelled(now_ms, "draw", color))
    may_offer = room.options.draw_offers and may_offer_draw(game, color, game.ply + 1)
    if command.offer_draw and room.offers.draw != color and may_offer:
        events.append(OfferMade(now_ms, "draw", color))
    return tuple(events)


def may_offer_draw(game: Game, color: Color, ply: int) -> bool:
    """Whether at `ply` `color`'s last draw offer of this game is long enough ago."""
    asked = dict(game.draw_offered_ply).get(color)
    return asked is None or abs(ply - asked) >= DRAW_OFFER_EVERY_PLIES


def resign(room: Room, command: Resign, now_ms: int) -> tuple[Event, ...]:
    game_on(room)
    return (GameEnded(now_ms, won_by(opponent(command.color)), "resignation"),)


def abort(room: Room, command: Abort, now_ms: int) -> tuple[Event, ...]:
    if game_on(room).both_have_moved:
        raise Refused(Code.NOT_ALLOWED, "a game can be aborted only before both sides have moved: resign instead")
    return (GameEnded(now_ms, "*", "aborted"),)


def claim(room: Room, command: Claim, now_ms: int) -> tuple[Event, ...]:
    """The end that `command` claims: a draw that stands on the board, or what the absence of the opponent allows, which
    before both have moved is only that the game is aborted.

    Raises Refused(NOT_ALLOWED) with what is missing.
    """
    game, color = game_on(room), command.color
    if _is_given_up(room, opponent(color), now_ms):
        if not game.both_have_moved:
            return GameEnded(now_ms, "*", "aborted"), RoomClosed(now_ms, "aborted")
        result: Result = "1/2-1/2" if command.kind == "draw" else won_by(color)
        return GameEnded(now_ms, result, "abandonment"), RoomClosed(now_ms, "abandonment")
    if command.kind == "victory":
        raise Refused(
            Code.NOT_ALLOWED, "victory can be claimed when the opponent has stayed away past the grace period"
        )
    reason = _claimed_draw(room, game, command)
    if reason is None:
        raise Refused(Code.NOT_ALLOWED, "no draw to claim: neither a threefold repetition nor fifty moves stand")
    return (GameEnded(now_ms, "1/2-1/2", reason),)


def _is_given_up(room: Room, color: Color, now_ms: int) -> bool:
    absence = room.away(color)
    if room.options.on_disconnect != "claim" or absence is None or absence.until_ms is None:
        return False
    return room.away(opponent(color)) is None and absence.until_ms <= now_ms


def _claimed_draw(room: Room, game: Game, command: Claim) -> Reason | None:
    if room.options.rules == "lichess":
        return board.claimable_draw(game.position, "lichess")
    if game.turn != command.color:
        raise Refused(Code.NOT_YOUR_TURN, "under FIDE rules the player to move claims (9.2, 9.3)")
    if command.uci is None:
        return board.claimable_draw(game.position, "fide")
    move = board.parse_move(game.position, command.uci)
    return board.claimable_draw(game.position.after(move.uci()), "fide")
