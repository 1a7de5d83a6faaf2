"""A network that can be cut: a TCP relay on a port of its own."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from tests.system.process import free_port

CHUNK_BYTES: Final = 65_536


class Cable:
    """While `carries_up` or `carries_down` is unset, what is sent that way waits, and neither end is told."""

    def __init__(self, port: int, server_port: int) -> None:
        self.port = port
        self.url = f"http://127.0.0.1:{port}"
        self.carries_up = asyncio.Event()
        self.carries_down = asyncio.Event()
        self.mend()
        self._server_port = server_port
        self._is_cut = False
        self._ends: set[asyncio.StreamWriter] = set()
        self._relays: set[asyncio.Task[None]] = set()

    def mend(self) -> None:
        self._is_cut = False
        self.carries_up.set()
        self.carries_down.set()

    def cut(self) -> None:
        """Every connection is broken, and new ones are as soon as they are made."""
        self._is_cut = True
        for end in tuple(self._ends):
            end.transport.abort()

    def go_dead(self) -> None:
        """Nothing gets through any more, either way; connections stay open."""
        self.carries_up.clear()
        self.carries_down.clear()

    def go_deaf(self) -> None:
        """What the server says no longer reaches its client."""
        self.carries_down.clear()

    async def relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._relays.add(task)
        try:
            if not self._is_cut:
                await self._connect(reader, writer)
        finally:
            writer.transport.abort()
            self._relays.remove(task)

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            up_reader, up_writer = await asyncio.open_connection("127.0.0.1", self._server_port)
        except OSError:
            return
        self._ends |= {writer, up_writer}
        if self._is_cut:
            self.cut()
        try:
            async with asyncio.TaskGroup() as carrying:
                carrying.create_task(self._carry(reader, up_writer, self.carries_up))
                carrying.create_task(self._carry(up_reader, writer, self.carries_down))
        except* OSError:
            pass
        finally:
            self._ends -= {writer, up_writer}
            up_writer.transport.abort()

    async def end(self) -> None:
        """Cuts every connection, and waits until nothing of them is left."""
        self.mend()
        self.cut()
        await asyncio.gather(*self._relays, return_exceptions=True)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, carries: asyncio.Event) -> None:
        while data := await reader.read(CHUNK_BYTES):
            await carries.wait()
            writer.write(data)
            await writer.drain()
        if writer.can_write_eof():
            writer.write_eof()


@asynccontextmanager
async def cable_to(server_port: int, port: int | None = None) -> AsyncIterator[Cable]:
    port = port or free_port()
    cable = Cable(port, server_port)
    async with await asyncio.start_server(cable.relay, "127.0.0.1", port):
        try:
            yield cable
        finally:
            await cable.end()
