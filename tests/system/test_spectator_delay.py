"""A room with a delay for its spectators, looked at from everywhere: nobody but the players learns anything younger
than the delay, and in the end everybody knows all of it. In the middle the server is killed and started again.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.postgres import postgres_server
from tests.redis_server import redis_server
from tests.system.accounts import made
from tests.system.cluster import worker
from tests.system.guests import Guest
from tests.system.onlookers import DOCUMENTS, STREAMS, Fact, Onlooker, SseWatcher, Watcher, answers_to, look_on
from tests.system.player import Frame
from tests.system.process import Server

DELAY_S = 2.5
DELAY_MS = DELAY_S * 1_000
TOLERANCE_MS = 50       # between the clocks of workers, of their database and of this test
SOON_MS = 3_000         # how much later a fact may be known: polls, the lobby's pace, a busy machine
BEFORE, AFTER = ("e2e4", "e7e5", "g1f3"), ("b8c6", "f1b5")
PAUSE_S = 0.3


class Table:
    """A public room with a delay, two accounts at it, and the moments of what happened."""

    def __init__(self, white: Guest, black: Guest, names: tuple[str, str]) -> None:
        self.white, self.black = white, black
        self.names = names

    @property
    def room_id(self) -> str:
        return self.white.room_id

    def moments(self) -> dict[Fact, int]:
        """When each fact came about, by the server's own stamps, as the players were told at once."""
        fact_of: dict[str, Any] = {"game_started": "started", "game_over": "over", "room_closed": "closed"}
        return {
            frame["ply"] if frame["type"] == "move" else fact_of[frame["type"]]: frame["at"]
            for frame in self.white.frames
            if frame["type"] in {"move", *fact_of}
        }

    async def play(self, *moves: str) -> None:
        for uci in moves:
            mover = self.white if self.white.is_to_move else self.black
            answer = await mover.move(uci)
            assert answer["type"] == "ack", answer
            ply = mover.ply
            for each in (self.white, self.black):
                await each.until_it(lambda each, ply=ply: each.ply == ply)
            await asyncio.sleep(PAUSE_S)


@asynccontextmanager
async def late_table(server: Server, **options: Any) -> AsyncIterator[Table]:
    (white_name, white_token), (black_name, black_token) = made(server), made(server)
    asked = {"color": "white", "public": True, "spectator_delay_s": DELAY_S, "time": "5+3", "linger_s": 0} | options
    async with httpx.AsyncClient(base_url=server.url, trust_env=False) as http:
        bearer = {"Authorization": f"Bearer {white_token}"}
        room = (await http.post("/rooms", json=asked, headers=bearer)).json()
    position = f"{room['epoch']}:0"
    async with Guest(server.ws_url, room["room_id"], token=white_token, position=position) as white:
        await white.until(lambda: white.welcome)
        async with Guest(server.ws_url, room["room_id"], token=black_token, position=position) as black:
            await white.started()
            await black.started()
            yield Table(white, black, (white_name, black_name))


def game_id_of(table: Table) -> str:
    game_id: str = table.white.of("game_started")[0]["game_id"]
    return game_id


@asynccontextmanager
async def looked_at(
    table: Table, server: Server
) -> AsyncIterator[tuple[list[Onlooker], list[Watcher | SseWatcher]]]:
    """Everybody who looks at the table, by every document, list, stream and feed there is at that server."""
    async with AsyncExitStack() as stack:
        limits = httpx.Limits(max_connections=None)
        http = httpx.AsyncClient(base_url=server.url, trust_env=False, timeout=10, limits=limits)
        await stack.enter_async_context(http)
        onlookers = [
            Onlooker(name, table.room_id, game_id_of(table), table.names[0]) for name in (*DOCUMENTS, *STREAMS)
        ]
        tasks = [asyncio.create_task(look_on(onlooker, http)) for onlooker in onlookers]
        watchers = [
            await stack.enter_async_context(Watcher(server.ws_url, table.room_id)),
            await stack.enter_async_context(SseWatcher(server.url, table.room_id)),
        ]
        try:
            yield onlookers, watchers
        finally:
            for task in tasks:
                task.cancel()
            ends = await asyncio.gather(*tasks, return_exceptions=True)
            faults = [end for end in ends if isinstance(end, Exception)]
            assert not faults, faults


@contextmanager
def one_server(folder: Path) -> Iterator[tuple[Server, Server]]:
    server = Server(folder, "--flicker-s", "0.2").start()
    try:
        yield server, server
    finally:
        server.end()


@contextmanager
def two_workers(folder: Path) -> Iterator[tuple[Server, Server]]:
    with postgres_server() as postgres, redis_server() as redis:
        database = postgres.new_database()
        one, two = (worker(folder / name, database, redis.url) for name in ("one", "two"))
        try:
            yield one.start(), two.start()
        finally:
            one.end()
            two.end()


@pytest.mark.parametrize("served", [one_server, two_workers])
async def test_nobody_but_the_players_learns_anything_before_its_time(served: Any, tmp_path: Path) -> None:
    with served(tmp_path) as (played_at, looked_on_at):
        await play_before_everybody(played_at, looked_on_at)
        assert not played_at.faults() + looked_on_at.faults()


async def play_before_everybody(played_at: Server, looked_on_at: Server) -> None:
    async with late_table(played_at) as table, looked_at(table, looked_on_at) as (onlookers, watchers):
        await table.play(*BEFORE)
        looked_on_at.kill()
        looked_on_at.start()
        await table.play(*AFTER)
        await table.black.do(type="resign")
        await table.white.until(lambda: table.white.over)
        for player in (table.white, table.black):
            await player.ended()
        over_ms = time.time() * 1_000
        assert not any("over" in onlooker.learned for onlooker in onlookers)
        for watcher in watchers:
            assert await watcher.ended() in (4000, None)
        await asyncio.sleep(max(0, (over_ms + DELAY_MS + SOON_MS / 2) / 1_000 - time.time()))
    moments = table.moments()
    assert {1, 2, 3, 4, 5, "started", "over", "closed"} <= moments.keys()
    for onlooker in onlookers:
        require_late(onlooker, moments)
    for watcher in watchers:
        require_same_but_late(watcher, table.white)


FACTS: dict[str, set[Fact]] = {       # what each surface tells in the end
    "GET /rooms/{room_id}": {"started", 1, 2, 3, 4, 5, "over", "closed"},
    "GET /rooms/{room_id}/pgn": {"started", 1, 2, 3, 4, 5, "over"},
    "GET /rooms": {"started", 1, 2, 3, 4, "closed"},
    "GET /rooms?status=playing": {"started", 1, 2, 3, 4, "over"},
    "GET /games": {"over"},
    "GET /games/{game_id}": {"over"},
    "GET /games/{game_id}/pgn": {1, 2, 3, 4, 5, "over"},
    "GET /game/export/{id}": {"started", 1, 2, 3, 4, 5, "over"},
    "GET /game/export/{id} in JSON": {"started", 1, 2, 3, 4, 5, "over"},
    "GET /api/games/user/{name}": {"over"},
    "GET /api/users/status": {"started", "over"},
    "GET /api/user/{name}": {"over"},
    "GET /api/tv/channels": {"started", "over"},
    "GET /sse/rooms": {"started", 1, 2, 3, 4, 5, "over", "closed"},
    "GET /api/stream/game/{id}": {"started", 1, 2, 3, 4, 5, "over"},
    "GET /api/tv/feed": {"started", 1, 2, 3, 4, 5},
}


def require_late(onlooker: Onlooker, moments: dict[Fact, int]) -> None:
    assert FACTS[onlooker.name] <= onlooker.learned.keys(), (onlooker.name, onlooker.learned)
    for fact, learned_ms in onlooker.learned.items():
        age_ms = learned_ms - moments[fact]
        assert age_ms >= DELAY_MS - TOLERANCE_MS, f"{onlooker.name} told {fact} {age_ms:.0f} ms after it"


def require_same_but_late(watcher: Watcher | SseWatcher, player: Guest) -> None:
    """Every frame the player was told, byte for byte, each the delay after its stamp."""
    begins = next(v for v in sorted(watcher.shown))
    assert begins <= 4, "it was there from the start of the game"
    assert watcher.shown == {v: text for v, text in player.shown.items() if v >= begins}
    for frame, came_ms in zip(watcher.frames, watcher.came_ms, strict=True):
        if "at" in frame and frame["type"] != "room_opened":
            assert came_ms - frame["at"] >= DELAY_MS - TOLERANCE_MS, frame


async def test_what_a_spectator_may_say_gets_it_nothing_younger(server: Server) -> None:
    async with late_table(server) as table:
        await table.play("e2e4", "e7e5")
        v, epoch = table.white.v, (table.white.position or "").partition(":")[0]
        for since in (None, f"{epoch}:{v}", f"{epoch}:{v - 1}", f"{epoch}:{v + 100}", "other:3"):
            asked = [{"type": "ping", "t": 7, "id": "a"}, {"type": "sync", "id": "b"}]
            frames = await answers_to(server, table.room_id, *asked, since=since)
            require_nothing_younger(table, frames)
            assert frames[0]["type"] == "state", since
            async with SseWatcher(server.url, table.room_id, since) as stream:
                await stream.first("state")
                require_nothing_younger(table, stream.frames)


def require_nothing_younger(table: Table, frames: list[Frame]) -> None:
    """Nothing in `frames`, which have just come, tells of a version that was younger than the delay."""
    shown_ms = time.time() * 1_000 - DELAY_MS + TOLERANCE_MS
    stamps = {frame["v"]: frame["at"] for frame in table.white.frames if "at" in frame}
    for frame in frames:
        if "v" in frame:
            assert frame["v"] == 1 or stamps[frame["v"]] <= shown_ms, frame
        for stamp in ("at", "server_time"):
            assert frame.get(stamp, 0) <= shown_ms, frame


@pytest.mark.parametrize("who", ["seat", "account"])
async def test_a_players_token_shows_the_present(server: Server, who: str) -> None:
    async with AsyncExitStack() as stack:
        if who == "account":
            table = await stack.enter_async_context(late_table(server, spectator_delay_s=60, linger_s=60))
            player, games = table.white, f"/api/games/user/{table.names[0]}"
        else:
            player, games = await stack.enter_async_context(guest_table(server)), None
        http = httpx.AsyncClient(base_url=server.url, trust_env=False)
        await stack.enter_async_context(http)
        own = {"Authorization": f"Bearer {player.token}"}
        game_id = player.of("game_started")[0]["game_id"]
        paths = [f"/games/{game_id}", f"/games/{game_id}/pgn", *([f"/game/export/{game_id}"] if games else [])]
        assert (await http.get(f"/rooms/{player.room_id}", headers=own)).json()["v"] == player.v
        assert (await http.get(f"/rooms/{player.room_id}")).json()["v"] == 1
        await player.do(type="resign")
        await player.until(lambda: player.over)
        assert (await http.get(f"/rooms/{player.room_id}", headers=own)).json()["status"] == "finished"
        for path in paths:
            assert (await http.get(path, headers=own)).status_code == 200, path
            assert (await http.get(path)).status_code == 404, path
            assert (await http.get(path, headers={"Authorization": f"Bearer {'a' * 32}"})).status_code == 404, path
        if games:
            for path in (games, f"/games?player={table.names[0]}"):
                assert game_id in (await http.get(path, headers=own)).text
                assert game_id not in (await http.get(path)).text


@asynccontextmanager
async def guest_table(server: Server) -> AsyncIterator[Guest]:
    """White at a late table of two guests."""
    async with httpx.AsyncClient(base_url=server.url, trust_env=False) as http:
        room = (await http.post("/rooms", json={"color": "white", "spectator_delay_s": 60})).json()
    position = f"{room['epoch']}:0"
    async with Guest(server.ws_url, room["room_id"], token=room["token"], position=position) as white:
        await white.until(lambda: white.welcome)
        async with Guest(server.ws_url, room["room_id"]):
            await white.started()
            yield white
