"""What a spectator's connection costs, told to that connection alone and only because it asked (`?cost=on`).

The server counts, because a browser cannot: handshake or response head, WebSocket frame headers and heartbeats, HTTP
chunk framing and keep-alive comments are in it; TLS, TCP and IP are not. A connection that has not asked pays nothing.
"""

import asyncio
from collections.abc import Callable
from typing import Final

from starlette.datastructures import QueryParams
from starlette.types import Scope

from game_server.http.transport import EXTENSION, Peer
from game_server.rooms.feed import Feed
from game_server.rooms.frame import Frame
from game_server.rooms.sink import Outbox, Sink
from game_server.wire.outbound import CostFrame

EVERY_S: Final = 1.0
KIND: Final = "cost"
_LINE_BYTES: Final = len(": \r\n")
_REQUEST_LINE_BYTES: Final = len("  HTTP/1.1\r\n") + len("\r\n")      # and the blank line after the headers


class Cost:
    """`sink`, with the count of what went through its connection, less the frames that tell it."""

    def __init__(self, sink: Sink, peer: Peer, request_bytes: int, now: Callable[[], int]) -> None:
        self._sink = sink
        self._peer = peer
        self._request_bytes = request_bytes
        self._now = now
        self._own_bytes = 0
        self._teller: asyncio.Task[None] | None = None

    @property
    def is_writable(self) -> bool:
        return self._sink.is_writable

    def post(self, frame: Frame, outbox: Outbox | None = None) -> bool:
        return frame.kind != KIND and self._sink.post(frame, outbox)

    async def send(self, frame: Frame) -> None:
        before = self._peer.bytes_sent
        await self._sink.send(frame)
        if frame.kind == KIND:
            self._own_bytes += self._peer.bytes_sent - before

    async def send_end(self) -> None:
        await self._sink.send_end()

    @property
    def _sent_bytes(self) -> int:
        return self._peer.bytes_sent - self._own_bytes

    def frame(self) -> Frame:
        """The count as it is now."""
        told = CostFrame(
            sent_bytes=self._sent_bytes,
            received_bytes=self._request_bytes + self._peer.received_bytes,
            server_time=self._now(),
        )
        return Frame(KIND, told.model_dump_json())

    def start(self, feed: Feed, tasks: asyncio.TaskGroup) -> None:
        """Tells the count over `feed` at once, and again whenever it has grown; `stop` must be called."""
        self._teller = tasks.create_task(self._tell(feed))

    def stop(self) -> None:
        if self._teller is not None:
            self._teller.cancel()

    async def _tell(self, feed: Feed) -> None:
        told_bytes = -1
        while not feed.is_over:
            if self._sent_bytes != told_bytes:
                await feed.reply(self.frame)
                told_bytes = self._sent_bytes
            await asyncio.sleep(EVERY_S)


def cost_of(scope: Scope, sink: Sink, now: Callable[[], int]) -> Cost | None:
    """The count for the connection behind `sink`; None if it has not asked, or the server below us does not count."""
    peer: Peer | None = scope.get("extensions", {}).get(EXTENSION)
    if peer is None or QueryParams(scope["query_string"]).get("cost") != "on":
        return None
    return Cost(sink, peer, _request_bytes(scope) if scope["type"] == "http" else 0, now)


def _request_bytes(scope: Scope) -> int:
    """The length of an HTTP request without a body, as it stood on the wire."""
    target: bytes = scope["raw_path"]
    query: bytes = scope["query_string"]
    line = len(scope["method"]) + len(target) + (len(query) + 1 if query else 0) + _REQUEST_LINE_BYTES
    return line + sum(len(name) + len(value) + _LINE_BYTES for name, value in scope["headers"])
