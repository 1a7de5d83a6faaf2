"""Every implementation of the log, for the contract suite."""

import contextlib

import pytest

from game_server.store.memory import MemoryLog
from game_server.store.sql import open_log


def never_fatal(reason):
    raise AssertionError(reason)


@contextlib.asynccontextmanager
async def opened(url, **more):
    log = await open_log(url, **{"on_fatal": never_fatal} | more)
    try:
        yield log
    finally:
        await log.close()


@contextlib.asynccontextmanager
async def memory():
    yield MemoryLog()


IMPLEMENTATIONS = {
    "memory": lambda directory: memory(),
    "sqlite file": lambda directory: opened(f"sqlite:///{directory}/t.db", synchronous="OFF"),
    "sqlite memory": lambda directory: opened("sqlite:///:memory:"),
}


@pytest.fixture(params=IMPLEMENTATIONS.values(), ids=IMPLEMENTATIONS.keys())
async def log(request, tmp_path):
    async with request.param(tmp_path) as log:
        yield log
