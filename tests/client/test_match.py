"""Openings and scores of matches."""

from pathlib import Path

import pytest

from game_server.client.elo import Score, elo_difference
from game_server.client.openings import LINES, BadOpening, Opening, opening, openings_for, read_openings

WRITTEN = {
    "SAN": ("e4 e5 Nf3", ("e2e4", "e7e5", "g1f3"), None),
    "UCI": ("e2e4 e7e5 g1f3", ("e2e4", "e7e5", "g1f3"), None),
    "with numbers": ("1. e4 e5 2.Nf3", ("e2e4", "e7e5", "g1f3"), None),
    "a position": (
        "8/8/8/8/8/8/4P3/K1k5 w - - 0 1", (), "8/8/8/8/8/8/4P3/K1k5 w - - 0 1",
    ),
    "an EPD": ('8/8/8/8/8/8/4P3/K1k5 w - - id "pawn";', (), "8/8/8/8/8/8/4P3/K1k5 w - - 0 1"),
}  # fmt: skip


@pytest.mark.parametrize(("line", "moves", "fen"), WRITTEN.values(), ids=WRITTEN)
def test_an_opening_is_read_in_all_its_forms(line: str, moves: tuple[str, ...], fen: str | None) -> None:
    assert opening(line) == Opening(moves, fen)


@pytest.mark.parametrize("line", ["e4 e4", "rubbish", "e5", "8/8 w"])
def test_a_line_that_cannot_be_played_is_refused_with_its_words(line: str) -> None:
    with pytest.raises(BadOpening, match=line.split()[0]):
        opening(line)


def test_the_built_in_lines_can_be_played() -> None:
    assert {len(opening(line).moves) for line in LINES} == {8}
    assert len(set(LINES)) == len(LINES)


def test_a_file_has_one_opening_a_line(tmp_path: Path) -> None:
    file = tmp_path / "book.txt"
    file.write_text("# king's pawn\ne4 e5   # open\n\nd4 d5\n")
    assert [found.moves for found in read_openings(file)] == [("e2e4", "e7e5"), ("d2d4", "d7d5")]


def test_a_pgn_file_gives_the_beginnings_of_its_games(tmp_path: Path) -> None:
    file = tmp_path / "book.pgn"
    file.write_text('[Event "a"]\n\n1. e4 e5 2. Nf3 *\n\n[Event "b"]\n\n1. d4 *\n')
    assert [found.moves for found in read_openings(file)] == [("e2e4", "e7e5", "g1f3"), ("d2d4",)]


def test_an_empty_file_has_no_openings(tmp_path: Path) -> None:
    (tmp_path / "book.txt").write_text("# nothing\n")
    with pytest.raises(BadOpening, match="no openings"):
        read_openings(tmp_path / "book.txt")


def test_in_chess960_every_pair_has_a_start_position_of_its_own(tmp_path: Path) -> None:
    fens = {found.fen for found in openings_for("chess960", None)}
    assert len(fens) == 960
    assert all(found.moves == () for found in openings_for("chess960", None))
    file = tmp_path / "book.txt"
    file.write_text("bbqnnrkr/pppppppp/8/8/8/8/PPPPPPPP/BBQNNRKR w HFhf - 0 1\n")
    assert [found.fen for found in openings_for("chess960", file)] == [
        "bbqnnrkr/pppppppp/8/8/8/8/PPPPPPPP/BBQNNRKR w KQkq - 0 1"
    ]
    file.write_text("e4 e5\n")
    with pytest.raises(BadOpening, match="give FENs"):
        openings_for("chess960", file)
    assert [len(found.moves) for found in openings_for("standard", file)] == [2]


@pytest.mark.parametrize(("share", "elo"), [(0.5, 0), (0.75, 191), (0.25, -191), (0.91, 402)])
def test_elo_differences(share: float, elo: int) -> None:
    assert round(elo_difference(share)) == elo


SCORES = {
    "level": (Score(30, 40, 30), "50 - 50 (+30 =40 -30), Elo difference +0 ± 53 (95 %)"),
    "ahead": (Score(60, 20, 20), "70 - 30 (+60 =20 -20), Elo difference +147 ± 66 (95 %)"),
    "few games": (Score(2, 0, 1), "2 - 1 (+2 =0 -1), Elo difference +120, between -325 and more than any number"),
    "a whitewash": (Score(4, 0, 0), "4 - 0 (+4 =0 -0), Elo difference unknown: one side won every game"),
    "all draws": (Score(0, 4, 0), "2 - 2 (+0 =4 -0), Elo difference +0 (the games were all alike: no error bars)"),
    "no games": (Score(), "no games"),
}


@pytest.mark.parametrize(("score", "text"), SCORES.values(), ids=SCORES)
def test_a_score_is_told_with_its_error_bars(score: Score, text: str) -> None:
    assert str(score) == text
