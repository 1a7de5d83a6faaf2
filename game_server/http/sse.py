"""A stream of server-sent events (WHATWG HTML, 9.2), whatever it tells: begun, fed, kept alive, ended."""

import asyncio
from http import HTTPStatus
from typing import Final

from starlette.types import Receive, Scope, Send

from game_server.http.edge import Edge
from game_server.http.headers import GUARDS
from game_server.http.transport import EXTENSION, Peer
from game_server.rooms.feed import Feed, Source, TooSlow
from game_server.rooms.frame import KEEP_ALIVE, Frame
from game_server.rooms.sink import Post, Sink, never
from game_server.store.log import Unavailable

KEEP_ALIVE_S: Final = 15
RETRY_MS: Final = 2_000
SSE_HEADERS: Final = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
    *GUARDS,
]


async def head_only(send: Send) -> None:
    """Answers a HEAD."""
    await send({"type": "http.response.start", "status": HTTPStatus.OK, "headers": SSE_HEADERS})
    await send({"type": "http.response.body", "body": b""})


class SseSession:
    """One peer's stream: the sink of a feed of `source`, which is one of `audience` as long as the peer is there."""

    __slots__ = (
        "_audience", "_edge", "_feed", "_is_over", "_peer", "_receive", "_send", "_source", "post",
    )  # fmt: skip
    keep_alive_s: float = KEEP_ALIVE_S

    def __init__(
        self, edge: Edge, source: Source, audience: set[Feed], scope: Scope, receive: Receive, send: Send
    ) -> None:
        self._edge = edge
        self._source = source
        self._audience = audience
        self._receive = receive
        self._send = send
        self._peer: Peer | None = scope.get("extensions", {}).get(EXTENSION)
        self.post: Post = self._peer.post if self._peer is not None else never
        self._is_over = False

    async def run(self, cursor: int | None) -> None:
        """Sends what follows `cursor`; with none, the `greeting`, made at that moment, and what follows it."""
        await self._send({"type": "http.response.start", "status": HTTPStatus.OK, "headers": SSE_HEADERS})
        await self._write(f"retry: {RETRY_MS}\n\n".encode())
        try:
            async with asyncio.TaskGroup() as tasks:
                position = self._source.version if cursor is None else cursor
                self._feed = Feed(self._source, self._sink, position, tasks)
                self._audience.add(self._feed)
                self._edge.connections.add(self)
                beats = self._edge.beats(self.keep_alive_s)
                place: int | None = None
                try:
                    await self._feed.greet(*(self.greeting() if cursor is None else ()))
                    self._came(tasks)
                    place = beats.join(self)
                    while (await self._receive())["type"] != "http.disconnect" and not self._is_over:
                        pass
                finally:
                    if place is not None:
                        beats.leave(self, place)
                    self._edge.connections.discard(self)
                    self._audience.discard(self._feed)
                    self._went()
        except* OSError:
            pass    # the transport has cut it off
        except* (TooSlow, Unavailable):
            await self.send_end()       # it comes back with its position

    @property
    def _sink(self) -> Sink:
        """Where the feed goes: here."""
        return self

    def greeting(self) -> list[Frame]:
        """What is sent first to a peer that has no position yet, made at that moment."""
        return []

    def _came(self, tasks: asyncio.TaskGroup) -> None:
        """Called when the peer has been greeted; `tasks` end with the stream."""

    def _went(self) -> None:
        """Called when the peer has gone."""

    def beat(self) -> None:
        """Called every `keep_alive_s`."""
        self._feed.reply_soon(lambda: KEEP_ALIVE)

    async def _write(self, body: bytes, *, more: bool = True) -> None:
        await self._send({"type": "http.response.body", "body": body, "more_body": more})

    @property
    def is_writable(self) -> bool:
        return self._peer is None or self._peer.is_writable

    async def send(self, frame: Frame) -> None:
        await self._write(frame.sse)

    async def send_end(self) -> None:
        """The end of the stream; what the peer's next attempt is answered says whether to come back."""
        if not self._is_over:
            self._is_over = True
            await self._write(b"", more=False)

    async def drain(self) -> None:
        self._feed.is_over = True
        await self.send_end()
