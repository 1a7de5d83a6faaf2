"""Players who come and go as a test says, in rooms with options, and the lines that they are connected by.

A `Guest` notes when each frame arrived. A `Line` is a TCP proxy that holds up what the client says: to the server, a
long round trip.
"""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
from typing import Any, Self

import httpx
from websockets.exceptions import InvalidHandshake, InvalidMessage

from tests.system.player import BACK_OFF_S, FINAL_CODES, Frame, Listener, Player
from tests.system.process import Server


class Guest(Player):
    """A player that stays away if it is told to. `arrived_ns` is the monotonic time of each of its `frames`."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.is_away = False
        self.arrived_ns: list[int] = []

    def hear(self, text: str) -> Frame:
        self.arrived_ns.append(time.monotonic_ns())
        return super().hear(text)

    async def _run(self) -> None:
        while not self.is_away:
            with suppress(OSError, InvalidHandshake, InvalidMessage, TimeoutError):
                async with self.dial() as self.socket:
                    await self._listen(self.socket)
                if self.close_code in FINAL_CODES:
                    return
            self.socket = None
            await asyncio.sleep(BACK_OFF_S)

    async def go(self, code: int = 1000) -> None:
        """Closes the connection with `code` and stays away."""
        assert self.socket is not None
        self.is_away = True
        await self.socket.close(code)
        await self.until(lambda: self.is_over)

    async def vanish(self) -> None:
        """Loses the connection without a word, and stays away."""
        self.is_away = True
        await self.drop()
        await self.until(lambda: self.is_over)

    async def come_back(self) -> None:
        """Connects again where it was; returns when it is welcome."""
        self.is_away = self.is_welcome = False
        self._task = asyncio.create_task(self._guarded())
        await self.until(lambda: self.is_welcome)

    async def started(self) -> None:
        await self.until(lambda: self.is_playing)

    async def following(self, mark: int, kind: str, **fields: Any) -> Frame:
        """The first such frame from the `mark`-th frame on, awaited if need be."""

        def found() -> Frame | None:
            fitting = (f for f in self.frames[mark:] if f["type"] == kind and fields.items() <= f.items())
            return next(fitting, None)

        frame: Frame = await self.until(found)
        return frame

    def arrival_ns(self, frame: Frame) -> int:
        return next(at_ns for at_ns, heard in zip(self.arrived_ns, self.frames, strict=True) if heard is frame)


async def opened(server: Server, **asked: Any) -> Frame:
    """What `POST /rooms` answers."""
    async with httpx.AsyncClient(trust_env=False, verify=False) as http:
        answer = await http.post(f"{server.url}/rooms", json=asked)
    assert answer.status_code == 201, answer.text
    made: Frame = answer.json()
    return made


async def shown(server: Server, room_id: str) -> Frame:
    """The room's state as `GET /rooms/{room_id}` has it."""
    async with httpx.AsyncClient(trust_env=False, verify=False) as http:
        answer = await http.get(f"{server.url}/rooms/{room_id}")
    state: Frame = answer.json()
    return state


@asynccontextmanager
async def table(server: Server, *, lines: Iterable[str] = (), **asked: Any) -> AsyncIterator[tuple[Guest, Guest]]:
    """White and Black in a new room with the options that were `asked` for, their game started.

    `lines` are the addresses by which they connect, the server's own by default.
    """
    made = await opened(server, color="white", name="White", **asked)
    white_url, black_url = [*lines, server.ws_url, server.ws_url][:2]
    position = f"{made['epoch']}:0"
    async with Guest(white_url, made["room_id"], token=made["token"], position=position) as white:
        await white.until(lambda: white.welcome)
        async with Guest(black_url, made["room_id"], name="Black", position=position) as black:
            await white.started()
            await black.started()
            yield white, black


async def once_more(guest: Guest, **wishes: Any) -> Guest:
    """The same player in another tab, told everything anew. Must be entered."""
    return Guest(guest.ws_url, guest.room_id, token=guest.token, **wishes)


def monotonic_ms() -> float:
    return time.monotonic_ns() / 1e6


def at_order(listener: Listener) -> bool:
    """Whether the room's time never ran backwards, as this listener was told it."""
    ats = [json.loads(text)["at"] for text in listener.texts]
    return ats == sorted(ats)


class Line:
    """A TCP proxy to the server that delays what the client says by `delay_s`; `async with` it."""

    def __init__(self, server: Server, delay_s: float) -> None:
        self.delay_s = delay_s
        self._server = server
        self._tasks: list[asyncio.Task[None]] = []
        self._writers: list[asyncio.StreamWriter] = []

    async def __aenter__(self) -> Self:
        self._listening = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._listening.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for writer in self._writers:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    @property
    def ws_url(self) -> str:
        return f"ws://127.0.0.1:{self._listening.sockets[0].getsockname()[1]}"

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", self._server.port)
        if not self._listening.is_serving():    # it was cut meanwhile
            back.transport.abort()
            writer.transport.abort()
            return
        self._writers += [writer, back]
        late: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()
        for copying in (self._hold(reader, late), self._let_go(late, back), self._copy(there, writer)):
            self._tasks.append(asyncio.create_task(copying))

    async def _hold(self, reader: asyncio.StreamReader, late: "asyncio.Queue[tuple[float, bytes]]") -> None:
        loop = asyncio.get_running_loop()
        said = b" "
        while said:
            with suppress(OSError):
                said = await reader.read(65_536)
            late.put_nowait((loop.time() + self.delay_s, said))

    async def _let_go(self, late: "asyncio.Queue[tuple[float, bytes]]", writer: asyncio.StreamWriter) -> None:
        loop = asyncio.get_running_loop()
        said = b" "
        while said:
            due_s, said = await late.get()
            await asyncio.sleep(due_s - loop.time())
            writer.write(said)
        writer.close()

    async def _copy(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while said := await reader.read(65_536):
                writer.write(said)
        writer.close()
