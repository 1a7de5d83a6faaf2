"""The uvicorn server that keeps what PROTOCOL promises: `make_server(app, …).run()`.

Stock uvicorn keeps none of it: `http_protocol`, `websocket_protocol` and `veil` say what differs, `transport` has the
limits. This module adds a stop that ends in `shutdown_s` whatever the peers do, with exit status 0.
"""

import asyncio
import signal
import socket
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, cast

import uvicorn
from uvicorn.middleware.proxy_headers import _TrustedHosts  # whose headers uvicorn believes, is believed here

from game_server.http.http_protocol import HttpProtocol
from game_server.http.open_connections import OpenConnections
from game_server.http.tls import TlsListener
from game_server.http.transport import EXTENSION, Peer, TransportConfig, TransportLimits, logger, reset
from game_server.http.veil import unveiled
from game_server.http.websocket_protocol import PATIENCE_SHARE, WebSocketProtocol

if TYPE_CHECKING:
    from uvicorn._types import ASGI3Application

__all__ = ["EXTENSION", "Peer", "Server", "TransportLimits", "make_server"]


async def nothing_to_drain() -> None:
    """For an app without connections that outlive a request."""


def make_server(
    app: "ASGI3Application",
    *,
    host: str = "127.0.0.1",
    port: int = 8000,
    limits: TransportLimits | None = None,
    on_drain: Callable[[], Awaitable[None]] = nothing_to_drain,
    ssl_certfile: Path | None = None,
    ssl_keyfile: Path | None = None,
    trusted_proxies: Sequence[str] = ("127.0.0.1", "::1"),
    hits: defaultdict[str, int] | None = None,
) -> "Server":
    """A server for `app`, to be started with `run()` (or `await serve()`), both of which take listening `sockets`.

    `app` must speak lifespan, must keep a `receive()` pending on every WebSocket and stream, must accept or refuse a
    WebSocket promptly, and must bound the time it waits for a body. It finds its Peer in
    `scope["extensions"][EXTENSION]`.
    `on_drain` is awaited once, at most `limits.drain_s`, after the port is closed: it must close all WebSockets with
    1012 and end all streams. What it leaves open is closed with 1012 or aborted; then the lifespan ends.
    `X-Forwarded-For` and `-Proto` are believed from `trusted_proxies`. The connections that a limit has refused are
    added to `hits`. Logging is left to the caller; the loggers are
    "tabiya.http" and "uvicorn.error".
    """
    limits = limits or TransportLimits()
    config = TransportConfig(
        unveiled(app),
        host=host,
        port=port,
        http=HttpProtocol,
        ws=WebSocketProtocol,
        ws_max_size=limits.max_message_bytes,
        ws_per_message_deflate=False,
        ws_ping_interval=limits.heartbeat_s,
        ws_ping_timeout=limits.heartbeat_timeout_s * (1 - PATIENCE_SHARE),
        timeout_keep_alive=cast(int, limits.keep_alive_s),     # typed int, handed to call_later
        lifespan="on",
        interface="asgi3",
        log_config=None,
        access_log=False,
        server_header=False,
        forwarded_allow_ips=list(trusted_proxies),
        ssl_certfile=ssl_certfile,
        ssl_keyfile=ssl_keyfile,
    )
    config.limits = limits
    most = limits.max_connections, limits.max_connections_per_address
    is_proxy = _TrustedHosts(list(trusted_proxies)).__contains__
    config.open = OpenConnections(*most, is_proxy, defaultdict(int) if hits is None else hits)
    return Server(config, on_drain)


class Server(uvicorn.Server):
    """uvicorn's server with a drain and a bounded stop: exit status 0 after a signal, and a second one forces it."""

    def __init__(self, config: TransportConfig, on_drain: Callable[[], Awaitable[None]]) -> None:
        super().__init__(config)
        self.config: TransportConfig = config
        self.limits = config.limits
        self.on_drain = on_drain
        self.stop_signal: int | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """TLS is our own listeners' business: uvicorn starts without any, and closes them."""
        if self.config.ssl is None:
            await super().startup(sockets)
            return
        listening = sockets or [self.config.bind_socket()]
        await super().startup([])
        make = partial(HttpProtocol, self.config, self.server_state, self.lifespan.state)
        listeners = [TlsListener(sock, self.config.ssl, make, self.config) for sock in listening]
        self.servers = cast(list[asyncio.Server], listeners)     # it closes them, and waits for that

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Not super(): that remembers the signal, to raise it again at the end, and the exit status would not be 0.

        With workers, Ctrl-C reaches each of them directly (SIGINT) and through the supervisor (SIGTERM): one signal.
        """
        if self.should_exit and sig in (signal.SIGINT, self.stop_signal):
            self.force_exit = True
        self.should_exit = True
        self.stop_signal = self.stop_signal or sig

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stops within `limits.shutdown_s`, and the time of the app's lifespan shutdown."""
        loop = asyncio.get_running_loop()
        ends_at_s = loop.time() + self.limits.shutdown_s
        for server in self.servers:
            server.close()
        try:
            await self.drain()
        finally:
            self.abort(only_unsent=True)     # closing would wait for peers that do not read
            left_s = max(0.1, ends_at_s - loop.time())
            self.config.timeout_graceful_shutdown = cast(int, left_s)     # typed int, handed to wait_for
            last_call = loop.call_later(left_s / 2, self.abort)
            await super().shutdown(sockets)
            last_call.cancel()

    async def drain(self) -> None:
        try:
            async with asyncio.timeout(self.limits.drain_s):
                await self.on_drain()
        except TimeoutError:
            logger.warning("the app has not drained within %g s", self.limits.drain_s)

    def abort(self, only_unsent: bool = False) -> None:
        """Drops every connection that is left, so that its app task ends by a disconnect and need not be cancelled."""
        for connection in list(self.server_state.connections):
            if not only_unsent or connection.transport.get_write_buffer_size() > 0:
                if isinstance(connection, WebSocketProtocol):
                    connection.tell_app(1012, "restarting")     # else it would learn of a loss: 1006
                reset(connection.transport)
