"""A WebSocket: uvicorn's sans-I/O protocol, with the close codes, the heartbeat and the bounds that PROTOCOL promises.

It keeps: 4501 for a peer that answers no ping, 4500 and a cut for one that does not read, 1007 for text that is not
UTF-8, 1008 for a flood of frames that carry nothing, 1009 for a message too long, 1011 if the app fails; and a bad
handshake is answered. Whatever ends the connection, the app's `receive()` then gives `websocket.disconnect` with that
code (1006: lost), and its `send()` raises `ClientDisconnected`, an OSError (Starlette: `WebSocketDisconnect`).

Leans on internals of uvicorn 0.54 (the `handle_…` methods, `queue`, `close_timer`, `read_paused`) and on websockets
17.4's `ServerProtocol`.
"""

import asyncio
import time
from asyncio.transports import BaseTransport
from typing import Any, cast

from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.server import ServerState
from websockets.frames import Frame as WebSocketFrame
from websockets.protocol import OPEN

from game_server.http.conversation import is_idle, is_utf8
from game_server.http.transport import (
    EXTENSION,
    Meter,
    Peer,
    StuckWatch,
    TransportConfig,
    close_lingering,
    logger,
    reset,
)
from game_server.http.turns import TurnTaking
from game_server.http.veil import veil
from game_server.rooms.frame import Frame
from game_server.rooms.sink import Outbox

PATIENCE_SHARE = 0.25     # the last part of the heartbeat's time-out, in which a pong may lie unread on our side
BAD_REQUEST = b"HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"


class WebSocketProtocol(TurnTaking):
    """One WebSocket, from its handshake (already parsed as HTTP) to the end of its TCP connection."""

    __slots__ = ("idle_frames", "limits", "patience_s", "peer", "pinged_at_s", "was_reading", "watch")
    config: TransportConfig
    peer: Peer

    def __init__(
        self,
        config: TransportConfig,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self.logger = logger
        self.limits = config.limits
        self.watch = StuckWatch(self.loop, self.limits.stuck_s, self.cut_stuck)
        self.patience_s = self.limits.heartbeat_timeout_s * PATIENCE_SHARE
        self.pinged_at_s = 0.0      # perf_counter: uvloop's own clock counts milliseconds
        self.was_reading = False
        self.idle_frames = 0

    # The transport

    def connection_made(self, transport: BaseTransport) -> None:
        meter = Meter(cast(asyncio.Transport, transport))     # its buffers were bounded when it was HTTP
        self.peer = Peer(self.watch, meter, self.post)
        super().connection_made(cast(BaseTransport, meter))
        self.config.open.enter(self.client)     # whatever their number: it was one of them as HTTP

    def connection_lost(self, exc: Exception | None) -> None:
        self.config.open.leave(self.client)
        self.watch.stop()
        self.tell_app(1006, "")     # uvicorn says 1005, which is a deliberate close without a code
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        super().pause_writing()
        self.watch.start()

    def resume_writing(self) -> None:
        super().resume_writing()
        self.watch.stop()

    def data_received(self, data: bytes) -> None:
        if self.disconnected:     # ended, and lingering
            return
        self.peer.received_bytes += len(data)
        super().data_received(data)
        if self.conn.handshake_exc is not None and not self.handshake_initiated:
            self.refuse_handshake()

    # The handshake

    def refuse_handshake(self) -> None:
        """Answers a handshake that websockets could not parse, which uvicorn leaves unanswered."""
        self.transport.write(b"".join(self.conn.data_to_send()) or BAD_REQUEST)
        self.handshake_complete = self.close_sent = self.disconnected = True
        self.transport.close()

    async def run_asgi(self) -> None:
        extensions: dict[str, Any] = self.scope["extensions"]
        extensions[EXTENSION] = self.peer
        veil(self.scope)
        try:
            await self.app(self.scope, self.receive, self.send)
        except ClientDisconnected:
            pass
        except BaseException:
            self.logger.exception("Exception in ASGI application\n")
            self.send_500_response()
        else:
            has_refused = self.initial_response is not None and self.close_sent     # uvicorn takes that for none
            if not self.handshake_complete and not has_refused:
                self.logger.error("ASGI callable returned without completing handshake.")
                self.send_500_response()
        if self.close_timer is None:
            self.transport.close()

    def post(self, frame: Frame, outbox: Outbox | None = None) -> bool:
        """See Peer."""
        is_over = self.disconnected or self.close_sent or not self.handshake_complete
        if is_over or not self.watch.is_writable or self.conn.state is not OPEN or self.is_closing():
            return False
        self.transport.write(frame.message, outbox)     # type: ignore[call-arg]  # a Meter; `cast` would be a call
        return True

    # Ending

    def tell_app(self, code: int, reason: str) -> None:
        self.queue.put_nowait({"type": "websocket.disconnect", "code": code, "reason": reason})

    def fail(self, code: int, reason: str) -> None:
        """Sends the close frame if that can still be done, and lets the app know."""
        if self.conn.state is OPEN:
            self.conn.fail(code, reason)
        self.tell_app(code, reason)
        self.stop_keepalive()
        self.handshake_complete = self.close_sent = self.disconnected = True     # nothing more is due
        if not self.transport.is_closing():
            self.transport.write(b"".join(self.conn.data_to_send()))

    def end(self, code: int, reason: str) -> None:
        """Closes with `code`, leaving the peer LINGER_S to read it."""
        self.fail(code, reason)
        if not self.transport.is_closing():
            self.read_paused = False
            if self.close_timer is not None:
                self.close_timer.cancel()
            self.close_timer = close_lingering(self.transport, self.loop)

    def handle_parser_exception(self) -> None:
        sent = self.conn.close_sent
        if sent is None:     # frames before we have accepted
            self.end(1002, "frames before the handshake's end")
        else:
            self.end(sent.code, sent.reason)

    def handle_close(self, event: WebSocketFrame) -> None:
        super().handle_close(event)
        if not self.handshake_complete:     # or the app's `accept` would do nothing, and its next `send` count as a bug
            self.handshake_complete = self.disconnected = True

    def send_500_response(self) -> None:
        if self.handshake_complete and self.conn.state is OPEN and not self.close_sent:
            self.end(1011, "")     # the app has raised; uvicorn would drop the connection without a word
        else:
            super().send_500_response()

    def shutdown(self) -> None:
        if self.transport.is_closing() or self.conn.eof_sent:     # closing already: a second close frame would raise
            self.transport.close()
        else:
            super().shutdown()

    def cut_stuck(self) -> None:
        """Frees what unread data holds; the close frame arrives only if the peer reads at this very moment."""
        logger.info("%s: cut, it has not read for %g s", self.client, self.limits.stuck_s)
        self.fail(4500, "you read too slowly")
        reset(self.transport)

    # What arrives

    def send_receive_event_to_app(self) -> None:
        if self.curr_msg_data_type == "text" and not self.close_sent and not is_utf8(self.frames):
            self.end(1007, "not UTF-8")
        super().send_receive_event_to_app()     # drops the message if we have closed

    def handle_cont(self, event: WebSocketFrame) -> None:
        if event.data or event.fin:
            super().handle_cont(event)
        if is_idle(event):
            self.count_idle_frame()

    def handle_ping(self) -> None:
        if self.disconnected or not self.watch.is_writable:
            self.conn.data_to_send()     # whoever reads no pongs gets none, or they would pile up
        else:
            super().handle_ping()
        self.count_idle_frame()

    def count_idle_frame(self) -> None:
        self.idle_frames += 1
        if self.idle_frames > self.limits.max_idle_frames and not self.disconnected:
            self.end(1008, "too many control frames")

    # The heartbeat

    def start_keepalive(self) -> None:
        del self.request, self.response     # the handshake is over, and uvicorn would keep 3 KB of it
        first_s = min(self.limits.first_heartbeat_s, self.limits.heartbeat_s)
        self.ping_timer = self.loop.call_later(first_s, self.send_keepalive_ping)

    def send_keepalive_ping(self) -> None:
        self.idle_frames = 0
        if not self.watch.is_writable:     # it would wait behind unread data, which is the stuck watch's business
            self.schedule_ping()
            return
        self.has_paused = self.is_held
        self.was_reading = False
        self.pinged_at_s = time.perf_counter()
        super().send_keepalive_ping()

    def handle_pong(self, event: WebSocketFrame) -> None:
        was_awaited = self.pending_ping_payload is not None
        super().handle_pong(event)
        self.count_idle_frame()
        if was_awaited and self.pending_ping_payload is None:
            rtt_ms = (time.perf_counter() - self.pinged_at_s) * 1000
            if not self.has_paused or self.peer.rtt_ms is None or rtt_ms < self.peer.rtt_ms:     # pausing only adds
                self.peer.rtt_ms = rtt_ms

    def keepalive_timeout(self) -> None:
        """Ends with 4501 after the second look in a row at a connection that was reading.

        What comes behind a message waits until the app has taken that, and it may be a pong.
        """
        if self.read_paused or not self.was_reading:
            self.was_reading = not self.read_paused
            self.pong_timer = self.loop.call_later(self.patience_s, self.keepalive_timeout)
            return
        self.pong_timer = None
        self.pending_ping_payload = None
        if not self.close_sent and not self.transport.is_closing():
            logger.info("%s: no heartbeat answer", self.client)
            self.end(4501, "no heartbeat answer")
