"""`/sse/me` and the bots' `/api/stream/event` when the store or the server goes away: they end, to be asked again."""

import asyncio

import pytest
from members import account, http, worker  # noqa: F401 - fixtures

from game_server.http import lichess_events, ndjson
from game_server.http.me import MeSession

PATHS = ("/sse/me", "/api/stream/event")


@pytest.fixture(autouse=True)
def soon(monkeypatch):
    """Beats come at once."""
    monkeypatch.setattr(MeSession, "keep_alive_s", 0.02)
    until_over = ndjson.Lines.until_over
    monkeypatch.setattr(lichess_events.Lines, "until_over", lambda lines, beat: until_over(lines, beat, 0.02))


@pytest.mark.parametrize("path", PATHS)
async def test_a_stream_ends_in_good_order_when_the_store_is_away(http, worker, path, caplog):  # noqa: F811
    anna = await account(http, "Anna")
    asking = asyncio.ensure_future(http.get(path, headers=anna))
    async with asyncio.timeout(10):
        while not worker.edge.connections:
            await asyncio.sleep(0.01)
        await worker.log.close()
        assert (await asking).status_code == 200
    assert not worker.edge.connections
    assert "Traceback" not in caplog.text
    assert not [record for record in caplog.records if record.exc_info]


async def test_a_server_that_restarts_begins_no_stream_that_would_hold_it_up(http, worker):  # noqa: F811
    anna = await account(http, "Anna")
    worker.edge.is_draining = True
    async with asyncio.timeout(10):
        assert (await http.get("/sse/me", headers=anna)).status_code == 503


async def test_a_head_of_the_stream_has_no_body(http, worker):  # noqa: F811
    anna = await account(http, "Anna")
    async with asyncio.timeout(10):
        answer = await http.head("/sse/me", headers=anna)
    assert (answer.status_code, answer.headers["content-type"].split(";")[0]) == (200, "text/event-stream")
    assert not worker.edge.connections
