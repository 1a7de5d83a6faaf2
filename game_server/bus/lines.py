"""Two connections to Redis, one for each purpose: commands, sent together while others are in flight, and what comes.

Neither is ever cancelled in the middle of a call and used again: whatever goes wrong closes it, and after a pause
another is made. What waited then is dropped, for it was soft.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any, Final, NamedTuple

from redis.asyncio.connection import AbstractConnection, Connection, parse_url
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

logger = logging.getLogger("tabiya.bus")

ANSWER_S: Final = 2.0       # Redis that says nothing for so long is taken for dead
FIRST_PAUSE_S: Final = 0.1
LONGEST_PAUSE_S: Final = 1.0
MOST_WAITING: Final = 10_000

Command = tuple[str | bytes | int, ...]


class Asked(NamedTuple):
    """A command, and who is told its answer."""

    command: Command
    answered: Callable[[Any], None] | None = None


def connection_to(url: str) -> AbstractConnection:
    """A connection that is not yet made. Raises ValueError for what is no Redis URL."""
    options: dict[str, Any] = dict(parse_url(url))
    kind = options.pop("connection_class", Connection)
    own = {"protocol": 2, "driver_info": None, "retry": Retry(NoBackoff(), 0)}
    made: AbstractConnection = kind(**{"socket_timeout": ANSWER_S, "socket_connect_timeout": ANSWER_S} | options | own)
    return made


def heed_cancellation() -> None:
    """Raises the CancelledError that was swallowed: `asyncio.wait_for`, in which redis-py sends, forgets one that comes
    when it is just done (CPython gh-86296; not from 3.12 on). A line would go on, and its worker never end.
    """
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


async def kept_up(url: str, what: str, serve: Callable[[AbstractConnection], Awaitable[None]]) -> None:
    """Runs `serve` on a connection, and on the next one when that has failed, until cancelled."""
    pause_s, said = FIRST_PAUSE_S, ""
    while True:
        connection = connection_to(url)
        try:
            await connection.connect()  # type: ignore[no-untyped-call]
            heed_cancellation()
            if said:
                logger.info("bus: %s again", what)
            pause_s, said = FIRST_PAUSE_S, ""
            await serve(connection)
        except (RedisError, OSError, TimeoutError) as error:
            if str(error) != said:
                logger.warning("bus: %s not possible now: %s", what, error)
                said = str(error)
        finally:
            await connection.disconnect(nowait=True)
        heed_cancellation()
        await asyncio.sleep(pause_s)
        pause_s = min(2 * pause_s, LONGEST_PAUSE_S)


class CommandLine:
    """Commands to Redis. What is asked while an answer is awaited is sent together, in order."""

    def __init__(self, url: str, on_connect: Callable[[], None], on_flush: Callable[[], None]) -> None:
        self._url = url
        self._on_connect = on_connect
        self._on_flush = on_flush
        self._waiting: list[Asked] = []
        self._wake = asyncio.Event()
        self._idle = asyncio.Event()
        self.is_up = False

    def wake(self) -> None:
        """There is something to send: `on_flush` will be called, and may `ask`."""
        self._idle.clear()
        self._wake.set()

    def ask(self, *command: str | bytes | int, answered: Callable[[Any], None] | None = None) -> None:
        """Sends `command` with the next batch; drops it if there is no connection."""
        if self.is_up and len(self._waiting) < MOST_WAITING:
            self._waiting.append(Asked(command, answered))
            self.wake()

    async def idle(self) -> None:
        """Returns when all that was asked has been answered, or dropped."""
        await self._idle.wait()

    async def run(self) -> None:
        await kept_up(self._url, "telling other workers", self._serve)

    async def _serve(self, connection: AbstractConnection) -> None:
        self.is_up = True
        self._on_connect()
        try:
            while True:
                await self._wake.wait()
                self._wake.clear()
                self._on_flush()
                batch, self._waiting = self._waiting, []
                if batch:
                    await self._exchange(connection, batch)
                if not self._wake.is_set():
                    self._idle.set()
        finally:
            self.is_up = False
            self._waiting.clear()
            self._idle.set()

    async def _exchange(self, connection: AbstractConnection, batch: list[Asked]) -> None:
        await connection.send_packed_command(connection.pack_commands([asked.command for asked in batch]))
        heed_cancellation()
        for asked in batch:
            answer = await connection.read_response()
            if asked.answered is not None:
                asked.answered(answer)


class Subscription:
    """Everything that is published on `channels`, handed to `heard` as it comes. Silence closes it."""

    def __init__(self, url: str, channels: tuple[str, ...], heard: Callable[[bytes], None]) -> None:
        self._url = url
        self._channels = channels
        self._heard = heard

    async def run(self) -> None:
        await kept_up(self._url, "hearing other workers", self._serve)

    async def _serve(self, connection: AbstractConnection) -> None:
        await connection.send_command("SUBSCRIBE", *self._channels)
        heed_cancellation()
        while True:
            kind, _, message = await connection.read_response(disable_decoding=True)
            if kind == b"message":
                self._heard(message)
