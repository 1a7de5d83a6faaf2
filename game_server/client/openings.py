"""The first moves of a match's games, so that two engines do not play one game over and over.

A line of moves is played by the players themselves, and so stands in the game's record; a file may also give positions.
"""

import random
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

import chess
import chess.pgn

from game_server.client.mover import Decision, Mover
from game_server.client.seat import Turn

MAX_PGN_PLIES: Final = 16
LINES: Final = (
    "e4 e5 Nf3 Nc6 Bb5 a6 Ba4 Nf6",         # Ruy Lopez
    "d4 d5 c4 e6 Nc3 Nf6 Bg5 Be7",          # Queen's Gambit Declined
    "e4 c5 Nf3 d6 d4 cxd4 Nxd4 Nf6",        # Sicilian
    "d4 Nf6 c4 g6 Nc3 Bg7 e4 d6",           # King's Indian
    "e4 e6 d4 d5 Nc3 Nf6 e5 Nfd7",          # French
    "c4 e5 Nc3 Nf6 Nf3 Nc6 g3 d5",          # English
    "e4 c6 d4 d5 e5 Bf5 Nf3 e6",            # Caro-Kann
    "d4 d5 c4 c6 Nf3 Nf6 Nc3 dxc4",         # Slav
    "e4 e5 Nf3 Nc6 Bc4 Bc5 c3 Nf6",         # Italian
    "d4 Nf6 c4 e6 Nc3 Bb4 e3 O-O",          # Nimzo-Indian
    "e4 d5 exd5 Qxd5 Nc3 Qa5 d4 Nf6",       # Scandinavian
    "Nf3 d5 g3 Nf6 Bg2 e6 O-O Be7",         # Réti
    "e4 e5 Nf3 Nf6 Nxe5 d6 Nf3 Nxe4",       # Petrov
    "d4 f5 g3 Nf6 Bg2 e6 Nf3 Be7",          # Dutch
    "e4 d6 d4 Nf6 Nc3 g6 f4 Bg7",           # Pirc
    "d4 Nf6 c4 c5 d5 e6 Nc3 exd5",          # Benoni
)  # fmt: skip


class BadOpening(ValueError):  # noqa: N818
    """A line that cannot be played; the message says which and why."""


@dataclass(frozen=True, slots=True)
class Opening:
    """Moves in UCI, from `fen` (None: the standard array)."""

    moves: tuple[str, ...]
    fen: str | None = None


def openings_for(variant: str, path: Path | None) -> list[Opening]:
    """The openings in a file, or the built-in ones. Raises OSError, BadOpening (also for moves where it needs FENs)."""
    if path is None:
        return built_in(variant)
    found = read_openings(path)
    if variant == "chess960" and any(each.moves for each in found):
        raise BadOpening(f"chess960 begins with a position: give FENs in {path}, not moves")
    return found


def built_in(variant: str) -> list[Opening]:
    """Openings for a match of that variant: well-known lines, or for chess960 all start positions in random order."""
    if variant != "chess960":
        return [opening(line) for line in LINES]
    numbers = random.sample(range(960), 960)
    return [Opening((), chess.Board.from_chess960_pos(number).fen()) for number in numbers]


def opening(line: str) -> Opening:
    """What a line of a file says: moves in SAN or UCI, with or without their numbers, or a FEN or EPD.

    Raises BadOpening.

    >>> opening("1. e4 e5 2. g1f3")
    Opening(moves=('e2e4', 'e7e5', 'g1f3'), fen=None)
    """
    words = line.split()
    try:
        if "/" in words[0]:
            counters = words[4:6] if len(words) > 5 and "".join(words[4:6]).isdigit() else ["0", "1"]
            return Opening((), chess.Board(" ".join(words[:4] + counters), chess960=True).fen())
        board = chess.Board()
        for word in words:
            move = word.lstrip("0123456789").lstrip(".") if word[0].isdigit() else word
            if move and not word.startswith("0-0"):
                board.push(_move(board, move))
    except ValueError as error:
        raise BadOpening(f"{line.strip()[:60]!r} is no opening: {error}") from None
    return Opening(tuple(move.uci() for move in board.move_stack))


def _move(board: chess.Board, word: str) -> chess.Move:
    try:
        return board.parse_uci(word)
    except ValueError:
        return board.parse_san(word)


def read_openings(path: Path) -> list[Opening]:
    """The openings in a file: the beginnings of a PGN file's games, or one opening a line (# begins a comment).

    Raises BadOpening, OSError.
    """
    with path.open(encoding="utf-8") as file:
        if path.suffix.lower() == ".pgn":
            found: list[Opening] = []
            while (game := chess.pgn.read_game(file)) is not None:
                moves = [move.uci() for move in game.mainline_moves()][:MAX_PGN_PLIES]
                found.append(Opening(tuple(moves), game.headers.get("FEN")))
        else:
            lines = (line.partition("#")[0].strip() for line in file)
            found = [opening(line) for line in lines if line]
    if not found:
        raise BadOpening(f"{path} has no openings")
    return found


class WithOpening:
    """A mover that plays `opening` while the game follows it, and then asks another."""

    def __init__(self, mover: Mover) -> None:
        self.mover = mover
        self.opening = Opening(())

    async def __aenter__(self) -> Self:
        await self.mover.__aenter__()
        return self

    async def __aexit__(self, *exception: object) -> None:
        await self.mover.__aexit__(*exception)

    async def choose(self, turn: Turn) -> Decision:
        ply = turn.view.ply
        if ply < len(self.opening.moves) and turn.moves == self.opening.moves[:ply]:
            return Decision(self.opening.moves[ply])
        return await self.mover.choose(turn)
