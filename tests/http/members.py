"""Accounts at the whole application, in process, for tests of the Lichess API: no sockets."""

import asyncio

import httpx
import pytest

from game_server.app import Worker, create_app
from game_server.settings import Settings
from game_server.store.memory import MemoryLog

NOW_MS = 1_732_166_400_000


@pytest.fixture
async def worker():
    worker = Worker(MemoryLog(), lambda: NOW_MS, Settings(), None)
    running = asyncio.ensure_future(worker.run())
    yield worker
    running.cancel()
    await asyncio.wait([running])


@pytest.fixture
async def http(worker):
    app = create_app(Settings(), worker)
    app.state.edge = worker.edge
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://tabiya.test") as http:
        yield http


async def account(http, name, *, bot=False):
    answer = await http.post("/accounts", json={"name": name, "bot": bot})
    assert answer.status_code == 201, answer.text
    http.cookies.clear()
    return {"Authorization": f"Bearer {answer.json()['token']}"}


async def game(http, white, black, **wishes):
    """A game between the two accounts; its id."""
    body = {"clock.limit": 300, "clock.increment": 0, "color": "white"} | wishes
    dest = (await http.get("/api/account", headers=black)).json()["username"]
    created = (await http.post(f"/api/challenge/{dest}", headers=white, json=body)).json()
    accepted = await http.post(f"/api/challenge/{created['id']}/accept", headers=black)
    assert accepted.json() == {"ok": True}
    return created["id"]


@pytest.fixture
async def anna(http):
    return await account(http, "Anna")


@pytest.fixture
async def boris(http):
    return await account(http, "Boris")


@pytest.fixture
async def deep(http):
    return await account(http, "Deep", bot=True)
