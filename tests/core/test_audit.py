"""What cannot have happened is found; whatever was decided passes."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import given as for_all

from game_server.core.audit import fault
from game_server.core.clock import parse_time_control
from game_server.core.consequences import late_consequences
from game_server.core.events import (
    ChatSaid,
    GameEnded,
    GameStarted,
    MovePlayed,
    OfferCancelled,
    OfferMade,
    OutageRepaid,
    PlayerAway,
    PlayerBack,
    RoomClosed,
    RoomOpened,
    SeatFreed,
    SeatTaken,
    TakebackAgreed,
    TimeGiven,
)
from game_server.core.evolve import evolve, fold
from game_server.core.options import Options
from game_server.core.position import STANDARD_FEN
from tests.core.walks import options, steps, walk

T = 1_000
OPENED = RoomOpened(T, "room", "epoch", Options(time=parse_time_control("5+3")))
WHITE_SITS = SeatTaken(T, "white", "w", "hash w", "Anna", False, True)
BLACK_SITS = SeatTaken(T, "black", "b", "hash b", "Boris", False, True)
STARTED = GameStarted(T, "g1", "w", "b", STANDARD_FEN)
E4 = MovePlayed(T, 1, "white", "e2e4", "e4", 300_000, 0, 0)
E5 = MovePlayed(T, 2, "black", "e7e5", "e5", 300_000, 0, 0)
RESIGNED = GameEnded(T, "0-1", "resignation")
CLOSED = RoomClosed(T, "linger")
GAME = (OPENED, WHITE_SITS, BLACK_SITS, STARTED)
FOOLS_MATE = tuple(
    MovePlayed(T, ply, "white" if ply % 2 else "black", uci, san, 300_000, 0, 0)
    for ply, (uci, san) in enumerate([("f2f3", "f3"), ("e7e5", "e5"), ("g2g4", "g4"), ("d8h4", "Qh4#")], 1)
)


@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@for_all(options, steps)
def test_whatever_was_decided_can_have_happened(chosen, numbers):
    room = evolve(None, RoomOpened(1_000, "room", "epoch", chosen))
    for step in walk(chosen, numbers):
        for event in late_consequences(room, step.now_ms, is_occupied=True) if step.before != room else ():
            assert fault(room, event) is None
            room = evolve(room, event)
        for event in step.events:
            assert fault(room, event) is None, (room, event)
            room = evolve(room, event)


QUIET = "4kb2/8/8/8/8/8/P7/4K2R w K - {} 120"
FIFTY = GameEnded(T, "1/2-1/2", "fifty_moves")


def quiet(plies, rules):
    """A game that starts `plies` after the last capture or pawn move."""
    opened = replace(OPENED, options=replace(OPENED.options, rules=rules))
    return opened, WHITE_SITS, BLACK_SITS, replace(STARTED, fen=QUIET.format(plies))


POSSIBLE = {
    "fifty moves claimed (FIDE 9.3)": (*quiet(100, "fide"), FIFTY),
    "fifty moves claimed with the move that is intended (FIDE 9.3.1)": (*quiet(99, "fide"), FIFTY),
    "fifty moves without a claim": (*quiet(100, "lichess"), FIFTY),
    "a whole game": (*GAME, E4, E5, RESIGNED, CLOSED),
    "a mate": (*GAME, *FOOLS_MATE, GameEnded(T, "0-1", "checkmate")),
    "a rematch with the colours swapped": (*GAME, RESIGNED, GameStarted(T, "g2", "b", "w", STANDARD_FEN)),
    "a forfeit": (*GAME, PlayerAway(T, "black", T, "forfeit", T), GameEnded(T, "1-0", "abandonment"), CLOSED),
}


@pytest.mark.parametrize("events", POSSIBLE.values(), ids=POSSIBLE)
def test_what_can_have_happened_passes(events):
    for number, event in enumerate(events):
        assert fault(fold(None, events[:number]), event) is None


IMPOSSIBLE = {
    "a log that begins with a move": ((), E4, "comes first"),
    "a room that is opened twice": ((OPENED,), OPENED, "once"),
    "an event after the end": ((*GAME, RESIGNED, CLOSED), BLACK_SITS, "has closed"),
    "time that runs backwards": (GAME, E4._replace(at_ms=T - 7), "7 ms before"),
    "a seat taken twice": ((OPENED, WHITE_SITS), WHITE_SITS, "not free"),
    "a seat freed that nobody holds": ((OPENED,), SeatFreed(T, "white"), "cannot be freed"),
    "a seat freed in a game": (GAME, SeatFreed(T, "white"), "cannot be freed"),
    "words from an empty seat": ((OPENED,), ChatSaid(T, "white", "player", "hi"), "nobody sits"),
    "an absence of nobody": ((OPENED,), PlayerAway(T, "black", T, "none", None), "nobody sits"),
    "a return of who was there": (GAME, PlayerBack(T, "white"), "not away"),
    "a game with an empty seat": ((OPENED, WHITE_SITS), STARTED, "seats"),
    "a game of strangers": ((OPENED, WHITE_SITS, BLACK_SITS), replace(STARTED, white="x"), "seats"),
    "a second game beside the first": (GAME, STARTED, "seats"),
    "a rematch with the same colours": ((*GAME, RESIGNED), STARTED, "seats"),
    "a game from nowhere": ((OPENED, WHITE_SITS, BLACK_SITS), replace(STARTED, fen="nonsense"), "no position"),
    "a game without kings": ((OPENED, WHITE_SITS, BLACK_SITS), replace(STARTED, fen="8/8/8/8/8/8/8/8 w - - 0 1"),
                             "no legal position"),
    "a move before the game": ((OPENED,), E4, "no game"),
    "a move after the game": ((*GAME, RESIGNED), E4, "no game"),
    "a move that is not legal": (GAME, E4._replace(uci="e2e5"), "not legal"),
    "a move that is no move": (GAME, E4._replace(uci="0000"), "not legal"),
    "a move out of turn": (GAME, E5, "ply 1 is white's"),
    "a gap in the moves": ((*GAME, E4), E5._replace(ply=4), "ply 2"),
    "a move with another's name": (GAME, E4._replace(san="d4"), "not 'd4'"),
    "a move without its time": (GAME, E4._replace(left_ms=None), "cannot be left"),
    "a move with less than no time": (GAME, E4._replace(left_ms=-1), "cannot be left"),
    "a move after mate": ((*GAME, *FOOLS_MATE), E4._replace(ply=5, uci="e2e4"), "over by checkmate"),
    "a takeback of nothing": (GAME, TakebackAgreed(T, 0), "no ply 0"),
    "an offer withdrawn that was not made": (GAME, OfferCancelled(T, "draw", "white"), "no draw was offered"),
    "a draw offered after the game": ((*GAME, RESIGNED), OfferMade(T, "draw", "white"), "no game"),
    "a rematch before the end": (GAME, OfferMade(T, "rematch", "white"), "no finished game"),
    "no time given": (GAME, TimeGiven(T, "white", 0), "no clock"),
    "an outage of no time": (GAME, OutageRepaid(T, 5, 5), "no time"),
    "a room closed over a game": (GAME, CLOSED, "being played"),
    "fifty moves claimed too early": (quiet(98, "fide"), FIFTY, "the board says None"),
    "fifty moves claimed where they need no claim": (quiet(99, "lichess"), FIFTY, "the board says None"),
    "a mate that is none": (GAME, GameEnded(T, "1-0", "checkmate"), "the board says None"),
    "a mate for the wrong side": ((*GAME, *FOOLS_MATE), GameEnded(T, "1-0", "checkmate"), "not 1-0 by checkmate"),
    "a resignation after mate": ((*GAME, *FOOLS_MATE), GameEnded(T, "1-0", "resignation"), "the board says"),
    "a resignation that nobody wins": (GAME, GameEnded(T, "1/2-1/2", "resignation"), "no result of resignation"),
    "an agreement that somebody wins": (GAME, GameEnded(T, "1-0", "agreement"), "no result of agreement"),
    "an abort with a result": (GAME, GameEnded(T, "1-0", "aborted"), "no result of aborted"),
}


@pytest.mark.parametrize(("before", "event", "why"), IMPOSSIBLE.values(), ids=IMPOSSIBLE)
def test_what_cannot_have_happened_is_found(before, event, why):
    assert why in (fault(fold(None, before), event) or "nothing found")
