"""Servers over any number of lives, for as long as a block lasts, and what they stand on.

At its end no process is left, and a log that tells of a bug of ours raises Broken.
"""

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Final

from tests.postgres import PostgresServer, binaries, postgres_server
from tests.redis_server import RedisServer, redis_server
from tests.system.player import Broken
from tests.system.process import Server
from tests.trust.finding import NotTried

OUTAGE: Final = "the connection to the database is lost"     # the only error that a fault of the database may cause


@contextmanager
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="tabiya-trust-") as name:
        yield Path(name)


@asynccontextmanager
async def started(*options: str, database: Path | None = None) -> AsyncIterator[Server]:
    """One server, on a database of its own unless one is named."""
    with folder() as home:
        server = Server(home, *options)
        server.database = database or server.database
        starting = asyncio.create_task(asyncio.to_thread(server.start))
        try:
            await asyncio.shield(starting)
            yield server
        finally:
            await asyncio.gather(starting, return_exceptions=True)      # or there might be no process yet, to end
            server.end()
        require_no_faults(server)


def require_no_faults(server: Server, but: str | None = None) -> None:
    """Raises Broken if the log has an error without the words `but`."""
    faults = [fault for fault in server.faults() if but is None or but not in fault]
    if faults:
        raise Broken(faults[0])


@contextmanager
def postgres(*, is_durable: bool = True) -> Iterator[PostgresServer]:
    """Raises NotTried where it is not installed."""
    if binaries() is None:
        raise NotTried("PostgreSQL is not installed")
    with postgres_server(is_durable=is_durable) as server:
        yield server


@contextmanager
def redis() -> Iterator[RedisServer]:
    """Raises NotTried where it is not installed."""
    if shutil.which("redis-server") is None:
        raise NotTried("Redis is not installed")
    with redis_server() as server:
        yield server
