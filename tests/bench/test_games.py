"""The games that the bench plays are legal, and end where the server ends them."""

from pathlib import Path

import chess
import pytest

from game_server.bench.games import PLIES, NoGames, pgn_games, random_games

FOOLS_MATE = '[Event "?"]\n\n1. f3 e5 2. g4 Qh4# 0-1\n\n'
SHORT = '[Event "?"]\n\n1. e4 e5 2. Nf3 *\n\n'
FROM_A_POSITION = '[FEN "4k3/8/8/8/8/8/4P3/4K3 w - - 0 1"]\n[SetUp "1"]\n\n1. e4 *\n\n'
SHUFFLE = " ".join(f"{n}. {'Nf3 Nf6' if n % 2 else 'Ng1 Ng8'}" for n in range(1, 13))


def board_after(moves: tuple[str, ...]) -> chess.Board:
    board = chess.Board()
    for uci in moves:
        move = chess.Move.from_uci(uci)
        assert board.is_legal(move), (board.fen(), uci)
        board.push(move)
    return board


def test_random_games_are_legal_to_the_last_move_and_end_where_python_chess_ends_them():
    for game in random_games(40, seed=3):
        board = board_after(game.moves)
        assert game.ends == (board.outcome() is not None)
        assert game.ends or len(game.moves) == PLIES


def test_the_same_seed_gives_the_same_games_and_another_seed_others():
    assert random_games(3, seed=1) == random_games(3, seed=1) != random_games(3, seed=2)


def test_a_pgn_s_games_are_played_as_they_stand_but_those_from_a_position_are_left_out(tmp_path: Path):
    file = tmp_path / "games.pgn"
    file.write_text(FOOLS_MATE + FROM_A_POSITION + SHORT)
    mate, short = pgn_games(file)
    assert (mate.moves, mate.ends) == (("f2f3", "e7e5", "g2g4", "d8h4"), True)
    assert (short.moves, short.ends) == (("e2e4", "e7e5", "g1f3"), False)


def test_a_game_is_cut_where_a_fifth_repetition_ends_it(tmp_path: Path):
    file = tmp_path / "games.pgn"
    file.write_text(f'[Event "?"]\n\n{SHUFFLE} *\n\n')
    (game,) = pgn_games(file)
    assert game.ends
    assert board_after(game.moves).is_fivefold_repetition()
    assert len(game.moves) == 16


def test_a_file_without_games_says_so(tmp_path: Path):
    file = tmp_path / "games.pgn"
    file.write_text(FROM_A_POSITION)
    with pytest.raises(NoGames, match="no games of standard chess"):
        pgn_games(file)
