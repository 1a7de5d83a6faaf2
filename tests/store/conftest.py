"""Every implementation of the log, for the contract suite."""

import asyncio
import contextlib

import pytest

from game_server.store.log import Unavailable
from game_server.store.memory import MemoryLog
from game_server.store.migrations import migrate
from game_server.store.postgres import Postgres
from game_server.store.sql import open_log
from tests.postgres import PostgresServer, postgres_server

TABLES = ("stream", "event", "answer", "game", "worker", "outage", "account", "token")


def never_fatal(reason):
    raise AssertionError(reason)


@contextlib.asynccontextmanager
async def opened(url, **more):
    log = await open_log(url, **{"on_fatal": never_fatal} | more)
    try:
        yield log
    finally:
        await log.close()


async def refused(log):
    """Why the log is not ready, as soon as it is not."""
    while True:
        try:
            await asyncio.wait_for(log.ready(), timeout=0.1)
        except Unavailable as unavailable:
            return str(unavailable)
        except TimeoutError:
            continue


@contextlib.asynccontextmanager
async def memory():
    yield MemoryLog()


IMPLEMENTATIONS = {
    "memory": lambda directory: memory(),
    "sqlite file": lambda directory: opened(f"sqlite:///{directory}/t.db", synchronous="OFF"),
    "sqlite memory": lambda directory: opened("sqlite:///:memory:"),
}


@pytest.fixture(scope="session")
def postgres():
    """A PostgreSQL server for all tests that leave it as they found it."""
    with postgres_server() as server:
        yield server


@pytest.fixture(scope="session")
def emptied(postgres: PostgresServer):
    """Calling it gives the URL of a database with the schema in it, and nothing else."""
    url = postgres.new_database()
    name = url.rpartition("/")[2]
    set_up(url)
    empty = f"TRUNCATE {', '.join(TABLES)} RESTART IDENTITY"

    def empty_again():
        postgres.execute(empty, name)
        return url

    return empty_again


def set_up(url):
    dialect = Postgres(url)
    connection = dialect.connect()
    migrate(connection, dialect)
    connection.close()


@pytest.fixture(params=[*IMPLEMENTATIONS, "postgresql"])
async def log(request, tmp_path):
    if request.param == "postgresql":
        opening = opened(request.getfixturevalue("emptied")())
    else:
        opening = IMPLEMENTATIONS[request.param](tmp_path)
    async with opening as log:
        yield log
