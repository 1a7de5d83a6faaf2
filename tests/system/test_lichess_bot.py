"""lichess-bot's requests, as it sends them: it is not on PyPI, so its sequence is replayed here.

No Content-Type on token/test, form bodies, 2 s for every POST, 15 s between bytes of a stream, one reused session, and
one process's worth of connections. Its moves are Stockfish's if there is one, else any. Fields are read as lichess-bot
reads them: what it would stumble over, this does too.
"""

import json
import random
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import chess
import chess.engine
import pytest
import requests

from tests.system.accounts import token
from tests.system.conftest import Starter
from tests.system.process import Server

POST_S = 2
READ_S = 15
GAME_S = 60
ENGINE = shutil.which("stockfish") or ("/usr/games/stockfish" if Path("/usr/games/stockfish").exists() else None)


class LichessBot:
    """One life of the bot's process. `play` follows its event stream until `games` games are over, or it is killed.

    With so few `nodes` a move that one side sees little, and the other enough, every game ends in mate on the board.
    """

    def __init__(self, server: Server, name: str, secret: str, nodes: int = 4_000) -> None:
        self.nodes = nodes
        self.url, self.name, self.secret = server.url, name, secret
        self.session = requests.Session()
        self.session.headers.update({"Authorization": f"Bearer {secret}"})
        self.finals: dict[str, dict[str, Any]] = {}
        self.gone_after: int | None = None      # plies after which it is killed
        self.engine = chess.engine.SimpleEngine.popen_uci(ENGINE) if ENGINE else None
        if self.engine is not None and nodes < 100:
            self.engine.configure({"Skill Level": 0})

    def begin(self) -> None:
        """What it asks before it opens its stream."""
        tested = self.session.post(f"{self.url}/api/token/test", data=self.secret, timeout=POST_S)
        assert tested.request.headers.get("Content-Type") is None
        assert "bot:play" in tested.json()[self.secret]["scopes"].split(",")
        account = self.get("/api/account")
        assert (account["username"], account["title"]) == (self.name, "BOT")
        assert account["id"] == self.name.lower()
        assert account["perfs"]["blitz"]["rating"]
        assert "nowPlaying" in self.get("/api/account/playing")

    def get(self, path: str) -> Any:
        answer = self.session.get(f"{self.url}{path}", timeout=POST_S)
        answer.raise_for_status()
        return answer.json()

    def post(self, path: str, **more: Any) -> Any:
        answer = self.session.post(f"{self.url}{path}", timeout=POST_S, **more)
        answer.raise_for_status()
        return answer.json()

    def lines(self, path: str) -> Iterator[dict[str, Any] | None]:
        with self.session.get(f"{self.url}{path}", stream=True, timeout=READ_S) as answer:
            answer.raise_for_status()
            for line in answer.iter_lines():
                yield json.loads(line) if line else None

    def play(self, games: int = 1) -> None:
        for event in self.lines("/api/stream/event"):
            if event is None:
                continue
            if event["type"] == "challenge":
                self.consider(event["challenge"])
            elif event["type"] == "gameStart":
                assert event["game"]["opponent"]["username"]
                self.play_game(event["game"]["id"])
                if self.gone_after is not None or len(self.finals) >= games:
                    return

    def consider(self, asked: dict[str, Any]) -> None:
        assert [asked["variant"]["key"], asked["perf"]["name"], asked["speed"]]
        assert isinstance(asked["rated"], bool)
        assert asked["timeControl"]["limit"] + asked["timeControl"]["increment"] > 0
        assert {"name", "title", "rating"} <= asked["challenger"].keys()
        if asked["challenger"]["name"] == self.name:
            return
        self.get("/api/account/playing")
        self.post(f"/api/challenge/{asked['id']}/accept")

    def play_game(self, game_id: str) -> None:
        lines = self.lines(f"/api/bot/game/stream/{game_id}")
        full = next(lines)
        assert full is not None
        assert (full["id"], full["variant"]["name"], full["initialFen"]) == (game_id, "Standard", "startpos")
        assert isinstance(full["createdAt"], int)
        color = chess.WHITE if full["white"]["name"] == self.name else chess.BLACK
        state = full["state"]
        while True:
            assert state["type"] == "gameState"
            board = chess.Board()
            for uci in state["moves"].split():
                board.push_uci(uci)
            if state["status"] != "started":
                break
            if self.gone_after is not None and len(board.move_stack) >= self.gone_after:
                return
            if board.turn == color:
                self.move(game_id, board, state)
            state = self.next_state(lines)
        self.finals[game_id] = state
        assert next(lines, "closed") == "closed"
        for room in ("player", "spectator"):
            self.post(f"/api/bot/game/{game_id}/chat", data={"room": room, "text": "Good game!"})
        pgn = self.session.get(f"{self.url}/game/export/{game_id}", timeout=POST_S)
        assert f'[Result "{board.result(claim_draw=True)}"]' in pgn.text
        assert board.is_game_over(claim_draw=True), (state["status"], board.fen())

    def next_state(self, lines: Iterator[dict[str, Any] | None]) -> dict[str, Any]:
        for line in lines:
            if line is not None and line["type"] == "gameState":
                return line
        raise AssertionError("the stream has ended without a result")

    def move(self, game_id: str, board: chess.Board, state: dict[str, Any]) -> None:
        assert all(isinstance(state[key], int) for key in ("wtime", "btime", "winc", "binc"))
        if self.engine is not None:
            best = self.engine.play(board, chess.engine.Limit(nodes=self.nodes)).move
        else:
            best = random.choice(list(board.legal_moves))
        self.post(f"/api/bot/game/{game_id}/move/{best}", params={"offeringDraw": "false"})

    def end(self) -> None:
        """The process is killed: its connections are lost."""
        self.session.close()
        if self.engine is not None:
            self.engine.quit()


def living(bot: LichessBot, failures: list[BaseException]) -> threading.Thread:
    """The bot's process, from its start to its end."""

    def live() -> None:
        try:
            bot.begin()
            bot.play()
        except BaseException as failure:  # noqa: BLE001 - told by the test
            failures.append(failure)

    thread = threading.Thread(target=live, daemon=True)
    thread.start()
    return thread


def test_two_lichess_bots_play_a_game_to_its_end_and_one_is_killed_in_the_middle(starter: Starter) -> None:
    server = starter().start()
    secrets = {name: token(server, name, "--bot") for name in ("Alpha", "Beta")}
    alpha, beta = LichessBot(server, "Alpha", secrets["Alpha"]), LichessBot(server, "Beta", secrets["Beta"], nodes=1)
    failures: list[BaseException] = []
    beta.gone_after = 9
    first, killed = living(alpha, failures), living(beta, failures)
    created = alpha.post("/api/challenge/Beta", data={"rated": "false", "clock.limit": 60, "clock.increment": 1})
    killed.join(GAME_S)
    assert not failures, failures
    assert not killed.is_alive()
    beta.end()
    resumed = LichessBot(server, "Beta", secrets["Beta"], nodes=1)
    assert [game["gameId"] for game in resumed.get("/api/account/playing")["nowPlaying"]] == [created["id"]]
    for thread in (living(resumed, failures), first):
        thread.join(GAME_S)
        assert not thread.is_alive(), "the game goes on and on"
    assert not failures, failures
    ends = [bot.finals[created["id"]] for bot in (alpha, resumed)]
    assert ends[0]["moves"] == ends[1]["moves"]
    assert ends[0]["status"] in ("mate", "draw", "stalemate")
    assert len(ends[0]["moves"].split()) > 9
    alpha.end()
    resumed.end()
    server.stop()


def test_a_stream_is_kept_alive_while_the_opponent_thinks(server: Server) -> None:
    name = "Patient"
    secret = token(server, name, "--bot")
    with requests.get(
        f"{server.url}/api/stream/event", headers={"Authorization": f"Bearer {secret}"}, stream=True, timeout=7
    ) as answer:
        assert answer.headers["Content-Type"] == "application/x-ndjson"
        assert answer.headers["Transfer-Encoding"] == "chunked"
        assert next(answer.iter_lines(chunk_size=1)) == b""


@pytest.mark.parametrize(
    ("path", "status"),
    [("/api/account", 401), ("/api/stream/event", 401), ("/api/challenge/nobody", 401)],
)
def test_an_unknown_token_is_401_in_json(server: Server, path: str, status: int) -> None:
    method = requests.post if "challenge" in path else requests.get
    answer = method(f"{server.url}{path}", headers={"Authorization": "Bearer acct_nonsense"}, timeout=POST_S)
    assert (answer.status_code, answer.json()) == (status, {"error": "No such token"})
