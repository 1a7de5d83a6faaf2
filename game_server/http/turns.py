"""A WebSocket's share of the loop: what a peer sends faster than we answer waits, while everybody else has a turn.

uvicorn parses all that one read has brought, up to 32 KB of frames of seven bytes each, and the app then answers all of
it without a pause. Eight peers who did so held up everybody else's moves for 0.3 to 1 s; now for some 20 ms.
"""

import asyncio
from asyncio.transports import BaseTransport
from typing import TYPE_CHECKING, Any, cast

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from uvicorn.server import ServerState

from game_server.http.conversation import Conversation
from game_server.http.light_event import LightEvent
from game_server.http.transport import Meter, TransportConfig

if TYPE_CHECKING:
    from uvicorn._types import ASGIReceiveEvent

SLICE_BYTES = 256
FRAMES_A_TURN = 16


class Inbox:
    """What has come for the app, which alone reads it: of asyncio.Queue what uvicorn's protocol uses, in a tenth of its
    2.7 KB.
    """

    __slots__ = ("_loop", "_reader", "_waiting")

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._waiting: list[ASGIReceiveEvent] = []
        self._reader: asyncio.Future[None] | None = None

    def empty(self) -> bool:
        return not self._waiting

    def put_nowait(self, message: "ASGIReceiveEvent") -> None:
        self._waiting.append(message)
        if self._reader is not None and not self._reader.done():
            self._reader.set_result(None)

    async def get(self) -> "ASGIReceiveEvent":
        while not self._waiting:
            assert self._reader is None, "one reads at a time"
            self._reader = self._loop.create_future()
            try:
                await self._reader
            finally:
                self._reader = None
        return self._waiting.pop(0)


class TurnTaking(WebSocketsSansIOProtocol):
    """uvicorn's protocol, which parses in one turn of the loop one message, or a few frames that are none.

    As there, what comes after a message waits until the app has taken that (`read_paused`); but the socket is left
    alone unless something does come meanwhile, so that a peer's end is seen at once. Not over TLS, which hands on the
    end together with what came before it: there reading pauses with every message.
    """

    __slots__ = ("has_paused", "is_closing", "is_held", "pause_transport", "resume_transport", "unparsed")
    conn: Conversation
    queue: Inbox    # type: ignore[assignment]
    writable: LightEvent    # type: ignore[assignment]

    def __init__(
        self,
        config: TransportConfig,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self.conn = Conversation(config.limits.max_message_bytes)
        self.queue = Inbox(self.loop)
        self.writable = LightEvent(is_set=True)
        self.unparsed = b""
        self.is_held = False        # the socket is not read, because there is something unparsed
        self.has_paused = False     # it was, since the last ping

    def connection_made(self, transport: BaseTransport) -> None:
        meter = cast(Meter, transport)
        self.is_closing = transport.is_closing      # asked for each frame that is posted
        is_tls = transport.get_extra_info("sslcontext") is not None
        self.pause_transport, meter.pause_reading = meter.pause_reading, self.hold if is_tls else leave
        self.resume_transport, meter.resume_reading = meter.resume_reading, self.resume_reading
        super().connection_made(transport)

    def data_received(self, data: bytes) -> None:
        if self.read_paused or self.unparsed:
            self.unparsed += data
            self.hold()
        elif (text := self.conn.whole_text(data)) is not None:
            self.queue.put_nowait({"type": "websocket.receive", "text": text})
            self.read_paused = True
            self.transport.pause_reading()
        elif len(data) <= SLICE_BYTES or not self.handshake_initiated:
            super().data_received(data)
        else:
            self.unparsed = data
            self.take_turn()

    def take_turn(self) -> None:
        ends_at = self.conn.frames + FRAMES_A_TURN
        while self.unparsed and not self.read_paused and not self.disconnected and self.conn.frames < ends_at:
            part, self.unparsed = self.unparsed[:SLICE_BYTES], self.unparsed[SLICE_BYTES:]
            super().data_received(part)
        if self.disconnected:
            self.unparsed = b""
        elif self.unparsed:
            self.hold()
            if not self.read_paused:
                self.loop.call_soon(self.take_turn)
        elif not self.read_paused:
            self.resume_reading()

    def hold(self) -> None:
        if not self.is_held:
            self.is_held = self.has_paused = True
            self.pause_transport()

    def resume_reading(self) -> None:
        """Called by uvicorn, as the transport's, when the app has taken all that was parsed."""
        if self.unparsed and not self.disconnected:
            self.loop.call_soon(self.take_turn)
        elif self.is_held:
            self.is_held = False
            self.resume_transport()

    async def receive(self) -> "ASGIReceiveEvent":
        if not self.queue.empty():
            await asyncio.sleep(0)
        message = await self.queue.get()
        if self.read_paused and self.queue.empty():
            self.read_paused = False
            self.resume_reading()
        return message


def leave() -> None:
    """What the transport's `pause_reading` does, which is called with every message."""
