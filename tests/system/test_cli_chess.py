"""cli-chess, a terminal client of the Lichess API, unmodified, plays here in a pseudo-terminal."""

import importlib.util
import os
import shutil
import signal
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import chess
import httpx
import pytest

from tests.system.accounts import client, made
from tests.system.process import Server

pexpect: Any = pytest.importorskip("pexpect", reason="needs a pseudo-terminal")
if importlib.util.find_spec("cli_chess") is None:
    pytest.skip("cli-chess is not installed", allow_module_level=True)

STOCKFISH = shutil.which("stockfish") or shutil.which("stockfish", path="/usr/games")
DOWN, RIGHT, F1, F4 = "\x1b[B", "\x1b[C", "\x1bOP", "\x1bOS"


@pytest.fixture(autouse=True)
def in_time() -> Iterator[None]:
    def give_up(*_: object) -> None:
        raise TimeoutError("the line has not come")

    before = signal.signal(signal.SIGALRM, give_up)
    signal.alarm(60)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


def terminal(server: Server, secret: str, home: Path) -> Any:
    """cli-chess at its main menu, signed in."""
    environment = os.environ | {"HOME": str(home), "TERM": "xterm-256color", "XDG_CONFIG_HOME": str(home)}
    arguments = ["-m", "cli_chess", "--base-url", server.url, "--token", secret]
    screen = pexpect.spawn(
        sys.executable, arguments, env=environment, dimensions=(45, 140), encoding="utf-8", timeout=20, cwd=str(home)
    )
    screen.expect("Online Games")
    return screen


def test_cli_chess_finds_an_opponent_by_a_seek_and_plays(server: Server, tmp_path: Path) -> None:
    name, secret = made(server)
    rival_name, rival_secret = made(server)
    rival = client(server, rival_secret)
    screen = terminal(server, secret, tmp_path)
    try:
        for key in (DOWN, RIGHT, RIGHT, F1):
            screen.expect(r".+", timeout=5)
            screen.send(key)
        events = rival.board.stream_incoming_events()
        seeking = threading.Thread(target=lambda: rival.board.seek(30, 20, rated=False), daemon=True)
        waiting_until_listed(server)
        seeking.start()
        game = next(event for event in events if event["type"] == "gameStart")["game"]
        seeking.join(10)
        assert game["opponent"]["username"] == name
        lines = rival.board.stream_game_state(game["gameId"])
        assert next(lines)["type"] == "gameFull"
        screen.expect(rival_name)       # the game's screen
        mine, moves = game["color"], ["e2e4", "e7e5"]
        if mine == "white":
            rival.board.make_move(game["gameId"], moves[0])
            screen.expect("e4")
            screen.send("e5\r")
        else:
            screen.send("e4\r")
        theirs = moves[1 if mine == "white" else 0]
        played = next(line for line in lines if line.get("moves", "").endswith(theirs))
        assert played["status"] == "started"
        if mine == "black":
            rival.board.make_move(game["gameId"], moves[1])
        rival.board.resign_game(game["gameId"])
        screen.expect("(?i)resign")
        ended = next(line for line in lines if line.get("status") == "resign")
        assert ended["winner"] != mine
    finally:
        screen.close(force=True)


def waiting_until_listed(server: Server) -> None:
    """Until cli-chess's seek stands in the lobby."""
    for _ in range(100):
        if httpx.get(f"{server.url}/rooms?status=waiting", trust_env=False).json()["items"]:
            return
        time.sleep(0.1)
    raise AssertionError("cli-chess has not sought a game")


@pytest.mark.skipif(STOCKFISH is None, reason="needs Stockfish: apt install stockfish")
def test_cli_chess_plays_the_computer(server: Server, tmp_path: Path) -> None:
    _, secret = made(server)
    api = client(server, secret)
    screen = terminal(server, secret, tmp_path)
    try:
        for key in (DOWN, RIGHT, DOWN, DOWN, RIGHT, F1):
            screen.expect(r".+", timeout=5)
            screen.send(key)
        screen.expect("Stockfish level 1")
        (game,) = api.games.get_ongoing()
        assert (game["opponent"]["ai"], game["source"]) == (1, "ai")
        first = game["color"] == "white"
        board = chess.Board()
        for san in moves_of(api, game["gameId"], at_least=0 if first else 1):
            board.push_san(san)
        screen.send(f"{board.san(next(iter(board.legal_moves)))}\r")
        assert len(moves_of(api, game["gameId"], at_least=2 if first else 3)) % 2 == (0 if first else 1)
        api.board.resign_game(game["gameId"])
        screen.expect("(?i)resign")
    finally:
        screen.close(force=True)


def moves_of(api: Any, game_id: str, at_least: int) -> list[str]:
    """The game's moves, once there are so many."""
    for _ in range(100):
        moves: list[str] = api.games.export(game_id)["moves"].split()
        if len(moves) >= at_least:
            return moves
        time.sleep(0.1)
    raise AssertionError(f"there are not {at_least} moves")
