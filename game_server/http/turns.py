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
from game_server.http.transport import Meter, TransportConfig

if TYPE_CHECKING:
    from uvicorn._types import ASGIReceiveEvent

SLICE_BYTES = 256
FRAMES_A_TURN = 16


class TurnTaking(WebSocketsSansIOProtocol):
    """uvicorn's protocol, which parses in one turn of the loop one message, or a few frames that are none."""

    __slots__ = ("is_closing", "is_held", "resume_transport", "unparsed")
    conn: Conversation

    def __init__(
        self,
        config: TransportConfig,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self.conn = Conversation(config.limits.max_message_bytes)
        self.unparsed = b""
        self.is_held = False        # the socket is not read, because there is something unparsed

    def connection_made(self, transport: BaseTransport) -> None:
        meter = cast(Meter, transport)
        self.is_closing = transport.is_closing      # asked for each frame that is posted
        self.resume_transport, meter.resume_reading = meter.resume_reading, self.resume_reading
        super().connection_made(transport)

    def data_received(self, data: bytes) -> None:
        is_ordinary = len(data) <= SLICE_BYTES and not self.unparsed
        if is_ordinary or not self.handshake_initiated:
            super().data_received(data)
        else:
            self.unparsed += data
            self.take_turn()

    def take_turn(self) -> None:
        ends_at = self.conn.frames + FRAMES_A_TURN
        while self.unparsed and not self.read_paused and not self.disconnected and self.conn.frames < ends_at:
            part, self.unparsed = self.unparsed[:SLICE_BYTES], self.unparsed[SLICE_BYTES:]
            super().data_received(part)
        if self.disconnected:
            self.unparsed = b""
        elif self.unparsed:
            self.is_held = True
            self.transport.pause_reading()
            if not self.read_paused:
                self.loop.call_soon(self.take_turn)
        elif self.is_held and not self.read_paused:
            self.resume_reading()

    def resume_reading(self) -> None:
        """Called by uvicorn, as the transport's, when the app has taken all that was parsed."""
        if self.unparsed and not self.disconnected:
            self.loop.call_soon(self.take_turn)
        else:
            self.is_held = False
            self.resume_transport()

    async def receive(self) -> "ASGIReceiveEvent":
        if not self.queue.empty():
            await asyncio.sleep(0)
        return await super().receive()
