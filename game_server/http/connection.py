"""A WebSocket as ASGI gives it: reading, sending, closing, and the boundary at which its faults end.

Plain ASGI, because a framework's wrapper around `send` costs as much as the send itself.
"""

import json
import logging
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager, nullcontext, suppress
from typing import Final

from starlette.datastructures import Headers, QueryParams
from starlette.types import Message, Receive, Scope, Send

from game_server.core.refusals import Code
from game_server.http.edge import Edge
from game_server.http.identity import SUBPROTOCOL, is_allowed_origin
from game_server.http.limits import Limited, address_of
from game_server.http.transport import EXTENSION, Peer
from game_server.http.veil import forget
from game_server.rooms.feed import TooSlow
from game_server.rooms.frame import Frame
from game_server.rooms.sink import Post, never
from game_server.store.log import Unavailable
from game_server.wire.close import CloseCode, fitting
from game_server.wire.outbound import ErrorFrame

logger = logging.getLogger("tabiya.socket")

UNREADABLE_IN_A_ROW: Final = 50
_quoted: Final = json.JSONEncoder(ensure_ascii=False).encode
UNREADABLE_NOW: Final = "the server cannot read its store now"


class Closed(Exception):  # noqa: N818 - how a connection ends, not an error of ours
    """Raised to close this connection with `code`."""

    def __init__(self, code: CloseCode, reason: str = "") -> None:
        super().__init__(code, reason)
        self.code = code
        self.reason = reason


class Unreadables:
    """Counts a peer's messages that cannot be read, until one can be."""

    __slots__ = ("_in_a_row",)

    def __init__(self) -> None:
        self._in_a_row = 0

    def add(self) -> None:
        """Raises Closed(POLICY_VIOLATION) for one too many in a row: that is abuse."""
        self._in_a_row += 1
        if self._in_a_row > UNREADABLE_IN_A_ROW:
            raise Closed(CloseCode.POLICY_VIOLATION, "too many unreadable messages")

    def clear(self) -> None:
        self._in_a_row = 0


class Connection:
    """One WebSocket. Once it is closed, by whomever, `send` raises OSError and `lost_code` says how."""

    __slots__ = (
        "_peer", "_receive", "_scope", "_send", "address", "is_closed", "lost_code", "post", "room_id", "sent_code",
        "subprotocols",
    )  # fmt: skip

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._scope = scope
        self.address = address_of(scope)
        self.room_id: str = scope.get("path_params", {}).get("room_id", "")
        self.subprotocols: list[str] = list(scope.get("subprotocols", ()))
        self.is_closed = False
        self.sent_code: int | None = None
        self.lost_code: int = CloseCode.ABNORMAL
        self._receive = receive
        self._send = send
        self._peer: Peer | None = scope.get("extensions", {}).get(EXTENSION)
        self.post: Post = self._peer.post if self._peer is not None else never
        """As the feed's Sink."""

    @property
    def headers(self) -> Headers:
        return Headers(scope=self._scope)

    @property
    def query(self) -> QueryParams:
        return QueryParams(self._scope["query_string"])

    def forget_request(self) -> None:
        """Frees what the peer asked with: `headers` and `query` are no more."""
        forget(self._scope)

    @property
    def is_writable(self) -> bool:
        return self._peer is None or self._peer.is_writable

    def corked(self) -> AbstractContextManager[None]:
        """What is sent inside, without waiting for anything else, leaves together."""
        return self._peer.corked() if self._peer is not None and self._peer.is_writable else nullcontext()

    @property
    def rtt_ms(self) -> int:
        """The last measured round trip; 0 as long as it is unknown."""
        return round(self._peer.rtt_ms) if self._peer is not None and self._peer.rtt_ms is not None else 0

    async def accept(self) -> None:
        await self._receive()
        subprotocol = SUBPROTOCOL if SUBPROTOCOL in self.subprotocols else None
        await self._write({"type": "websocket.accept", "subprotocol": subprotocol})

    async def forbid(self) -> None:
        """Refuses the handshake: HTTP 403."""
        await self._receive()
        await self._write({"type": "websocket.close", "code": int(CloseCode.POLICY_VIOLATION)})
        self.is_closed = True

    async def send(self, frame: Frame) -> None:
        await self._write({"type": "websocket.send", "text": frame.text})

    async def _write(self, message: Message) -> None:
        if self.is_closed:
            raise ConnectionResetError
        try:
            await self._send(message)
        except RuntimeError as error:       # what some servers raise once the connection has closed
            raise ConnectionResetError from error

    async def text(self) -> str | None:
        """The peer's next text message; None: it is gone. Raises Closed for a binary one."""
        message = await self._receive()
        if message["type"] == "websocket.disconnect":
            self.is_closed = True
            self.lost_code = message.get("code") or CloseCode.NO_STATUS
            return None
        text: str | None = message.get("text")
        if text is None:
            raise Closed(CloseCode.POLICY_VIOLATION, "binary messages are not part of this protocol")
        return text

    async def close(self, code: CloseCode, reason: str = "") -> None:
        """Closes the connection if it is still open; best effort."""
        if self.is_closed:
            return
        self.sent_code = int(code)
        with suppress(OSError):
            await self._write({"type": "websocket.close", "code": int(code), "reason": fitting(reason)})
        self.is_closed = True


async def served(
    edge: Edge, connection: Connection, serve: Callable[[], Awaitable[None]], *, is_player: bool = False
) -> None:
    """Accepts the connection and runs `serve` on it, to whatever end: the boundary of every WebSocket.

    A foreign Origin is refused before accepting (HTTP 403).
    """
    if not is_allowed_origin(connection.headers, edge.options.allowed_origins):
        await connection.forbid()
        return
    try:
        await connection.accept()
        await _admitted(edge, connection, serve, is_player=is_player)
    except* Closed as group:
        closed = _first(group)
        assert isinstance(closed, Closed)
        await connection.close(closed.code, closed.reason)
    except* Limited as group:
        limited = _first(group)
        assert isinstance(limited, Limited)
        edge.refusals[limited.code] += 1
        await connection.close(CloseCode.TRY_AGAIN_LATER, limited.message)
    except* Unavailable:
        await connection.close(CloseCode.TRY_AGAIN_LATER, UNREADABLE_NOW)
    except* TooSlow:
        await connection.close(CloseCode.TOO_SLOW, "you read too slowly")
    except* OSError:
        connection.is_closed = True
    except* Exception:
        logger.exception("room %r: a connection failed", connection.room_id)
        await connection.close(CloseCode.INTERNAL_ERROR)
    finally:
        edge.closes[connection.sent_code or connection.lost_code] += 1


async def _admitted(
    edge: Edge, connection: Connection, serve: Callable[[], Awaitable[None]], *, is_player: bool
) -> None:
    """Runs `serve` if one more connection may be open. Raises Limited, and what `serve` raises."""
    edge.limits.enter(connection.address, is_player=is_player)
    try:
        await serve()
    finally:
        edge.limits.leave(connection.address)


def _first(group: BaseExceptionGroup[Exception]) -> BaseException:
    first: BaseException = group
    while isinstance(first, BaseExceptionGroup):
        first = first.exceptions[0]
    return first


def ack_frame(command_id: str, version: int) -> Frame:
    """As AckFrame's model writes it, in a tenth of its time: there is one for nearly every move."""
    return Frame("ack", f'{{"type":"ack","id":{_quoted(command_id)},"v":{version}}}')


def error_frame(code: Code, message: str, command_id: str | None) -> Frame:
    return Frame("error", ErrorFrame(code=code, message=message, id=command_id).model_dump_json(exclude_none=True))
