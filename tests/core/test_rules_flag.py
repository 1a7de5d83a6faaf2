"""A flag falls: the opponent wins if its material can mate with any help, else it is a draw (FIDE Laws 6.9)."""

import re

import pytest

from game_server.core.commands import CheckTime, PlayMove
from game_server.core.events import GameEnded
from game_server.core.ids import BLACK, WHITE, opponent
from tests.core.rooms import did, given, started, when

# The material beside the kings of who has time left, and of whose flag falls; L and D are bishops on light and dark
# squares. Checked against lichess's InsufficientMatingMaterial; where it says draw, no sequence of legal moves mates.
MATERIAL = {
    ("", "Q"): "draw",
    ("", "P"): "draw",
    ("", "RNP"): "draw",
    ("N", "Q"): "draw",         # the queen always guards
    ("N", "QR"): "win",
    ("N", "QP"): "win",
    ("N", "R"): "win",          # smothered by its own rook
    ("N", "L"): "win",
    ("N", "N"): "win",
    ("N", "P"): "win",
    ("L", "Q"): "draw",
    ("L", "R"): "draw",
    ("L", "QR"): "draw",
    ("L", "P"): "win",
    ("L", "N"): "win",
    ("L", "D"): "win",          # smothered by the bishop of the other colour
    ("D", "L"): "win",
    ("L", "LR"): "draw",
    ("L", "LQ"): "draw",
    ("DD", "R"): "draw",        # both on dark squares
    ("DD", "P"): "win",
    ("LD", ""): "win",
    ("LD", "R"): "win",
    ("NN", ""): "win",          # not by force, but with help
    ("NN", "Q"): "win",
    ("LN", ""): "win",
    ("P", ""): "win",
    ("P", "Q"): "win",
    ("R", ""): "win",
    ("R", "Q"): "win",
    ("Q", ""): "win",
    ("Q", "R"): "win",
}
SQUARES = {"Q": ["d"], "R": ["a"], "N": ["b", "g"], "P": ["a"], "L": ["f"], "D": ["c"]}


def fen_of(white, black, turn):
    """Kings at home and the pieces about where they stand at the start, but pawns and second bishops."""
    board = {"e1": "K", "e8": "k"}
    for side, rank, pieces in (("w", 1, white), ("b", 8, black)):
        for number, piece in enumerate(pieces):
            if piece == "P":
                square = "h2" if side == "w" else "h7"
            elif piece in "LD":
                is_light = piece == "L"
                file = ("f" if is_light else "c") if side == "w" else ("c" if is_light else "f")
                square = f"{file}{rank}" if piece not in pieces[:number] else ("e3" if side == "w" else "d6")
            else:
                square = f"{SQUARES[piece][pieces[:number].count(piece)]}{rank}"
            symbol = {"L": "B", "D": "B"}.get(piece, piece)
            board[square] = symbol if side == "w" else symbol.lower()
    ranks = ["".join(board.get(f"{file}{rank}", "1") for file in "abcdefgh") for rank in range(8, 0, -1)]
    placement = re.sub("1+", lambda empty: str(len(empty[0])), "/".join(ranks))
    return f"{placement} {'w' if turn == WHITE else 'b'} - - 0 1"


@pytest.mark.parametrize("flagged", [WHITE, BLACK])
@pytest.mark.parametrize(("having_time", "flagging"), MATERIAL, ids=lambda pieces: f"K{pieces}")
@pytest.mark.parametrize("rules", ["lichess", "fide"])
def test_a_flag_against_every_class_of_material(having_time, flagging, flagged, rules):
    white, black = (flagging, having_time) if flagged == WHITE else (having_time, flagging)
    kings = [(WHITE, "e1e2"), (BLACK, "e8e7")]
    room = started("1+0", fen=fen_of(white, black, flagged), rules=rules)
    for color, uci in kings if flagged == WHITE else kings[::-1]:
        room = given(room, did(PlayMove(color, uci), at_ms=0))
    if MATERIAL[having_time, flagging] == "win":
        ended = GameEnded(60_000, "1-0" if opponent(flagged) == WHITE else "0-1", "timeout")
    else:
        ended = GameEnded(60_000, "1/2-1/2", "timeout_insufficient_material")
    assert when(room, CheckTime(), 59_999) == ()
    assert when(room, CheckTime(), 60_000) == (ended,)
