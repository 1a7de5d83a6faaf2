"""Coming back: over every feed, from every position, to the same seat, with every answer as it was."""

import asyncio
import base64
import itertools
import json
import os
import random
import secrets
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import httpx
import pytest

from tests.system.conftest import Starter
from tests.system.player import Frame, Listener, Player, Stream, Watcher
from tests.system.process import Server
from tests.system.tables import new_room_id, play, player, two_players, watched

RESUMABLE = 512
FEEDS = ["sse", "watch", "player"]
MATE = ("f2f3", "e7e5", "g2g4", "d8h4")


@asynccontextmanager
async def listening(
    feed: str, server: Server, room_id: str, position: str | None, token: str | None = None
) -> AsyncIterator[Any]:
    """A listener over that feed with a position to resume from; a player needs the token of a seat."""
    listener: Any
    if feed == "sse":
        listener = Stream(server.url, room_id, position)
    elif feed == "watch":
        listener = Watcher(server.ws_url, room_id, position)
    else:
        listener = Player(server.ws_url, room_id, position=position, token=token)
    async with listener:
        yield listener


def epoch_of(listener: Listener) -> str:
    assert listener.position is not None
    return listener.position.rpartition(":")[0]


def state_of(server: Server, room_id: str) -> Frame:
    state: Frame = httpx.get(f"{server.url}/rooms/{room_id}", trust_env=False).json()
    return state


async def record_of(server: Server, room_id: str) -> dict[int, str]:
    """Every frame of a room, as long as all can be resumed from."""
    state = state_of(server, room_id)
    async with Watcher(server.ws_url, room_id, f"{state['epoch']}:0") as record:
        await record.until(lambda: record.v >= state["v"])
        return record.shown


@pytest.mark.parametrize("feed", FEEDS)
async def test_a_position_leads_to_exactly_the_frames_after_it(server: Server, feed: str) -> None:
    async with two_players(server) as (white, black):
        await play(white, black, "e2e4", "e7e5", "g1f3")
        await white.do(type="chat", text="line one\u2028line two\x85, data: and a \U0001f3f0")
        record = await record_of(server, white.room_id)
        last = white.v
        for v in (0, 1, 2, last - 1, last):
            position = f"{epoch_of(white)}:{v}"
            async with listening(feed, server, white.room_id, position, white.token) as listener:
                await listener.until_it(lambda listener, last=last: listener.connects and listener.v >= last)
                await listener.until_it(lambda listener: listener.frames)     # presence, at least
                assert not listener.of("state")
                assert listener.texts[: last - v] == [record[i] for i in range(v + 1, last + 1)]


OTHERS = ["{other}:3", "{epoch}:1000", "{epoch}:-1", "{epoch}:x", "{epoch}", ":", "{epoch}:" + "9" * 5_000]


@pytest.mark.parametrize(
    ("feed", "position"), [*((feed, position) for feed in FEEDS for position in OTHERS), ("watch", "{epoch}:٣")]
)
async def test_any_other_position_leads_to_state(server: Server, feed: str, position: str) -> None:
    async with two_players(server) as (white, black):
        await play(white, black, "e2e4")
        position = position.format(epoch=epoch_of(white), other=epoch_of(white)[::-1] + "x")
        async with listening(feed, server, white.room_id, position, white.token) as listener:
            state = await listener.first("state")
            assert [frame["type"] for frame in listener.frames[:2]][feed == "player"] == "state"
            assert (state["v"] >= 5, state["epoch"], len(state["moves"])) == (True, epoch_of(white), 1)


async def test_last_event_id_beats_since(server: Server) -> None:
    async with two_players(server) as (white, _):
        epoch = epoch_of(white)
        url = f"{server.url}/sse/game/{white.room_id}"
        async with httpx.AsyncClient(trust_env=False) as http:
            headers = {"Last-Event-ID": f"{epoch}:2"}
            async with http.stream("GET", f"{url}?since={epoch}:1", headers=headers) as response:
                assert [line async for line in first_lines(response, "id: ")] == [f"id: {epoch}:3"]
            async with http.stream("GET", f"{url}?since={epoch}:1") as response:
                assert [line async for line in first_lines(response, "id: ")] == [f"id: {epoch}:2"]


async def first_lines(response: httpx.Response, start: str) -> AsyncIterator[str]:
    async for line in response.aiter_lines():
        if line.startswith(start):
            yield line
            return


async def test_512_frames_can_be_made_up_for_and_not_one_more_also_after_a_kill(starter: Starter) -> None:
    server = starter("--rate-limits", "off").start()
    async with two_players(server) as (white, black):
        for number in range(RESUMABLE + 20):
            await white.send(type="chat", text=str(number))
        await white.until(lambda: not white.pending)
        for life in (1, 2):
            last = max(white.v, black.v)
            await black.until(lambda last=last: black.v >= last)
            for feed in FEEDS:
                reached = f"{epoch_of(white)}:{last - RESUMABLE}"
                async with listening(feed, server, white.room_id, reached, white.token) as listener:
                    await listener.until_it(lambda listener, last=last: listener.v >= last)
                    assert not listener.of("state")
                    expected = [black.shown[v] for v in range(last - RESUMABLE + 1, last + 1)]
                    assert listener.texts[:RESUMABLE] == expected
                lost = f"{epoch_of(white)}:{last - RESUMABLE - 1}"
                async with listening(feed, server, white.room_id, lost, white.token) as listener:
                    assert (await listener.first("state"))["v"] == last
            if life == 1:
                server.kill()
                await asyncio.to_thread(server.start)
                await black.until(lambda: black.connects == 2)


def done_by_commands(player: Player) -> list[int]:
    """Everything but what the server does by itself: it gives an outage back, and cancels an offer."""
    return [len(player.of(kind)) for kind in ("move", "chat", "offer", "game_over")]


async def test_answers_are_given_again_as_before_also_after_a_kill(starter: Starter) -> None:
    server = starter("--rate-limits", "off").start()
    async with two_players(server) as (white, black):
        first: list[dict[str, Any]] = [
            {"type": "move", "uci": "e2e4", "ply": 1},
            {"type": "chat", "text": "hello"},
            {"type": "move", "uci": "d2d4", "ply": 2},      # not your turn
            {"type": "move", "uci": "e2e5"},                # illegal, or not your turn
            {"type": "accept", "kind": "draw"},             # no such offer
            {"type": "offer", "kind": "draw"},
            {"type": "move", "uci": "e2e4", "ply": 1},      # played already: nothing happens
        ]
        sent = [{**command, "id": await white.send(**command)} for command in first]
        await white.until(lambda: not white.pending)
        kinds = [json.loads(white.answers[command["id"]])["type"] for command in sent]
        assert kinds == ["ack", "ack", "error", "error", "error", "ack", "ack"]
        await play(white, black, "e7e5")
        for life in (1, 2, 3):
            before = done_by_commands(white)
            for command in sent:
                await white.again(**command)
            await white.again(type="resign", id=sent[0]["id"])      # whatever the command
            assert done_by_commands(white) == before
            server.kill()
            await asyncio.to_thread(server.start)
            await white.until(lambda n=life + 1: white.connects == n and white.is_welcome)
        assert not white.of("game_over")
        assert white.ply == 2


async def test_another_players_ids_are_another_matter(server: Server) -> None:
    async with two_players(server) as (white, black):
        assert (await white.do(type="move", uci="e2e4", ply=1, id="mine"))["type"] == "ack"
        assert (await black.do(type="move", uci="e7e5", ply=2, id="mine"))["type"] == "ack"
        await white.until(lambda: white.ply == 2)


async def test_a_closed_room_says_state_and_ends_and_with_a_position_204(starter: Starter) -> None:
    server = starter("--linger-s", "0.3", "--flicker-s", "0.1").start()
    async with two_players(server) as (white, black), watched(server, white.room_id) as (watcher, stream):
        await play(white, black, *MATE)
        for listener in (white, black, watcher):
            assert await listener.ended() == 4000
            assert listener.close_reason == "0-1 checkmate"
            assert listener.frames[-1]["type"] == "room_closed"
        await stream.until(lambda: stream.status == 204)
        assert stream.ends >= 1
        assert stream.texts[-1] == white.texts[-1]
    for _life in (1, 2):
        room = (server.ws_url, white.room_id)
        async with Watcher(*room) as watcher, Stream(server.url, white.room_id) as stream:
            assert await watcher.ended() == 4000
            assert [frame["type"] for frame in watcher.frames] == ["state"]
            await stream.until_it(lambda stream: stream.status == 204)
            assert [frame["type"] for frame in stream.frames] == ["state"]
            assert stream.frames[0]["status"] == "closed"
        async with Player(*room, token=white.token) as again:
            assert await again.ended() == 4000
            assert [frame["type"] for frame in again.frames] == ["welcome", "state"]
        async with Player(*room, token=white.token, position=f"{epoch_of(white)}:{white.v - 2}") as again:
            assert await again.ended() == 4000
            assert again.texts == white.texts[-2:]
        server.kill()
        await asyncio.to_thread(server.start)


async def test_a_room_that_is_opened_anew_has_another_epoch(starter: Starter) -> None:
    server = starter("--linger-s", "0", "--flicker-s", "0.1").start()
    room_id = new_room_id()
    epochs = set()
    old = ""
    for _life in range(3):
        async with two_players(server, room_id=room_id, time="3+2") as (white, black):
            epochs.add(epoch_of(white))
            assert black.v == white.v == 4
            if old:
                async with Watcher(server.ws_url, room_id, old) as late, Stream(server.url, room_id, old) as later:
                    for listener in (late, later):
                        assert (await listener.first("state"))["epoch"] == epoch_of(white)
            await play(white, black, "e2e4", "e7e5")
            await white.do(type="resign")
            assert await white.ended() == await black.ended() == 4000
        old = f"{epoch_of(white)}:{white.v - 1}"
        server.kill()
        await asyncio.to_thread(server.start)
    assert len(epochs) == 3


async def test_the_newest_connection_of_a_seat_wins(server: Server) -> None:
    async with two_players(server) as (white, black):
        async with white.successor() as newer:
            assert await white.ended() == 4005
            await newer.until(lambda: newer.welcome)
            await play(newer, black, "e2e4", "e7e5")
        assert not black.of("player_disconnected")


async def test_a_seat_whose_connection_is_half_open_is_served_at_once(server: Server) -> None:
    async with two_players(server) as (white, black):
        assert white.socket is not None
        white.socket.transport.pause_reading()      # and answers nothing any more
        async with asyncio.timeout(2), player(server, white.room_id, token=white.token) as newer:
            await newer.until(lambda: newer.is_playing)
            await play(newer, black, "e2e4", "e7e5")
            white.socket.transport.resume_reading()
            assert await white.ended() == 4005


async def test_one_token_many_times_at_once_takes_one_seat(server: Server) -> None:
    for _ in range(10):
        room_id, token = new_room_id(), secrets.token_urlsafe(24)
        twins = [player(server, room_id, token=token) for _ in range(5)]
        async with AsyncExitStack() as stack:
            for twin in twins:
                await stack.enter_async_context(twin)
            endings = [asyncio.ensure_future(twin.ended()) for twin in twins]
            for ending in itertools.islice(asyncio.as_completed(endings), 4):
                await ending
            for ending in endings:
                ending.cancel()
            assert Counter(twin.close_code for twin in twins) == {4005: 4, None: 1}
            state = state_of(server, room_id)
            assert (state["status"], state["v"]) == ("waiting", 2)


async def test_many_joiners_at_once_are_two_players_and_the_rest_is_told_4003(server: Server) -> None:
    for _ in range(5):
        room_id = new_room_id()
        joiners = [player(server, room_id) for _ in range(6)]
        async with AsyncExitStack() as stack:
            for joiner in joiners:
                await stack.enter_async_context(joiner)
            await asyncio.gather(*(joiner.until_it(lambda j: j.is_over or j.is_playing) for joiner in joiners))
            assert Counter(joiner.close_code for joiner in joiners) == {4003: 4, None: 2}
            assert all(joiner.frames == [] for joiner in joiners if joiner.is_over)
            playing = sorted((joiner for joiner in joiners if not joiner.is_over), key=lambda joiner: joiner.color)
            assert [joiner.color for joiner in playing] == ["black", "white"]
            await play(playing[1], playing[0], "e2e4", "e7e5")


async def test_a_token_in_any_form_leads_to_the_same_seat(server: Server) -> None:
    async with two_players(server) as (white, black):
        seats = set()
        for form in ("query", "header", "subprotocol", "header"):
            async with player(server, white.room_id, token=black.token, form=form) as again:
                await again.until_it(lambda again: again.welcome)
                seats.add((again.color, again.welcome["player_id"]))
                assert "token" not in again.welcome
                assert again.socket is not None
                assert again.socket.subprotocol == "chess.v1"
        assert seats == {("black", black.welcome["player_id"])}


async def test_a_connection_that_is_cut_before_its_welcome_comes_back_to_its_seat(server: Server) -> None:
    seed = random.randrange(1_000_000)
    print(f"seed {seed}")
    chance = random.Random(seed)
    for _ in range(20):
        room_id, token = new_room_id(), secrets.token_urlsafe(24)
        _, writer = await asyncio.open_connection("127.0.0.1", server.port)
        key = base64.b64encode(os.urandom(16)).decode()
        lines = [f"GET /ws/game/{room_id} HTTP/1.1", f"Host: {server.host}", f"Authorization: Bearer {token}"]
        lines += ["Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13", f"Sec-WebSocket-Key: {key}"]
        writer.write("\r\n".join([*lines, "", ""]).encode())
        await asyncio.sleep(chance.choice([0, 0.001, 0.002, 0.005]))    # any moment
        writer.transport.abort()
        async with player(server, room_id, token=token) as first, player(server, room_id) as second:
            await first.until_it(lambda first: first.is_playing)
            await second.until_it(lambda second: second.is_playing)
            assert {first.color, second.color} == {"white", "black"}
            record = await record_of(server, room_id)
            assert Counter(json.loads(text)["type"] for text in record.values())["player_joined"] == 2


async def test_a_seat_that_is_lost_and_found_in_no_time_is_not_reported(starter: Starter) -> None:
    server = starter("--flicker-s", "1").start()
    async with two_players(server) as (white, black):
        for number in range(2, 6):
            await white.drop()
            await white.until(lambda n=number: white.connects == n and white.is_welcome)
        await play(white, black, "e2e4", "e7e5")
        assert not black.of("player_disconnected")
        assert [frame["v"] for frame in black.moves()] == [5, 6]


async def test_who_is_away_is_told_to_everyone_and_so_is_the_return(server: Server) -> None:
    async with two_players(server) as (white, black), watched(server, white.room_id) as (watcher, stream):
        await play(white, black, "e2e4")
        await black.leave(1000)
        for listener in (white, watcher, stream):
            assert (await listener.first("player_disconnected"))["color"] == "black"
        async with black.successor() as again:
            await again.first("player_reconnected")
            await play(white, again, "e7e5")
            assert not again.of("state")
        for listener in (white, watcher, stream):
            assert (await listener.first("player_reconnected"))["color"] == "black"
            await listener.until_it(lambda listener: len(listener.moves()) == 2)
