"""A listening socket whose connections speak TLS, bounded from the moment that TCP brings them.

The event loop's own server tells nobody of a connection before its handshake is over, for which it gives a minute: a
stranger who connects and says nothing would be counted nowhere, and stay for that long.
"""

import asyncio
import socket
import ssl
from collections.abc import Callable
from typing import Final

from game_server.http.transport import RESET_ON_CLOSE, TransportConfig, logger

AT_ONCE: Final = 64         # connections taken up in one turn of the loop
PAUSE_S: Final = 1.0        # when the system has no more files or memory


class TlsListener:
    """Takes up connections to `sock` for protocols that `make` makes, as uvicorn wants its servers, until `close`.

    Where the limit on connections is reached, one is reset without an answer: that would cost the handshake. A
    handshake may take as long as headers may.
    """

    def __init__(
        self,
        sock: socket.socket,
        context: ssl.SSLContext,
        make: Callable[[], asyncio.Protocol],
        config: TransportConfig,
    ) -> None:
        self._sock = sock
        self._context = context
        self._make = make
        self._open = config.open
        self._handshake_s = config.limits.header_timeout_s
        self._loop = asyncio.get_running_loop()
        self._handshakes: set[asyncio.Task[None]] = set()
        self._pause: asyncio.TimerHandle | None = None
        sock.listen(config.backlog)
        sock.setblocking(False)
        self._resume()

    def _resume(self) -> None:
        self._pause = None
        self._loop.add_reader(self._sock, self._accept)

    def _accept(self) -> None:
        for _ in range(AT_ONCE):
            try:
                sock, address = self._sock.accept()
            except (BlockingIOError, InterruptedError, ConnectionAbortedError):
                return      # none is left; or another worker, or the peer, was faster
            except OSError as error:
                logger.warning("no connection can be taken up now: %s", error)
                self._loop.remove_reader(self._sock)
                self._pause = self._loop.call_later(PAUSE_S, self._resume)
                return
            client = str(address[0]), int(address[1])
            if self._open.may_enter(client):
                self._open.enter(client)
                handshake = self._loop.create_task(self._shake_hands(sock, client))
                self._handshakes.add(handshake)
                handshake.add_done_callback(self._handshakes.discard)
            else:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
                sock.close()

    async def _shake_hands(self, sock: socket.socket, client: tuple[str, int]) -> None:
        """Hands the connection over to its protocol, which then counts it."""
        try:
            sock.setblocking(False)
            await self._loop.connect_accepted_socket(
                self._make, sock, ssl=self._context, ssl_handshake_timeout=self._handshake_s
            )
        except OSError as error:
            logger.debug("%s: no TLS: %s", client, error)
        finally:
            self._open.leave(client)

    def close(self) -> None:
        """Takes up no more; handshakes that go on are broken off."""
        if self._pause is not None:
            self._pause.cancel()
        if self._sock.fileno() >= 0:
            self._loop.remove_reader(self._sock)
            self._sock.close()
        for handshake in self._handshakes:
            handshake.cancel()

    async def wait_closed(self) -> None:
        """Returns when nothing is left of it."""
        if self._handshakes:
            await asyncio.wait(self._handshakes)
