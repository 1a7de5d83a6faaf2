"""The server's own engines, where their notes cannot be read: that is no end of the server."""

import asyncio
import sys

from game_server.computers import Computers
from game_server.store.log import Unavailable


class NotYetReadable:
    """Notes in a store that is away for the first two questions."""

    def __init__(self):
        self.asked = 0
        self.is_read = asyncio.Event()

    async def keep(self, name, text): ...

    async def drop(self, name): ...

    async def under(self, beginning):
        self.asked += 1
        if self.asked <= 2:
            raise Unavailable("the connection to the database is lost")
        self.is_read.set()
        return {}


async def test_games_are_come_back_to_as_soon_as_the_store_can_be_read(monkeypatch):
    monkeypatch.setattr("game_server.computers.RETRY_S", 0.01)
    notes = NotYetReadable()
    running = asyncio.ensure_future(Computers(sys.executable, 1, 60, "http://127.0.0.1:1", notes).run())
    async with asyncio.timeout(10):
        await notes.is_read.wait()
    assert not running.done()
    running.cancel()
    await asyncio.wait([running])
