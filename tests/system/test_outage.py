"""The server's troubles are not the players': killed, restarted, standing still again and again.

Nobody forfeits or loses on time for it, what it took is given back in a `clock` frame, and time never runs backwards.
"""

import asyncio
import signal
import time
from collections.abc import Callable
from typing import Final

import pytest

from tests.system.conftest import Starter
from tests.system.guests import Guest, at_order, table
from tests.system.player import Frame
from tests.system.process import Server
from tests.system.tables import play

BULLET: Final = "0.04+0"        # 2.4 s: less than the server is away
STALL_S: Final = 2.8
SLACK_MS: Final = 1_000         # what may be lost of the time between the start of a server and coming back to it
HOUR_S: Final = 3_600


def now_ms() -> float:
    """The server's time, as long as nobody touches its clock."""
    return time.time() * 1_000


def left_ms(move: Frame, at_ms: float) -> float:
    """What the side to move has left at `at_ms`, if nothing happens after `move`."""
    running = move["clock"]["running"]
    return float(move["clock"][running]) - (at_ms - move["at"])


def require_unharmed(*players: Guest) -> None:
    for player in players:
        assert not player.of("game_over")
        assert all(frame["forfeit_at"] is None for frame in player.of("player_disconnected"))
        assert at_order(player)
    texts = [dict(player.shown) for player in players]
    for v in texts[0].keys() & texts[-1].keys():
        assert texts[0][v] == texts[-1][v]


async def down(server: Server, stop: Callable[[Server], object], down_s: float) -> None:
    """Ends the process and starts another one, which is ready `down_s` later at the earliest."""
    await asyncio.to_thread(stop, server)
    ended_s = time.monotonic()
    await asyncio.sleep(max(0, down_s - 0.5))       # a start takes longer than half a second
    await asyncio.to_thread(server.start)
    await asyncio.sleep(max(0, down_s - (time.monotonic() - ended_s)))


async def stand_still(server: Server, stall_s: float) -> None:
    server.send(signal.SIGSTOP)
    await asyncio.sleep(stall_s)
    server.send(signal.SIGCONT)


@pytest.mark.parametrize(("stop", "down_s"), [(Server.kill, 4), (Server.stop, 2.6)], ids=["kill -9", "SIGTERM"])
async def test_a_restart_in_a_running_bullet_game_costs_nobody_time(
    starter: Starter, stop: Callable[[Server], object], down_s: float
) -> None:
    server = starter()
    await asyncio.to_thread(server.start)
    async with table(server, time=BULLET) as (white, black):
        await play(white, black, "e2e4", "e7e5")
        move = white.moves()[-1]
        before_ms = left_ms(move, now_ms())
        await down(server, stop, down_s)
        repaid = await white.first("clock", reason="outage")
        assert await black.first("clock", reason="outage") == repaid
        after_ms = repaid["clock"]["white"]
        print(f"{before_ms:.0f} ms left before, {after_ms} ms after {repaid['at'] - move['at']} ms")
        assert repaid["at"] - move["at"] > 2_400        # it would have lost on time
        assert before_ms - SLACK_MS <= after_ms <= 2_400
        assert repaid["clock"]["running"] == "white"
        for uci in ("g1f3", "b8c6"):                    # and they play on
            await play(white, black, uci)
        require_unharmed(white, black)


async def test_two_crashes_before_anybody_is_back_are_both_given_back(starter: Starter) -> None:
    server = starter()
    await asyncio.to_thread(server.start)
    async with table(server, time="1+0") as (white, black):     # long enough for the sweep not to look at it
        await play(white, black, "e2e4", "e7e5")
        move = white.moves()[-1]
        before_ms = left_ms(move, now_ms())
        white.is_away = black.is_away = True
        await down(server, Server.kill, 2)
        await down(server, Server.kill, 2)
        await white.come_back()
        repaid = await white.first("clock", reason="outage")
        after_ms = repaid["clock"]["white"]
        print(f"{before_ms:.0f} ms left before, {after_ms} ms after {repaid['at'] - move['at']} ms")
        assert repaid["at"] - move["at"] > 4_000
        assert after_ms >= before_ms - SLACK_MS
        await white.move("g1f3")
        await black.come_back()
        await black.move("b8c6")
        require_unharmed(white, black)


async def test_a_restart_forfeits_nobody_who_was_away_and_could_not_come_back(starter: Starter) -> None:
    server = starter("--flicker-s", "0.2")
    await asyncio.to_thread(server.start)
    async with table(server, time="5+0", grace_s=2) as (white, black):
        await play(white, black, "e2e4", "e7e5")
        await black.vanish()
        gone = await white.first("player_disconnected")
        await down(server, Server.kill, 3)
        repaid = await white.first("clock", reason="outage")
        assert repaid["at"] > gone["forfeit_at"]
        await black.come_back()
        await white.first("player_reconnected", color="black")
        await play(white, black, "g1f3")
        assert not white.of("game_over")


async def test_each_of_two_stalls_is_given_back_though_nobody_acts(server: Server) -> None:
    async with table(server, time="1+0") as (white, black):
        await play(white, black, "e2e4", "e7e5")
        move = white.moves()[-1]
        for _ in range(2):
            mark = len(black.frames)
            await stand_still(server, 1.6)
            await black.following(mark, "clock", reason="outage")
        first, second = black.of("clock")
        served_ms = second["at"] - move["at"] - 2 * 1_600
        assert second["clock"]["white"] >= 60_000 - served_ms
        assert max(first["clock"]["white"], second["clock"]["white"]) <= 60_000     # no more than there was
        await play(white, black, "g1f3")
        require_unharmed(white, black)
