"""A listener that may speak: it holds a seat by a token, and every command of its has an answer.

Every command has an id and is sent again, with the same id, until it is answered: the server carries it out once.
"""

import asyncio
import itertools
import secrets
import ssl
import time
from contextlib import suppress
from typing import Any, ClassVar, Final

from websockets.exceptions import ConnectionClosed

from game_server.client.address import Address
from game_server.client.listener import Listener
from game_server.client.patience import Patience
from game_server.core.refusals import Code, Refused
from game_server.wire import inbound
from game_server.wire import outbound as out
from game_server.wire.close import CloseCode

TRY_AGAIN_S: Final = 0.5
SEND_S: Final = 10


class Speaker(Listener):
    """Everything about a seat's connection; what a player can see and do is `Seat`."""

    path: ClassVar[str] = "ws/game"

    def __init__(
        self,
        place: Address,
        *,
        token: str | None = None,
        wishes: dict[str, str | None] | None = None,
        tls: ssl.SSLContext | None = None,
        patience: Patience | None = None,
    ) -> None:
        super().__init__(place, tls=tls, patience=patience)
        self.token = token or secrets.token_urlsafe(24)
        self._wishes = wishes or {}
        self._welcome: out.WelcomeFrame | None = None
        self._is_welcome = False
        self._server_ahead_ms: int | None = None
        self._pending: dict[str, tuple[inbound.CommandMessage, asyncio.Future[int]]] = {}
        self._ids = (f"{secrets.token_hex(4)}-{number}" for number in itertools.count(1))
        self._sends: set[asyncio.Task[None]] = set()

    def now_ms(self) -> int:
        """The server's time, as well as it can be told."""
        return _local_ms() + (self._server_ahead_ms or 0)

    async def leave_and_resign(self) -> None:
        """Closes the connection for good, and gives the game up by it."""
        if self._socket is not None:
            await self._socket.close(CloseCode.RESIGNS)
        await self.close()

    # Commands and their answers

    def _id(self) -> str:
        return next(self._ids)

    async def _do(self, message: inbound.CommandMessage) -> int:
        """The version at which the command was carried out, once it was. Raises Refused or what ended the seat."""
        if self._ending is not None:
            raise self._ending
        assert message.id is not None
        answer: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._pending[message.id] = message, answer
        try:
            await self._send(message)
            await self.until(answer.done)
        finally:
            del self._pending[message.id]
        return answer.result()

    async def _send(self, message: inbound.CommandMessage) -> None:
        """Sends it if there is a connection; else the next one begins with it."""
        socket = self._socket if self._is_welcome else None
        if socket is not None:
            with suppress(ConnectionClosed, TimeoutError):
                async with asyncio.timeout(SEND_S):
                    await socket.send(message.model_dump_json(exclude_none=True))

    def _send_soon(self, *messages: inbound.CommandMessage, after_s: float = 0) -> None:
        async def send() -> None:
            await asyncio.sleep(after_s)
            for message in messages:
                if message.id in self._pending:
                    await self._send(message)

        task = asyncio.create_task(send())
        self._sends.add(task)
        task.add_done_callback(self._sends.discard)

    async def close(self) -> None:
        for task in tuple(self._sends):
            task.cancel()
        await super().close()

    # As a listener

    @property
    def _is_known(self) -> bool:
        return self._welcome is not None and self._view is not None

    def _url(self) -> str:
        self._is_welcome = False
        return self.place.socket(self.path, since=self._position, **self._wishes)

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    def _take(self, frame: Any) -> None:
        super()._take(frame)
        match frame:
            case out.WelcomeFrame(server_time=server_ms):
                self._welcome = frame
                self._is_welcome = True
                self._note_server_time(server_ms)
                self._send_soon(*(message for message, _ in self._pending.values()))
            case out.AckFrame(id=command_id, v=v):
                if (waiting := self._pending.get(command_id)) is not None and not waiting[1].done():
                    waiting[1].set_result(v)
            case out.ErrorFrame(id=str(command_id)):
                self._refused(command_id, frame)
            case _:
                pass

    def _refused(self, command_id: str, error: out.ErrorFrame) -> None:
        message, answer = self._pending.get(command_id, (None, None))
        if message is None or answer is None or answer.done():
            return
        is_move = message.type == "move"
        if error.code == Code.TRY_AGAIN or (error.code == Code.RATE_LIMITED and is_move):
            self._send_soon(message, after_s=TRY_AGAIN_S)   # not remembered by the server: the same id may ask again
        else:
            answer.set_exception(Refused(error.code, error.message))

    def _note_server_time(self, server_ms: int) -> None:
        """Frames only come late: the greatest difference ever seen is the nearest to the truth."""
        ahead_ms = server_ms - _local_ms()
        self._server_ahead_ms = max(ahead_ms, self._server_ahead_ms or ahead_ms)


def _local_ms() -> int:
    return time.monotonic_ns() // 1_000_000
