"""Everything that shows a room to somebody who does not play there, each as a way to learn facts about it.

A fact is what an onlooker can tell from what it was sent: that the game has started ("started"), how many moves were
played (a number), that the game is over ("over"), that the room has closed ("closed"). `Onlooker.learned` has the
moment at which each fact was first known; a surface that was cut off is asked again.
"""

import asyncio
import io
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final

import chess.pgn
import httpx

from tests.system.player import BACK_OFF_S, Frame, SocketListener, Stream
from tests.system.process import Server

Fact = str | int
POLL_S: Final = 0.1


@dataclass
class Onlooker:
    """One surface, asked again and again or listened to, and what it has told."""

    name: str
    room_id: str
    game_id: str
    player: str
    learned: dict[Fact, float] = field(default_factory=dict)

    def note(self, facts: Iterator[Fact]) -> None:
        now_ms = time.time() * 1_000
        for fact in facts:
            self.learned.setdefault(fact, now_ms)

    @property
    def has_begun(self) -> bool:
        return "started" in self.learned


Read = Callable[[Onlooker, httpx.AsyncClient], Awaitable[Iterator[Fact]]]


def of_state(state: Frame) -> Iterator[Fact]:
    """Of `state`, or a room's line in a list."""
    if state["status"] != "waiting":
        yield "started"
    yield from range(1, 1 + plies(state["fen"]))
    if state["status"] in ("finished", "closed"):
        yield "over"
    if state["status"] == "closed":
        yield "closed"


def plies(fen: str) -> int:
    return chess.Board(fen).ply()


def of_pgn(text: str) -> Iterator[Fact]:
    game = chess.pgn.read_game(io.StringIO(text))
    assert game is not None
    yield "started"
    yield from range(1, 1 + game.end().ply())
    if game.headers["Result"] != "*":
        yield "over"


def whole(is_there: bool) -> Iterator[Fact]:
    """Of a document that is there only when the game is over."""
    if is_there:
        yield from ("started", "over")


def gone(onlooker: Onlooker, fact: Fact, facts: list[Fact]) -> Iterator[Fact]:
    """What was shown and is shown no more tells `fact`."""
    yield from facts
    if not facts and onlooker.has_begun:
        yield fact


async def room(onlooker: Onlooker, http: httpx.AsyncClient) -> Iterator[Fact]:
    return of_state((await http.get(f"/rooms/{onlooker.room_id}")).json())


async def room_pgn(onlooker: Onlooker, http: httpx.AsyncClient) -> Iterator[Fact]:
    answer = await http.get(f"/rooms/{onlooker.room_id}/pgn")
    return of_pgn(answer.text) if answer.status_code == 200 else iter(())


async def rooms(onlooker: Onlooker, http: httpx.AsyncClient) -> Iterator[Fact]:
    items = (await http.get("/rooms?limit=100")).json()["items"]
    return gone(onlooker, "closed", [fact for each in of_room(onlooker, items) for fact in of_state(each)])


async def rooms_playing(onlooker: Onlooker, http: httpx.AsyncClient) -> Iterator[Fact]:
    items = (await http.get("/rooms?status=playing")).json()["items"]
    return gone(onlooker, "over", [fact for each in of_room(onlooker, items) for fact in of_state(each)])


def of_room(onlooker: Onlooker, items: list[Frame]) -> list[Frame]:
    return [each for each in items if each["room_id"] == onlooker.room_id]


async def games(onlooker: Onlooker, http: httpx.AsyncClient) -> Iterator[Fact]:
    items = (await http.get(f"/games?player={onlooker.player}")).json()["items"]
    return whole(any(each["game_id"] == onlooker.game_id for each in items))


async def game(onlooker: Onlooker, http: httpx.AsyncClient) -> Iterator[Fact]:
    return whole((await http.get(f"/games/{onlooker.game_id}")).status_code == 200)


async def game_pgn(onlooker: Onlooker, http: httpx.AsyncClient) -> Iterator[Fact]:
    answer = await http.get(f"/games/{onlooker.game_id}/pgn")
    return of_pgn(answer.text) if answer.status_code == 200 else iter(())


async def export(onlooker: Onlooker, http: httpx.AsyncClient) -> Iterator[Fact]:
    answer = await http.get(f"/game/export/{onlooker.game_id}")
    return of_pgn(answer.text) if answer.status_code == 200 else iter(())


async def export_json(onlooker: Onlooker, http: httpx.AsyncClient) -> Iterator[Fact]:
    answer = await http.get(f"/game/export/{onlooker.game_id}", headers={"Accept": "application/json"})
    if answer.status_code != 200:
        return iter(())
    document = answer.json()
    is_over = document["status"] != "started"
    return iter(["started", *range(1, 1 + len(document["moves"].split())), *(["over"] if is_over else [])])


async def games_of_user(onlooker: Onlooker, http: httpx.AsyncClient) -> Iterator[Fact]:
    answer = await http.get(f"/api/games/user/{onlooker.player}")
    return whole(onlooker.game_id in answer.text)


async def users_status(onlooker: Onlooker, http: httpx.AsyncClient) -> Iterator[Fact]:
    (status,) = (await http.get(f"/api/users/status?ids={onlooker.player}")).json()
    return gone(onlooker, "over", ["started"] if status.get("playing") else [])


async def profile(onlooker: Onlooker, http: httpx.AsyncClient) -> Iterator[Fact]:
    return whole((await http.get(f"/api/user/{onlooker.player}")).json()["count"]["all"] > 0)


async def channels(onlooker: Onlooker, http: httpx.AsyncClient) -> Iterator[Fact]:
    shown = (await http.get("/api/tv/channels")).json().values()
    return gone(onlooker, "over", ["started"] if any(each["gameId"] == onlooker.game_id for each in shown) else [])


DOCUMENTS: Final[dict[str, Read]] = {
    "GET /rooms/{room_id}": room,
    "GET /rooms/{room_id}/pgn": room_pgn,
    "GET /rooms": rooms,
    "GET /rooms?status=playing": rooms_playing,
    "GET /games": games,
    "GET /games/{game_id}": game,
    "GET /games/{game_id}/pgn": game_pgn,
    "GET /game/export/{id}": export,
    "GET /game/export/{id} in JSON": export_json,
    "GET /api/games/user/{name}": games_of_user,
    "GET /api/users/status": users_status,
    "GET /api/user/{name}": profile,
    "GET /api/tv/channels": channels,
}


def of_lobby(onlooker: Onlooker, said: Frame) -> Iterator[Fact]:
    return of_state(said) if said["room_id"] == onlooker.room_id else iter(())


def of_game_lines(_: Onlooker, said: Frame) -> Iterator[Fact]:
    yield "started"
    yield from range(1, 1 + plies(said["fen"]))
    if said.get("status", {}).get("name", "started") != "started":
        yield "over"


def of_tv(onlooker: Onlooker, said: Frame) -> Iterator[Fact]:
    if said["t"] == "featured":
        assert said["d"]["id"] == onlooker.game_id
    yield "started"
    yield from range(1, 1 + plies(said["d"]["fen"]))


STREAMS: Final[dict[str, tuple[str, Callable[[Onlooker, Frame], Iterator[Fact]]]]] = {
    "GET /sse/rooms": ("/sse/rooms", of_lobby),
    "GET /api/stream/game/{id}": ("/api/stream/game/{id}", of_game_lines),
    "GET /api/tv/feed": ("/api/tv/feed", of_tv),
}


async def look_on(onlooker: Onlooker, http: httpx.AsyncClient) -> None:
    """Learns what there is to learn, until cancelled."""
    while True:
        with suppress(httpx.TransportError):
            if onlooker.name in DOCUMENTS:
                onlooker.note(await DOCUMENTS[onlooker.name](onlooker, http))
            else:
                path, facts_of = STREAMS[onlooker.name]
                async for said in _said(http, path.replace("{id}", onlooker.game_id)):
                    onlooker.note(facts_of(onlooker, said))
        await asyncio.sleep(POLL_S)


async def _said(http: httpx.AsyncClient, path: str) -> AsyncIterator[Frame]:
    """The JSON objects of a stream, of lines or of events."""
    async with http.stream("GET", path) as response:
        async for line in response.aiter_lines():
            text = line.removeprefix("data: ")
            if response.status_code == 200 and text.startswith("{"):
                yield json.loads(text)


class Dated:
    """A feed's listener that notes when each of its frames came (Unix, ms)."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.came_ms: list[float] = []

    def hear(self, text: str) -> Frame:
        self.came_ms.append(time.time() * 1_000)
        return super().hear(text)   # type: ignore[misc,no-any-return]


class Watcher(Dated, SocketListener):
    """Over WebSocket."""


class SseWatcher(Dated, Stream):
    """Over server-sent events."""


async def answers_to(server: Server, room_id: str, *asked: Frame, since: str | None = None) -> list[Frame]:
    """The frames that a spectator's WebSocket gets, up to the ack of the last thing `asked`."""
    frames: list[Frame] = []
    listener = Watcher(server.ws_url, room_id, since)
    async with listener.dial() as socket:
        for message in asked:
            await socket.send(json.dumps(message))
        while not frames or frames[-1].get("id") != asked[-1]["id"]:
            frames.append(json.loads(await asyncio.wait_for(socket.recv(), 10 + BACK_OFF_S)))
    return frames
