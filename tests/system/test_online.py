"""`tabiya bot` with an account: online, on the challenge list, through restarts and crashes."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from game_server.client import Seat, join
from game_server.client.bot import play
from game_server.client.mover import RandomMover
from tests.system.accounts import made
from tests.system.conftest import Starter
from tests.system.process import Server
from tests.system.test_bot import CRASHING, command, output_of

PATIENCE_S = 40


class Person:
    """Somebody with an account, who challenges by HTTP and plays on a socket."""

    def __init__(self, server: Server, http: httpx.AsyncClient) -> None:
        self.server = server
        self.name, self.token = made(server)
        self._http = http
        self._headers = {"Authorization": f"Bearer {self.token}"}

    async def challenge(self, name: str, **wishes: Any) -> tuple[str, str | None]:
        """The challenge's id, and the reason for which it was declined; None once its game is on."""
        body = {"clock.limit": 60, "clock.increment": 1, "color": "white"} | wishes
        async with self._http.stream("GET", "/api/stream/event", headers=self._headers) as stream:
            answer = await self._http.post(f"/api/challenge/{name}", json=body, headers=self._headers)
            assert answer.status_code == 200, answer.text
            created = str(answer.json()["id"])
            async for line in stream.aiter_lines():
                event = json.loads(line or "{}")
                if event.get("type") == "challengeDeclined" and event["challenge"]["id"] == created:
                    return created, str(event["challenge"]["declineReasonKey"])
                if event.get("type") == "gameStart" and event["game"]["id"] == created:
                    return created, None
        raise AssertionError("the stream has ended")

    def seat(self, game_id: str) -> Seat:
        return join(self.server.url, game_id, token=self.token)


@asynccontextmanager
async def club(server: Server, count: int) -> AsyncIterator[list[Person]]:
    async with httpx.AsyncClient(base_url=server.url, trust_env=False, timeout=PATIENCE_S) as http:
        yield [await asyncio.to_thread(Person, server, http) for _ in range(count)]


@asynccontextmanager
async def online(server: Server, secret: str, *words: str, cwd: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    """The bot's process, once it says that it is online."""
    bot = await command("-m", "game_server", "bot", "--token", secret, *words, server.url, cwd=cwd)
    try:
        await said(bot, "is online")
        yield bot
    finally:
        if bot.returncode is None:
            bot.kill()
        await bot.communicate()


async def said(bot: asyncio.subprocess.Process, words: str) -> str:
    assert bot.stdout is not None
    heard = ""
    async with asyncio.timeout(PATIENCE_S):
        while line := (await bot.stdout.readline()).decode():
            heard += line
            if words in line:
                return line
    raise AssertionError(f"it has never said {words!r}, but: {heard}")


async def test_a_bot_plays_two_games_at_once_and_declines_the_third_and_what_it_does_not_play(
    server: Server, tmp_path: Path
) -> None:
    name, secret = made(server, bot=True)
    words = ("--engine", "random", "--rematches", "0")
    async with club(server, 3) as (ada, ben, cyd), asyncio.timeout(PATIENCE_S):  # noqa: SIM117 - one line is too long
        async with online(server, secret, *words, cwd=tmp_path) as bot:
            (first, _), (second, _) = asked = [await each.challenge(name) for each in (ada, ben)]
            assert [reason for _, reason in asked] == [None, None]
            assert (await cyd.challenge(name))[1] == "later"
            async with ada.seat(first) as one, ben.seat(second) as other:
                assert one.opponent is not None
                assert (one.opponent.name, one.opponent.bot, one.color) == (name, True, "white")
                ends = await asyncio.gather(play(one, RandomMover(1)), play(other, RandomMover(2)))
            for (end,) in ends:
                assert end.result in ("1-0", "0-1", "1/2-1/2")
                assert end.ply > 4
            for _ in ends:
                await said(bot, "half-moves")
            slow = await cyd.challenge(name, **{"clock.limit": None, "clock.increment": None, "days": 2})
            assert slow[1] == "tooslow"


async def test_a_bot_outlives_a_restart_of_the_server_and_its_own(starter: Starter, tmp_path: Path) -> None:
    server = await asyncio.to_thread(starter().start)
    name, secret = made(server, bot=True)
    words = ("--engine", "random", "--rematches", "0")
    async with club(server, 2) as (ada, ben), asyncio.timeout(PATIENCE_S):
        async with online(server, secret, *words, cwd=tmp_path):
            game, _ = await ada.challenge(name)
            async with ada.seat(game) as seat:
                turns = seat.turns()
                await (await anext(turns)).play("e2e4")
                turn = await anext(turns)
                server.kill()
                await asyncio.to_thread(server.start)
                await turn.play(turn.legal_moves[0])
                assert (await anext(turns)).view.ply == 4
            other, reason = await ben.challenge(name)       # its event stream is back, too
            assert reason is None
        async with ben.seat(other) as seat:         # the bot was killed just now, and goes on with both games
            turns = seat.turns()
            await (await anext(turns)).play("d2d4")
            async with online(server, secret, *words, cwd=tmp_path) as bot:
                pages = {(await said(bot, "plays black")).split("/")[-1].strip() for _ in range(2)}
                assert pages == {game, other}
                assert (await anext(turns)).view.ply == 2


async def test_an_engine_that_crashes_again_and_again_loses_that_game_and_no_other(
    server: Server, tmp_path: Path
) -> None:
    name, secret = made(server, bot=True)
    (tmp_path / "crash.py").write_text(CRASHING)
    words = ("--engine", f"{sys.executable} {tmp_path / 'crash.py'}", "--rematches", "0")
    async with club(server, 1) as (ada,), asyncio.timeout(PATIENCE_S):  # noqa: SIM117
        async with online(server, secret, *words, cwd=tmp_path):
            for _ in range(2):
                game, reason = await ada.challenge(name, color="black")
                assert reason is None
                async with ada.seat(game) as seat:
                    await seat.until(lambda seat=seat: seat.view.result is not None)    # type: ignore[misc]
                    assert (seat.view.winner, seat.view.reason) == ("black", "resignation")


@pytest.mark.parametrize("who", ["a person", "nobody"])
async def test_only_a_bots_account_goes_online(server: Server, tmp_path: Path, who: str) -> None:
    secret = made(server)[1] if who == "a person" else f"acct_{'x' * 32}"
    bot = await command("-m", "game_server", "bot", "--engine", "random", "--token", secret, server.url, cwd=tmp_path)
    text = await output_of(bot)
    sentence = "tabiya token NAME --bot" if who == "a person" else "no account has this token here"
    assert (bot.returncode, sentence in text, "Traceback" in text) == (1, True, False), text


async def test_a_bot_with_an_account_sits_in_a_room_under_its_name(server: Server, tmp_path: Path) -> None:
    name, secret = made(server, bot=True)
    async with asyncio.timeout(PATIENCE_S), join(server.url, f"table-{name}", color="white") as seat:
        words = ("--engine", "random", "--rematches", "0", "--token", secret)
        bot = await command("-m", "game_server", "bot", *words, server.url, f"table-{name}", cwd=tmp_path)
        await seat.until(lambda: seat.opponent is not None)
        assert seat.opponent is not None
        assert (seat.opponent.name, seat.opponent.bot) == (name, True)
        await seat.until(lambda: seat.view.is_playing)
        await seat.resign()
        assert "0-1 (resignation)" in await output_of(bot)
        assert bot.returncode == 0
