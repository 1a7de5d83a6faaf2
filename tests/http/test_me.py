"""`/sse/me` at a server that restarts, and for who asks for its head only."""

import asyncio

from members import account, http, worker  # noqa: F401 - fixtures


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
