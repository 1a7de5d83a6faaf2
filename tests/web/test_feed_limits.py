"""What the README says of a browser's limits, tried in one."""

import httpx
import pytest

from tests.system.process import Server
from tests.web.conftest import Invite

pytestmark = pytest.mark.asyncio(loop_scope="session")
ASKED = 8
OPEN = """async ([kind, path, asked, wanted]) => {
  const url = kind === 'EventSource' ? path : location.origin.replace('http', 'ws') + path;
  window.feeds = Array.from({length: asked}, () => kind === 'EventSource' ? new EventSource(url) : new WebSocket(url));
  const open = () => window.feeds.filter(feed => feed.readyState === 1).length;
  while (open() < wanted) await new Promise(done => setTimeout(done, 20));
  return open();
}"""
ASK = "withinMs => fetch('/healthz', {signal: AbortSignal.timeout(withinMs)}).then(() => true, () => false)"
COUNT = "() => window.feeds.filter(feed => feed.readyState === 1).length"
CLOSE = "() => window.feeds.forEach(feed => feed.close())"


async def test_six_streams_to_one_host_leave_no_connection_for_anything_else(invite: Invite, server: Server) -> None:
    page = (await invite("Ann")).page
    room_id = httpx.post(f"{server.url}/rooms", json={}, trust_env=False).json()["room_id"]
    await page.goto(f"{server.url}/docs")
    assert await page.evaluate(OPEN, ["EventSource", f"/sse/game/{room_id}", ASKED, 6]) == 6
    assert await page.evaluate(ASK, 1_000) is False
    assert await page.evaluate(COUNT) == 6
    await page.evaluate(CLOSE)
    assert await page.evaluate(ASK, 10_000) is True


async def test_as_many_websockets_do(invite: Invite, server: Server) -> None:
    page = (await invite("Ann")).page
    room_id = httpx.post(f"{server.url}/rooms", json={}, trust_env=False).json()["room_id"]
    await page.goto(f"{server.url}/docs")
    assert await page.evaluate(OPEN, ["WebSocket", f"/ws/watch/{room_id}", ASKED, ASKED]) == ASKED
    assert await page.evaluate(ASK, 10_000) is True
    await page.evaluate(CLOSE)
