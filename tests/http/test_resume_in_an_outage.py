"""Who comes back with a position while the store is away is sent the exact frames, or told to come back later."""

# ruff: noqa: F811 - a fixture's name stands for what it gives

import asyncio
import json

import pytest
from members import worker  # noqa: F401 - a fixture

from game_server.app import create_app
from game_server.core.ids import RoomId
from game_server.settings import Settings
from tests.rooms.worker import play, say

ANNA, BORIS = "token_of_anna_0000000000", "token_of_boris_000000000"
PATIENCE_S = 5


class Visit:
    """One connection at the application itself, and what it was sent before it ended or had `enough`."""

    def __init__(self, app, kind, path, query=""):
        self.messages = []
        self._begun = asyncio.Queue()
        self._begun.put_nowait({"type": "websocket.connect"} if kind == "websocket" else {"type": "http.request"})
        self._gone = {"type": f"{kind}.disconnect", "code": 1006}
        scope = {
            "type": kind, "http_version": "1.1", "method": "GET", "path": path, "raw_path": path.encode(),
            "query_string": query.encode(), "headers": [(b"host", b"tabiya.test")], "scheme": "http",
            "server": ("tabiya.test", 80), "client": ("127.0.0.1", 1), "extensions": {}, "subprotocols": [],
        }   # fmt: skip
        self._news = asyncio.Condition()
        self.task = asyncio.ensure_future(app(scope, self._begun.get, self._send))

    async def _send(self, message):
        async with self._news:
            self.messages.append(message)
            self._news.notify_all()

    async def until(self, is_enough):
        async with asyncio.timeout(PATIENCE_S), self._news:
            await self._news.wait_for(lambda: any(map(is_enough, self.messages)))
        self._begun.put_nowait(self._gone)
        async with asyncio.timeout(PATIENCE_S):
            await self.task

    @property
    def frames(self):
        texts = [message["text"] for message in self.messages if message["type"] == "websocket.send"]
        bodies = b"".join(message.get("body", b"") for message in self.messages)
        texts += [line.removeprefix("data: ") for line in bodies.decode().splitlines() if line.startswith("data: ")]
        return [frame for frame in map(json.loads, texts) if frame["type"] not in ("welcome", "presence")]


@pytest.fixture
def app(worker):
    app = create_app(Settings(), worker)
    app.state.edge = worker.edge
    return app


@pytest.fixture
async def live(app, worker):
    """A game in which so much was said that its first frames are not at hand any more."""
    for query in (f"token={ANNA}&color=white", f"token={BORIS}"):
        visit = Visit(app, "websocket", "/ws/game/room", query)
        await visit.until(lambda message: '"state"' in message.get("text", ""))
    live = await worker.directory.find(RoomId("room"))
    await play(live, "e2e4", "e7e5")
    for number in range(40):
        await live.do(say(f"{number}"))
    assert live.forgotten > 4
    return live


PATHS = {
    "a player": ("websocket", "/ws/game/room", f"token={ANNA}&"),
    "a spectator over WebSocket": ("websocket", "/ws/watch/room", ""),
    "a spectator over SSE": ("http", "/sse/game/room", ""),
}


def is_end(message):
    is_last = message["type"] == "http.response.body" and not message.get("more_body", False)
    return is_last or message["type"] == "websocket.close"


@pytest.mark.parametrize(("kind", "path", "query"), PATHS.values(), ids=PATHS)
async def test_frames_that_cannot_be_read_now_are_asked_for_again_later(app, worker, live, kind, path, query):
    await worker.log.close()
    visit = Visit(app, kind, path, f"{query}since={live.room.epoch}:2")
    await visit.until(is_end)
    assert not visit.frames
    if kind == "websocket":
        assert [message["type"] for message in visit.messages] == ["websocket.accept", "websocket.close"]
        end = visit.messages[-1]
        assert (end["code"], end["reason"]) == (1013, "the server cannot read its store now")
    else:
        head = visit.messages[0]
        assert head["status"] == 503
        assert int(dict(head["headers"])[b"retry-after"]) > 0
        assert dict(head["headers"])[b"content-type"] == b"application/problem+json"


@pytest.mark.parametrize(("kind", "path", "query"), PATHS.values(), ids=PATHS)
async def test_frames_that_are_at_hand_are_sent_in_an_outage_too(app, worker, live, kind, path, query):
    await worker.log.close()
    visit = Visit(app, kind, path, f"{query}since={live.room.epoch}:{live.version - 3}")
    last = f'"v":{live.version}'
    await visit.until(lambda message: last in message.get("text", "") or last in message.get("body", b"").decode())
    assert [frame["v"] for frame in visit.frames] == list(range(live.version - 2, live.version + 1))
