"""After a game: who may stay and for how long, what comes later, rematches; and every close code a player can see."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator

import pytest
from websockets.exceptions import ConnectionClosed

from tests.system.conftest import Starter
from tests.system.guests import Guest, opened, shown, table
from tests.system.player import Player, Watcher, dialled
from tests.system.process import Server
from tests.system.tables import new_room_id, play, watched

Ending = Callable[[Guest, Guest], Awaitable[None]]


@pytest.fixture(scope="module")
def module_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    options = "--flicker-s", "0.1", "--goodbye-grace-s", "0.3"
    server = Server(tmp_path_factory.mktemp("server"), *options).start()
    yield server
    server.end()


async def mate(white: Guest, black: Guest) -> None:
    await play(white, black, "f2f3", "e7e5", "g2g4", "d8h4")


async def draw(white: Guest, black: Guest) -> None:
    await white.do(type="offer", kind="draw")
    await black.do(type="accept", kind="draw")


async def resign(white: Guest, black: Guest) -> None:
    await white.do(type="resign")


async def abort(white: Guest, black: Guest) -> None:
    await black.do(type="abort")


async def flag(white: Guest, black: Guest) -> None:
    await play(white, black, "e2e4", "e7e5")


async def leave(white: Guest, black: Guest) -> None:
    await white.go(4010)


ENDINGS: dict[str, tuple[Ending, str, str]] = {
    "checkmate": (mate, "unlimited", "0-1"),
    "agreement": (draw, "unlimited", "1/2-1/2"),
    "resignation": (resign, "unlimited", "0-1"),
    "aborted": (abort, "unlimited", "*"),
    "timeout": (flag, "0.005+0", "0-1"),
}


@pytest.mark.parametrize("reason", ENDINGS)
async def test_after_a_game_the_sockets_stay_open_until_both_have_left(server: Server, reason: str) -> None:
    ending, time, result = ENDINGS[reason]
    async with table(server, time=time) as (white, black), watched(server, white.room_id) as (watcher, stream):
        await ending(white, black)
        for listener in (white, black, watcher, stream):
            over = await listener.first("game_over")
            assert (over["result"], over["reason"]) == (result, reason)
        assert (await white.do(type="chat", text="thanks"))["type"] == "ack"        # both are still there
        assert (await black.do(type="chat", text="bye"))["type"] == "ack"
        async with Guest(server.ws_url, white.room_id, token=black.token) as again:     # within linger
            await again.first("state", status="finished", reason=reason)
            assert await black.ended() == 4005
            await again.go(1000)
        await watcher.first("player_disconnected", color="black", forfeit_at=None)
        assert white.close_code is None
        await white.go(1000)
        assert await watcher.ended() == 4000
        assert watcher.of("room_closed")[0]["reason"] == "left"
        assert watcher.close_reason == f"{result} {reason}"
        await stream.until(lambda: stream.status == 204)
        assert stream.ends >= 1
        shared = watcher.shown.keys() & stream.shown.keys()
        assert len(shared) >= 4
        assert all(watcher.shown[v] == stream.shown[v] for v in shared)
    for player in (white, black):                                                   # later
        async with Player(server.ws_url, white.room_id, token=player.token) as later:
            assert await later.ended() == 4000
            assert later.close_reason == f"{result} {reason}"
        assert [frame["type"] for frame in later.frames] == ["welcome", "state"]
    assert (await shown(server, white.room_id))["status"] == "closed"               # and it stays readable


async def test_a_room_closes_when_it_has_lingered(server: Server) -> None:
    async with table(server, linger_s=0.4) as (white, black), watched(server, white.room_id) as (watcher, _):
        await white.do(type="resign")
        assert await white.ended() == await black.ended() == await watcher.ended() == 4000
        closed = white.of("room_closed")[0]
        assert (closed["reason"], closed["at"]) == ("linger", white.of("game_over")[0]["at"] + 400)


async def test_without_linger_a_room_closes_with_its_game_and_the_command_is_still_answered(server: Server) -> None:
    async with table(server, linger_s=0) as (white, black):
        assert (await white.do(type="resign"))["type"] == "ack"
        assert await white.ended() == await black.ended() == 4000


async def test_closing_with_4010_resigns_and_the_other_may_linger(server: Server) -> None:
    async with table(server) as (white, black):
        await white.go(4010)
        over = await black.first("game_over")
        assert (over["result"], over["reason"]) == ("0-1", "resignation")
        await black.first("player_disconnected", color="white")
        assert (await black.do(type="chat", text="?"))["type"] == "ack"
        async with Player(server.ws_url, white.room_id, token=white.token) as later:
            assert (await later.first("state"))["status"] == "finished"
            await black.go(1000)
    async with Watcher(server.ws_url, white.room_id) as watcher:
        assert await watcher.ended() == 4000


async def test_closing_with_4010_before_the_start_is_only_leaving(server: Server) -> None:
    room_id = new_room_id()
    async with Guest(server.ws_url, room_id, color="white") as white:
        await white.until(lambda: white.welcome)
        async with Watcher(server.ws_url, room_id) as watcher:
            await watcher.first("state")
            await white.go(4010)
            await watcher.first("player_left", color="white")


async def test_a_rematch_swaps_colours_on_the_same_sockets_and_keeps_the_score(server: Server) -> None:
    async with table(server, time="5+0") as (white, black):
        first = white.of("game_started")[0]
        await resign(white, black)
        assert (await white.do(type="move", uci="e2e4", ply=1))["code"] == "game_over"
        assert (await white.do(type="accept", kind="rematch"))["code"] == "no_such_offer"
        await white.do(type="offer", kind="rematch")
        assert (await black.first("offer"))["by"] == "white"
        mark = len(white.frames)
        await black.do(type="accept", kind="rematch")
        second = await white.following(mark, "game_started")
        await black.first("game_started", game_id=second["game_id"])
        assert second["game_id"] != first["game_id"]
        assert (second["white"]["player_id"], second["black"]["player_id"]) == (
            black.welcome["player_id"],
            white.welcome["player_id"],
        )
        assert second["score"] == {"white": 1, "black": 0}      # of the players who have these colours now
        assert second["clock"] == {"white": 300_000, "black": 300_000, "running": None}
        assert white.connects == black.connects == 1
        assert (await white.do(type="move", uci="e2e4", ply=1))["code"] == "not_your_turn"
        assert (await black.do(type="move", uci="e2e4", ply=1))["type"] == "ack"
        assert (await white.do(type="move", uci="e7e5", ply=2))["type"] == "ack"
        await white.do(type="offer", kind="draw")
        await black.do(type="offer", kind="draw")               # offering what the other has offered accepts it
        over = await white.first("game_over", reason="agreement")
        assert over["score"] == {"white": 1.5, "black": 0.5}
        assert over["game_id"] == second["game_id"]
        state = await shown(server, white.room_id)
        assert state["white"]["player_id"] == black.welcome["player_id"]
        async with Guest(server.ws_url, white.room_id, token=white.token) as again:
            assert (await again.first("state"))["ply"] == 2
            assert again.color == "black"                       # tokens belong to players


async def test_a_rematch_may_be_declined_and_is_not_asked_for_without_end(server: Server) -> None:
    async with table(server) as (white, black):
        await resign(white, black)
        for _ in range(3):
            assert (await black.do(type="offer", kind="rematch"))["type"] == "ack"
            assert (await white.do(type="decline", kind="rematch"))["type"] == "ack"
        assert (await black.do(type="offer", kind="rematch"))["code"] == "rate_limited"
        assert [frame["by"] for frame in black.of("offer_cancelled")] == ["white"] * 3


OFF: dict[str, tuple[Ending | None, dict[str, str]]] = {
    "chat": (None, {"type": "chat", "text": "hello"}),
    "takebacks": (flag, {"type": "offer", "kind": "takeback"}),
    "draw_offers": (None, {"type": "offer", "kind": "draw"}),
    "rematch": (resign, {"type": "offer", "kind": "rematch"}),
}


@pytest.mark.parametrize("option", OFF)
async def test_what_a_room_has_switched_off_is_not_allowed(server: Server, option: str) -> None:
    before, command = OFF[option]
    async with table(server, **{option: False}) as (white, black):
        if before is not None:
            await before(white, black)
        v = white.v
        assert (await white.do(**command))["code"] == "not_allowed"
        assert (await white.do(**{**command, "type": "accept"}))["type"] == "error" or command["type"] == "chat"
        assert white.v == v
        assert white.of("room_opened")[0]["options"][option] is False


async def test_a_draw_offer_that_comes_with_a_move_is_left_out_where_draws_are_off(server: Server) -> None:
    async with table(server, draw_offers=False) as (white, black):
        assert (await white.do(type="move", uci="e2e4", ply=1, offer_draw=True))["type"] == "ack"
        await black.first("move")
        assert not black.of("offer")


REFUSED = {
    "bad token": ("/ws/game/{}", "short", 4001),
    "bad room id": ("/ws/game/no%20room", None, 4004),
    "bad time": ("/ws/game/{}?time=soon", None, 4004),
    "bad variant": ("/ws/game/{}?variant=checkers", None, 4004),
    "bad fen": ("/ws/game/{}?fen=8/8/8", None, 4004),
    "bad color": ("/ws/game/{}?color=red", None, 4004),
    "bad name": ("/ws/game/{}?name=%00", None, 4004),
    "nothing to watch": ("/ws/watch/{}", None, 4004),
}


@pytest.mark.parametrize(("path", "token", "code"), REFUSED.values(), ids=REFUSED)
async def test_who_is_refused_gets_a_code_and_no_frame_and_makes_no_room(
    server: Server, path: str, token: str | None, code: int
) -> None:
    room_id = new_room_id()
    with pytest.raises(ConnectionClosed) as closed:
        async with dialled(server.ws_url + path.format(room_id), token=token) as socket:
            await socket.recv()
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == code
    assert closed.value.rcvd.reason
    async with Watcher(server.ws_url, room_id) as watcher:
        assert await watcher.ended() == 4004


async def test_a_third_player_is_told_to_watch_and_a_closed_room_is_opened_anew(server: Server) -> None:
    async with table(server, linger_s=0) as (white, black):
        async with Player(server.ws_url, white.room_id) as third:
            assert await third.ended() == 4003
        assert not third.frames
        await white.do(type="resign")
        await black.ended()
    async with Guest(server.ws_url, white.room_id, time="1+1") as newcomer:
        state = await newcomer.first("state")
        assert (state["v"], state["status"], state["time_control"]) == (2, "waiting", "1+1")
        assert state["epoch"] != white.welcome["epoch"]
        async with Player(server.ws_url, white.room_id, token=white.token) as former:   # a newcomer, as all
            await former.until(lambda: former.is_playing)


async def test_without_auto_create_an_unknown_room_is_4004_and_a_restart_1012(starter: Starter) -> None:
    server = starter("--auto-create-rooms", "false", "--flicker-s", "0.1")
    await asyncio.to_thread(server.start)
    async with Player(server.ws_url, new_room_id()) as player:
        assert await player.ended() == 4004
    made = await opened(server, color="white")
    async with Guest(server.ws_url, made["room_id"], token=made["token"]) as white:
        await white.until(lambda: white.welcome)
        async with Guest(server.ws_url, made["room_id"]) as black:
            await black.started()
            white.is_away = black.is_away = True
            server.send()
            await white.until(lambda: white.is_over)
            await black.until(lambda: black.is_over)
            assert (white.close_code, black.close_code) == (1012, 1012)
    assert await asyncio.to_thread(server.wait) == 0
