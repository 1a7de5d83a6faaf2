"""Draws that are claimed: repetition and fifty moves (FIDE Laws 9.2 and 9.3), and what makes positions the same."""

import pytest

from game_server.core.events import GameEnded
from game_server.core.ids import BLACK, WHITE
from game_server.core.refusals import Code
from tests.core.rooms import claim, given, moves, refused, started, when

OUT_AND_HOME = "Nf3 Nf6 Ng1 Ng8 "
EN_PASSANT = "4k3/8/8/8/3p4/8/4P3/4K1N1 w - - 0 1"
PINNED = "3k4/8/8/8/3p4/8/4P3/3RK1N1 w - - 0 1"
CASTLING = "4k3/8/8/8/8/8/8/4K2R w K - 0 1"
BLACK_CASTLING = "r3k3/8/8/8/8/8/P7/4K3 b q - 0 1"
ROOK = "7k/8/8/8/8/8/8/R3K3 w - - 0 1"
ROOKS = "7k/8/8/8/8/8/8/RR4K1 w - - 0 1"

# A start position, moves, how often the position that they lead to has stood on the board.
REPETITIONS = {
    "the start position counts": (None, OUT_AND_HOME, 2),
    "three times": (None, OUT_AND_HOME * 2, 3),
    "with other moves between, in another order": (None, "Nf3 Nc6 Ng1 Nb8 Nc3 Nf6 Nb1 Ng8", 3),
    "not in a row": (None, OUT_AND_HOME + "Nc3 Nc6 Nf3 Nb8 Nb1 Nc6 Ng1 Nb8", 3),
    "a pawn move lets none come again": (None, OUT_AND_HOME * 2 + "e3 e6 " + OUT_AND_HOME, 2),
    "after a double step that nobody can take": (None, "e4 e5 " + OUT_AND_HOME * 2, 3),
    "the right to capture en passant makes the first one another": (
        EN_PASSANT, "e4 Kd8 Nf3 Ke8 Ng1 Kd8 Nf3 Ke8 Ng1", 2,
    ),
    "and so it takes one more": (EN_PASSANT, "e4 Kd8 Nf3 Ke8 Ng1 Kd8 Nf3 Ke8 Ng1 Kd8 Nf3 Ke8 Ng1", 3),
    "no right if the pawn is pinned": (PINNED, "e4 Kc8 Nf3 Kd8 Ng1 Kc8 Nf3 Kd8 Ng1", 3),
    "castling lost by the rook makes the first one another": (CASTLING, "Rg1 Kd8 Rh1 Ke8 Rg1 Kd8 Rh1 Ke8", 2),
    "castling lost by the rook, one more": (CASTLING, "Rg1 Kd8 Rh1 Ke8 " * 3, 3),
    "castling lost by the king": (CASTLING, "Kd1 Kd8 Ke1 Ke8 " * 2, 2),
    "castling kept: only the other king moves": (BLACK_CASTLING, "Kd8 Kd1 Ke8 Ke1 " * 2, 2),
    "castling kept, though it is prevented meanwhile": (
        "3rk3/8/8/8/8/8/8/R3K3 w Q - 0 1", "Ra2 Rd7 Ra1 Rd8 " * 2, 2,
    ),
    "castling kept while only the knight moves": ("4k3/8/8/8/8/8/8/N3K2R w K - 0 1", "Nb3 Kd8 Na1 Ke8 " * 2, 3),
    "with the other side to move": (ROOK, "Ra2 Kg8 Ra3 Kh8 Ra1 Kg8 Ra2 Kh8 Ra1", 2),
    "pieces of one kind have changed places": (ROOKS, "Ra2 Kh7 Rba1 Kh8 R2b2 Kh7 Rbb1 Kh8", 2),
}


@pytest.mark.parametrize(("fen", "sans", "count"), REPETITIONS.values(), ids=REPETITIONS)
@pytest.mark.parametrize("rules", ["lichess", "fide"])
def test_what_is_the_same_position(fen, sans, count, rules):
    room = given(started(fen=fen, rules=rules), moves(sans))
    assert room.game.position.repetitions == count
    if count >= 3:
        assert when(room, claim(room.game.turn), 1) == (GameEnded(1, "1/2-1/2", "threefold_repetition"),)
    else:
        assert refused(room, claim(room.game.turn), 1) is Code.NOT_ALLOWED


THIRD = OUT_AND_HOME * 2                          # White is to move
BEFORE_THE_THIRD = OUT_AND_HOME + "Nf3 Nf6 Ng1"   # Black is to move, and Ng8 would be it
QUIET = "4kb2/8/8/8/8/8/P7/4K2R w K - {} 120"

CLAIMS = {
    "lichess: by the player to move": ("lichess", None, THIRD, WHITE, None, "threefold_repetition"),
    "lichess: by the other player": ("lichess", None, THIRD, BLACK, None, "threefold_repetition"),
    "lichess: too early": ("lichess", None, BEFORE_THE_THIRD, BLACK, None, Code.NOT_ALLOWED),
    "lichess: no intended moves": ("lichess", None, BEFORE_THE_THIRD, BLACK, "f6g8", Code.NOT_ALLOWED),
    "lichess: fifty moves need no claim": ("lichess", QUIET.format(99), "", WHITE, None, Code.NOT_ALLOWED),
    "fide: by the player to move": ("fide", None, THIRD, WHITE, None, "threefold_repetition"),
    "fide: not by the other player": ("fide", None, THIRD, BLACK, None, Code.NOT_YOUR_TURN),
    "fide: too early": ("fide", None, BEFORE_THE_THIRD, BLACK, None, Code.NOT_ALLOWED),
    "fide: with the intended move (9.2.1)": ("fide", None, BEFORE_THE_THIRD, BLACK, "f6g8", "threefold_repetition"),
    "fide: with another intended move": ("fide", None, BEFORE_THE_THIRD, BLACK, "f6h5", Code.NOT_ALLOWED),
    "fide: with an illegal intended move": ("fide", None, BEFORE_THE_THIRD, BLACK, "f6f5", Code.ILLEGAL_MOVE),
    "fide: with an intended move that leaves the third": ("fide", None, THIRD, WHITE, "e2e4", Code.NOT_ALLOWED),
    "fide: fifty moves": ("fide", QUIET.format(99), "Rh2", BLACK, None, "fifty_moves"),
    "fide: fifty moves, not by the other player": ("fide", QUIET.format(99), "Rh2", WHITE, None, Code.NOT_YOUR_TURN),
    "fide: forty-nine and a half moves": ("fide", QUIET.format(99), "", WHITE, None, Code.NOT_ALLOWED),
    "fide: fifty with the intended move (9.3.1)": ("fide", QUIET.format(99), "", WHITE, "h1h2", "fifty_moves"),
    "fide: fifty with castling": ("fide", QUIET.format(99), "", WHITE, "e1g1", "fifty_moves"),
    "fide: an intended move too early": ("fide", QUIET.format(98), "", WHITE, "h1h2", Code.NOT_ALLOWED),
    "fide: an intended pawn move": ("fide", QUIET.format(99), "", WHITE, "a2a3", Code.NOT_ALLOWED),
    "fide: fifty moves and more": ("fide", QUIET.format(120), "Rh2 Bg7", WHITE, None, "fifty_moves"),
}


@pytest.mark.parametrize(("rules", "fen", "sans", "by", "uci", "expected"), CLAIMS.values(), ids=CLAIMS)
def test_who_may_claim_a_draw_and_when(rules, fen, sans, by, uci, expected):
    room = given(started(fen=fen, rules=rules), moves(sans))
    if isinstance(expected, Code):
        assert refused(room, claim(by, "draw", uci), 1) is expected
    else:
        assert when(room, claim(by, "draw", uci), 1) == (GameEnded(1, "1/2-1/2", expected),)


def test_victory_is_not_claimed_from_who_is_here():
    assert refused(given(started(), moves("e4 e5")), claim(WHITE, "victory"), 1) is Code.NOT_ALLOWED


def test_a_claim_that_was_right_is_too_late_after_the_next_move():
    room = given(started(rules="fide"), moves(THIRD + "e4"))
    assert refused(room, claim(BLACK), 1) is Code.NOT_ALLOWED
