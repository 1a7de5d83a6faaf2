"""Limits on a real server, each met by somebody with an own address: the server trusts a proxy on this machine."""

import asyncio
import itertools
import json
import re
import resource
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from typing import Any, Final

import chess
import httpx
import pytest
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed, InvalidStatus

from game_server.client.account import account_events
from game_server.client.address import address as address_of
from tests.system.accounts import token as account_token
from tests.system.conftest import Starter
from tests.system.player import PATIENCE_S, Frame, dialled, query_of
from tests.system.process import Server
from tests.system.tables import new_room_id

MESSAGES: Final = 20
CHAT: Final = 3
ROOMS: Final = 4
ACCOUNTS: Final = 2
CHALLENGES: Final = 2
EACH: Final = 5     # connections of an address
SPECTATORS: Final = 2
REQUESTS: Final = 150       # of an address, in a minute: more than any of the other limits takes
OPTIONS: Final = (
    *("--max-messages", MESSAGES, "--max-chat", CHAT, "--max-rooms-per-address", ROOMS),
    *("--max-accounts-per-address", ACCOUNTS, "--max-challenges-per-account", CHALLENGES),
    *("--max-connections-per-address", EACH, "--max-spectators", SPECTATORS),
    *("--max-requests-per-address", REQUESTS),
)
_numbers = itertools.count(1)
_addresses = itertools.count(1)


@pytest.fixture(scope="module")
def limited(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(tmp_path_factory.mktemp("limited"), *map(str, OPTIONS)).start()
    yield server
    server.end()
    assert not server.faults(), server.faults()[0]


@pytest.fixture
def address() -> str:
    """One that nobody else has."""
    return f"198.51.{next(_addresses)}.1"


def beside(address: str, number: int = 2) -> str:
    return f"{address.removesuffix('.1')}.{number}"


def by(address: str, **more: str) -> dict[str, str]:
    return {"X-Forwarded-For": address, **more}


@asynccontextmanager
async def requests(server: Server, address: str) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=server.url, headers=by(address), trust_env=False) as http:
        yield http


class Seat:
    """A player's bare socket."""

    def __init__(self, socket: ClientConnection, room_id: str, welcome: Frame, token: str) -> None:
        self.socket, self.room_id, self.welcome, self.token = socket, room_id, welcome, token

    async def tell(self, kind: str, **fields: Any) -> None:
        await self.socket.send(json.dumps({"type": kind, **fields}))

    async def ask(self, kind: str, **fields: Any) -> Frame:
        """What answers it: `ack` or `error`."""
        fields.setdefault("id", f"ask-{next(_numbers)}")
        await self.tell(kind, **fields)
        async with asyncio.timeout(PATIENCE_S):
            while True:
                frame: Frame = json.loads(await self.socket.recv())
                if frame.get("id") == fields["id"]:
                    return frame

    async def codes(self, count: int, kind: str, **fields: Any) -> list[str]:
        """How each of so many messages is answered: `ack`, or the code of the error."""
        answers = [await self.ask(kind, **fields) for _ in range(count)]
        return [answer.get("code", answer["type"]) for answer in answers]

    async def close_code(self) -> int:
        async with asyncio.timeout(PATIENCE_S):
            try:
                while True:
                    await self.socket.recv()
            except ConnectionClosed as closed:
                return closed.rcvd.code if closed.rcvd else 1006


async def seat(
    stack: AsyncExitStack, server: Server, address: str, room_id: str, token: str | None = None, **query: str
) -> Seat:
    """A seat in the room, its `welcome` heard. Raises ConnectionClosed if there is none."""
    url = f"{server.ws_url}/ws/game/{room_id}?{query_of(**query)}"
    socket = await stack.enter_async_context(dialled(url, token=token, additional_headers=by(address)))
    async with asyncio.timeout(PATIENCE_S):
        welcome = json.loads(await socket.recv())
    assert welcome["type"] == "welcome"
    return Seat(socket, room_id, welcome, token or welcome["token"])


@asynccontextmanager
async def game(server: Server, address: str, **query: str) -> AsyncIterator[tuple[Seat, Seat, AsyncExitStack]]:
    """White and Black, both from that address, and what closes all that is entered there."""
    async with AsyncExitStack() as stack:
        room_id = new_room_id()
        white = await seat(stack, server, address, room_id, color="white", **query)
        black = await seat(stack, server, address, room_id)
        yield white, black, stack


async def hits(server: Server, limit: str) -> float:
    async with httpx.AsyncClient(trust_env=False) as http:
        text = (await http.get(f"{server.url}/metrics")).text
    found = re.search(rf'^tabiya_limited_total{{limit="{limit}",worker="1"}} (\S+)$', text, re.M)
    return float(found[1]) if found else 0


# What a seat says


async def test_one_message_too_many_is_refused_by_name_and_a_legal_move_is_still_played(
    limited: Server, address: str
) -> None:
    async with game(limited, address) as (white, black, _):
        assert await white.codes(MESSAGES, "ping") == ["ack"] * MESSAGES
        refused = await white.ask("ping")
        assert refused["code"] == "rate_limited"
        assert re.search(r"try again in \d+ s", refused["message"])
        assert (await white.ask("sync"))["code"] == "rate_limited"
        assert (await white.ask("resign"))["code"] == "rate_limited"
        assert (await white.ask("move", uci="e2e4"))["type"] == "ack"
        assert (await black.ask("move", uci="e7e5"))["type"] == "ack"
        assert (await white.ask("move", uci="g1f3"))["type"] == "ack"
        assert await hits(limited, "messages") >= 3


async def test_moves_that_are_refused_count_and_one_refused_for_too_much_may_be_sent_again_under_its_id(
    limited: Server, address: str
) -> None:
    async with game(limited, address) as (white, black, _):
        codes = await white.codes(MESSAGES + 2, "move", uci="e2e5")
        assert codes == ["illegal_move"] * MESSAGES + ["rate_limited"] * 2
        assert (await white.ask("move", uci="e2e4"))["type"] == "ack"
        assert (await white.ask("move", uci="g1f3", id="later"))["code"] == "rate_limited"      # not its turn
        assert (await black.ask("move", uci="e7e5"))["type"] == "ack"
        assert (await white.ask("move", uci="g1f3", id="later"))["type"] == "ack"


async def test_a_move_that_is_sent_again_is_answered_and_counts(limited: Server, address: str) -> None:
    async with game(limited, address) as (white, _, _):
        answers = [await white.ask("move", uci="e2e4", ply=1, id="once") for _ in range(MESSAGES + 3)]
        assert {answer["type"] for answer in answers} == {"ack"}
        assert len({answer["v"] for answer in answers}) == 1
        assert (await white.ask("ping"))["code"] == "rate_limited"


async def test_who_goes_on_regardless_is_thrown_out_and_coming_back_resets_nothing_but_the_game_goes_on(
    limited: Server, address: str
) -> None:
    async with game(limited, address) as (white, black, stack):
        for _ in range(3 * MESSAGES + 500):
            await white.tell("ping")
        assert await white.close_code() == 4002
        again = await seat(stack, limited, address, white.room_id, white.token)
        assert again.welcome["player_id"] == white.welcome["player_id"]
        assert (await again.ask("move", uci="e2e4"))["type"] == "ack"
        assert (await black.ask("move", uci="e7e5"))["type"] == "ack"
        await again.tell("ping")
        assert await again.close_code() == 4002
        assert (await black.ask("ping"))["type"] == "ack"
        assert await hits(limited, "floods") >= 2


async def test_reconnecting_does_not_reset_the_count(limited: Server, address: str) -> None:
    async with game(limited, address) as (white, _, stack):
        assert await white.codes(MESSAGES - 1, "ping") == ["ack"] * (MESSAGES - 1)
        again = await seat(stack, limited, address, white.room_id, white.token)
        assert await again.codes(2, "ping") == ["ack", "rate_limited"]
        once_more = await seat(stack, limited, address, white.room_id, white.token)
        assert (await once_more.ask("move", uci="e2e5"))["code"] == "rate_limited"
        assert (await once_more.ask("move", uci="e2e4"))["type"] == "ack"


async def test_a_flood_of_what_cannot_be_read_is_refused_too(limited: Server, address: str) -> None:
    async with game(limited, address) as (white, _, _):
        answers = await white.codes(MESSAGES + 1, "dance")
        assert answers == ["unknown_type"] * MESSAGES + ["rate_limited"]


async def test_a_spectator_who_floods_is_refused_and_then_thrown_out(limited: Server, address: str) -> None:
    async with game(limited, address) as (white, _, stack):
        url = f"{limited.ws_url}/ws/watch/{white.room_id}"
        watching = Seat(await stack.enter_async_context(dialled(url, additional_headers=by(address))), "", {}, "")
        assert await watching.codes(MESSAGES + 1, "ping") == ["ack"] * MESSAGES + ["rate_limited"]
        for _ in range(3 * MESSAGES):
            await watching.tell("ping")
        assert await watching.close_code() == 4002
        assert (await white.ask("move", uci="e2e4"))["type"] == "ack"


async def test_who_chats_too_fast_is_refused_and_can_still_move_and_resign(limited: Server, address: str) -> None:
    async with game(limited, address) as (white, black, _):
        assert await white.codes(CHAT + 1, "chat", text="hurry up") == ["ack"] * CHAT + ["rate_limited"]
        assert (await black.ask("chat", text="I can speak"))["type"] == "ack"
        assert (await white.ask("move", uci="e2e4"))["type"] == "ack"
        assert (await white.ask("resign"))["type"] == "ack"
        assert await hits(limited, "chat") >= 1


async def test_chat_that_is_sent_again_is_answered_as_before(limited: Server, address: str) -> None:
    async with game(limited, address) as (white, _, _):
        answers = [await white.ask("chat", text="hello", id="once") for _ in range(CHAT + 2)]
        assert {answer["type"] for answer in answers} == {"ack"}
        assert await white.codes(CHAT, "chat", text="more") == ["ack"] * (CHAT - 1) + ["rate_limited"]


MOVES: Final = 8 * MESSAGES     # by each more than a flood
WINDOW_S: Final = 20


async def test_bullet_by_premoves_at_far_more_moves_a_second_than_messages_is_never_limited(
    limited: Server, address: str
) -> None:
    """Each answers the moment it can, as pages with premoves do, and never repeats a position five times."""
    async with game(limited, address, time="1+0") as (white, black, _):
        board = chess.Board()
        began_s = time.monotonic()
        for ply in range(1, MOVES + 1):
            mover = white if board.turn else black
            uci = next(iter(fresh(board))).uci()
            answer = await mover.ask("move", uci=uci, ply=ply)
            assert answer["type"] == "ack", (ply, answer)
            board.push_uci(uci)
        assert time.monotonic() - began_s < WINDOW_S, "or messages would not have been too many, either"


def fresh(board: chess.Board) -> Iterator[chess.Move]:
    """Moves after which the game is not over, and which lead where it was not twice yet."""
    for move in list(board.legal_moves):
        board.push(move)
        is_fine = not board.is_game_over(claim_draw=True) and not board.is_repetition(3)
        board.pop()
        if is_fine:
            yield move


# Who comes


async def test_an_address_opens_so_many_rooms_and_is_told_when_it_may_open_more(limited: Server, address: str) -> None:
    async with requests(limited, address) as http, AsyncExitStack() as stack:
        for _ in range(ROOMS - 1):
            assert (await http.post("/rooms")).status_code == 201
        first = await seat(stack, limited, address, new_room_id())      # a socket opens rooms, too
        answer = await http.post("/rooms")
        assert answer.status_code == 429
        assert 0 < int(answer.headers["Retry-After"]) <= 600
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["code"] == "rate_limited"
        assert (await http.post("/api/challenge/open")).status_code == 429
        unknown = new_room_id()
        with pytest.raises(ConnectionClosed) as closed:
            await seat(stack, limited, address, unknown)
        assert closed.value.rcvd is not None
        assert (closed.value.rcvd.code, "try again in" in closed.value.rcvd.reason) == (1013, True)
        assert (await http.get(f"/rooms/{unknown}")).status_code == 404
        await seat(stack, limited, address, first.room_id)      # a room that is there may be entered
        async with requests(limited, beside(address)) as other:
            assert (await other.post("/rooms")).status_code == 201
        assert await hits(limited, "rooms") >= 3


FREE: Final = ("/healthz", "/readyz", "/metrics", "/assets/nothing.js", "/favicon.ico")


async def test_an_address_asks_so_often_and_then_is_told_when_to_ask_again(limited: Server, address: str) -> None:
    async with requests(limited, address) as http, game(limited, address) as (white, black, stack):
        assert (await stack.enter_async_context(http.stream("GET", "/sse/rooms"))).status_code == 200
        statuses = [(await http.get(f"/rooms/{white.room_id}")).status_code for _ in range(REQUESTS)]
        assert statuses == [200] * (REQUESTS - 1) + [429]
        for path in ("/rooms", "/", "/nowhere", "/sse/rooms", f"/sse/game/{white.room_id}"):
            answer = await http.get(path)
            assert (answer.status_code, answer.headers["content-type"]) == (429, "application/problem+json"), path
            assert 0 < int(answer.headers["Retry-After"]) <= 60
            assert answer.json()["code"] == "rate_limited"
        for path in ("/api/tv/channels", "/game/export/nothing", "/api/stream/event"):
            answer = await http.get(path)
            assert (answer.status_code, answer.headers["content-type"]) == (429, "application/json"), path
            assert 0 < int(answer.headers["Retry-After"]) <= 60
            assert "too many requests" in answer.json()["error"]
        for path in FREE:
            assert (await http.get(path)).status_code != 429, path
        async with requests(limited, beside(address)) as other:
            assert (await other.get("/rooms")).status_code == 200
        assert (await white.ask("move", uci="e2e4"))["type"] == "ack"
        again = await seat(stack, limited, address, black.room_id, black.token)     # a WebSocket is none
        assert (await again.ask("move", uci="e7e5"))["type"] == "ack"
        assert await hits(limited, "requests") >= 8


async def test_moves_over_the_lichess_api_are_no_requests_too_many_but_what_is_refused_counts(
    limited: Server, address: str
) -> None:
    anna, boris = (
        {"Authorization": f"Bearer {account_token(limited, name)}"} for name in ("Bullet-Anna", "Bullet-Boris")
    )
    async with requests(limited, address) as http:
        created = await http.post("/api/challenge/Bullet-Boris", data={"color": "white"}, headers=anna)
        game_id = created.json()["id"]
        assert (await http.post(f"/api/challenge/{game_id}/accept", headers=boris)).status_code == 200
        path, board = f"/api/board/game/{game_id}/move", chess.Board()
        for _ in range(REQUESTS - 2):
            mover = anna if board.turn else boris
            uci = next(iter(fresh(board))).uci()
            assert (await http.post(f"{path}/{uci}", headers=mover)).status_code == 200
            board.push_uci(uci)
        assert (await http.get("/api/account", headers=anna)).status_code == 200
        mover = anna if board.turn else boris
        while (await http.get("/rooms")).status_code == 200:
            assert (await http.post(f"{path}/a1a1", headers=mover)).status_code in (400, 429)
        assert (await http.post(f"{path}/{next(iter(fresh(board))).uci()}", headers=mover)).status_code == 200


async def test_an_address_makes_so_many_accounts(limited: Server, address: str) -> None:
    async with requests(limited, address) as http:
        statuses = [(await http.post("/accounts", json={"name": f"Club-{n}"})).status_code for n in range(ACCOUNTS + 1)]
        assert statuses == [201] * ACCOUNTS + [429]
        answer = await http.post("/accounts", json={"name": "Club-9"})
        assert 0 < int(answer.headers["Retry-After"]) <= 3_600
        assert answer.json()["code"] == "rate_limited"


async def test_an_account_challenges_and_seeks_so_often_and_hears_so_in_lichess_s_words(
    limited: Server, address: str
) -> None:
    mine, _ = account_token(limited, "Anna"), account_token(limited, "Boris")
    async with requests(limited, address) as http:
        http.headers["Authorization"] = f"Bearer {mine}"
        for _ in range(CHALLENGES):
            assert (await http.post("/api/challenge/Boris")).status_code == 200
        for path in ("/api/challenge/Boris", "/api/board/seek?time=5&increment=3", "/api/challenge/ai?level=1"):
            answer = await http.post(path)
            assert answer.status_code == 429, (path, answer.text)
            assert 0 < int(answer.headers["Retry-After"]) <= 600
            assert "too many challenges" in answer.json()["error"]


async def test_chat_over_the_lichess_api_is_limited_as_over_a_socket_and_moves_are_not(
    limited: Server, address: str
) -> None:
    clara, dora = account_token(limited, "Clara"), account_token(limited, "Dora")
    async with requests(limited, address) as http:
        http.headers["Authorization"] = f"Bearer {clara}"
        game_id = (await http.post("/api/challenge/Dora", data={"color": "white"})).json()["id"]
        accepted = await http.post(f"/api/challenge/{game_id}/accept", headers={"Authorization": f"Bearer {dora}"})
        assert accepted.status_code == 200
        board = f"/api/board/game/{game_id}"
        answers = [await http.post(f"{board}/chat", data={"room": "player", "text": "hi"}) for _ in range(CHAT + 1)]
        assert [answer.status_code for answer in answers] == [200] * CHAT + [429]
        assert 0 < int(answers[-1].headers["Retry-After"]) <= 10
        assert "chat too fast" in answers[-1].json()["error"]
        statuses = [(await http.post(f"{board}/draw/no")).status_code for _ in range(MESSAGES)]
        assert statuses == [200] * MESSAGES         # nothing to decline: nothing is asked of the room
        statuses = [(await http.post(f"{board}/move/e2e5")).status_code for _ in range(MESSAGES)]
        assert set(statuses) == {400, 429}
        assert (await http.post(f"{board}/abort", data={})).status_code == 429
        assert (await http.post(f"{board}/move/e2e4")).status_code == 200


async def test_an_address_has_so_many_connections_sockets_and_streams_together(limited: Server, address: str) -> None:
    async with game(limited, address) as (white, _, stack), requests(limited, address) as http:
        for path in ("/sse/rooms", f"/sse/game/{white.room_id}", "/api/tv/feed"):
            stream = await stack.enter_async_context(http.stream("GET", path))
            assert stream.status_code == 200
        for path in ("/sse/rooms", "/sse/me", f"/sse/game/{white.room_id}"):
            answer = await http.get(path)
            assert (answer.status_code, answer.json()["code"]) == (429, "rate_limited"), path
            assert int(answer.headers["Retry-After"]) > 0
        answer = await http.get("/api/tv/feed")
        assert (answer.status_code, list(answer.json())) == (429, ["error"])
        with pytest.raises(ConnectionClosed) as closed:
            await seat(stack, limited, address, white.room_id, white.token)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1013
        assert (await http.get(f"/rooms/{white.room_id}")).status_code == 200       # a short request is none of them
        assert (await white.ask("move", uci="e2e4"))["type"] == "ack"
        await stream.aclose()
        await until_entered(stack, limited, address, white)
        assert await hits(limited, "connections_per_address") >= 5


async def until_entered(stack: AsyncExitStack, server: Server, address: str, player: Seat) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while True:
            try:
                await seat(stack, server, address, player.room_id, player.token)
            except ConnectionClosed:
                await asyncio.sleep(0.02)       # the end of the stream is on its way
            else:
                return


async def test_a_program_comes_back_until_there_is_a_place_for_it(limited: Server) -> None:
    token = account_token(limited, "Eve")
    refused = await hits(limited, "connections_per_address")
    async with httpx.AsyncClient(base_url=limited.url, trust_env=False) as http, AsyncExitStack() as crowd:
        for _ in range(EACH):
            assert (await crowd.enter_async_context(http.stream("GET", "/sse/rooms"))).status_code == 200
        async with aclosing(account_events(address_of(limited.url), token)) as events:
            first = asyncio.ensure_future(anext(events))
            async with asyncio.timeout(PATIENCE_S):
                while await hits(limited, "connections_per_address") < refused + 2:
                    await asyncio.sleep(0.05)
            await crowd.aclose()
            async with asyncio.timeout(PATIENCE_S):
                assert (await first)["type"] == "me"


async def test_a_room_has_so_many_spectators_over_both_feeds(limited: Server, address: str) -> None:
    async with game(limited, address) as (white, _, stack), requests(limited, beside(address)) as http:
        watch = f"{limited.ws_url}/ws/watch/{white.room_id}"
        socket = await stack.enter_async_context(dialled(watch, additional_headers=by(address)))
        await socket.recv()
        stream = await stack.enter_async_context(http.stream("GET", f"/sse/game/{white.room_id}"))
        assert stream.status_code == 200
        answer = await http.get(f"/sse/game/{white.room_id}")
        assert (answer.status_code, int(answer.headers["Retry-After"]) > 0) == (503, True)
        assert answer.headers["content-type"] == "application/problem+json"
        async with dialled(watch, additional_headers=by(address)) as refused:
            await refused.wait_closed()
            assert refused.close_code == 1013
        async with game(limited, beside(address, 3)) as (other, _, _):
            there = await stack.enter_async_context(http.stream("GET", f"/sse/game/{other.room_id}"))
            assert there.status_code == 200
        assert await hits(limited, "spectators") >= 2


async def test_connections_that_say_nothing_are_too_many_one_day_and_a_game_goes_on(starter: Starter) -> None:
    server = starter("--max-tcp-connections-per-address", str(EACH), "--trusted-proxies", "192.0.2.1").start()
    async with game(server, "203.0.113.1") as (white, black, stack):
        for _ in range(EACH - 2):
            _, writer = await asyncio.open_connection("127.0.0.1", server.port)
            stack.callback(writer.close)
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        stack.callback(writer.close)
        assert (await reader.read()).startswith(b"HTTP/1.1 503 Service Unavailable\r\nretry-after: ")
        with pytest.raises(InvalidStatus):
            await seat(stack, server, "203.0.113.1", new_room_id())
        assert (await white.ask("move", uci="e2e4"))["type"] == "ack"
        assert (await black.ask("move", uci="e7e5"))["type"] == "ack"
    async with asyncio.timeout(PATIENCE_S):
        while not (refused := await hits(server, "tcp_connections_per_address")):   # until they have gone: 503
            await asyncio.sleep(0.05)
    assert refused >= 2


async def test_a_full_server_keeps_places_for_those_who_play(starter: Starter) -> None:
    server = starter("--max-connections", "10").start()
    async with game(server, "203.0.113.1") as (white, _, stack), requests(server, "203.0.113.2") as http:
        for _ in range(7):
            assert (await stack.enter_async_context(http.stream("GET", "/sse/rooms"))).status_code == 200
        answer = await http.get("/sse/rooms")
        assert (answer.status_code, answer.json()["code"]) == (503, "rate_limited")
        assert int(answer.headers["Retry-After"]) > 0
        async with dialled(f"{server.ws_url}/ws/watch/{white.room_id}") as refused:
            await refused.wait_closed()
            assert refused.close_code == 1013
        third = await seat(stack, server, "203.0.113.3", new_room_id())
        with pytest.raises(ConnectionClosed):
            await seat(stack, server, "203.0.113.4", new_room_id())
        assert (await third.ask("ping"))["type"] == "ack"
        assert (await white.ask("move", uci="e2e4"))["type"] == "ack"


def test_a_server_takes_the_open_files_that_its_connections_need_or_says_that_it_may_not(starter: Starter) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (300, hard))
    try:
        modest, greedy = starter("--max-connections", "500").start(), starter("--max-connections", str(10**9)).start()
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert resource.prlimit(modest.pid, resource.RLIMIT_NOFILE)[0] == 1_500
    assert resource.prlimit(greedy.pid, resource.RLIMIT_NOFILE)[0] == hard
    assert ("LimitNOFILE" in modest.log, "LimitNOFILE" in greedy.log) == (False, True)


# From where


async def rooms_until_refused(server: Server, *addresses: str) -> int:
    """How many rooms can be opened with these `X-Forwarded-For` in turn, one more than the limit at most."""
    for count, forwarded in enumerate(itertools.islice(itertools.cycle(addresses), ROOMS + 1)):
        async with requests(server, forwarded) as http:
            if (await http.post("/rooms")).status_code == 429:
                return count
    return ROOMS + 1


BEHIND_A_PROXY: Final = {
    "an address": (("192.0.2.1",), ROOMS),
    "addresses": (("192.0.2.2", "192.0.2.3"), ROOMS + 1),
    "what the client itself put in front does not count": (("192.0.2.10, 192.0.2.4", "192.0.2.11, 192.0.2.4"), ROOMS),
    "one customer's IPv6 addresses": (("2001:db8::1", "2001:db8::2", "2001:db8:0:0:1::3"), ROOMS),
    "another port is the same address": (("192.0.2.5:1111", "192.0.2.5:2222"), ROOMS),
    "garbage is all one": (("garbage", "192.0.2.999", "more garbage", "[2001:db8::1"), ROOMS),
}


@pytest.mark.parametrize(("addresses", "count"), BEHIND_A_PROXY.values(), ids=BEHIND_A_PROXY)
async def test_behind_a_trusted_proxy_who_stands_behind_it_is_counted(
    limited: Server, addresses: tuple[str, ...], count: int
) -> None:
    assert await rooms_until_refused(limited, *addresses) == count


async def test_whom_the_server_does_not_trust_it_does_not_believe(starter: Starter) -> None:
    server = starter("--max-rooms-per-address", str(ROOMS), "--trusted-proxies", "192.0.2.0/24").start()
    assert await rooms_until_refused(server, *(f"203.0.113.{n}" for n in range(ROOMS + 1))) == ROOMS


# By which name


async def test_a_server_that_knows_its_names_goes_by_no_other(starter: Starter) -> None:
    server = starter("--allowed-hosts", "chess.example.org,localhost").start()
    outside = {"X-Forwarded-For": "203.0.113.1"}
    async with httpx.AsyncClient(base_url=server.url, headers=outside, trust_env=False) as http:
        for host in ("chess.example.org", "CHESS.example.org:8443", "localhost:1", "chess.example.org."):
            assert (await http.get("/rooms", headers={"Host": host})).status_code == 200, host
        for host in ("evil.example", "", "chess.example.org.evil.example", "127.0.0.1", server.host):
            answer = await http.get("/rooms", headers={"Host": host})
            assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json"), host
            assert "name" in answer.json()["detail"]
            assert (await http.get("/healthz", headers={"Host": host})).status_code == 200
            assert (await http.get("/readyz", headers={"Host": host})).status_code == 200
    room_id = new_room_id()
    with pytest.raises(InvalidStatus) as refused:
        async with dialled(f"{server.ws_url}/ws/game/{room_id}", additional_headers=outside):
            pass
    assert refused.value.response.status_code == 400
    async with dialled(f"{server.ws_url}/ws/game/{room_id}") as own:    # as the server's own engines connect
        assert json.loads(await own.recv())["type"] == "welcome"


# None of them


async def test_without_limits_none_is_met(starter: Starter) -> None:
    server = starter("--rate-limits", "off", *map(str, OPTIONS)).start()
    async with game(server, "203.0.113.1") as (white, _, stack), requests(server, "203.0.113.1") as http:
        assert set(await white.codes(4 * MESSAGES, "ping")) == {"ack"}
        assert set(await white.codes(4 * CHAT, "chat", text="hello")) == {"ack"}
        for _ in range(2 * ROOMS):
            assert (await http.post("/rooms")).status_code == 201
        for _ in range(2 * EACH):
            stream = await stack.enter_async_context(http.stream("GET", f"/sse/game/{white.room_id}"))
            assert stream.status_code == 200
