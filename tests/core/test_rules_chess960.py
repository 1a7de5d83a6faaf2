"""Chess960: castling from everywhere (FIDE Laws, Guidelines II), written as king takes rook; start positions."""

import pytest

from game_server.core.board import chess960_fen, parse_move, san
from game_server.core.commands import PlayMove
from game_server.core.ids import BLACK, WHITE
from game_server.core.position import STANDARD_FEN
from game_server.core.refusals import Code, Refused
from tests.core.rooms import did, given, moves, opened, refused, started, take_seat, when

# A start position, moves, a move in UCI, its notation, and the placement that it leads to (None: it is illegal).
CASTLING = {
    "short from the usual squares": ("4k3/8/8/8/8/8/8/4K2R w K - 0 1", "", "e1h1", "O-O", "4k3/8/8/8/8/8/8/5RK1"),
    "long from the usual squares": ("4k3/8/8/8/8/8/8/R3K3 w Q - 0 1", "", "e1a1", "O-O-O", "4k3/8/8/8/8/8/8/2KR4"),
    "from the usual squares, the usual way": (
        "4k3/8/8/8/8/8/8/4K2R w K - 0 1", "", "e1g1", "O-O", "4k3/8/8/8/8/8/8/5RK1",
    ),
    "the king stays": ("4k3/8/8/8/8/8/8/6KR w K - 0 1", "", "g1h1", "O-O", "4k3/8/8/8/8/8/8/5RK1"),
    "long, the king stays": ("4k3/8/8/8/8/8/8/1RK5 w Q - 0 1", "", "c1b1", "O-O-O", "4k3/8/8/8/8/8/8/2KR4"),
    "the rook stays": ("4k3/8/8/8/8/8/8/4KR2 w K - 0 1", "", "e1f1", "O-O", "4k3/8/8/8/8/8/8/5RK1"),
    "long, the rook stays": ("6k1/8/8/8/8/8/8/3RK3 w Q - 0 1", "", "e1d1", "O-O-O", "6k1/8/8/8/8/8/8/2KR4"),
    "king and rook change places": ("k7/8/8/8/8/8/8/5KR1 w K - 0 1", "", "f1g1", "O-O", "k7/8/8/8/8/8/8/5RK1"),
    "long, king and rook change places": (
        "k7/8/8/8/8/8/8/2RK4 w Q - 0 1", "", "d1c1", "O-O-O", "k7/8/8/8/8/8/8/2KR4",
    ),
    "the king goes right to castle long": (
        "6k1/8/8/8/8/8/8/RK6 w Q - 0 1", "", "b1a1", "O-O-O", "6k1/8/8/8/8/8/8/2KR4",
    ),
    "the king goes far": ("k7/8/8/8/8/8/8/1K5R w K - 0 1", "", "b1h1", "O-O", "k7/8/8/8/8/8/8/5RK1"),
    "by Black": ("1k5r/8/8/8/8/8/8/K7 b k - 0 1", "", "b8h8", "O-O", "5rk1/8/8/8/8/8/8/K7"),
    "with the inner rook": ("k7/8/8/8/8/8/8/1K3R1R w F - 0 1", "", "b1f1", "O-O", "k7/8/8/8/8/8/8/5RKR"),
    "with the outer rook, whose right is gone": ("k7/8/8/8/8/8/8/1K3R1R w F - 0 1", "", "b1h1", None, None),
    "far through an attacked square": ("k2r4/8/8/8/8/8/8/1K5R w K - 0 1", "", "b1h1", None, None),
    "over a piece in the king's way": ("k7/8/8/8/8/8/8/1K1N3R w K - 0 1", "", "b1h1", None, None),
    "over a piece in the rook's way": ("7k/8/8/8/8/8/8/RNK5 w Q - 0 1", "", "c1a1", None, None),
    "onto a piece where the king should stand": ("k7/8/8/8/8/8/8/4KRN1 w K - 0 1", "", "e1f1", None, None),
    "onto a piece where the rook should stand": ("7k/8/8/8/8/8/8/R1KN4 w Q - 0 1", "", "c1a1", None, None),
    "when the rook shielded the king": ("4k3/8/8/8/8/8/8/rRK5 w Q - 0 1", "", "c1b1", None, None),
    "out of check": ("k5r1/8/8/8/8/8/8/6KR w K - 0 1", "", "g1h1", None, None),
    "after the king moved": ("k7/8/8/8/8/8/8/6KR w K - 0 1", "Kg2 Kb8 Kg1 Ka8", "g1h1", None, None),
    "after the rook moved": ("k7/8/8/8/8/8/8/6KR w K - 0 1", "Rh2 Kb8 Rh1 Ka8", "g1h1", None, None),
    "taking a rook without the right": ("k7/8/8/8/8/8/8/6KR w - - 0 1", "", "g1h1", None, None),
    "a king's step to g1 is no castling": (
        "k7/8/8/8/8/8/8/5K1R w K - 0 1", "", "f1g1", "Kg1", "k7/8/8/8/8/8/8/6KR",
    ),
}


@pytest.mark.parametrize(("fen", "sans", "uci", "notation", "placement"), CASTLING.values(), ids=CASTLING)
def test_castling(fen, sans, uci, notation, placement):
    position = given(started(variant="chess960", fen=fen), moves(sans)).game.position
    if placement is None:
        with pytest.raises(Refused) as refusal:
            parse_move(position, uci)
        assert refusal.value.code is Code.ILLEGAL_MOVE
        return
    move = parse_move(position, uci)
    assert san(position, move) == notation
    assert position.after(move.uci()).fen.split()[0] == placement
    assert position.after(move.uci()).fen.split()[2] == "-"


def test_castling_is_told_as_king_takes_rook_however_it_was_written():
    room = started(variant="chess960", fen="4k3/8/8/8/8/8/8/4K2R w K - 0 1")
    (played,) = when(room, PlayMove(WHITE, "e1g1"), 1)
    assert (played.uci, played.san) == ("e1h1", "O-O")


def test_castling_may_be_sent_again_however_it_was_written():
    room = given(
        started(variant="chess960", fen="4k3/8/8/8/8/8/8/4K2R w K - 0 1"), did(PlayMove(WHITE, "e1g1"), at_ms=1)
    )
    assert when(room, PlayMove(WHITE, "e1g1", ply=1), 2) == ()
    assert when(room, PlayMove(WHITE, "e1h1", ply=1), 2) == ()
    assert refused(room, PlayMove(WHITE, "e1c1", ply=1), 2) is Code.STALE_PLY
    assert refused(room, PlayMove(WHITE, "e1f1", ply=1), 2) is Code.STALE_PLY


def test_castling_rights_keep_positions_apart_and_so_does_their_loss():
    fen = "k7/8/8/8/8/8/8/6KR w K - 0 1"
    room = given(started(variant="chess960", fen=fen), moves("Rh2 Kb8 Rh1 Ka8 Rh2 Kb8 Rh1 Ka8"))
    assert room.game.position.repetitions == 2
    assert given(room, moves("Rh2 Kb8 Rh1 Ka8")).game.position.repetitions == 3


@pytest.mark.parametrize(("number", "rank"), [(0, "BBQNNRKR"), (518, "RNBQKBNR"), (959, "RKRNNQBB"), (534, "RNBKQBNR")])
def test_start_positions_by_scharnagl_number(number, rank):
    fen = chess960_fen(number)
    assert fen.split() == [f"{rank.lower()}/pppppppp/8/8/8/8/PPPPPPPP/{rank}", "w", "KQkq", "-", "0", "1"]


def test_position_518_is_the_standard_array():
    assert chess960_fen(518) == STANDARD_FEN


def test_chance_draws_the_start_position_and_every_rematch_draws_again():
    first = given(opened(variant="chess960"), did(take_seat(WHITE), at_ms=0))
    (_, game) = when(first, take_seat(BLACK, chance=2 * 518), 0)
    assert game.fen == STANDARD_FEN
    (_, game) = when(first, take_seat(BLACK, chance=2 * 960 * 7 + 1), 0)
    assert game.fen == chess960_fen(0)


def test_a_game_from_an_inner_rook_keeps_its_letter():
    room = started(variant="chess960", fen="1k3r1r/8/8/8/8/8/8/1K3R1R w Ff - 0 1")
    assert room.game.initial_fen.split()[2] == "Ff"
    assert given(room, moves("Kb2 Kb7")).game.position_at(0).fen == room.game.initial_fen
