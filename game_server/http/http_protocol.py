"""HTTP/1.1 on one connection: uvicorn's httptools protocol, with an end to everything a peer could drag out.

It keeps: connections are bounded in number (503, or cut at once), headers in number, bytes and time (431, or the
connection is cut), a body in bytes (413); a peer that does not read is cut; the running request learns that its peer is
gone, also if others are pipelined behind it. WebSocket handshakes arrive here first, so their headers are bounded by
the same rules.

Leans on internals of uvicorn 0.54: `_start_asgi_task`, `send_400_response`, parser callbacks, the events it waits for.
"""

import asyncio
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, NoReturn, cast

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import ServerState

from game_server.http.light_event import LightEvent
from game_server.http.open_connections import CROWDED
from game_server.http.transport import (
    EXTENSION,
    Meter,
    Peer,
    StuckWatch,
    TransportConfig,
    bound_buffers,
    close_lingering,
    logger,
    reset,
)
from game_server.http.veil import veil
from game_server.rooms.frame import Frame
from game_server.rooms.sink import Outbox

if TYPE_CHECKING:
    from uvicorn._types import ASGI3Application

LINE_BYTES = 4     # ": " and CRLF of a header line


class LimitError(Exception):
    """Raised in a parser callback to stop the parser; the answer is `refusal`."""


class HttpProtocol(HttpToolsProtocol):
    """One TCP connection until it ends or becomes a WebSocket."""

    __slots__ = (       # beside uvicorn's attributes, which are in a dictionary: it would grow by 1.3 KB for ours
        "body_bytes", "header_timer", "is_deaf", "is_in_body", "is_in_headers", "limits", "part_bytes", "running",
        "watch",
    )  # fmt: skip
    config: TransportConfig

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
        self.running: RequestResponseCycle | None = None     # `self.cycle` is the last one parsed, perhaps still queued
        self.header_timer: asyncio.TimerHandle | None = None
        self.part_bytes = self.body_bytes = 0   # received of headers or body that arrive now; parsed of that body
        self.is_in_headers = self.is_in_body = False
        self.refusal = HTTPStatus.BAD_REQUEST     # what a parser error is answered with
        self.is_deaf = False               # refused, ended or handed over: nothing more is parsed here

    @property
    def is_responding(self) -> bool:
        return self.running is not None and not self.running.response_complete

    def connection_made(self, transport: asyncio.Transport) -> None:     # type: ignore[override]
        super().connection_made(transport)
        self.flow._is_writable_event = LightEvent(is_set=True)     # type: ignore[assignment]
        bound_buffers(transport, self.limits)
        if self.scheme == "https" or self.config.open.may_enter(self.client):     # the former has been asked: tls
            self.config.open.enter(self.client)
            self.start_header_timer()
        else:
            self.turn_away()

    def turn_away(self) -> None:
        """Answers before anything was asked, and what is then asked is not read."""
        if self.config.open.turn_away(self):
            self.transport.write(CROWDED)
            self.end()
        else:
            self.is_deaf = True
            reset(self.transport)

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.config.open.has_gone(self):
            self.config.open.leave(self.client)
        self.stop_timers()
        self.watch.stop()
        self.pipeline.clear()
        if self.running is not None and self.is_responding:     # uvicorn tells only the last one parsed
            self.running.disconnected = True
            self.running.message_event.set()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self.is_deaf:
            return
        self.part_bytes += len(data)
        super().data_received(data)
        if self.is_deaf:
            return
        if self.is_in_body:
            if self.part_bytes > self.limits.max_body_bytes:
                self.refuse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        elif self.part_bytes > self.limits.max_header_bytes:
            self.refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
        elif self.is_in_headers or not self.is_responding:     # the latter: blank lines, for which no message has begun
            self.start_header_timer()

    # What the parser finds

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.is_in_headers = True

    def on_header(self, name: bytes, value: bytes) -> None:
        super().on_header(name, value)
        if len(self.headers) > self.limits.max_headers:
            self.stop_parser(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)

    def on_headers_complete(self) -> None:
        header_bytes = sum(len(name) + len(value) + LINE_BYTES for name, value in self.headers)
        if header_bytes + len(self.url) > self.limits.max_header_bytes:     # all of it came in one read
            self.stop_parser(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
        body_bytes = next((int(value) for name, value in self.headers if name == b"content-length"), 0)
        if body_bytes > self.limits.max_body_bytes:     # not only when so much has come
            self.stop_parser(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        super().on_headers_complete()
        self.part_bytes = self.body_bytes = 0
        self.is_in_headers, self.is_in_body = False, True
        self.stop_header_timer()

    def on_body(self, body: bytes) -> None:
        self.body_bytes += len(body)
        if self.body_bytes > self.limits.max_body_bytes:
            self.stop_parser(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        super().on_body(body)

    def on_message_complete(self) -> None:
        self.part_bytes = 0
        self.is_in_body = False
        super().on_message_complete()

    def handle_websocket_upgrade(self) -> None:
        is_too_old = self.parser.get_http_version() == "1.0"           # RFC 6455, 4.2.1
        is_pipelined = self.is_responding or self.flow.write_paused     # behind a response: two would write
        if is_too_old or is_pipelined:
            self.refuse(HTTPStatus.BAD_REQUEST)
            return
        self.is_deaf = True
        self.stop_timers()
        self.config.open.leave(self.client)     # and the WebSocket enters
        super().handle_websocket_upgrade()

    def _unsupported_upgrade_warning(self) -> None:
        self.cycle.keep_alive = False     # h2c and the like are answered as HTTP/1.1; the parser stops after an upgrade

    # Requests and responses

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: "ASGI3Application") -> None:
        self.running = cycle
        meter = Meter(self.transport)
        cycle.transport = cast(asyncio.Transport, meter)
        cycle.scope["extensions"] = {EXTENSION: Peer(self.watch, meter, partial(self.post, cycle))}     # type: ignore[dict-item]
        veil(cycle.scope)
        cycle.message_event = LightEvent(is_set=cycle.message_event.is_set())     # type: ignore[assignment]
        super()._start_asgi_task(cycle, app)

    def post(self, cycle: RequestResponseCycle, frame: Frame, outbox: Outbox | None = None) -> bool:
        """See Peer."""
        if cycle.disconnected or cycle.response_complete or not cycle.chunked_encoding:
            return False
        if not self.watch.is_writable or self.transport.is_closing():
            return False
        cycle.transport.write(frame.chunk, outbox)     # type: ignore[call-arg]  # a Meter; `cast` would be a call
        return True

    def on_response_complete(self) -> None:
        is_body_unwanted = self.is_in_body and self.cycle is self.running     # as after an early 413
        super().on_response_complete()
        if is_body_unwanted and not self.transport.is_closing():
            self.end()

    def stop_parser(self, refusal: HTTPStatus) -> NoReturn:
        self.refusal = refusal
        raise LimitError

    def send_400_response(self, msg: str) -> None:
        self.refuse(self.refusal)

    def refuse(self, status: HTTPStatus) -> None:
        """Answers `status` itself and ends the connection; if a response is under way, cuts it instead."""
        if self.running is not None and self.is_responding:
            if self.running.response_started or self.running is not self.cycle:
                self.is_deaf = True
                self.transport.abort()
                return
            self.running.disconnected = True     # the app, which waits for the body, must not answer too
            self.running.message_event.set()
        self.transport.write(STATUS_LINE[status] + b"connection: close\r\ncontent-length: 0\r\n\r\n")
        self.end()

    def end(self) -> None:
        self.is_deaf = True
        self.stop_timers()
        close_lingering(self.transport, self.loop)

    # Time

    def start_header_timer(self) -> None:
        if self.header_timer is None:
            self.header_timer = self.loop.call_later(self.limits.header_timeout_s, self.cut_slow_headers)

    def stop_header_timer(self) -> None:
        if self.header_timer is not None:
            self.header_timer.cancel()
            self.header_timer = None

    def stop_timers(self) -> None:
        self.stop_header_timer()
        self._unset_keepalive_if_required()

    def cut_slow_headers(self) -> None:
        self.header_timer = None
        if not self.is_responding:     # else it is pipelined behind a response, after which keep-alive takes over
            self.transport.abort()

    def pause_writing(self) -> None:
        super().pause_writing()
        self.watch.start()

    def resume_writing(self) -> None:
        super().resume_writing()
        self.watch.stop()

    def cut_stuck(self) -> None:
        logger.info("%s: cut, it has not read for %g s", self.client, self.limits.stuck_s)
        reset(self.transport)
