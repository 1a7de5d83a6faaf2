"""Start positions: what is refused, with which sentence, and what is accepted and how it is written."""

import pytest

from game_server.core.board import checked_fen, checked_variant
from game_server.core.position import STANDARD_FEN
from game_server.core.refusals import Code, Refused

REFUSED = {
    "nonsense": ("e4 e5", "not a FEN"),
    "nothing but a space": (" ", "not a FEN"),
    "seven ranks": ("8/8/8/8/8/8/8 w - - 0 1", "not a FEN"),
    "nine squares": ("9/8/8/8/8/8/8/K1k5 w - - 0 1", "not a FEN"),
    "a tenth piece letter": ("4k3/8/8/8/8/8/8/4KX2 w - - 0 1", "not a FEN"),
    "a third colour": ("4k3/7p/8/8/8/8/7P/4K3 x - - 0 1", "not a FEN"),
    "a bad castling field": ("4k3/7p/8/8/8/8/7P/4K3 w XYZ - 0 1", "not a FEN"),
    "a bad en passant field": ("4k3/7p/8/8/8/8/7P/4K3 w - z9 0 1", "not a FEN"),
    "a clock in words": ("4k3/7p/8/8/8/8/7P/4K3 w - - zero 1", "not a FEN"),
    "a negative clock": ("4k3/7p/8/8/8/8/7P/4K3 w - - -1 1", "not a FEN"),
    "a seventh field": ("4k3/7p/8/8/8/8/7P/4K3 w - - 0 1 1", "not a FEN"),
    "too long": ("4k3/7p/8/8/8/8/7P/4K3 w - - 0 " + "1" * 200, "128 characters"),
    "an empty board": ("8/8/8/8/8/8/8/8 w - - 0 1", "empty"),
    "no white king": ("4k3/7p/8/8/8/8/7P/8 w - - 0 1", "no white king"),
    "no black king": ("8/7p/8/8/8/8/7P/4K3 w - - 0 1", "no black king"),
    "two kings": ("4k3/7p/8/8/8/8/7P/K3K3 w - - 0 1", "too many kings"),
    "the opponent in check": ("4k3/8/8/8/8/8/4R2P/4K3 w - - 0 1", "opposite check"),
    "kings side by side": ("8/8/8/3kK3/8/8/7P/8 w - - 0 1", "opposite check"),
    "a pawn on the last rank": ("P3k3/7p/8/8/8/8/8/4K3 w - - 0 1", "pawns on backrank"),
    "a pawn on the first rank": ("4k3/7p/8/8/8/8/8/4K2p w - - 0 1", "pawns on backrank"),
    "nine pawns": ("4k3/8/8/8/8/P7/PPPPPPPP/4K3 w - - 0 1", "too many white pawns"),
    "seventeen pieces": ("4k3/8/8/8/8/N7/PPPPPPPP/RNBQKBNR w - - 0 1", "too many white pieces"),
    "castling without a rook": ("4k3/7p/8/8/8/8/7P/4K3 w K - 0 1", "bad castling rights"),
    "en passant without a pawn": ("4k3/7p/8/8/8/8/7P/4K3 w - e6 0 1", "invalid ep square"),
    "three checkers": ("4k3/8/8/8/4r3/3n4/8/4K1r1 w - - 0 1", "too many checkers"),
    "counters beyond the end": ("4k3/7p/8/8/8/8/7P/4K3 w - - 150 1", "149"),
    "a late move number": ("4k3/7p/8/8/8/8/7P/4K3 w - - 0 10000", "9999"),
    "checkmate": ("R5k1/5ppp/8/8/8/8/8/6K1 b - - 0 1", "over"),
    "stalemate": ("7k/5Q2/6K1/8/8/8/8/8 b - - 0 1", "over"),
    "two bare kings": ("4k3/8/8/8/8/8/8/4K3 w - - 0 1", "over"),
    "king and knight": ("4k3/8/8/8/8/8/8/4KN2 w - - 0 1", "over"),
    "fifty moves gone": ("4k3/7p/8/8/8/8/7P/4K3 w - - 100 80", "over"),
}


@pytest.mark.parametrize(("fen", "reason"), REFUSED.values(), ids=REFUSED)
@pytest.mark.parametrize("variant", ["standard", "chess960"])
def test_a_bad_start_position_is_refused_with_its_reason(fen, reason, variant):
    with pytest.raises(Refused) as refusal:
        checked_fen(variant, fen)
    assert refusal.value.code is Code.BAD_MESSAGE
    assert reason in refusal.value.message


def test_standard_chess_castles_from_e1_only():
    with pytest.raises(Refused, match="bad castling rights"):
        checked_fen("standard", "4k3/8/8/8/8/8/8/3K3R w K - 0 1")


ACCEPTED = {
    "the standard array": ("standard", STANDARD_FEN, None),
    "without the last fields": ("standard", "4k3/7p/8/8/8/8/7P/4K3", "4k3/7p/8/8/8/8/7P/4K3 w - - 0 1"),
    "black to move": ("standard", "4k3/7p/8/8/8/8/7P/4K3 b - - 3 9", None),
    "in check": ("standard", "4k3/8/8/8/8/8/4r2P/4K3 w - - 0 1", None),
    "nine queens": ("standard", "kn6/pp6/8/8/8/8/QQQQQQQQ/Q3K3 w - - 0 1", None),
    "only one legal move": ("standard", "7k/5K1p/7P/8/5Pp1/6P1/8/8 b - f3 0 1", None),
    "en passant that nobody can take": (
        "standard", "rnbqkbnr/pppppppp/8/8/4P3/8/PPPP1PPP/RNBQKBNR b KQkq e3 0 1",
        "rnbqkbnr/pppppppp/8/8/4P3/8/PPPP1PPP/RNBQKBNR b KQkq - 0 1",
    ),
    "en passant that somebody can take": (
        "standard", "rnbqkbnr/ppp1pppp/8/8/3pP3/8/PPPP1PPP/RNBQKBNR b KQkq e3 0 3", None,
    ),
    "move number nought": (
        "standard", "4k3/7p/8/8/8/8/7P/4K3 w - - 0 0", "4k3/7p/8/8/8/8/7P/4K3 w - - 0 1",
    ),
    "ninety-nine half-moves": ("standard", "4k3/7p/8/8/8/8/7P/4K3 w - - 99 80", None),
    "chess960": ("chess960", "bbqnnrkr/pppppppp/8/8/8/8/PPPPPPPP/BBQNNRKR w KQkq - 0 1", None),
    "chess960 in Shredder's letters": (
        "chess960", "bbqnnrkr/pppppppp/8/8/8/8/PPPPPPPP/BBQNNRKR w HFhf - 0 1",
        "bbqnnrkr/pppppppp/8/8/8/8/PPPPPPPP/BBQNNRKR w KQkq - 0 1",
    ),
    "chess960 with an inner rook (X-FEN)": ("chess960", "1k3r1r/8/8/8/8/8/8/1K3R1R w Ff - 0 1", None),
    "chess960, castling from where standard cannot": ("chess960", "4k3/8/8/8/8/8/8/3K3R w K - 0 1", None),
}


@pytest.mark.parametrize(("variant", "fen", "written"), ACCEPTED.values(), ids=ACCEPTED)
def test_a_legal_start_position_is_accepted_and_written_one_way(variant, fen, written):
    assert checked_fen(variant, fen) == (written or fen)
    assert checked_fen(variant, checked_fen(variant, fen)) == (written or fen)


@pytest.mark.parametrize(("halfmoves", "rules", "is_accepted"), [
    ( 99, "lichess", True),
    (100, "lichess", False),
    (100, "fide",    True),
    (149, "fide",    True),
    (150, "fide",    False),
])
def test_a_game_starts_where_its_own_rules_have_not_ended_it(halfmoves, rules, is_accepted):
    fen = f"4k3/7p/8/8/8/8/7P/4K3 w - - {halfmoves} 90"
    if is_accepted:
        assert checked_fen("standard", fen, rules) == fen
    else:
        with pytest.raises(Refused):
            checked_fen("standard", fen, rules)


def test_variants():
    assert [checked_variant(name) for name in ("standard", "chess960")] == ["standard", "chess960"]
    for name in ("", "Standard", "atomic", "x" * 10_000):
        with pytest.raises(Refused) as refusal:
            checked_variant(name)
        assert refusal.value.code is Code.BAD_MESSAGE
        assert "standard, chess960" in refusal.value.message and len(refusal.value.message) < 100
