"""Every implementation of the bus, for the contract suite."""

import asyncio
import time

import pytest

from game_server.bus.local import Exchange, LocalBus
from game_server.bus.redis import RedisBus
from tests.redis_server import redis_server

PATIENCE_S = 10     # for what takes milliseconds


def now_ms():
    return time.time_ns() // 1_000_000


class Member:
    """A worker on the bus, which notes what it hears. `until` waits for something to be so."""

    def __init__(self, bus):
        self.bus = bus
        self.hints, self.changes, self.ended = [], [], []
        bus.ears.hint, bus.ears.attendance = self.hints.append, self.changes.append
        bus.ears.end = lambda worker, at_ms: self.ended.append(worker)
        self._running = asyncio.ensure_future(bus.run())

    async def until(self, is_so):
        async with asyncio.timeout(PATIENCE_S):
            while not is_so(self):
                await asyncio.sleep(0.005)

    async def vanish(self):
        """Is not there any more, without a word."""
        if isinstance(self.bus, LocalBus):
            self.bus.vanish()
        self._running.cancel()
        await asyncio.wait([self._running])

    def players(self, name):
        return [sorted(seen.attendance.players) for seen in self.bus.elsewhere(name)]


class Net:
    """Makes members that hear each other."""

    def __init__(self, make):
        self._make = make
        self._members = []

    async def joined(self, count):
        """So many members, each of which has heard of all others."""
        members = [Member(self._make()) for _ in range(count)]
        self._members += members
        for member in members:
            await member.until(lambda each: len(list(each.bus.workers())) >= count - 1 and each.bus.sighted_ms())
        return members

    async def close(self):
        for member in self._members:
            await member.vanish()


@pytest.fixture(scope="session")
def redis():
    """For all tests that leave it running."""
    with redis_server() as server:
        yield server


@pytest.fixture(params=["local", "redis"])
async def net(request):
    if request.param == "local":
        exchange = Exchange(now_ms)
        net = Net(lambda: LocalBus(exchange))
    else:
        url = request.getfixturevalue("redis").url
        net = Net(lambda: RedisBus(url, now_ms))
    yield net
    await net.close()
