"""Castling, en passant and promotion: what is legal, and how it is written (FIDE Laws 3.7 and 3.8)."""

import pytest

from game_server.core.board import parse_move, san
from game_server.core.position import start_position
from game_server.core.refusals import Code, Refused
from tests.core.rooms import given, moves, started

# A start position, moves, a move in UCI, and the placement that it leads to (None: it is illegal).
Row = tuple[str | None, str, str, str | None]

CASTLING: dict[str, Row] = {
    "short": ("4k3/8/8/8/8/8/8/4K2R w K - 0 1", "", "e1g1", "4k3/8/8/8/8/8/8/5RK1"),
    "long": ("4k3/8/8/8/8/8/8/R3K3 w Q - 0 1", "", "e1c1", "4k3/8/8/8/8/8/8/2KR4"),
    "short, Black": ("4k2r/8/8/8/8/8/8/4K3 b k - 0 1", "", "e8g8", "5rk1/8/8/8/8/8/8/4K3"),
    "long, Black": ("r3k3/8/8/8/8/8/8/4K3 b q - 0 1", "", "e8c8", "2kr4/8/8/8/8/8/8/4K3"),
    "without the right": ("4k3/8/8/8/8/8/8/4K2R w - - 0 1", "", "e1g1", None),
    "with the right to the other side only": ("4k3/8/8/8/8/8/8/R3K2R w Q - 0 1", "", "e1g1", None),
    "through check": ("4kr2/8/8/8/8/8/8/4K2R w K - 0 1", "", "e1g1", None),
    "into check": ("4k1r1/8/8/8/8/8/8/4K2R w K - 0 1", "", "e1g1", None),
    "out of check": ("k3r3/8/8/8/8/8/8/4K2R w K - 0 1", "", "e1g1", None),
    "with the rook attacked": ("k6r/8/8/8/8/8/8/4K2R w K - 0 1", "", "e1g1", "k6r/8/8/8/8/8/8/5RK1"),
    "long, through check": ("3rk3/8/8/8/8/8/8/R3K3 w Q - 0 1", "", "e1c1", None),
    "long, into check": ("2r1k3/8/8/8/8/8/8/R3K3 w Q - 0 1", "", "e1c1", None),
    "long, the rook through attack": ("1r2k3/8/8/8/8/8/8/R3K3 w Q - 0 1", "", "e1c1", "1r2k3/8/8/8/8/8/8/2KR4"),
    "long, the rook attacked": ("r3k3/8/8/8/8/8/8/R3K3 w Q - 0 1", "", "e1c1", "r3k3/8/8/8/8/8/8/2KR4"),
    "past a pawn on g2, which attacks f1": ("4k3/8/8/8/8/8/6p1/4K2R w K - 0 1", "", "e1g1", None),
    "towards a pawn on h2, which attacks g1": ("4k3/8/8/8/8/8/7p/4K2R w K - 0 1", "", "e1g1", None),
    "long, beside the other king": ("8/8/8/8/8/8/1k6/R3K3 w Q - 0 1", "", "e1c1", None),
    "over one's own bishop": ("4k3/8/8/8/8/8/8/4KB1R w K - 0 1", "", "e1g1", None),
    "over an enemy knight": ("4k3/8/8/8/8/8/8/4K1nR w K - 0 1", "", "e1g1", None),
    "long, with a knight on b1": ("4k3/8/8/8/8/8/8/RN2K3 w Q - 0 1", "", "e1c1", None),
    "after the king moved and came back": ("4k3/8/8/8/8/8/8/4K2R w K - 0 1", "Ke2 Kd8 Ke1 Ke8", "e1g1", None),
    "after the rook moved and came back": ("4k3/8/8/8/8/8/8/4K2R w K - 0 1", "Rh2 Kd8 Rh1 Ke8", "e1g1", None),
    "after the other rook moved": (
        "4k3/8/8/8/8/8/8/R3K2R w KQ - 0 1", "Ra2 Kd8 Ra1 Kc8", "e1g1", "2k5/8/8/8/8/8/8/R4RK1",
    ),
    "with a rook that came where the first was taken": (
        "4k3/8/8/8/8/6n1/8/4K1RR w K - 0 1", "Rf1 Nxh1 Rxh1 Kd8", "e1g1", None,
    ),
    "by taking the rook, which is chess960's way": ("4k3/8/8/8/8/8/8/4K2R w K - 0 1", "", "e1h1", None),
    "long, by taking the rook": ("4k3/8/8/8/8/8/8/R3K3 w Q - 0 1", "", "e1a1", None),
    "three squares": ("4k3/8/8/8/8/8/8/R3K3 w Q - 0 1", "", "e1b1", None),
    "a queen's move from e1 to g1 is no castling": (
        "3k4/8/8/8/8/8/8/K3Q2R w - - 0 1", "", "e1g1", "3k4/8/8/8/8/8/8/K5QR",
    ),
}

EN_PASSANT: dict[str, Row] = {
    "at once": ("4k3/3p4/8/4P3/8/8/8/4K3 b - - 0 1", "d5", "e5d6", "4k3/8/3P4/8/8/8/8/4K3"),
    "by Black": ("4k3/8/8/8/3p4/8/4P3/4K3 w - - 0 1", "e4", "d4e3", "4k3/8/8/8/8/4p3/8/4K3"),
    "one move too late": ("4k3/3p4/8/4P3/8/8/8/4K3 b - - 0 1", "d5 Ke2 Ke7 Ke1 Ke8", "e5d6", None),
    "after two single steps": ("4k3/3p4/8/4P3/8/8/8/4K3 b - - 0 1", "d6 Kf1 d5", "e5d6", None),
    "from two files away": ("4k3/3p4/8/5P2/8/8/8/4K3 b - - 0 1", "d5", "f5d6", None),
    "by a piece": ("4k3/3p4/8/4N3/8/8/8/4K3 b - - 0 1", "d5", "e5d6", None),
    "not if the rank opens to a rook": ("4k3/3p4/8/K3P2r/8/8/8/8 b - - 0 1", "d5", "e5d6", None),
    "not if pinned on a diagonal": ("4k3/3p2b1/8/4P3/8/2K5/8/8 b - - 0 1", "d5", "e5d6", None),
    "along the pin": ("1b2k3/3p4/8/4P3/8/6K1/8/8 b - - 0 1", "d5", "e5d6", "1b2k3/8/3P4/8/8/6K1/8/8"),
    "as the answer to the pawn's check": (
        "7k/3p4/8/4P3/4K3/8/8/8 b - - 0 1", "d5", "e5d6", "7k/8/3P4/8/4K3/8/8/8",
    ),
    "not while another check stands": ("4r2k/3p4/8/4P3/4K3/8/8/8 b - - 0 1", "d5", "e5d6", None),
}

PROMOTION: dict[str, Row] = {
    "to a queen": ("8/P6k/8/8/8/8/8/K7 w - - 0 1", "", "a7a8q", "Q7/7k/8/8/8/8/8/K7"),
    "to a rook": ("8/P6k/8/8/8/8/8/K7 w - - 0 1", "", "a7a8r", "R7/7k/8/8/8/8/8/K7"),
    "to a bishop": ("8/P6k/7p/8/8/8/8/K7 w - - 0 1", "", "a7a8b", "B7/7k/7p/8/8/8/8/K7"),
    "to a knight": ("8/P6k/7p/8/8/8/8/K7 w - - 0 1", "", "a7a8n", "N7/7k/7p/8/8/8/8/K7"),
    "by a capture": ("1r6/P6k/8/8/8/8/8/K7 w - - 0 1", "", "a7b8n", "1N6/7k/8/8/8/8/8/K7"),
    "by Black": ("k7/8/8/8/8/8/7p/K7 b - - 0 1", "", "h2h1q", "k7/8/8/8/8/8/8/K6q"),
    "to nothing": ("8/P6k/8/8/8/8/8/K7 w - - 0 1", "", "a7a8", None),
    "to a king": ("8/P6k/8/8/8/8/8/K7 w - - 0 1", "", "a7a8k", None),
    "to a pawn": ("8/P6k/8/8/8/8/8/K7 w - - 0 1", "", "a7a8p", None),
    "written with a capital": ("8/P6k/8/8/8/8/8/K7 w - - 0 1", "", "a7a8Q", None),
    "on a square that is taken": ("r7/P6k/8/8/8/8/8/K7 w - - 0 1", "", "a7a8q", None),
    "of a pawn that is not there yet": ("8/7k/P7/8/8/8/8/K7 w - - 0 1", "", "a6a7q", None),
}

OTHER: dict[str, Row] = {
    "a pinned piece": ("4r2k/8/8/8/8/8/4N3/4K3 w - - 0 1", "", "e2c3", None),
    "a pinned rook along the pin": ("4r2k/8/8/8/8/8/4R3/4K3 w - - 0 1", "", "e2e8", "4R2k/8/8/8/8/8/8/4K3"),
    "a move that leaves the king in check": ("4r2k/8/8/8/8/8/3N4/4K3 w - - 0 1", "", "d2f3", None),
    "king beside king": ("8/8/8/3k4/8/3K4/7P/8 w - - 0 1", "", "d3d4", None),
    "taking one's own piece": (None, "", "a1a2", None),
    "a pawn's double step over a piece": ("4k3/8/8/8/8/4n3/4P3/4K3 w - - 0 1", "", "e2e4", None),
    "a pawn's double step from the third rank": ("4k3/8/8/8/8/4P3/8/4K3 w - - 0 1", "", "e3e5", None),
    "a piece of the opponent's": (None, "", "e7e5", None),
    "an empty square": (None, "", "e4e5", None),
    "the null move": (None, "", "0000", None),
    "a null move on a square": (None, "", "e1e1", None),
    "nothing": (None, "", "", None),
    "standard notation": (None, "", "Nf3", None),
    "capitals": (None, "", "E2E4", None),
    "a space": (None, "", "e2e4 ", None),
    "a square that does not exist": (None, "", "e9e4", None),
    "a drop": (None, "", "P@e4", None),
    "digits of another script": (None, "", "e２e４", None),
    "a promotion of a pawn that only steps": (None, "", "e2e4q", None),
    "a long text": (None, "", "e2e4" * 2_000, None),
}
KINDS = {"castling": CASTLING, "en passant": EN_PASSANT, "promotion": PROMOTION, "moves": OTHER}
ALL = {f"{kind}: {name}": row for kind, rows in KINDS.items() for name, row in rows.items()}


@pytest.mark.parametrize(("fen", "sans", "uci", "placement"), ALL.values(), ids=ALL)
def test_what_is_legal(fen, sans, uci, placement):
    game = given(started(fen=fen), moves(sans)).game
    if placement is None:
        with pytest.raises(Refused) as refusal:
            parse_move(game.position, uci)
        assert refusal.value.code is Code.ILLEGAL_MOVE
    else:
        after = game.position.after(parse_move(game.position, uci).uci())
        assert after.fen.split()[0] == placement


NOTATION = {
    "castling": ("4k3/8/8/8/8/8/8/4K2R w K - 0 1", "e1g1", "O-O"),
    "castling long with check": ("3k4/8/8/8/8/8/8/R3K3 w Q - 0 1", "e1c1", "O-O-O+"),
    "mate": ("6k1/5ppp/8/8/8/8/8/R5K1 w - - 0 1", "a1a8", "Ra8#"),
    "promotion": ("8/P6k/8/8/8/8/8/K7 w - - 0 1", "a7a8q", "a8=Q"),
    "a capture that promotes": ("1r6/P6k/8/8/8/8/8/K7 w - - 0 1", "a7b8n", "axb8=N"),
    "en passant": ("4k3/8/8/3pP3/8/8/8/4K3 w - d6 0 1", "e5d6", "exd6"),
    "by file": ("4k3/8/8/8/8/8/8/R4R1K w - - 0 1", "a1d1", "Rad1"),
    "by rank": ("4k3/8/8/R7/8/8/8/R6K w - - 0 1", "a5a3", "R5a3"),
    "by square": ("6k1/8/8/8/4Q2Q/8/8/K6Q w - - 0 1", "h4e1", "Qh4e1"),
    "without need: the other knight is pinned": ("k3r3/8/8/8/8/4N3/8/2N1K3 w - - 0 1", "c1e2", "Ne2"),
}


@pytest.mark.parametrize(("fen", "uci", "expected"), NOTATION.values(), ids=NOTATION)
def test_standard_notation(fen, uci, expected):
    position = start_position("standard", fen)
    assert san(position, parse_move(position, uci)) == expected


@pytest.mark.parametrize(("fen", "sans", "field"), [
    ("4k3/8/8/8/8/8/4P3/4K3 w - - 0 1",     "e4", "-"),     # nobody could take
    ("4k3/8/8/8/3p4/8/4P3/4K3 w - - 0 1",   "e4", "e3"),
    ("3k4/8/8/8/3p4/8/4P3/3RK3 w - - 0 1",  "e4", "-"),     # the pawn that could take is pinned
])
def test_a_fen_names_the_en_passant_square_only_if_the_capture_is_legal(fen, sans, field):
    assert given(started(fen=fen), moves(sans)).game.position.fen.split()[3] == field
