"""Leaving and coming back, on real sockets: who is told what, when it forfeits, and what cancels it."""

import asyncio
from collections.abc import Iterator
from contextlib import AsyncExitStack

import pytest

from tests.system.conftest import Starter
from tests.system.guests import Guest, Line, table
from tests.system.player import Frame, Player, Watcher
from tests.system.process import Server
from tests.system.tables import new_room_id, play, watched

FLICKER_MS = 200
GOODBYE_MS = 500
SOON_S = 0.15       # that nothing happens takes a while


@pytest.fixture(scope="module")
def module_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    options = "--flicker-s", str(FLICKER_MS / 1_000), "--goodbye-grace-s", str(GOODBYE_MS / 1_000)
    server = Server(tmp_path_factory.mktemp("server"), *options).start()
    yield server
    server.end()


async def past(frame: Frame, player: Guest) -> None:
    """Waits until the `forfeit_at` of the frame is past, on the server's time, and a bit longer."""
    mark = len(player.frames)
    await player.send(type="ping", t=0)
    now_ms = (await player.following(mark, "pong"))["server_time"]
    await asyncio.sleep((frame["forfeit_at"] - now_ms) / 1_000 + SOON_S)


async def test_a_lost_player_forfeits_at_the_moment_that_was_announced(server: Server) -> None:
    async with (
        table(server, time="5+0", grace_s=1) as (white, black),
        watched(server, white.room_id) as (watcher, stream),
    ):
        await play(white, black, "e2e4", "e7e5")
        await black.vanish()
        gone = await white.first("player_disconnected")
        assert (gone["color"], gone["policy"]) == ("black", "forfeit")
        lost_ms = gone["forfeit_at"] - 1_000
        assert white.moves()[-1]["at"] <= lost_ms <= gone["at"] - FLICKER_MS
        assert await white.ended() == 4007
        over, closed = white.of("game_over")[0], white.of("room_closed")[0]
        assert (over["result"], over["winner"], over["reason"]) == ("1-0", "white", "abandonment")
        assert over["at"] == closed["at"] == gone["forfeit_at"]
        assert (closed["v"], closed["reason"]) == (over["v"] + 1, "abandonment")
        assert over["score"] == {"white": 1, "black": 0}
        assert white.close_reason == "1-0 abandonment"
        assert await watcher.ended() == 4000
        await stream.until(lambda: stream.status == 204)
        assert watcher.shown[over["v"]] == stream.shown[over["v"]] == white.shown[over["v"]]
    for player, code in ((black, 4006), (white, 4000), (black, 4006)):      # whoever comes later
        async with Player(server.ws_url, white.room_id, token=player.token) as later:
            assert await later.ended() == code
        assert [frame["type"] for frame in later.frames] == ["welcome", "state"]
        assert later.of("state")[0]["reason"] == "abandonment"
    await black.come_back()                                                 # or comes back to where it was
    assert await black.ended() == 4006
    assert black.shown[over["v"]] == white.shown[over["v"]]


async def test_before_both_have_moved_an_absence_aborts(server: Server) -> None:
    async with table(server, time="5+0", grace_s=0.3) as (white, black):
        await white.move("e2e4")
        await black.vanish()
        gone = await white.first("player_disconnected")
        assert await white.ended() == 4000
        over, closed = white.of("game_over")[0], white.of("room_closed")[0]
        assert (over["result"], over["winner"], over["reason"]) == ("*", None, "aborted")
        assert over["at"] == closed["at"] == max(gone["forfeit_at"], gone["at"])
        assert closed["reason"] == "aborted"
    async with Player(server.ws_url, white.room_id, token=black.token) as later:
        assert await later.ended() == 4000


async def test_coming_back_cancels_the_forfeit(server: Server) -> None:
    async with table(server, time="5+0", grace_s=0.8) as (white, black):
        await play(white, black, "e2e4", "e7e5")
        await white.vanish()
        gone = await black.first("player_disconnected", color="white")
        await white.come_back()
        assert (await black.first("player_reconnected", color="white"))["v"] == gone["v"] + 1
        await past(gone, black)
        assert not black.of("game_over")
        await play(white, black, "g1f3", "b8c6")


async def test_a_flickering_connection_is_nobodys_business(server: Server) -> None:
    async with table(server, time="5+0", flicker_s=10) as (white, black):
        for uci in ("e2e4", "e7e5", "g1f3", "b8c6"):
            connects = white.connects
            await white.drop()
            await white.until(lambda connects=connects: white.connects > connects and white.is_welcome)
            await play(white, black, uci)
        assert not black.of("player_disconnected")
        assert [move["uci"] for move in white.moves()] == ["e2e4", "e7e5", "g1f3", "b8c6"]


@pytest.mark.parametrize("code", [1000, 1001, None])
async def test_who_leaves_on_purpose_is_waited_for_less(server: Server, code: int | None) -> None:
    async with table(server, time="5+0", grace_s=5) as (white, black):
        await play(white, black, "e2e4", "e7e5")
        if code is None:
            await black.vanish()
        else:
            await black.go(code)
        gone = await white.first("player_disconnected")
        left_ms = gone["forfeit_at"] - gone["at"]
        if code is None:
            assert 1_000 < left_ms <= 5_000 - FLICKER_MS
        else:
            assert left_ms <= GOODBYE_MS - FLICKER_MS
            assert await white.ended() == 4007


async def test_a_short_grace_stays_short_for_who_leaves_on_purpose(server: Server) -> None:
    async with table(server, time="5+0", grace_s=0.3) as (white, black):
        await play(white, black, "e2e4", "e7e5")
        await black.go(1001)
        gone = await white.first("player_disconnected")
        assert gone["forfeit_at"] - gone["at"] <= 300 - FLICKER_MS


@pytest.mark.parametrize(("kind", "result", "code"), [("victory", "1-0", 4007), ("draw", "1/2-1/2", 4000)])
async def test_under_claim_the_opponent_says_what_the_absence_costs(
    server: Server, kind: str, result: str, code: int
) -> None:
    async with table(server, time="5+0", on_disconnect="claim", grace_s=1) as (white, black):
        await play(white, black, "e2e4", "e7e5")
        assert (await white.do(type="claim", kind=kind))["code"] == "not_allowed"
        await black.vanish()
        gone = await white.first("player_disconnected")
        assert gone["policy"] == "claim"
        assert (await white.do(type="claim", kind=kind))["code"] == "not_allowed"
        await past(gone, white)
        assert not white.of("game_over")
        assert (await white.do(type="claim", kind=kind))["type"] == "ack"
        assert await white.ended() == code
        over = white.of("game_over")[0]
        assert (over["result"], over["reason"]) == (result, "abandonment")
    async with Player(server.ws_url, white.room_id, token=black.token) as later:
        assert await later.ended() == (4006 if kind == "victory" else 4000)


async def test_who_is_back_cannot_be_claimed_against(server: Server) -> None:
    async with table(server, time="5+0", on_disconnect="claim", grace_s=0.3) as (white, black):
        await play(white, black, "e2e4", "e7e5")
        await black.vanish()
        await past(await white.first("player_disconnected"), white)
        await black.come_back()
        await white.first("player_reconnected")
        assert (await white.do(type="claim", kind="victory"))["code"] == "not_allowed"


async def test_under_none_an_absence_costs_nothing(server: Server) -> None:
    async with table(server, time="5+0", on_disconnect="none", grace_s=0.1) as (white, black):
        await play(white, black, "e2e4", "e7e5")
        await black.vanish()
        gone = await white.first("player_disconnected")
        assert (gone["policy"], gone["forfeit_at"]) == ("none", None)
        await asyncio.sleep(SOON_S)
        assert (await white.do(type="claim", kind="victory"))["code"] == "not_allowed"
        await black.come_back()
        await play(white, black, "g1f3")


async def test_in_correspondence_nobody_is_waited_for(server: Server) -> None:
    async with table(server, time="2d") as (white, black):
        await play(white, black, "e2e4", "e7e5")
        await black.go(1000)
        assert (await white.first("player_disconnected"))["forfeit_at"] is None


async def test_while_both_are_away_nobodys_grace_runs_out(server: Server) -> None:
    async with table(server, time="5+0", grace_s=1) as (white, black):
        await play(white, black, "e2e4", "e7e5")
        await black.vanish()
        first = await white.first("player_disconnected", color="black")
        await white.vanish()
        async with watched(server, white.room_id) as (watcher, _):
            await watcher.until(lambda: [f for f in watcher.of("player_disconnected") if f["color"] == "white"])
            assert watcher.of("player_disconnected")[-1]["forfeit_at"] is None
            await asyncio.sleep(1.2)        # longer than anybody's grace
            assert not watcher.of("game_over")
            mark = len(white.frames)
            await white.come_back()
            await white.following(mark, "player_reconnected", color="white")
            again = await white.following(mark, "player_disconnected", color="black")
            assert again["forfeit_at"] > again["at"]
            assert again["forfeit_at"] >= first["forfeit_at"] + 1_200       # put off by the time both were away
            assert await white.ended() == 4007
            assert white.of("game_over")[0]["at"] == again["forfeit_at"]


async def test_while_both_are_away_the_clocks_decide(server: Server) -> None:
    async with (
        table(server, time="0.03+0", grace_s=0.5) as (white, black),
        watched(server, white.room_id) as (watcher, _),
    ):
        await play(white, black, "e2e4", "e7e5")
        zero_ms = white.moves()[-1]["at"] + 1_800
        await asyncio.gather(white.vanish(), black.vanish())
        over = await watcher.first("game_over")
        assert (over["reason"], over["result"]) == ("timeout", "0-1")
        assert 0 <= over["at"] - zero_ms <= white.moves()[0]["lag_ms"] + 50     # the flag waits for White's lag
        assert (await watcher.first("room_closed"))["reason"] == "left"


async def test_a_seat_is_held_for_a_while_before_the_start_and_then_freed(server: Server) -> None:
    room_id = new_room_id()
    async with AsyncExitStack() as stack:
        first = await stack.enter_async_context(Guest(server.ws_url, room_id, color="white"))
        await first.until(lambda: first.welcome)
        watcher = await stack.enter_async_context(Watcher(server.ws_url, room_id))
        await watcher.first("state")
        await first.go(1000)
        gone = await watcher.first("player_disconnected")
        assert gone["forfeit_at"] is None                   # there is nothing to forfeit
        await first.come_back()                             # its token leads back
        await watcher.first("player_reconnected")
        await first.go(1000)
        left = await watcher.first("player_left")
        assert (left["color"], left["player_id"]) == ("white", first.welcome["player_id"])
        async with Guest(server.ws_url, room_id, color="white") as second:
            await second.until(lambda: second.welcome)
            assert second.color == "white"
            first.welcome = {}
            await first.come_back()                         # a newcomer with a secret of its own
            assert first.color == "black"
            await first.started()
            await first.go(1000)


async def test_a_newer_tab_replaces_the_older_one_at_once(server: Server) -> None:
    async with table(server, time="5+0") as (white, black):
        await play(white, black, "e2e4", "e7e5")
        async with Guest(server.ws_url, white.room_id, token=white.token) as newer:
            assert await white.ended() == 4005
            await newer.started()
            assert newer.welcome["player_id"] == white.welcome["player_id"]
            await play(newer, black, "g1f3", "b8c6")
        assert not black.of("player_disconnected")


async def test_a_newer_tab_replaces_a_line_that_is_dead_without_knowing(server: Server) -> None:
    async with Line(server, 0) as line, table(server, lines=[line.ws_url], time="5+0") as (white, black):
        await play(white, black, "e2e4", "e7e5")
        line.delay_s = 1_000        # from now on the server hears nothing
        async with Guest(server.ws_url, white.room_id, token=white.token) as newer:
            await newer.started()
            await play(newer, black, "g1f3", "b8c6")
            assert not black.of("player_disconnected")
        await white.vanish()


async def test_who_answers_no_heartbeat_is_cut_off_and_counts_as_lost(starter: Starter) -> None:
    server = starter("--heartbeat-s", "0.5", "--heartbeat-timeout-s", "0.5", "--flicker-s", "0.1")
    await asyncio.to_thread(server.start)
    async with Line(server, 0) as line, table(server, lines=[line.ws_url], time="5+0", grace_s=1) as (white, black):
        await play(white, black, "e2e4", "e7e5")
        white.is_away, line.delay_s = True, 1_000
        gone = await black.first("player_disconnected", color="white")
        assert await white.ended() == 4501
        assert gone["forfeit_at"] - gone["at"] <= 1_000 - 100       # grace counts from the loss
        assert await black.ended() == 4007
