"""One connection as bytes: what it may cost, how long it may stall, and what the app may know about it.

Nothing here speaks HTTP or WebSocket; `http_protocol` and `websocket_protocol` do. Durations are seconds (`_s`) except
the round trip (`_ms`); sizes are bytes.
"""

import asyncio
import contextlib
import logging
import socket
import struct
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

from uvicorn import Config

from game_server.http.open_connections import OpenConnections
from game_server.rooms.sink import Outbox, Post

EXTENSION = "tabiya.peer"     # scope["extensions"][EXTENSION] is the request's Peer
LINGER_S = 0.75               # so long we read on after our last word, or TCP's RST would overtake the close code
RESET_ON_CLOSE = struct.pack("ii", 1, 0)     # SO_LINGER: on, 0 s

logger = logging.getLogger("tabiya.http")


@dataclass(frozen=True, slots=True)
class TransportLimits:
    """What a peer may cost. A stuck reader costs at most `write_buffer_bytes` and one message here, and twice
    `kernel_send_buffer_bytes` in the kernel (Linux doubles the value): 112 KB by default, for at most `stuck_s`;
    measured with all that a connection costs anyway: some 200 KB.
    """

    heartbeat_s: float = 10
    heartbeat_timeout_s: float = 10
    first_heartbeat_s: float = 0.5             # soon after accepting, so that lag compensation knows the round trip
    max_idle_frames: int = 300                 # pings, pongs, empty fragments from one heartbeat to the next
    max_message_bytes: int = 8192              # over all fragments
    max_headers: int = 100
    max_header_bytes: int = 16_384             # request line and headers together
    max_body_bytes: int = 1_048_576            # a backstop: the app has its own, smaller limits
    header_timeout_s: float = 7                  # promised are 10, however busy the machine is
    keep_alive_s: float = 90                   # clients of the Lichess API reuse connections for 75 s and more
    stuck_s: float = 20
    write_buffer_bytes: int = 32_768
    kernel_send_buffer_bytes: int = 40_960
    kernel_receive_buffer_bytes: int = 16_384  # also bounds what one turn of the loop parses for one peer
    max_connections: int = 0                   # TCP connections in all; 0: any number
    max_connections_per_address: int = 0       # the same, from one that is no trusted proxy
    drain_s: float = 0.7                       # the app's share of `shutdown_s`
    shutdown_s: float = 1.2


class TransportConfig(Config):
    """uvicorn's configuration and our limits, from which every protocol object takes them."""

    limits: TransportLimits
    open: OpenConnections


class Meter:
    """`transport`, counting what is written through it; everything else is the transport's.

    As a context manager it holds back what is written inside, to write it at once at the end: one system call instead
    of several. Nothing may be awaited there that suspends, or others would write, and close, out of order.
    """

    __slots__ = ("_held", "_transport", "_write", "pause_reading", "resume_reading", "written_bytes")

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._write = transport.write
        self.pause_reading = transport.pause_reading      # to be replaced: see TurnTaking
        self.resume_reading = transport.resume_reading
        self.written_bytes = 0
        self._held: list[bytes] | None = None

    def write(self, data: bytes, outbox: Outbox | None = None) -> None:
        """With an `outbox` the write is left to whoever has that, unless it is held back here."""
        self.written_bytes += len(data)
        if self._held is not None:
            self._held.append(data)
        elif outbox is not None:
            outbox.append((self._write, data))
        else:
            self._write(data)

    def __enter__(self) -> None:
        self._held = []

    def __exit__(self, *exc: object) -> None:
        held, self._held = self._held, None
        if held:
            self._write(b"".join(held))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)


class StuckWatch:
    """Calls `cut` when a peer has left what we wrote unread for `stuck_s`.

    The protocol must call `start` from `pause_writing`, and `stop` from `resume_writing` and `connection_lost`.
    """

    __slots__ = ("_cut", "_loop", "_stuck_s", "_timer", "is_writable")

    def __init__(self, loop: asyncio.AbstractEventLoop, stuck_s: float, cut: Callable[[], None]) -> None:
        self._loop = loop
        self._stuck_s = stuck_s
        self._cut = cut
        self._timer: asyncio.TimerHandle | None = None
        self.is_writable = True

    def start(self) -> None:
        if self._timer is None:
            self.is_writable = False
            self._timer = self._loop.call_later(self._stuck_s, self._cut)

    def stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
            self.is_writable = True


class Peer:
    """What the app may know about the connection behind one WebSocket or one HTTP request."""

    __slots__ = ("_meter", "_watch", "post", "received_bytes", "rtt_ms")

    def __init__(self, watch: StuckWatch, meter: Meter, post: Post) -> None:
        self._watch = watch
        self._meter = meter
        self.post = post
        """Writes the frame, as a WebSocket message or as a chunk of a response's body, or leaves that to an outbox.
        False if the connection is over, or it would have to wait for anything: then it is for `send`."""
        self.rtt_ms: float | None = None
        """The last measured WebSocket ping's round trip; None until then, and always over HTTP."""
        self.received_bytes = 0
        """Bytes read of this WebSocket (with handshake, pongs), after TLS; always 0 over HTTP."""

    @property
    def is_writable(self) -> bool:
        """Whether an ASGI `send` completes without suspending, so that any task may await it.

        Says nothing about being connected: a WebSocket's send may raise, and an HTTP response's may do nothing.
        """
        return self._watch.is_writable

    def corked(self) -> AbstractContextManager[None]:
        """What is written inside leaves at once at the end. Must be entered only while `is_writable`, and left without
        having waited for anything but this peer's `send`.
        """
        return self._meter

    @property
    def bytes_sent(self) -> int:
        """Bytes written for this WebSocket (with handshake, pings) or response (with headers, framing), before TLS."""
        return self._meter.written_bytes


def bound_buffers(transport: asyncio.Transport, limits: TransportLimits) -> None:
    """Limits what unread data may occupy on this side, and how long the kernel waits for an acknowledgement."""
    transport.set_write_buffer_limits(high=limits.write_buffer_bytes, low=limits.write_buffer_bytes // 4)
    sock = transport.get_extra_info("socket")
    if sock is None or sock.family not in (socket.AF_INET, socket.AF_INET6):
        return
    with contextlib.suppress(OSError):     # some systems refuse options on a connection that is already reset
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, limits.kernel_send_buffer_bytes)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, limits.kernel_receive_buffer_bytes)
        if hasattr(socket, "TCP_USER_TIMEOUT"):     # Linux; it covers a reader stuck below our high-water mark too
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, int(limits.stuck_s * 1000))


def reset(transport: asyncio.Transport) -> None:
    """Drops the connection and everything unsent, here and in the kernel. `close()` would wait for the flush."""
    sock = transport.get_extra_info("socket")
    if sock is not None:
        with contextlib.suppress(OSError):
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
    transport.abort()


def close_lingering(transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> asyncio.TimerHandle:
    """Ends our side and aborts after LINGER_S if the peer has not ended its own.

    The protocol must drop what it still receives, and must write nothing more. Closing with unread input instead makes
    TCP send RST, and the peer loses our last word: it takes a final close code for a lost connection and comes back.
    """
    if transport.can_write_eof():     # not over TLS
        transport.write_eof()
    transport.resume_reading()
    return loop.call_later(LINGER_S, transport.abort)
