"""The memory log's one extra: interference on demand."""

import pytest

from game_server.store.log import Conflict, Unavailable
from game_server.store.memory import MemoryLog
from tests.store.examples import moving, opening, saying, texts


async def test_a_conflict_on_demand():
    async def get_in_first(append):
        log.interfere = None
        await log.append(saying("first", append.expected))

    log = MemoryLog()
    await log.append(opening())
    log.interfere = get_in_first
    with pytest.raises(Conflict) as caught:
        await log.append(saying("second", 1))
    assert caught.value.actual == 2
    assert await log.append(saying("second", 2)) == 3
    assert await texts(log) == ["first", "second"]


async def test_what_interferes_is_not_interfered_with():
    async def always_first(append):
        await log.append(saying("first", append.expected))

    log = MemoryLog()
    await log.append(opening())
    log.interfere = always_first
    for version in (1, 2):
        with pytest.raises(Conflict):
            await log.append(moving(version))
    assert await texts(log) == ["first", "first"]


async def test_a_store_that_is_unavailable_on_demand():
    async def full(append):
        raise Unavailable("disk full")

    log = MemoryLog(interfere=full)
    with pytest.raises(Unavailable):
        await log.append(opening())
    log.interfere = None
    assert await log.append(opening()) == 1
