"""How games end by themselves: FIDE Laws 5.1.1, 5.2.1, 5.2.2, 9.6, and lichess's fifty moves."""

import pytest

from game_server.core.commands import PlayMove
from game_server.core.events import GameEnded, MovePlayed
from game_server.core.ids import BLACK, WHITE
from game_server.core.refusals import Code
from tests.core.rooms import given, moves, outcome, refused, started, when

GUNDERSEN_FAUL = (
    "e4 e6 d4 d5 e5 c5 c3 cxd4 cxd4 Bb4+ Nc3 Nc6 Nf3 Nge7 Bd3 O-O Bxh7+ Kxh7 Ng5+ Kg6 h4 Nxd4 Qg4 f5 h5+ Kh6 "
    "Nxe6+ g5 hxg6"
)
RETI_TARTAKOWER = "e4 c6 d4 d5 Nc3 dxe4 Nxe4 Nf6 Qd3 e5 dxe5 Qa5 Bd2 Qxe5 O-O-O Nxe4 Qd8 Kxd8 Bg5 Kc7 Bd8"
LOYD = "e3 a5 Qh5 Ra6 Qxa5 h5 h4 Rah6 Qxc7 f6 Qxd7+ Kf7 Qxb7 Qd3 Qxb8 Qh7 Qxc8 Kg6 Qe6"

CHECKMATES = {
    "fool's mate": (None, "f3 e5 g4 Qh4", BLACK),
    "scholar's mate": (None, "e4 e5 Bc4 Nc6 Qh5 Nf6 Qxf7", WHITE),
    "after double check (Réti-Tartakower, 1910)": (None, RETI_TARTAKOWER, WHITE),
    "by an en passant capture (Gundersen-Faul, 1928)": (None, GUNDERSEN_FAUL, WHITE),
    "on the back rank": ("6k1/5ppp/8/8/8/8/8/R5K1 w - - 0 1", "Ra8", WHITE),
    "on the back rank, by Black": ("r5k1/8/8/8/8/8/5PPP/6K1 b - - 0 1", "Ra1", BLACK),
    "check only: the checker can be taken": ("1r4k1/5ppp/8/8/8/8/8/R5K1 w - - 0 1", "Ra8", None),
    "check only: a piece can come between": ("6k1/4rppp/8/8/8/8/8/R5K1 w - - 0 1", "Ra8", None),
    "check only: the king can go": ("6k1/5pp1/8/8/8/8/8/R5K1 w - - 0 1", "Ra8", None),
    "smothered": ("6rk/6pp/8/6N1/8/8/8/6K1 w - - 0 1", "Nf7", WHITE),
    "two rooks": ("7k/R7/8/8/8/8/8/1R5K w - - 0 1", "Rb8", WHITE),
    "by promotion to a queen": ("7k/P7/6K1/8/8/8/8/8 w - - 0 1", "a8=Q", WHITE),
    "by promotion to a rook": ("7k/P7/6K1/8/8/8/8/8 w - - 0 1", "a8=R", WHITE),
    "by promotion to a knight": ("7n/5P1k/5K2/8/8/1B6/8/2B5 w - - 0 1", "f8=N", WHITE),
    "not by the queen where the knight mates": ("7n/5P1k/5K2/8/8/1B6/8/2B5 w - - 0 1", "f8=Q", None),
    "by promotion to a bishop": ("8/4P3/8/5N1k/5K2/Bp6/8/8 w - - 0 1", "e8=B", WHITE),
    "by a capture that promotes to a bishop": ("6nk/7P/8/7R/8/8/7K/6R1 w - - 0 1", "hxg8=B", WHITE),
    "by castling long": ("3k4/7R/B7/7B/8/8/8/R3K3 w Q - 0 1", "O-O-O", WHITE),
    "by castling short": ("5k2/R7/8/1B6/8/1B6/8/4K2R w K - 0 1", "O-O", WHITE),
}


@pytest.mark.parametrize(("fen", "sans", "winner"), CHECKMATES.values(), ids=CHECKMATES)
@pytest.mark.parametrize("rules", ["lichess", "fide"])
def test_checkmate_wins_the_game(fen, sans, winner, rules):
    room = given(started(fen=fen, rules=rules), moves(sans))
    assert outcome(room) == (("checkmate", winner) if winner else (None, None))


STALEMATES = {
    "the queen came too near": ("7k/8/6K1/8/8/8/8/5Q2 w - - 0 1", "Qf7", True),
    "the king before the pawn": ("4k3/4P3/8/3K4/8/8/8/8 w - - 0 1", "Ke6", True),
    "by promotion to a queen": ("8/k1P5/2K5/8/8/8/8/8 w - - 0 1", "c8=Q", True),
    "avoided by promotion to a rook": ("8/k1P5/2K5/8/8/8/8/8 w - - 0 1", "c8=R", False),
    "with a pawn that is blocked": ("7k/7p/4K2P/8/8/8/8/8 w - - 0 1", "Kf7", True),
    "not while a pawn can capture en passant": ("7k/5K1p/7P/8/6p1/6P1/5P2/8 w - - 0 1", "f4", False),
    "with all the pieces but nine on the board (Loyd)": (None, LOYD, True),
    "of White": ("8/8/8/8/8/6k1/5q2/7K b - - 0 1", "Kh3", True),
    "of White, by a king's move": ("7K/5k2/8/6q1/8/8/8/8 b - - 0 1", "Qg6", True),
}


@pytest.mark.parametrize(("fen", "sans", "is_stalemate"), STALEMATES.values(), ids=STALEMATES)
def test_stalemate_draws_the_game(fen, sans, is_stalemate):
    room = given(started(fen=fen), moves(sans))
    assert outcome(room) == (("stalemate", None) if is_stalemate else (None, None))


# White's king takes the last black pawn, on d2; what is left is what the row says. c1, e3 and f8 are dark squares.
MATERIAL = {
    "two bare kings": ("8/8/8/3k4/8/8/3p4/3K4", True),
    "white knight": ("8/8/8/3k4/8/7N/3p4/3K4", True),
    "black knight": ("n7/8/8/3k4/8/8/3p4/3K4", True),
    "white bishop": ("8/8/8/3k4/8/8/3p4/2BK4", True),
    "black bishop": ("5b2/8/8/3k4/8/8/3p4/3K4", True),
    "bishops of one colour, one each": ("5b2/8/8/3k4/8/8/3p4/2BK4", True),
    "three bishops of one colour": ("5b2/8/8/3k4/8/4B3/3p4/2BK4", True),
    "two white bishops of one colour": ("8/8/8/3k4/8/4B3/3p4/2BK4", True),
    "bishops of both colours, one each": ("2b5/8/8/3k4/8/8/3p4/2BK4", False),
    "two white bishops of both colours": ("8/8/8/3k4/8/8/3p4/2BK1B2", False),
    "two white knights": ("8/8/8/3k4/8/N6N/3p4/3K4", False),
    "knight against knight": ("n7/8/8/3k4/8/7N/3p4/3K4", False),
    "knight against bishop": ("5b2/8/8/3k4/8/7N/3p4/3K4", False),
    "bishop and knight": ("8/8/8/3k4/8/7N/3p4/2BK4", False),
    "a pawn": ("8/8/8/3k4/8/8/P2p4/3K4", False),
    "a rook": ("8/8/8/3k4/8/8/R2p4/3K4", False),
    "a queen": ("8/8/8/3k4/8/8/3p3Q/3K4", False),
    "a rook of the other side's": ("8/r7/8/3k4/8/8/3p4/3K4", False),
    "dead only by position: nothing can get through": ("8/8/3k4/1p1p1p1p/1P1P1P1P/8/3p4/3K4", False),
}


@pytest.mark.parametrize(("placement", "is_draw"), MATERIAL.values(), ids=MATERIAL)
@pytest.mark.parametrize("rules", ["lichess", "fide"])
def test_the_game_is_drawn_when_neither_side_can_mate(placement, is_draw, rules):
    room = given(started(fen=f"{placement} w - - 0 1", rules=rules), moves("Kxd2"))
    assert outcome(room) == (("insufficient_material", None) if is_draw else (None, None))


@pytest.mark.parametrize("san", ["a8=B", "a8=N"])
def test_a_promotion_to_a_minor_piece_can_leave_too_little_to_mate(san):
    room = given(started(fen="7k/P7/6K1/8/8/8/8/8 w - - 0 1"), moves(san))
    assert outcome(room) == ("insufficient_material", None)


# The half-moves without capture or pawn move before White's move, the rules, and what that move leads to.
COUNTED = {
    "lichess: the fiftieth move": (99, "lichess", "Kd2", "fifty_moves", None),
    "lichess: one half-move less": (98, "lichess", "Kd2", None, None),
    "lichess: a pawn move starts again": (99, "lichess", "a4", None, None),
    "lichess: a capture starts again": (99, "lichess", "Bxf8", None, None),
    "lichess: castling does not": (99, "lichess", "O-O", "fifty_moves", None),
    "lichess: checkmate goes before": (99, "lichess", "Rh8", "checkmate", WHITE),
    "fide: fifty moves only by claim": (99, "fide", "Kd2", None, None),
    "fide: seventy-four moves": (148, "fide", "Kd2", None, None),
    "fide: the seventy-fifth move": (149, "fide", "Kd2", "seventyfive_moves", None),
    "fide: a pawn move starts again at 75": (149, "fide", "a4", None, None),
    "fide: a capture starts again at 75": (149, "fide", "Bxf8", None, None),
    "fide: castling does not, at 75": (149, "fide", "O-O", "seventyfive_moves", None),
    "fide: checkmate goes before, at 75 (9.6.2)": (149, "fide", "Rh8", "checkmate", WHITE),
}
COUNT_FEN = {
    "Rh8": "4k3/R7/8/8/8/8/8/4K2R w - - {} 120",
    "Bxf8": "4kb2/8/7B/8/8/8/P7/4K2R w K - {} 120",
}


@pytest.mark.parametrize(("halfmoves", "rules", "san", "reason", "winner"), COUNTED.values(), ids=COUNTED)
def test_moves_without_capture_or_pawn_move(halfmoves, rules, san, reason, winner):
    fen = COUNT_FEN.get(san, "4kb2/8/8/8/8/8/P7/4K2R w K - {} 120").format(halfmoves)
    assert outcome(given(started(fen=fen, rules=rules), moves(san))) == (reason, winner)


KNIGHTS_OUT_AND_HOME = "Nf3 Nf6 Ng1 Ng8 "


@pytest.mark.parametrize("rules", ["lichess", "fide"])
def test_the_fifth_repetition_ends_the_game_and_the_fourth_does_not(rules):
    fourth = given(started(rules=rules), moves(KNIGHTS_OUT_AND_HOME * 3 + "Nf3 Nf6 Ng1"))
    assert outcome(fourth) == (None, None)
    assert outcome(given(fourth, moves("Ng8"))) == ("fivefold_repetition", None)


def test_the_moves_that_end_the_game_come_first_and_bear_the_same_time():
    room = given(started(), moves("f3 e5 g4"))
    assert when(room, PlayMove(BLACK, "d8h4"), 7) == (
        MovePlayed(7, 4, BLACK, "d8h4", "Qh4#", None, 0, 0),
        GameEnded(7, "0-1", "checkmate"),
    )


def test_nobody_moves_after_the_end():
    room = given(started(), moves("f3 e5 g4 Qh4"))
    assert refused(room, PlayMove(WHITE, "a2a3"), 8) is Code.GAME_OVER
