"""People with bad intentions, who live elsewhere: in a process of their own.

Each comes from an address of its own, to watch somebody's game or to sit in a room of the strangers' own, and says
there what nobody should say. After each salvo it asks for a sign of life or is thrown out, and comes back.
"""

import asyncio
import base64
import multiprocessing
import os
import struct
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from random import Random
from typing import Any, Final, Self, TypeVar

from tests.trust.mutations import PING, PONG, TAME, TEXT, WILD, framed, text

Result = TypeVar("Result")
AT_ONCE: Final = 8
SALVO: Final = 16
PATIENCE_S: Final = 10
UNFINISHED_S: Final = 0.4
FILLING: Final = bytes(9_000)       # whatever frame was begun: no more fits into one, and what follows is none
CUT: Final = 1006
NO_MORE: Final = (4000, 4003)       # the room is over, or others sit there


@dataclass
class Outcome:
    """What the strangers did, and how their connections ended, by code: below 1000 it is HTTP's."""

    messages: int = 0
    connections: int = 0
    codes: Counter[int] = field(default_factory=Counter)
    silent: int = 0             # salvoes that were neither answered nor punished in time

    def add(self, other: Self) -> None:
        self.messages += other.messages
        self.connections += other.connections
        self.codes += other.codes
        self.silent += other.silent


class Ended(Exception):  # noqa: N818
    """The server has closed the connection, with that code."""


class Stranger:
    """One of them, from one connection to the next."""

    def __init__(self, port: int, watched: list[str], number: int, seed: int, outcome: Outcome) -> None:
        self.port, self.watched, self.number, self.outcome = port, watched, number, outcome
        self.dice = Random(f"{seed}-{number}")
        self.rooms = 0

    async def run(self, messages: int) -> None:
        ends_at = self.outcome.messages + messages
        while self.outcome.messages < ends_at:
            with suppress(OSError, EOFError):
                reader, writer = await self._dial()
                try:
                    code = await self._stay(reader, writer, ends_at)
                    self.outcome.codes[code] += 1
                    self.rooms += code in NO_MORE
                finally:
                    writer.transport.abort()

    def _path(self) -> str:
        if self.number % 2:
            return f"/ws/watch/{self.dice.choice(self.watched)}"
        token = f"the-seat-of-stranger-number-{self.number:03d}"
        return f"/ws/game/strangers-{self.number // 4}-{self.rooms}?token={token}"

    async def _dial(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        source = f"127.{self.dice.randint(120, 220)}.{self.dice.randint(1, 250)}.{self.dice.randint(1, 250)}"
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port, local_addr=(source, 0))
        key = base64.b64encode(os.urandom(16)).decode()
        writer.write(
            f"GET {self._path()} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
        )
        return reader, writer

    async def _stay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, ends_at: int) -> int:
        """How it ended."""
        head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), PATIENCE_S)
        if not head.startswith(b"HTTP/1.1 101"):
            return int(head.split()[1])
        self.outcome.connections += 1
        try:
            while self.outcome.messages < ends_at:
                tame = [self.dice.choice(TAME)(self.dice) for _ in range(self.dice.randint(0, SALVO))]
                wild = self.dice.choice(WILD)(self.dice)
                mark = self.dice.getrandbits(48)
                writer.write(b"".join((*tame, wild, text({"type": "ping", "t": mark}))))
                self.outcome.messages += len(tame) + 1
                if self.dice.random() < 0.02:       # away without a word, perhaps in the middle of one
                    return CUT
                await self._answered(reader, writer, b'"t":%d,' % mark)
        except Ended as ended:
            return int(ended.args[0])
        except (OSError, EOFError):
            return CUT
        except TimeoutError:
            self.outcome.silent += 1
        return 1000

    async def _answered(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, mark: bytes) -> None:
        """Returns when `mark` comes back. Raises Ended, or TimeoutError."""
        filling = asyncio.get_running_loop().call_later(UNFINISHED_S, writer.write, FILLING)
        try:
            async with asyncio.timeout(PATIENCE_S):
                await self._until(reader, writer, mark)
        finally:
            filling.cancel()

    async def _until(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, mark: bytes) -> None:
        while True:
            first, size = await reader.readexactly(2)
            if size == 126:
                (size,) = struct.unpack("!H", await reader.readexactly(2))
            elif size == 127:
                (size,) = struct.unpack("!Q", await reader.readexactly(8))
            payload = await reader.readexactly(size)
            match first & 15:
                case 8:
                    raise Ended(int.from_bytes(payload[:2], "big"))
                case opcode if opcode == PING:
                    writer.write(framed(PONG, payload))
                case opcode if opcode == TEXT and mark in payload:
                    return


async def attacked(port: int, watched: list[str], seed: int, messages: int) -> Outcome:
    outcome = Outcome()
    strangers = [Stranger(port, watched, number, seed, outcome) for number in range(AT_ONCE)]
    async with asyncio.TaskGroup() as tasks:
        for stranger in strangers:
            tasks.create_task(stranger.run(messages))
    return outcome


def attack(port: int, watched: list[str], seed: int, messages: int) -> Outcome:
    """What came of some `messages` hostile messages to the server at `port`, whose rooms `watched` they know."""
    return asyncio.run(attacked(port, watched, seed, messages))


class Elsewhere:
    """A process of their own, until the `with` block ends, so that their doings cost nobody here any time."""

    def __enter__(self) -> Self:
        spawned = multiprocessing.get_context("spawn")
        self._pool = ProcessPoolExecutor(1, mp_context=spawned, initializer=os.nice, initargs=(5,))
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown()

    async def run(self, function: Callable[..., Result], *values: Any) -> Result:
        return await asyncio.get_running_loop().run_in_executor(self._pool, partial(function, *values))
