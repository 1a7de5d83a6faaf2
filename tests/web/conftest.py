"""Real browsers at real servers. A test fails if a page logs an error that it has not foreseen, or the server a fault.

The browser lives as long as the test run, and every test that uses it must run in the session's event loop:
`pytestmark = pytest.mark.asyncio(loop_scope="session")`.
"""

import asyncio
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any, Final

import httpx
import pytest
import pytest_asyncio
from playwright.async_api import Browser, async_playwright

from game_server.http.pages import static_folder
from tests.system.conftest import Starter, starter
from tests.system.process import Server
from tests.web.visitor import Table, Visitor, remembering

__all__ = ["starter"]

CHROMIUM: Final = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
FLAGS: Final = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP chess.test 127.0.0.1",   # a host that Chromium does not trust as it does localhost
)

Invite = Callable[..., Awaitable[Visitor]]
Seat = Callable[..., Awaitable[Table]]


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("needs Chromium (Debian: apt-get install chromium)")
    if not (static_folder() / "index.html").is_file():
        pytest.skip(f"needs the web client built in {static_folder()} (pip install -e . builds it)")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        await browser.close()


@pytest.fixture(scope="session")
def shared_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    options = ("--flicker-s", "0.2", "--goodbye-grace-s", "60", "--rate-limits", "off")
    server = Server(tmp_path_factory.mktemp("web"), *options)
    try:
        yield server.start()
    finally:
        server.end()


@pytest.fixture
def server(shared_server: Server) -> Iterator[Server]:
    """A running server that all tests share; each has rooms of its own."""
    since = len(shared_server.log)
    yield shared_server
    assert shared_server.process.poll() is None, shared_server.log[-3_000:]
    assert not shared_server.faults(since), shared_server.faults(since)[0]


@pytest_asyncio.fixture(loop_scope="session")
async def invite(browser: Browser, starter: Starter) -> AsyncIterator[Invite]:
    """Makes visitors: `await invite("Ann", viewport=…)`, each with a browser profile of their own."""
    del starter     # asked for because its servers must outlive the pages
    made: list[Visitor] = []

    async def make(name: str = "", **profile: Any) -> Visitor:
        profile.setdefault("viewport", {"width": 1_280, "height": 800})
        made.append(await Visitor.at(browser, name, **profile))
        return made[-1]

    yield make
    for visitor in made:
        await visitor.context.close()
    faults = [f"{visitor.name or 'somebody'}: {fault}" for visitor in made for fault in visitor.faults()]
    assert not faults, faults


@pytest_asyncio.fixture(loop_scope="session")
async def seat(invite: Invite, server: Server) -> Seat:
    """Seats Ann (White) and Bob at a new room of the shared server, as if they had just come back to it.

    `await seat(time="5+3", grace_s=1)`: the fields of `POST /rooms`.
    """

    async def sit(**options: Any) -> Table:
        async with httpx.AsyncClient(base_url=server.url, trust_env=False) as http:
            room = (await http.post("/rooms", json={"color": "white", "name": "Ann", **options})).json()
            other = (await http.post(f"/rooms/{room['room_id']}/seats", json={"name": "Bob"})).json()
        ann, bob = [
            await invite(name, storage_state=remembering(server.url, room["room_id"], token))
            for name, token in (("Ann", room["token"]), ("Bob", other["token"]))
        ]
        await asyncio.gather(ann.page.goto(room["url"]), bob.page.goto(room["url"]))
        return Table(ann, bob, room["url"])

    return sit
