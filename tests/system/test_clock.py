"""Clocks as two players see them, on a real server.

A test of a moment compares the frames' own times, which must be exact; how late a frame arrives is measured by
`python -m tests.system.flags`.
"""

import asyncio
import time
from contextlib import AsyncExitStack

import pytest

from tests.system.conftest import Starter
from tests.system.flags import flags, offset_ms, summary
from tests.system.guests import Guest, Line, at_order, monotonic_ms, opened, shown, table
from tests.system.player import PATIENCE_S, Frame, Stream
from tests.system.process import Server
from tests.system.tables import play, watched

LAG_S = 0.15
FLAGS = 60


def clocks(frame: Frame) -> tuple[int, int, str | None]:
    return frame["clock"]["white"], frame["clock"]["black"], frame["clock"]["running"]


def require_same(*listeners: Guest) -> None:
    """That they were shown the same frames, byte for byte, and that time never ran backwards."""
    first, *others = listeners
    assert at_order(first)
    for other in others:
        latest = min(first.v, other.v)
        assert [first.shown[v] for v in range(1, latest + 1)] == [other.shown[v] for v in range(1, latest + 1)]


async def test_first_moves_are_free_and_then_each_clock_runs_in_turn(server: Server) -> None:
    async with table(server, time="1+2") as (white, black):
        assert clocks(white.of("game_started")[0]) == (60_000, 60_000, None)
        await play(white, black, "e2e4", "e7e5", "g1f3", "b8c6", "f1b5")
        first, second, third, fourth, fifth = white.moves()
        assert clocks(first) == (60_000, 60_000, None)          # no increment either
        assert clocks(second) == (60_000, 60_000, "white")
        for before, after, mover in ((second, third, "white"), (third, fourth, "black"), (fourth, fifth, "white")):
            spent_ms = after["at"] - before["at"] - after["given_back_ms"]
            assert after["clock"][mover] == before["clock"][mover] - spent_ms + 2_000
            waiting = "black" if mover == "white" else "white"
            assert after["clock"][waiting] == before["clock"][waiting]
            assert after["clock"]["running"] == waiting
        require_same(white, black)


async def test_a_flag_falls_at_the_clocks_zero_for_everybody_at_once(server: Server) -> None:
    async with table(server, time="0.005+0", lag_compensation=False) as (white, black):
        async with watched(server, white.room_id) as (watcher, stream):
            await play(white, black, "e2e4", "e7e5")
            zero_ms = white.moves()[-1]["at"] + 300
            overs = [await listener.first("game_over") for listener in (white, black, watcher, stream)]
            assert len({v for over in overs for v in [over["v"]]}) == 1
            assert {listener.shown[overs[0]["v"]] for listener in (white, black, watcher, stream)} == {
                white.shown[overs[0]["v"]]
            }
        over = overs[0]
        assert over["at"] == zero_ms
        assert (over["result"], over["winner"], over["reason"]) == ("0-1", "black", "timeout")
        assert clocks(over) == (0, 300, None)
        late = await white.do(type="move", uci="g1f3", ply=3)
        assert (late["type"], late["code"]) == ("error", "game_over")
        assert white.frames.index(over) < white.frames.index(late)


async def test_the_flag_of_who_cannot_be_mated_draws(server: Server) -> None:
    async with table(server, time="0.005+0", fen="8/8/8/8/8/4k3/4p3/4K2N w - - 0 1") as (white, black):
        async with asyncio.timeout(10):
            await play(white, black, "h1g3")
            await black.move("e3d3")
            over = await black.first("game_over")
        assert (over["result"], over["reason"]) == ("0-1", "timeout")       # the pawn may still mate
    async with table(server, time="0.005+0", fen="8/8/8/8/8/3Pk3/8/4K3 w - - 0 1") as (white, black):
        await play(white, black, "d3d4", "e3d4")                            # now nobody can
        over = await black.first("game_over")
        assert (over["result"], over["reason"]) == ("1/2-1/2", "insufficient_material")
    async with table(server, time="0.005+0", fen="8/8/8/8/8/3Pk3/8/4K3 w - - 0 1") as (white, black):
        await play(white, black, "d3d4", "e3e4")
        over = await black.first("game_over")                               # White's flag against a bare king
        assert (over["result"], over["winner"], over["reason"]) == ("1/2-1/2", None, "timeout_insufficient_material")


async def test_no_flag_is_heard_before_its_time_and_each_is_dated_by_the_clock(server: Server) -> None:
    found = await flags(server, FLAGS, 10)
    print(summary(found))
    for flag in found:
        assert flag.at_ms == flag.zero_ms
        assert min(flag.heard_ms) > flag.zero_ms - 1      # the server's time is known here to a fraction of a ms


async def test_who_makes_no_first_move_ends_the_game_without_a_result(server: Server) -> None:
    async with table(server, time="1+0", first_move_s=0.3) as (white, _):
        over = await white.first("game_over")
        assert (over["result"], over["winner"], over["reason"]) == ("*", None, "aborted")
        assert over["at"] == white.of("game_started")[0]["at"] + 300
    async with table(server, time="1+0", first_move_s=0.4) as (white, black):
        await white.move("e2e4")
        over = await black.first("game_over")               # each side has its own limit
        assert over["at"] == black.moves()[0]["at"] + 400
        assert clocks(over) == (60_000, 60_000, None)
    async with table(server, time="1+0", first_move_s=0.3) as (white, black):
        await play(white, black, "e2e4", "e7e5")
        answer = await black.do(type="abort")
        assert answer["code"] == "not_allowed"
        await asyncio.sleep(0.35)                           # that nothing happens takes a while
        assert not white.of("game_over")


async def test_in_correspondence_the_clock_shows_the_time_for_this_move(server: Server) -> None:
    day_ms = 86_400_000
    async with table(server, time="3d") as (white, black):
        assert clocks(white.of("game_started")[0]) == (3 * day_ms, 3 * day_ms, None)
        await play(white, black, "e2e4", "e7e5", "g1f3")
        assert clocks(white.moves()[1]) == (3 * day_ms, 3 * day_ms, "white")
        assert clocks(white.moves()[2]) == (3 * day_ms, 3 * day_ms, "black")
        assert (await white.do(type="add_time"))["code"] == "not_allowed"
        state = await shown(server, white.room_id)
        assert state["clock"]["black"] == 3 * day_ms - (state["at"] - white.moves()[2]["at"])


async def test_an_unlimited_game_has_no_clock(server: Server) -> None:
    async with table(server) as (white, black):
        await play(white, black, "e2e4", "e7e5")
        assert white.of("game_started")[0]["clock"] is None
        assert white.moves()[1]["clock"] is None
        assert (await white.do(type="add_time"))["code"] == "not_allowed"


async def test_given_time_is_on_the_opponents_clock_and_puts_its_flag_off(server: Server) -> None:
    async with table(server, time="0.01+0", lag_compensation=False) as (white, black):
        await play(white, black, "e2e4", "e7e5")
        moved = white.moves()[-1]
        assert (await black.do(type="add_time", ms=700))["type"] == "ack"
        given = await white.first("clock")
        assert given["reason"] == "given"
        assert clocks(given) == (600 - (given["at"] - moved["at"]) + 700, 600, "white")
        over = await white.first("game_over")
        assert over["at"] == moved["at"] + 600 + 700
        assert (await black.do(type="add_time", ms=700))["code"] == "game_over"
        require_same(white, black)


async def test_the_default_gift_is_fifteen_seconds_and_there_is_a_most(server: Server) -> None:
    async with table(server, time="1+0") as (white, black):
        await play(white, black, "e2e4", "e7e5")
        await white.do(type="add_time")
        given = await black.first("clock")
        assert given["clock"]["black"] == 75_000
        assert (await white.do(type="add_time", ms=60_001))["code"] == "bad_message"
        assert (await white.do(type="add_time", ms=0))["code"] == "bad_message"


async def test_a_takeback_restores_the_clocks(server: Server) -> None:
    async with table(server, time="1+1") as (white, black):
        await play(white, black, "e2e4", "e7e5", "g1f3", "b8c6")
        _, second, third, _ = white.moves()
        await black.do(type="offer", kind="takeback")       # Black takes its own move back
        await white.do(type="accept", kind="takeback")
        back = await black.first("takeback", ply=3)
        assert clocks(back) == clocks(third)
        await white.do(type="offer", kind="takeback")       # and White the one before, with Black's turn
        await black.do(type="accept", kind="takeback")
        further = await white.first("takeback", ply=2)
        assert clocks(further) == clocks(second)
        assert further["fen"] == second["fen"]


@pytest.mark.parametrize("compensates", [True, False])
async def test_a_move_is_given_its_lag_back(server: Server, compensates: bool) -> None:
    async with AsyncExitStack() as stack:
        line = await stack.enter_async_context(Line(server, LAG_S))
        options = {"time": "0.5+0", "lag_compensation": compensates}
        white, black = await stack.enter_async_context(table(server, lines=[line.ws_url], **options))
        await asyncio.sleep(0.5 + 2 * LAG_S)        # by then the server has measured the round trip
        await play(white, black, "e2e4", "e7e5")
        answered = white.moves()[-1]
        await play(white, black, "g1f3", "b8c6")
        first, moved, replied = (white.moves()[index] for index in (0, 2, 3))
        assert first["lag_ms"] >= 1_000 * LAG_S
        assert first["given_back_ms"] == 0          # no clock ran
        assert moved["lag_ms"] >= 1_000 * LAG_S
        spent_ms = moved["at"] - answered["at"]
        assert spent_ms >= 1_000 * LAG_S
        assert moved["given_back_ms"] == (min(moved["lag_ms"], spent_ms) if compensates else 0)
        assert moved["clock"]["white"] == 30_000 - spent_ms + moved["given_back_ms"]
        assert replied["lag_ms"] < moved["lag_ms"]


async def test_a_flag_waits_for_the_lag_and_a_move_that_comes_meanwhile_counts(server: Server) -> None:
    """White sends its move before its zero, and it arrives after it. Machines stall: tried until it does."""
    lag_s = 2 * LAG_S
    async with AsyncExitStack() as stack:
        line = await stack.enter_async_context(Line(server, lag_s))
        offset = await offset_ms((await stack.enter_async_context(table(server)))[0])
        for _ in range(10):
            async with table(server, lines=[line.ws_url], time="0.02+0") as (white, black):
                await asyncio.sleep(0.5 + 2 * lag_s)
                await play(white, black, "e2e4", "e7e5")
                lag_ms, zero_ms = white.moves()[0]["lag_ms"], white.moves()[1]["at"] + 1_200
                await asyncio.sleep((zero_ms - monotonic_ms() - offset) / 1_000 - lag_s / 2)
                answer = await white.do(type="move", uci="g1f3", ply=3)
                if answer["type"] == "ack":
                    moved = await black.first("move", ply=3)
                    if moved["at"] >= zero_ms:
                        assert moved["at"] < zero_ms + lag_ms
                        assert moved["clock"]["white"] == zero_ms - moved["at"] + moved["given_back_ms"] >= 1
                        return
                else:
                    over = await black.first("game_over")
                    assert over["at"] == zero_ms + lag_ms
    pytest.fail("no move arrived within the flag's grace")


async def test_a_flag_that_nobody_moves_for_falls_after_the_lag(server: Server) -> None:
    async with AsyncExitStack() as stack:
        line = await stack.enter_async_context(Line(server, LAG_S))
        white, black = await stack.enter_async_context(table(server, lines=[line.ws_url], time="0.01+0"))
        await asyncio.sleep(0.5 + 2 * LAG_S)
        await play(white, black, "e2e4", "e7e5")
        lag_ms, started = white.moves()[0]["lag_ms"], white.moves()[1]
        over = await white.first("game_over")
        assert over["at"] == started["at"] + 600 + lag_ms
        assert clocks(over) == (0, 600, None)


async def test_times_are_of_one_clock(server: Server) -> None:
    """`server_time`, every frame's `at`, and the state's."""
    async with table(server, time="5+0") as (white, black):
        told = [white.welcome["server_time"]]
        for uci in ("e2e4", "e7e5", "g1f3"):
            mark = len(white.frames)
            await white.send(type="ping", t=uci)
            told.append((await white.following(mark, "pong", t=uci))["server_time"])
            await play(white, black, uci)
            told.append(white.moves()[-1]["at"])
        state = await shown(server, white.room_id)
        told.append(state["at"])
        assert told == sorted(told)
        assert told[-1] - told[0] < 20_000
        running_ms = state["at"] - white.moves()[-1]["at"]
        assert state["clock"]["black"] == 300_000 - running_ms


SHORT = {"0+1": (3_000, 1_000), "0+5": (5_000, 5_000), "0.25+0": (15_000, 0), "2 1": (120_000, 1_000)}


@pytest.mark.parametrize(("written", "initial_ms", "increment_ms"), [(written, *ms) for written, ms in SHORT.items()])
async def test_an_increment_alone_starts_with_the_increment_or_three_seconds(
    server: Server, written: str, initial_ms: int, increment_ms: int
) -> None:
    async with table(server, time=written) as (white, black):
        assert clocks(white.of("game_started")[0]) == (initial_ms, initial_ms, None)
        await play(white, black, "e2e4", "e7e5", "g1f3")
        second, third = white.moves()[1:]
        spent_ms = third["at"] - second["at"] - third["given_back_ms"]
        assert third["clock"]["white"] == initial_ms - spent_ms + increment_ms


async def test_what_is_due_in_a_room_that_nobody_has_open_happens_within_a_second(starter: Starter) -> None:
    """The players have gone and a new process has never been asked for the room: its sweep finds it."""
    server = starter()
    await asyncio.to_thread(server.start)
    async with (
        table(server, time="0.03+0", on_disconnect="none") as (white, black),
        table(server, linger_s=3) as (loser, winner),
    ):
        await play(white, black, "e2e4", "e7e5")
        await loser.do(type="resign")
        over = await winner.first("game_over")
        for each in (white, black, loser, winner):
            each.is_away = True
        server.kill()
    await asyncio.to_thread(server.start)
    flagged_ms = await logged(server, f"{white.room_id}: game_over")
    closed_ms = await logged(server, f"{loser.room_id}: room_closed")
    flag, outage = await recorded(server, white, "game_over"), await recorded(server, white, "clock")
    closing = await recorded(server, loser, "room_closed")
    assert (flag["reason"], flag["at"]) == ("timeout", outage["at"] + outage["clock"]["white"])
    assert (closing["reason"], closing["at"]) == ("linger", over["at"] + 3_000)
    print(f"known {flagged_ms - flag['at']:.0f} ms after the flag, {closed_ms - closing['at']:.0f} ms after the linger")
    assert flagged_ms - flag["at"] < 3_000
    assert closed_ms - closing["at"] < 3_000


async def logged(server: Server, line: str) -> float:
    """When the server's log had the line; Unix ms. It is looked at because asking the server would open the room."""
    async with asyncio.timeout(PATIENCE_S):
        while line not in server.log:
            await asyncio.sleep(0.005)
    return time.time() * 1_000


async def recorded(server: Server, player: Guest, kind: str) -> Frame:
    """The last frame of its kind in the room's record."""
    assert player.position is not None
    async with Stream(server.url, player.room_id, f"{player.position.rpartition(':')[0]}:0") as record:
        await record.first(kind)
        return record.of(kind)[-1]


async def test_rooms_with_nonsense_for_a_time_are_not_made(server: Server) -> None:
    with pytest.raises(AssertionError, match="minutes"):
        await opened(server, time="fast")
