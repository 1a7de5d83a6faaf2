"""Whatever a stranger sends gets a named error or a documented close code, and the game goes on untouched."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from tests.system.player import PATIENCE_S, Frame, Player, dialled, query_of
from tests.system.process import Server
from tests.system.tables import new_room_id, play, player, two_players

MAX_MESSAGE_BYTES = 8_192


async def heard(socket: ClientConnection, *kinds: str) -> Frame:
    """The next frame of one of these kinds."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            frame: Frame = json.loads(await socket.recv())
            if frame["type"] in kinds:
                return frame


async def closed(socket: ClientConnection) -> int:
    """The code with which the server closes; 1006 if it does so without a word."""
    async with asyncio.timeout(PATIENCE_S):
        with suppress(ConnectionClosed):
            while True:
                await socket.recv()
    return socket.close_code or 1006


@asynccontextmanager
async def untouched_game(server: Server) -> AsyncIterator[tuple[ClientConnection, Player]]:
    """A game in which it is White's turn, seen from White's socket; afterwards it is as it was, and goes on."""
    async with two_players(server) as (white, black):
        await play(white, black, "e2e4", "e7e5")
        v = black.v
        async with dialled(f"{server.ws_url}/ws/game/{white.room_id}", token=white.token) as socket:
            await heard(socket, "state")
            assert await white.ended() == 4005
            yield socket, black
        async with player(server, white.room_id, token=white.token) as again:
            await again.until(lambda: again.is_playing)
            await play(again, black, "g1f3", "b8c6")
            between = [json.loads(black.shown[i])["type"] for i in range(v + 1, black.v + 1)]
            assert [kind for kind in between if not kind.startswith("player_")] == ["move", "move"]


def move(uci: Any, **fields: Any) -> dict[str, Any]:
    return {"type": "move", "uci": uci, **fields}


REFUSED: dict[str, tuple[str | dict[str, Any], str]] = {
    # not a message at all
    "empty": ("", "bad_message"),
    "half an object": ("{", "bad_message"),
    "no JSON": ("e2e4", "bad_message"),
    "two objects": ('{"type":"resign"}{"type":"resign"}', "bad_message"),
    "trailing comma": ('{"type":"resign",}', "bad_message"),
    "single quotes": ("{'type':'resign'}", "bad_message"),
    "null": ("null", "bad_message"),
    "number": ("1", "bad_message"),
    "text": ('"resign"', "bad_message"),
    "array": ('[{"type":"resign"}]', "bad_message"),
    "NUL": ("\0", "bad_message"),
    "byte order mark": ('\ufeff{"type":"resign"}', "bad_message"),
    "deep arrays": ("[" * 8_000, "bad_message"),
    "deep objects": ('{"type":' * 1_000, "bad_message"),
    "deep type": ('{"type":' + "[" * 4_000 + "]" * 4_000 + "}", "bad_message"),
    "deep and unknown field": ('{"type":"resign","x":' + "[" * 4_000 + "]" * 4_000 + "}", "bad_message"),
    # not one that we know
    "no type": ({}, "bad_message"),
    "type null": ({"type": None}, "bad_message"),
    "type number": ({"type": 1}, "bad_message"),
    "type array": ({"type": ["resign"]}, "bad_message"),
    "unknown type": ({"type": "castle"}, "unknown_type"),
    "empty type": ({"type": ""}, "unknown_type"),
    "upper case": ({"type": "RESIGN"}, "unknown_type"),
    "one of the server's": ({"type": "game_over", "result": "1-0"}, "unknown_type"),
    "prototype": ({"type": "__proto__"}, "unknown_type"),
    # with a field that is not what it should be
    "no uci": ({"type": "move"}, "bad_message"),
    "uci null": (move(None), "bad_message"),
    "uci number": (move(2), "bad_message"),
    "uci array": (move(["e2e4"]), "bad_message"),
    "lone surrogate": ('{"type":"move","uci":"\\ud800"}', "bad_message"),
    "ply as text": (move("g1f3", ply="3"), "bad_message"),
    "ply fraction": (move("g1f3", ply=3.5), "bad_message"),
    "ply boolean": (move("g1f3", ply=True), "bad_message"),
    "ply not a number": ('{"type":"move","uci":"g1f3","ply":NaN}', "bad_message"),
    "offer_draw as text": (move("g1f3", offer_draw="yes"), "bad_message"),
    "id number": ({"type": "resign", "id": 1}, "bad_message"),
    "id too long": ({"type": "resign", "id": "x" * 65}, "bad_message"),
    "id lone surrogate": ('{"type":"resign","id":"\\udfff"}', "bad_message"),
    "offer of what": ({"type": "offer"}, "bad_message"),
    "offer of nonsense": ({"type": "offer", "kind": "marriage"}, "bad_message"),
    "claim of nonsense": ({"type": "claim", "kind": "title"}, "bad_message"),
    "silent chat": ({"type": "chat", "text": ""}, "bad_message"),
    "blank chat": ({"type": "chat", "text": " \u3000"}, "bad_message"),
    "long chat": ({"type": "chat", "text": "x" * 281}, "bad_message"),
    "chat with NUL": ({"type": "chat", "text": "\0"}, "bad_message"),
    "chat lone surrogate": ('{"type":"chat","text":"\\ud83d"}', "bad_message"),
    "chat to nobody": ({"type": "chat", "text": "x", "room": "admins"}, "bad_message"),
    "time back": ({"type": "add_time", "ms": -1}, "bad_message"),
    "time without end": ({"type": "add_time", "ms": 10**12}, "bad_message"),
    "ping with infinity": ('{"type":"ping","t":1e999}', "bad_message"),
    "ping with an object": ({"type": "ping", "t": {}}, "bad_message"),
    # not a legal move
    "null move": (move("0000"), "illegal_move"),
    "no text": (move(""), "illegal_move"),
    "blank": (move(" "), "illegal_move"),
    "SAN": (move("Nf3"), "illegal_move"),
    "upper case move": (move("G1F3"), "illegal_move"),
    "blank at the end": (move("g1f3 "), "illegal_move"),
    "promotion of a knight": (move("g1f3q"), "illegal_move"),
    "no such square": (move("e9e4"), "illegal_move"),
    "no such square either": (move("i1i2"), "illegal_move"),
    "drop": (move("P@e5"), "illegal_move"),
    "from where to where": (move("g1g1"), "illegal_move"),
    "opponent's piece": (move("b8c6"), "illegal_move"),
    "castling through pieces": (move("e1g1"), "illegal_move"),
    "castling onto the rook": (move("e1h1"), "illegal_move"),
    "full-width digits": (move("g\uff11f\uff13"), "illegal_move"),
    "8,000 letters": (move("e" * 8_000), "illegal_move"),
    # not the next ply
    "ply before": (move("g1f3", ply=2), "stale_ply"),
    "ply after": (move("g1f3", ply=4), "stale_ply"),
    "ply zero": (move("g1f3", ply=0), "stale_ply"),
    "ply below zero": (move("g1f3", ply=-3), "stale_ply"),
    "ply beyond 64 bits": (move("g1f3", ply=10**30), "stale_ply"),
    # not now
    "abort too late": ({"type": "abort"}, "not_allowed"),
    "no repetition": ({"type": "claim", "kind": "draw"}, "not_allowed"),
    "nobody is absent": ({"type": "claim", "kind": "victory"}, "not_allowed"),
    "no clock": ({"type": "add_time", "ms": 15_000}, "not_allowed"),
    "nothing to accept": ({"type": "accept", "kind": "draw"}, "no_such_offer"),
    "nothing to decline": ({"type": "decline", "kind": "takeback"}, "no_such_offer"),
}


AT_A_TABLE = 40      # each with a ping: not so many that the limit on messages is met


@pytest.mark.parametrize("first", range(0, len(REFUSED), AT_A_TABLE))
async def test_bad_messages_are_refused_by_name_and_the_game_goes_on(server: Server, first: int) -> None:
    async with untouched_game(server) as (socket, _):
        for name, (message, code) in list(REFUSED.items())[first : first + AT_A_TABLE]:
            await socket.send(message if isinstance(message, str) else json.dumps(message))
            error = await heard(socket, "error")
            assert (name, error["code"]) == (name, code), error
            assert 0 < len(error["message"]) < 500
            await socket.send('{"type":"ping"}')    # readable, so that they are not unreadable ones in a row
            assert (await heard(socket, "pong", "error"))["type"] == "pong"


async def test_the_id_of_a_refused_message_comes_back(server: Server) -> None:
    async with untouched_game(server) as (socket, _):
        for message in ({"type": "castle"}, {"type": "move"}, move("0000"), {"type": "offer", "kind": "x"}):
            await socket.send(json.dumps({**message, "id": f"about {message}"}))
            assert (await heard(socket, "error"))["id"] == f"about {message}"


def padded(length: int) -> str:
    """A `sync` of that many bytes."""
    text = '{"type":"sync","x":"%s"}'
    return text % ("x" * (length - len(text) + 2))


FATAL: dict[str, tuple[Any, bool | None, int]] = {
    # message or fragments, as text, close code
    "binary": (b'{"type":"resign"}', None, 1008),
    "empty binary": (b"", None, 1008),
    "invalid UTF-8": (b'{"type":"chat","text":"\xff"}', True, 1007),
    "half a character": (b'{"type":"chat","text":"\xe2\x99', True, 1007),
    "surrogate in UTF-8": (b"\xed\xa0\x80", True, 1007),
    "overlong NUL": (b"\xc0\x80", True, 1007),
    "too long": (padded(MAX_MESSAGE_BYTES + 1), None, 1009),
    "much too long": ("x" * 1_000_000, None, 1009),
    "too long in characters of two bytes": ("é" * (MAX_MESSAGE_BYTES // 2) + "x", None, 1009),
    "too long in fragments": (["x" * 4_000, "x" * 4_000, "x" * 4_000], None, 1009),
    "too long in many fragments": (["x" * 16] * (MAX_MESSAGE_BYTES // 16 + 1), None, 1009),
    "in crumbs": (["x"] * 400, None, 1008),
    "binary in fragments": ([b"{", b"}"], None, 1008),
}


@pytest.mark.parametrize(("message", "as_text", "code"), FATAL.values(), ids=FATAL)
async def test_what_is_no_message_closes_the_socket_and_the_game_goes_on(
    server: Server, message: Any, as_text: bool | None, code: int
) -> None:
    async with untouched_game(server) as (socket, _):
        with suppress(ConnectionClosed):    # while we are still sending
            await socket.send(message, text=as_text)
        assert await closed(socket) == code


async def test_unreadable_messages_again_and_again_close_the_socket(server: Server) -> None:
    async with untouched_game(server) as (socket, _):
        for _i in range(200):
            try:
                await socket.send("{")
            except ConnectionClosed:
                break
        assert await closed(socket) == 1008


@pytest.mark.parametrize("in_fragments", [False, True])
async def test_a_message_may_be_as_long_as_the_limit(server: Server, in_fragments: bool) -> None:
    async with untouched_game(server) as (socket, _):
        text = padded(MAX_MESSAGE_BYTES)
        assert len(text) == MAX_MESSAGE_BYTES
        await socket.send([text[:100], text[100:], ""] if in_fragments else text)
        assert (await heard(socket, "state", "error"))["type"] == "state"


async def test_a_move_out_of_turn_before_the_start_and_after_the_end(server: Server) -> None:
    room_id = new_room_id()
    async with player(server, room_id, color="white") as white:
        await white.until(lambda: white.welcome)
        assert (await white.do(type="move", uci="e2e4", ply=1))["code"] == "game_not_started"
        assert (await white.do(type="resign"))["code"] == "game_not_started"
        async with player(server, room_id) as black:
            await black.until(lambda: black.is_playing)
            assert (await black.do(type="move", uci="e7e5", ply=1))["code"] == "not_your_turn"
            assert (await black.do(type="move", uci="e2e4", ply=1))["code"] == "not_your_turn"
            await play(white, black, "f2f3", "e7e5", "g2g4", "d8h4")
            await white.first("game_over")
            for message in (move("e1f2"), {"type": "resign"}, {"type": "abort"}, {"type": "claim", "kind": "draw"}):
                assert (await white.do(**message))["code"] == "game_over", message
            assert (await white.do(type="move", uci="e1f2", ply=5))["code"] in ("game_over", "stale_ply")
            assert (await white.do(type="move", uci="g2g4", ply=3))["type"] == "ack"    # it was played: harmless
            assert black.v == white.v == 4 + 5


async def test_castling_is_the_kings_two_square_move_in_standard_chess(server: Server) -> None:
    async with two_players(server) as (white, black):
        await play(white, black, "e2e4", "e7e5", "g1f3", "g8f6", "f1c4", "f8c5")
        assert (await white.do(type="move", uci="e1h1"))["code"] == "illegal_move"
        await play(white, black, "e1g1")
        assert (await black.do(type="move", uci="e8h8"))["code"] == "illegal_move"
        await play(white, black, "e8g8")
        assert [frame["san"] for frame in white.moves()[-2:]] == ["O-O", "O-O"]


async def frames_before(socket: ClientConnection) -> list[Any]:
    """What was said before the connection was closed."""
    frames = []
    try:
        while True:
            frames.append(await asyncio.wait_for(socket.recv(), PATIENCE_S))
    except ConnectionClosed:
        return frames


WISHES: dict[str, dict[str, str]] = {
    "time": {"time": "5"},
    "no time": {"time": ""},
    "time below zero": {"time": "-5+3"},
    "time without end": {"time": "inf+0"},
    "not a number": {"time": "nan+nan"},
    "a century": {"time": "99999999999999999999+0"},
    "days": {"time": "0d"},
    "variant": {"variant": "ludo"},
    "fen": {"fen": "nonsense"},
    "no kings": {"fen": "8/8/8/8/8/8/8/8 w - - 0 1"},
    "two white kings": {"fen": "K6k/8/8/8/8/8/8/K7 w - - 0 1"},
    "the king can be taken": {"fen": "k6R/8/8/8/8/8/8/K7 w - - 0 1"},
    "mate already": {"fen": "R5k1/5ppp/8/8/8/8/8/K7 b - - 0 1"},
    "long fen": {"fen": "k7/8/8/8/8/8/8/K7 w - - 0 " + "1" * 5_000},
    "name": {"name": "x" * 33},
    "no name": {"name": ""},
    "blank name": {"name": "  "},
    "name with a line break": {"name": "a\nb"},
    "name from right to left": {"name": "\u202eabc"},
    "colour": {"color": "green"},
}


@pytest.mark.parametrize("wish", WISHES.values(), ids=WISHES)
async def test_a_bad_wish_is_closed_with_4004_and_makes_no_room(server: Server, wish: dict[str, str]) -> None:
    room_id = new_room_id()
    async with dialled(f"{server.ws_url}/ws/game/{room_id}?{query_of(**wish)}") as socket:
        assert (await frames_before(socket), await closed(socket)) == ([], 4004)
        assert socket.close_reason
    assert httpx.get(f"{server.url}/rooms/{room_id}", trust_env=False).status_code == 404


TOKENS = {
    "short": "x" * 21,
    "long": "x" * 65,
    "blank": "x" * 11 + " " + "x" * 11,
    "umlaut": "ü" * 30,
    "NUL": "x" * 30 + "\0",
    "line break": "x" * 30 + "\n",
    "empty": "",
}


@pytest.mark.parametrize("token", TOKENS.values(), ids=TOKENS)
async def test_a_malformed_token_is_closed_with_4001_and_makes_no_room(server: Server, token: str) -> None:
    room_id = new_room_id()
    async with dialled(f"{server.ws_url}/ws/game/{room_id}", token=token, form="query") as socket:
        assert (await frames_before(socket), await closed(socket)) == ([], 4001)
    assert httpx.get(f"{server.url}/rooms/{room_id}", trust_env=False).status_code == 404


async def test_a_third_player_is_closed_with_4003_and_may_watch(server: Server) -> None:
    async with two_players(server) as (white, black):
        for wish in ("white", "black", "random"):
            async with dialled(f"{server.ws_url}/ws/game/{white.room_id}?color={wish}") as socket:
                assert (await frames_before(socket), await closed(socket)) == ([], 4003)
        async with dialled(f"{server.ws_url}/ws/watch/{white.room_id}") as socket:
            await heard(socket, "state")
            for text in ('{"type":"resign"}', '{"type":"move","uci":"e2e4"}', '{"type":"chat","text":"psst"}'):
                await socket.send(text)
                assert (await heard(socket, "error"))["code"] == "not_allowed"
            await socket.send("{")
            assert (await heard(socket, "error"))["code"] == "bad_message"
            await socket.send(b"")
            assert await closed(socket) == 1008
        await play(white, black, "e2e4")


async def test_a_page_of_the_same_host_may_connect(server: Server) -> None:
    for path in ("game", "watch"):
        async with two_players(server) as (white, _):
            headers = {"Origin": server.url}
            url = f"{server.ws_url}/ws/{path}/{white.room_id}"
            async with dialled(url, token=white.token, additional_headers=headers) as socket:
                await heard(socket, "state")


async def test_what_is_unknown_is_not_found(server: Server) -> None:
    async with httpx.AsyncClient(base_url=server.url, trust_env=False) as http:
        for path in ("/sse/game/nobody-was-here", "/rooms/nobody-was-here", "/sse/game/a%20b", "/rooms/" + "x" * 65):
            answer = await http.get(path)
            assert (path, answer.status_code) == (path, 404)
            assert answer.headers["content-type"] == "application/problem+json"
    async with dialled(f"{server.ws_url}/ws/watch/nobody-was-here") as socket:
        assert (await frames_before(socket), await closed(socket)) == ([], 4004)
