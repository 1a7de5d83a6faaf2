"""Draws, takebacks and rematches: offered, accepted, declined.

Offering what the opponent has offered accepts it; declining one's own offer withdraws it. Limits against pestering
follow lichess: a draw once per 20 plies, a takeback once per ply, a rematch three times a game.
"""

from game_server.core.commands import Accept, Decline, Offer
from game_server.core.events import (
    Event,
    GameEnded,
    OfferCancelled,
    OfferKind,
    OfferMade,
    TakebackAgreed,
)
from game_server.core.ids import Color, opponent
from game_server.core.play import DRAW_OFFER_EVERY_PLIES, game_on, may_offer_draw
from game_server.core.refusals import Code, Refused
from game_server.core.room import Game, Room
from game_server.core.seats import started

REMATCH_OFFERS = 3


def offer(room: Room, command: Offer, now_ms: int) -> tuple[Event, ...]:
    """Raises Refused: NOT_ALLOWED, RATE_LIMITED, GAME_NOT_STARTED or GAME_OVER."""
    _require_open(room, command.kind)
    standing = room.offers.by(command.kind)
    if standing == command.color:
        return ()
    if standing is not None:
        return _agreed(room, command, now_ms)
    _require_fit(room, command)
    return (OfferMade(now_ms, command.kind, command.color),)


def accept(room: Room, command: Accept, now_ms: int) -> tuple[Event, ...]:
    """Raises Refused: NO_SUCH_OFFER, NOT_ALLOWED, GAME_NOT_STARTED or GAME_OVER."""
    _require_open(room, command.kind)
    if room.offers.by(command.kind) != opponent(command.color):
        raise Refused(Code.NO_SUCH_OFFER, f"the opponent has not offered a {command.kind}")
    return _agreed(room, command, now_ms)


def decline(room: Room, command: Decline, now_ms: int) -> tuple[Event, ...]:
    """Raises Refused: NO_SUCH_OFFER, NOT_ALLOWED, GAME_NOT_STARTED or GAME_OVER."""
    _require_open(room, command.kind)
    if room.offers.by(command.kind) is None:
        raise Refused(Code.NO_SUCH_OFFER, f"no {command.kind} has been offered")
    return (OfferCancelled(now_ms, command.kind, command.color),)


def _require_open(room: Room, kind: OfferKind) -> None:
    """Raises Refused unless it is the time for offers of `kind` and the room's options have them."""
    if kind == "rematch":
        if room.status == "waiting":
            raise Refused(Code.GAME_NOT_STARTED, "there has been no game yet")
        if room.status == "playing":
            raise Refused(Code.NOT_ALLOWED, "a rematch can be offered when the game is over")
        if room.status == "closed":
            raise Refused(Code.GAME_OVER, "the room has closed")
    else:
        game_on(room)
    options = room.options
    if not {"draw": options.draw_offers, "takeback": options.takebacks, "rematch": options.rematch}[kind]:
        raise Refused(Code.NOT_ALLOWED, f"this room has no {kind} offers")


def _require_fit(room: Room, command: Offer) -> None:
    """Raises Refused if there is nothing to take back, or if the opponent has been asked often enough."""
    game, color = room.game, command.color
    assert game is not None
    match command.kind:
        case "draw":
            if not may_offer_draw(game, color, game.ply):
                raise Refused(Code.RATE_LIMITED, f"a draw can be offered once in {DRAW_OFFER_EVERY_PLIES} half-moves")
        case "takeback":
            if _ply_before(game, color) < 0:
                raise Refused(Code.NOT_ALLOWED, "there is no move of yours to take back")
            if dict(game.takeback_offered_ply).get(color) == game.ply:
                raise Refused(Code.RATE_LIMITED, "a takeback can be offered once per half-move")
        case "rematch":
            if room.rematches_asked.count(color) >= REMATCH_OFFERS:
                raise Refused(Code.RATE_LIMITED, f"a rematch can be offered {REMATCH_OFFERS} times a game")


def _ply_before(game: Game, color: Color) -> int:
    """The ply to go back to, so that `color` can replace its last move: one back, or two; negative if it has none."""
    return game.ply - 1 if game.turn != color else game.ply - 2


def _agreed(room: Room, command: Offer | Accept, now_ms: int) -> tuple[Event, ...]:
    game = room.game
    assert game is not None
    match command.kind:
        case "draw":
            return (GameEnded(now_ms, "1/2-1/2", "agreement"),)
        case "takeback":
            agreed = TakebackAgreed(now_ms, _ply_before(game, opponent(command.color)))
            if room.offers.draw is None:
                return (agreed,)
            return OfferCancelled(now_ms, "draw", command.color), agreed  # it was about another position
        case "rematch":
            return started(room, game.black, game.white, command.game_id, command.chance, now_ms)
