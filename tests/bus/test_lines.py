"""The lines to Redis end when they are told to, whatever they are doing at that moment."""

import asyncio

import pytest

from game_server.bus.lines import CommandLine, Subscription
from tests.bus.conftest import PATIENCE_S

MOMENTS = 120       # turns of the event loop, in which a line connects, sends, and hears


def commands(url):
    line = CommandLine(url, lambda: None, lambda: line.ask("PING"))
    line.wake()
    return line


def subscription(url):
    return Subscription(url, ("tabiya:test",), lambda text: None)


@pytest.mark.parametrize("make", [commands, subscription])
async def test_a_line_can_be_cancelled_at_any_moment(redis, make):
    for turns in range(MOMENTS):
        running = asyncio.ensure_future(make(redis.url).run())
        for _ in range(turns):
            await asyncio.sleep(0)
        running.cancel()
        done, _ = await asyncio.wait([running], timeout=PATIENCE_S)
        running.cancel()
        assert done, f"cancelled after {turns} turns, and it goes on"
