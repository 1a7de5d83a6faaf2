"""Every game of a file, played again through real sockets, is the same game for everyone."""

import chess
import pytest

from tests.system.process import Server
from tests.system.replay import SAMPLES, games_of, replay, sans_of


async def test_replayed_games_are_the_same_for_both_players_and_all_spectators(server: Server) -> None:
    games = list(games_of(SAMPLES))
    replayed = await replay(server, games)
    assert replayed.games == len(games) == 14
    assert replayed.moves == sum(len(sans_of(game)) for game in games)
    assert set(replayed.endings) == {"checkmate", "stalemate", "resignation", "agreement", "insufficient_material"}


@pytest.mark.parametrize("wanted", ["O-O", "O-O-O", "=Q", "=R", "=B", "=N", "#", "e.p."])
def test_the_sample_games_have(wanted: str) -> None:
    assert any(wanted in san for game in games_of(SAMPLES) for san in described(game))


def described(game: "chess.pgn.Game") -> list[str]:
    """SAN, with `e.p.` as older books add it; castling long is not castling short."""
    sans = []
    for node in game.mainline():
        en_passant = node.parent is not None and node.parent.board().is_en_passant(node.move)
        san = node.san() + (" e.p." if en_passant else "")
        sans.append(san)
    return sans
