"""A saturated event loop does not keep the store from working."""

import asyncio
import sys
import time

import pytest

from game_server.store.log import StreamId
from game_server.store.patience import PYTHONS_INTERVAL_S, USUAL_INTERVAL_S
from tests.store.conftest import opened
from tests.store.examples import opening

TURN_S = 0.00045  # shorter than the usual switch interval: a waiting thread's turn never comes by itself
GIVE_UP_S = 10


async def without_an_idle_moment(awaitables):
    """The results, from a loop that is kept busy until they are there; as they are after GIVE_UP_S."""
    work = asyncio.gather(*awaitables, return_exceptions=True)
    started_s = time.monotonic()
    while not work.done() and time.monotonic() - started_s < GIVE_UP_S:
        turn_s = time.monotonic()
        while time.monotonic() - turn_s < TURN_S:
            pass
        await asyncio.sleep(0)
    assert work.done()
    return work.result()


async def test_a_loop_without_an_idle_moment_starves_neither_the_writer_nor_the_reader(tmp_path):
    streams = [StreamId(f"room:{n}") for n in range(50)]
    async with opened(f"sqlite:///{tmp_path}/t.db", synchronous="OFF") as log:
        assert sys.getswitchinterval() == pytest.approx(USUAL_INTERVAL_S)
        assert await without_an_idle_moment(log.append(opening(stream)) for stream in streams) == [1] * 50
        histories = await without_an_idle_moment(log.read(stream) for stream in streams * 10)
        assert [len(history.recorded) for history in histories] == [1] * 500
    assert sys.getswitchinterval() == pytest.approx(PYTHONS_INTERVAL_S)
