"""One connection of the load, and where it leads.

It counts what came through the socket. It trusts its server: what it reads is not checked as a client of the Internet's
would have to.
"""

import asyncio
import os
from collections.abc import Callable
from itertools import count
from typing import ClassVar, Final, TypeVar, cast

from game_server.bench.tally import Tally

AT_ONCE: Final = 64         # connections being opened: no server meets a whole crowd in one moment
LOOPBACK: Final = "127.0.0.1"
Hear = Callable[[bytes], None]


class Connection(asyncio.Protocol):
    """One TCP connection, which begins by sending `head`; `opened` is done when the answer's head has come."""

    transport: asyncio.Transport
    head = b""
    is_open = False
    feed: ClassVar[str]         # the path under which a spectator finds a room's events

    def __init__(self, hear: Hear, tally: Tally) -> None:
        self.hear = hear
        self.tally = tally
        self.opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.is_over = False        # by our own wish
        self.rest = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)     # uvloop's is one by behaviour, not by class
        self.transport.write(self.head)

    def connection_lost(self, _error: Exception | None) -> None:
        if not self.opened.done():
            self.opened.set_exception(ConnectionError("the server closed the connection instead of answering"))
        elif not self.is_over:
            self.is_over = True
            self.tally.lost += 1
        if not self.ended.done():       # else the loop has gone
            self.ended.set_result(None)

    def data_received(self, data: bytes) -> None:
        self.tally.received_bytes += len(data)
        if self.rest:
            data, self.rest = self.rest + data, b""
        if not self.is_open:
            head, end, data = data.partition(b"\r\n\r\n")
            if not end:
                self.rest = head
                return
            if not self.is_welcome(head.lower()):
                self.opened.set_exception(ConnectionError(head.partition(b"\r\n")[0].decode("latin-1")))
                self.transport.abort()
                return
            self.is_open = True
            if not self.opened.done():      # else it has been given up meanwhile
                self.opened.set_result(None)
        if data:
            self.parse(data)

    def is_welcome(self, head: bytes) -> bool:
        """Whether the answer with this head, in lower case, is what was asked for."""
        raise NotImplementedError

    def parse(self, data: bytes) -> None:
        """Hears the messages in `data`, and keeps what is incomplete in `rest`."""
        raise NotImplementedError

    def request(self, path: str, host: str) -> bytes:
        raise NotImplementedError

    def leave(self) -> None:
        """Ends the connection politely, if there is one."""
        self.is_over = True
        if self.is_open:
            self.transport.close()


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
