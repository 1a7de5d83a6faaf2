"""The server's own engines, where their notes cannot be read: that is no end of the server."""

import asyncio
import sys

import pytest

from game_server.computers import Computers
from game_server.store.log import Unavailable


class NotYetReadable:
    """Notes in a store that fails with `fault` for the first two questions."""

    def __init__(self, fault):
        self.fault = fault
        self.asked = 0
        self.is_read = asyncio.Event()

    async def keep(self, name, text): ...

    async def drop(self, name): ...

    async def under(self, beginning):
        self.asked += 1
        if self.asked <= 2:
            raise self.fault
        self.is_read.set()
        return {}


@pytest.mark.parametrize("fault", [Unavailable("the connection is lost"), ValueError("a bug")], ids=repr)
async def test_games_are_come_back_to_as_soon_as_the_store_can_be_read(monkeypatch, fault):
    monkeypatch.setattr("game_server.computers.RETRY_S", 0.01)
    notes = NotYetReadable(fault)
    running = asyncio.ensure_future(Computers(sys.executable, 1, 60, 9_000, "http://127.0.0.1:1", notes).run())
    async with asyncio.timeout(10):
        await notes.is_read.wait()
    assert not running.done()
    running.cancel()
    await asyncio.wait([running])
