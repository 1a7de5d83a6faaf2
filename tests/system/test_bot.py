"""Bots: the one in the README, engines, matches; and what becomes of their games when something is killed."""

import asyncio
import io
import os
import re
import secrets
import shutil
import signal
import subprocess
import sys
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import chess.pgn
import httpx
import pytest

from game_server.client import Seat, Turn, join
from game_server.client.bot import Habits, play
from game_server.client.engine import Engine, EngineFault, EngineSpec, Pace
from game_server.client.mover import Decision, Manners, Mover, RandomMover
from game_server.client.view import RoomView
from tests.system.conftest import Starter
from tests.system.process import REPOSITORY, Server
from tests.system.tables import new_room_id

PATIENCE_S = 60
HERE = "http://localhost:8000"
BOT = re.compile(r"<!-- run by tests/system/test_bot.py -->\n```python\n(.*?)```", re.S)
STOCKFISH = shutil.which("stockfish") or shutil.which("stockfish", path="/usr/games")
needs_stockfish = pytest.mark.skipif(STOCKFISH is None, reason="needs Stockfish: apt install stockfish")
TINY = Pace(nodes=200)
FIGHTER = Manners(resign_cp=None, draw_cp=None)


class Steady(RandomMover):
    """A random mover that takes its time and notes which of its moves the server took."""

    def __init__(self, seed: int, pause_s: float = 0.01) -> None:
        super().__init__(seed)
        self.pause_s = pause_s
        self.decided: dict[int, str] = {}

    async def choose(self, turn: Turn) -> Decision:
        await asyncio.sleep(self.pause_s)
        decision = await super().choose(turn)
        self.decided[turn.view.ply] = decision.uci
        return decision


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(REPOSITORY), "PYTHONUNBUFFERED": "1"}


async def command(*words: str, cwd: Path) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, *words, env=environment(), cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )


async def output_of(process: asyncio.subprocess.Process) -> str:
    async with asyncio.timeout(PATIENCE_S):
        text, _ = await process.communicate()
    return text.decode()


async def seated(stack: AsyncExitStack, server: Server, **wishes: Any) -> tuple[Seat, Seat]:
    room_id = new_room_id()
    white = await stack.enter_async_context(join(server.url, room_id, color="white", name="White", **wishes))
    return white, await stack.enter_async_context(join(server.url, room_id, name="Black"))


async def both(white: Seat, one: Mover, black: Seat, other: Mover) -> RoomView:
    """How their game ended, once both have seen it."""
    async with asyncio.timeout(PATIENCE_S), asyncio.TaskGroup() as group:
        ends = [group.create_task(play(white, one)), group.create_task(play(black, other))]
    (mine,), (theirs,) = (end.result() for end in ends)
    assert (mine.moves, mine.result, mine.v) == (theirs.moves, theirs.result, theirs.v)
    return mine


async def ply_of(seat: Seat, ply: int) -> None:
    async with asyncio.timeout(PATIENCE_S):
        await seat.until(lambda: seat.view.ply >= ply or seat.view.result is not None)
    assert seat.view.result is None, "the game was to be interrupted before its end"


async def test_the_bot_in_the_readme_is_ten_lines_and_plays_a_whole_game(server: Server, tmp_path: Path) -> None:
    found = BOT.search((REPOSITORY / "README.md").read_text("utf-8"))
    assert found, "the README has a bot"
    code = found[1]
    assert len([line for line in code.splitlines() if line.strip()]) <= 10
    room_id = new_room_id()
    (tmp_path / "bot.py").write_text(code.replace(HERE, server.url).replace("/room/mine", f"/room/{room_id}"))
    async with join(server.url, room_id, name="Opponent") as seat:
        bot = await command("bot.py", cwd=tmp_path)
        async with asyncio.timeout(PATIENCE_S):
            (end,) = await play(seat, RandomMover(1))
        said = await output_of(bot)
    assert (bot.returncode, said.split()) == (0, [end.result, end.reason])


@needs_stockfish
async def test_two_engines_play_a_match_that_others_can_watch(server: Server, tmp_path: Path) -> None:
    words = ["--first-skill", "20", "--second-skill", "0", "--games", "4", "--concurrency", "2", "--nodes", "100"]
    match = await command("-m", "game_server", "bot", "match", *words, "--time", "1+1", server.url, cwd=tmp_path)
    said = await output_of(match)
    assert match.returncode == 0, said
    rooms = re.findall(r"Watch at (\S+)", said)
    assert len(rooms) == 2
    assert httpx.get(rooms[0], trust_env=False).status_code == 200
    assert re.search(r"Stockfish \(skill 20\) - Stockfish \(skill 0\): .* Elo difference", said)
    games = read_games(tmp_path / "match.pgn")
    assert sorted(game.headers["Round"] for game in games) == ["1", "2", "3", "4"]
    by_round = {game.headers["Round"]: game for game in games}
    for odd, even in (("1", "2"), ("3", "4")):
        one, other = by_round[odd], by_round[even]
        assert (one.headers["White"], one.headers["Black"]) == (other.headers["Black"], other.headers["White"])
        first_moves = [[move.uci() for move in game.mainline_moves()][:8] for game in (one, other)]
        assert first_moves[0] == first_moves[1]
        assert "*" not in (one.headers["Result"], other.headers["Result"])


@needs_stockfish
async def test_a_match_of_chess960_has_one_start_position_for_both_colours(server: Server, tmp_path: Path) -> None:
    words = ["--second", "random", "--nodes", "200", "--variant", "chess960", "--games", "4", "--concurrency", "2"]
    match = await command("-m", "game_server", "bot", "match", *words, "--time", "1+1", server.url, cwd=tmp_path)
    said = await output_of(match)
    assert match.returncode == 0, said
    games = {game.headers["Round"]: game for game in read_games(tmp_path / "match.pgn")}
    assert {game.headers["Variant"] for game in games.values()} == {"Chess960"}
    positions = [games[number].headers["FEN"] for number in "1234"]
    assert (positions[0], positions[2]) == (positions[1], positions[3])
    assert positions[0] != positions[2]


def read_games(path: Path) -> list[chess.pgn.Game]:
    file = io.StringIO(path.read_text("utf-8"))
    games: list[chess.pgn.Game] = []
    while (game := chess.pgn.read_game(file)) is not None:
        assert not game.errors
        games.append(game)
    return games


async def test_a_match_that_cannot_be_played_says_why(server: Server, tmp_path: Path) -> None:
    missing = await command("-m", "game_server", "bot", "--engine", "no-such-engine", server.url, cwd=tmp_path)
    said = await output_of(missing)
    assert (missing.returncode, "apt install stockfish" in said, "Traceback" in said) == (1, True, False)
    match = ("-m", "game_server", "bot", "match", "--first", "random", "--second", "random")
    for words, sentence in ((("--time", "soon", server.url), "time is"), (("http://127.0.0.1:9",), "does not answer")):
        refused = await command(*match, *words, cwd=tmp_path)
        said = await output_of(refused)
        assert (refused.returncode, sentence in said, "Traceback" in said) == (1, True, False), said


@needs_stockfish
async def test_an_engine_that_is_killed_is_started_again_and_the_game_goes_on(server: Server) -> None:
    spec = EngineSpec(skill=0, pace=TINY, manners=FIGHTER)
    async with AsyncExitStack() as stack, Engine(spec) as engine:
        white, black = await seated(stack, server)
        playing = asyncio.create_task(both(white, engine, black, Steady(2)))
        for ply in (4, 9):
            await ply_of(white, ply)
            assert engine.pid is not None
            os.kill(engine.pid, signal.SIGKILL)
        end = await playing
    assert end.result is not None
    assert engine.starts == 3


CRASHING = "import sys\nfor line in sys.stdin:\n  if line == 'uci\\n': print('uciok', flush=True)\n  elif line == 'isready\\n': print('readyok', flush=True)\n  elif line.startswith('go'): sys.exit(1)\n"  # noqa: E501


async def test_an_engine_that_crashes_again_and_again_is_given_up_with_a_sentence(
    server: Server, tmp_path: Path
) -> None:
    (tmp_path / "crash.py").write_text(CRASHING)
    async with AsyncExitStack() as stack, Engine(EngineSpec(f"{sys.executable} {tmp_path / 'crash.py'}")) as engine:
        white, _ = await seated(stack, server)
        with pytest.raises(EngineFault, match="crashed 3 times"):
            await play(white, engine)
        assert white.view.is_playing


async def test_a_server_that_is_killed_in_the_middle_loses_and_doubles_no_move(starter: Starter) -> None:
    server = await asyncio.to_thread(starter().start)
    movers = Steady(3), Steady(4)
    async with AsyncExitStack() as stack:
        white, black = await seated(stack, server, time="5+3")
        playing = asyncio.create_task(both(white, movers[0], black, movers[1]))
        for ply in (5, 12, 20):
            await ply_of(white, ply)
            server.kill()
            await asyncio.sleep(0.1)
            await asyncio.to_thread(server.start)
        end = await playing
        assert min(white.reconnects, black.reconnects) >= 3
    decided = movers[0].decided | movers[1].decided
    assert [move.uci for move in end.moves] == [decided[ply] for ply in range(end.ply)]


async def test_a_bot_that_dies_and_returns_goes_on_where_it_was(server: Server, tmp_path: Path) -> None:
    room_id, token = new_room_id(), f"-{secrets.token_urlsafe(24)}"     # as one of 64 begins that a browser made
    words = ("-m", "game_server", "bot", "--engine", "random", "--rematches", "0", "--token", token)
    async with join(server.url, room_id, color="white") as seat:
        playing = asyncio.create_task(play(seat, Steady(5)))
        bot = await command(*words, server.url, room_id, cwd=tmp_path)
        await ply_of(seat, 10)
        bot.kill()
        await bot.communicate()
        bot = await command(*words, server.url, room_id, cwd=tmp_path)
        async with asyncio.timeout(PATIENCE_S):
            (end,) = await playing
        said = await output_of(bot)
    assert bot.returncode == 0, said
    assert f"{end.result} ({end.reason})" in said


async def test_a_game_that_was_over_before_the_bot_got_to_it_is_not_waited_for(server: Server) -> None:
    async with AsyncExitStack() as stack:
        white, black = await seated(stack, server)
        await black.resign()
        await white.until(lambda: white.view.result is not None)
        async with asyncio.timeout(5):
            (end,) = await play(white, RandomMover(1))
    assert (end.result, end.reason, end.ply) == ("1-0", "resignation", 0)


async def test_takebacks_and_rematches_are_accepted_as_the_habits_say(server: Server) -> None:
    async with AsyncExitStack() as stack:
        white, black = await seated(stack, server)
        habits = Habits(rematches=1, rematch_wait_s=PATIENCE_S)
        playing = asyncio.create_task(play(black, Steady(6, pause_s=0.3), habits))
        turns = white.turns()
        await (await anext(turns)).play("e2e4")
        await white.offer("takeback")       # while the bot thinks
        turn = await anext(turns)
        assert (turn.moves, await turn.play("d2d4")) == ((), True)
        await white.resign()
        await white.offer("rematch")
        async with asyncio.timeout(PATIENCE_S):
            await white.until(lambda: white.view.is_playing and white.color == "black")
            await white.resign()
            assert [end.result for end in await playing] == ["0-1", "1-0"]


@needs_stockfish
async def test_an_engine_plays_chess960_by_the_clock(server: Server) -> None:
    spec = EngineSpec(skill=0, pace=TINY, manners=FIGHTER)
    async with AsyncExitStack() as stack, Engine(spec) as engine:
        white, black = await seated(stack, server, variant="chess960", time="1+1")
        end = await both(white, engine, black, Steady(7, pause_s=0))
    assert (end.variant, end.result is not None) == ("chess960", True)
