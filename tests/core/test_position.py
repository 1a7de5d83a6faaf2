"""A position is a value, worked out when it is asked for: it must not matter when."""

import random

import chess
import pytest

from game_server.core.board import chess960_fen, parse_move, san
from game_server.core.position import STANDARD_FEN, Position, start_position
from game_server.core.refusals import Refused

STARTS = {
    "the standard array": ("standard", STANDARD_FEN),
    "castling on all sides": ("standard", "r3k2r/pppppppp/8/8/8/8/PPPPPPPP/R3K2R w KQkq - 0 1"),
    "castling on one side": ("standard", "1r2k2r/pppppppp/8/8/8/8/PPPPPPPP/R3K1R1 w Q - 0 1"),
    "pawns about to promote": ("standard", "4k3/PPPP4/8/8/8/8/4pppp/3K4 b - - 3 40"),
    "pawns side by side": ("standard", "4k3/8/8/8/pPpPpPpP/8/PPPPPPPP/4K3 b - b3 0 1"),
    "chess960, array 0": ("chess960", chess960_fen(0)),
    "chess960, array 959": ("chess960", chess960_fen(959)),
    "chess960, with an inner rook": ("chess960", "1r2k1rr/pppppppp/8/8/8/8/PPPPPPPP/RR2K1R1 w Bg - 0 1"),
}


def random_game(variant, fen, seed, plies=120):
    """A board, a position that was looked at after every move, and the moves."""
    choice = random.Random(seed)
    board, position, played = chess.Board(fen, chess960=variant == "chess960"), start_position(variant, fen), []
    while len(played) < plies and any(board.legal_moves):
        move = choice.choice(list(board.legal_moves))
        assert san(position, move) == board.san(move)
        position = position.after(move.uci())
        board.push(move)
        played.append(move.uci())
        yield board, position, played


@pytest.mark.parametrize(("variant", "fen"), STARTS.values(), ids=STARTS)
@pytest.mark.parametrize("seed", range(8))
def test_after_every_move_it_is_what_python_chess_says(variant, fen, seed):
    for board, position, _ in random_game(variant, fen, seed):
        assert position.fen == board.fen()
        assert vars(position.board) == vars(board.copy(stack=False))
        assert position.keys[-1] == board._transposition_key()
        assert position.is_check == board.is_check()
        assert position.can_move == any(board.legal_moves)
        assert position.turn == ("white" if board.turn else "black")
        assert position.repetitions >= 3 if board.is_repetition(3) else position.repetitions < 3


PINNED = {
    "open lines": "r1q1k1r1/1b4b1/8/2pPp3/3PPP2/8/1B4B1/R1Q1K1R1 w - - 0 1",
    "pawns that take en passant into check": "8/6b1/8/K1pP3r/8/8/k2pp3/7B w - c6 0 1",
    "en passant opens a diagonal": "8/5K2/8/3pP3/8/1b6/8/k7 w - d6 0 1",
    "few moves": "k7/2Q5/8/8/8/8/p7/K7 b - - 0 1",
}


@pytest.mark.parametrize("fen", PINNED.values(), ids=PINNED)
def test_a_move_is_legal_if_python_chess_says_so(fen):
    games = (random_game("standard", fen, seed, plies=60) for seed in range(5))
    for board, position in [
        (chess.Board(fen), start_position("standard", fen)),
        *((board.copy(), position) for game in games for board, position, _ in game),
    ]:
        assert position.can_move == any(board.legal_moves)
        for move in board.generate_pseudo_legal_moves():
            if board.is_legal(move):
                assert parse_move(position, move.uci()) == move
            else:
                with pytest.raises(Refused):
                    parse_move(position, move.uci())


@pytest.mark.parametrize("variant", ["standard", "chess960"])
@pytest.mark.parametrize("uci", ["e1g1q", "e1g1k", "e1c1n", "e1e2q", "a1a2q", "e1", "e1g1qq", "P@e4", "0000", ""])
def test_a_text_that_names_no_move_is_none(variant, uci):
    position = start_position(variant, "r3k2r/8/8/8/8/8/8/R3K2R w KQkq - 0 1")
    with pytest.raises(Refused):
        parse_move(position, uci)


@pytest.mark.parametrize(("variant", "fen"), STARTS.values(), ids=STARTS)
def test_a_position_that_is_first_looked_at_after_many_moves_is_the_same(variant, fen):
    *_, (_, looked_at, played) = random_game(variant, fen, 5)
    position = start_position(variant, fen)
    for uci in played:
        position = position.after(uci)
    assert position.turn == looked_at.turn
    assert position.keys == looked_at.keys
    assert position == looked_at
    assert position.fen == looked_at.fen


@pytest.mark.parametrize(("variant", "fen"), STARTS.values(), ids=STARTS)
@pytest.mark.parametrize("seed", range(8))
def test_a_line_leads_where_its_moves_lead_one_by_one(variant, fen, seed):
    choice, position, told = random.Random(seed), start_position(variant, fen), 0
    for board, looked_at, played in random_game(variant, fen, seed):
        if choice.random() < 0.1:
            position, told = position.after(*played[told:]), len(played)
            assert position.turn == looked_at.turn
            assert vars(position.board) == vars(board.copy(stack=False))
            assert position.keys == looked_at.keys
            assert position.fen == board.fen()


def test_looking_at_a_later_position_changes_no_earlier_one():
    start = start_position("standard", None)
    first = start.after("e2e4")
    second = first.after("e7e5")
    assert second.fen == "rnbqkbnr/pppp1ppp/8/4p3/4P3/8/PPPP1PPP/RNBQKBNR w KQkq - 0 2"
    assert first.fen == "rnbqkbnr/pppppppp/8/8/4P3/8/PPPP1PPP/RNBQKBNR b KQkq - 0 1"
    assert start.fen == STANDARD_FEN


def test_after_no_move_it_is_the_same():
    start = start_position("standard", None)
    assert start.after() == start
    assert start.after().after("e2e4") == start.after("e2e4")


def test_castling_rights_that_no_rook_has_are_none_after_a_move():
    board = chess.Board("1r2k2r/8/8/8/8/8/8/R3K1R1 w Q - 0 1")
    board.castling_rights |= chess.BB_H1 | chess.BB_A8      # as no FEN that is checked has them
    after = Position(board.copy(stack=False)).after("g1g2")
    board.push_uci("g1g2")
    assert vars(after.board) == vars(board.copy(stack=False))
    assert after.keys[-1] == board._transposition_key()


def test_two_moves_from_one_position_are_two_positions():
    start = start_position("standard", None)
    queen_pawn, king_pawn = start.after("d2d4"), start.after("e2e4")
    assert queen_pawn != king_pawn
    assert start.after("d2d4") == queen_pawn
