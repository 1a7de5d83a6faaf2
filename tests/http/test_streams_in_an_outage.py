"""Streams of accounts and of the Lichess API while the store is away: they live on or end well, and nothing breaks."""

import asyncio
import json

import httpx
import pytest
from members import NOW_MS, account

from game_server.app import Worker, create_app
from game_server.http import lichess_challenges, lichess_seek, lichess_tv
from game_server.http.me import MeSession
from game_server.http.ndjson import Lines
from game_server.settings import Settings
from game_server.store.memory import MemoryLog

PATIENCE_S = 5
BEATS = 5


class FragileLog(MemoryLog):
    """Can be closed and opened again."""

    def open(self):
        self._is_closed = False


class Stream:
    """One request whose answer does not end, at the application itself."""

    def __init__(self, app, method, path, headers, body=b""):
        self.chunks = []
        self._sent = [{"type": "http.request", "body": body}]
        self.is_gone = asyncio.Event()
        self.is_ended = False
        self._news = asyncio.Condition()
        raw = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
        scope = {
            "type": "http", "http_version": "1.1", "method": method, "path": path, "raw_path": path.encode(),
            "query_string": b"", "headers": [(b"host", b"tabiya.test"), *raw], "scheme": "http",
            "server": ("tabiya.test", 80), "client": ("127.0.0.1", 1), "extensions": {},
        }   # fmt: skip
        self.task = asyncio.ensure_future(app(scope, self._receive, self._send))

    async def _receive(self):
        if self._sent:
            return self._sent.pop()
        await self.is_gone.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message):
        assert not self.is_ended, "nothing follows the end"
        async with self._news:
            if message["type"] == "http.response.start":
                assert message["status"] == 200
            else:
                self.chunks.append(message["body"])
                self.is_ended = not message.get("more_body", False)
            self._news.notify_all()

    async def hear(self, more=BEATS):
        """Waits until so many more chunks have come."""
        goal = len(self.chunks) + more
        async with asyncio.timeout(PATIENCE_S), self._news:
            await self._news.wait_for(lambda: len(self.chunks) >= goal)

    async def leave(self):
        self.is_gone.set()
        async with asyncio.timeout(PATIENCE_S):
            await self.task

    @property
    def text(self):
        return b"".join(self.chunks).decode()


@pytest.fixture
async def app(monkeypatch):
    for where, name in ((MeSession, "keep_alive_s"), (Lines, "keep_alive_s"), (lichess_challenges, "POLL_S"),
                        (lichess_seek, "POLL_S"), (lichess_tv, "POLL_S")):    # fmt: skip
        monkeypatch.setattr(where, name, 0.01)
    worker = Worker(FragileLog(), lambda: NOW_MS, Settings(), None)
    running = asyncio.ensure_future(worker.run())
    app = create_app(Settings(), worker)
    app.state.edge, app.state.log = worker.edge, worker.log
    yield app
    running.cancel()
    await asyncio.wait([running])


@pytest.fixture
async def http(app):
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://tabiya.test") as http:
        yield http


@pytest.mark.parametrize("path", ["/sse/me", "/api/stream/event", "/api/tv/feed"])
async def test_a_stream_is_kept_alive_while_the_store_is_away(app, http, path):
    stream = Stream(app, "GET", path, await account(http, "Anna"))
    await stream.hear(2)
    await app.state.log.close()
    await stream.hear()
    app.state.log.open()
    await stream.hear()
    assert not stream.is_ended
    await stream.leave()


async def test_a_kept_challenge_is_kept_while_the_store_is_away(app, http):
    anna, boris = await account(http, "Anna"), await account(http, "Boris")
    stream = Stream(app, "POST", "/api/challenge/boris", anna, b"keepAliveStream=true")
    await stream.hear(2)
    await app.state.log.close()
    await stream.hear()
    app.state.log.open()
    (created,) = (await http.get("/api/challenge", headers=boris)).json()["in"]
    await http.post(f"/api/challenge/{created['id']}/accept", headers=boris)
    async with asyncio.timeout(PATIENCE_S):
        await stream.task
    assert json.loads(stream.text.strip().splitlines()[-1]) == {"done": "accepted"}


async def test_who_goes_away_while_the_store_is_away_breaks_nothing(app, http):
    anna, _ = await account(http, "Anna"), await account(http, "Boris")
    kept = Stream(app, "POST", "/api/challenge/boris", anna, b"keepAliveStream=true")
    seek = Stream(app, "POST", "/api/board/seek", anna, b"time=5&increment=3")
    for stream in (kept, seek):
        await stream.hear(2)
    await app.state.log.close()
    for stream in (kept, seek):
        await stream.leave()


async def test_a_restart_ends_a_kept_challenge_and_does_not_take_it_back(app, http):
    anna, boris = await account(http, "Anna"), await account(http, "Boris")
    stream = Stream(app, "POST", "/api/challenge/boris", anna, b"keepAliveStream=true")
    await stream.hear(2)
    await app.state.edge.drain()
    async with asyncio.timeout(PATIENCE_S):
        await stream.task
    assert stream.is_ended
    assert len((await http.get("/api/challenge", headers=boris)).json()["in"]) == 1
