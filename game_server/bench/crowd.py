"""How a crowd of connections comes to one server."""

import asyncio
import os
from itertools import count
from typing import Final, TypeVar

from game_server.bench.sockets import Connection

AT_ONCE: Final = 64         # connections being opened: no server meets a whole crowd in one moment
LOOPBACK: Final = "127.0.0.1"
AnyConnection = TypeVar("AnyConnection", bound=Connection)


class Target:
    """The server at `host` and `port`.

    On this machine every connection comes from an address of its own (127.0.0.0/8), as people's do: limits for each
    address stay on and are never met, and there are ports enough.
    """

    def __init__(self, host: str, port: int, *, first_source: int = 0) -> None:
        self.host = host
        self.port = port
        self._sources = count(first_source)
        self._opening = asyncio.Semaphore(AT_ONCE)
        self._has_sources = host == LOOPBACK and os.uname().sysname == "Linux"

    def source(self) -> tuple[str, int] | None:
        if not self._has_sources:
            return None
        number = next(self._sources)
        return (f"127.{10 + number // 60_000 % 100}.{number // 250 % 240 + 1}.{number % 250 + 1}", 0)

    async def connect(self, connection: AnyConnection, path: str) -> AnyConnection:
        """`connection`, once it is open. Raises OSError."""
        connection.head = connection.request(path, f"{self.host}:{self.port}")
        async with self._opening:
            await asyncio.get_running_loop().create_connection(
                lambda: connection, self.host, self.port, local_addr=self.source()
            )
            await connection.opened
        return connection
