"""The server's troubles are not the players': killed, restarted, standing still, or with a host clock that jumps.

Nobody forfeits or loses on time for it, what it took is given back in a `clock` frame, and time never runs backwards.
"""

import asyncio
import json
import re
import signal
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
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


async def test_a_server_that_stood_still_gives_the_time_back(server: Server) -> None:
    async with table(server, time=BULLET) as (white, black):
        await play(white, black, "e2e4", "e7e5")
        move = white.moves()[-1]
        before_ms = left_ms(move, now_ms())
        await stand_still(server, STALL_S)
        repaid = await white.first("clock", reason="outage")
        assert repaid["at"] - move["at"] > 2_400
        assert before_ms - SLACK_MS <= repaid["clock"]["white"] <= 2_400
        await play(white, black, "g1f3", "b8c6")
        require_unharmed(white, black)


async def test_a_move_that_was_sent_to_a_server_that_stood_still_counts(server: Server) -> None:
    async with table(server, time=BULLET) as (white, black):
        await play(white, black, "e2e4", "e7e5")
        server.send(signal.SIGSTOP)
        command_id = await white.send(type="move", uci="g1f3", ply=3)
        await asyncio.sleep(STALL_S)
        server.send(signal.SIGCONT)
        await white.until(lambda: command_id not in white.pending)
        assert json.loads(white.answers[command_id])["type"] == "ack"
        assert [json.loads(text)["type"] for text in white.texts[-2:]] == ["clock", "move"]
        require_unharmed(white, black)


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
        assert first["clock"]["white"] >= second["clock"]["white"]
        await play(white, black, "g1f3")
        require_unharmed(white, black)


async def test_who_was_lost_while_the_server_stood_still_has_the_whole_grace(starter: Starter) -> None:
    server = starter("--flicker-s", "0.5")
    await asyncio.to_thread(server.start)
    async with table(server, time="5+0", grace_s=2) as (white, black):
        await play(white, black, "e2e4", "e7e5")
        await black.vanish()
        await asyncio.sleep(0.1)        # so that the server has noticed
        await stand_still(server, STALL_S)
        gone = await white.first("player_disconnected", color="black")
        assert gone["forfeit_at"] - gone["at"] > 500
        await black.come_back()
        await white.first("player_reconnected")
        assert not white.of("game_over")


# The host's clock


class HostClock:
    """The wall clock of server processes that start while it is set up; the monotonic one is left alone."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        library = next(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"), None)
        if library is None:
            pytest.skip("needs libfaketime to step the server's clock")
        self._file = folder / "faketime"
        self.step(0)
        monkeypatch.setenv("LD_PRELOAD", str(library))
        monkeypatch.setenv("FAKETIME_TIMESTAMP_FILE", str(self._file))
        monkeypatch.setenv("FAKETIME_NO_CACHE", "1")
        monkeypatch.setenv("FAKETIME_DONT_FAKE_MONOTONIC", "1")

    def step(self, offset_s: int) -> None:
        """From now on the clock is `offset_s` off."""
        new = self._file.with_suffix(".new")
        new.write_text(f"{offset_s:+d}\n")
        new.replace(self._file)


def latest_logged_s(server: Server) -> float:
    """The wall clock's time, as the server's last line in its log has it."""
    stamp = re.findall(r"^(\d{4}-\d\d-\d\d.\d\d:\d\d:\d\d)", server.log, re.M)[-1]
    return datetime.fromisoformat(stamp).replace(tzinfo=UTC).timestamp()


async def test_a_step_of_the_hosts_clock_flags_nobody(
    starter: Starter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "UTC")
    clock = HostClock(tmp_path, monkeypatch)
    server = starter()
    await asyncio.to_thread(server.start)
    async with table(server, time="1+0") as (white, black):
        await play(white, black, "e2e4", "e7e5")
        for offset_s, uci in ((HOUR_S, "g1f3"), (-HOUR_S, "b8c6"), (0, "f1b5")):
            clock.step(offset_s)
            async with table(server):       # makes the server log a line
                assert abs(latest_logged_s(server) - time.time() - offset_s) < 60, "the step had no effect"
            await play(white, black, uci)
        spent_ms = white.moves()[-1]["at"] - white.moves()[0]["at"]
        assert spent_ms < 30_000
        assert not white.of("clock")        # nothing to give back
        for offset_s, uci in ((-HOUR_S, "a7a6"), (HOUR_S, "b5a4"), (0, "g8f6")):    # across a restart
            clock.step(offset_s)
            mark = len(white.frames)
            await down(server, Server.kill, 0)
            await white.following(mark, "welcome")
            async with table(server):       # makes the server log a line
                assert abs(latest_logged_s(server) - time.time() - offset_s) < 60, "the step had no effect"
            mover = white if white.is_to_move else black
            before_ms = white.moves()[-1]["clock"][mover.color]
            await play(white, black, uci)
            assert white.moves()[-1]["clock"][mover.color] >= before_ms - 10_000
        require_unharmed(white, black)
