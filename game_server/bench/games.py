"""The games that the bench plays: legal from the first move to the last, made before the clock runs."""

import random
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import chess.pgn

from game_server.core.board import ending, legal_moves, parse_move
from game_server.core.position import Position, start_position
from game_server.core.refusals import Refused

PLIES: Final = 80
RULES: Final = "lichess"    # those of a room for which nobody asks for others


class NoGames(ValueError):  # noqa: N818
    """There is nothing to play; the message says why."""


@dataclass(frozen=True, slots=True)
class Game:
    """Moves in UCI from the standard array; `ends` if the last one ends the game by itself."""

    moves: tuple[str, ...]
    ends: bool


def random_games(count: int, seed: int, plies: int = PLIES) -> list[Game]:
    """`count` games of random legal moves, at most `plies` long, the same for the same `seed`. Cost: 8 ms a game."""
    dice = random.Random(seed)
    games = []
    for _ in range(count):
        position, moves, ends = start_position("standard", None), list[str](), False
        while len(moves) < plies and not ends:
            moves.append(dice.choice(legal_moves(position)))
            position = position.after(moves[-1])
            ends = ending(position, RULES) is not None
        games.append(Game(tuple(moves), ends))
    return games


def pgn_games(path: Path) -> list[Game]:
    """The standard games in a PGN file, each cut where the server would end it.

    Games from another array or of another variant, and empty ones, are left out. Raises NoGames, OSError.
    """
    games = []
    with path.open(encoding="utf-8", errors="replace") as file:
        while (read := chess.pgn.read_game(file)) is not None:
            if read.headers.get("FEN") is None and read.headers.get("Variant", "Standard") == "Standard":
                games.append(_playable([move.uci() for move in read.mainline_moves()]))
    games = [game for game in games if game.moves]
    if not games:
        raise NoGames(f"{path} has no games of standard chess")
    return games


def _playable(line: list[str]) -> Game:
    position: Position = start_position("standard", None)
    moves: list[str] = []
    for uci in line:
        try:
            position = position.after(parse_move(position, uci).uci())
        except Refused:
            break
        moves.append(uci)
        if ending(position, RULES) is not None:
            return Game(tuple(moves), ends=True)
    return Game(tuple(moves), ends=False)
