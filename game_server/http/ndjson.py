"""A stream of JSON lines, as ASGI gives it: begun at once, kept alive by blank lines, ended in good order.

Lichess's clients take 7 s without a byte for a lost connection, and reuse the connection after the end of the stream:
it is chunked and not closed.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any, Final

from starlette.types import Receive, Scope, Send

from game_server.http.transport import EXTENSION, Peer
from game_server.rooms.frame import Frame

KEEP_ALIVE_S: Final = 6.0
BLANK: Final = Frame("", "")
HEADERS: Final = [
    (b"content-type", b"application/x-ndjson"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
]


def line(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))


class Lines:
    """One stream. Once it is over, writing does nothing."""

    keep_alive_s: float = KEEP_ALIVE_S

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._receive = receive
        self._send = send
        self._peer: Peer | None = scope.get("extensions", {}).get(EXTENSION)
        self.is_over = False
        self.is_gone = False    # the peer ended it, not we

    @property
    def is_writable(self) -> bool:
        return self._peer is None or self._peer.is_writable

    async def begin(self) -> None:
        await self._send({"type": "http.response.start", "status": 200, "headers": HEADERS})
        await self._send({"type": "http.response.body", "body": b"", "more_body": True})

    async def write(self, text: str) -> None:
        """`text` and a line's end; an empty one keeps the stream alive."""
        if not self.is_over:
            await self._send({"type": "http.response.body", "body": f"{text}\n".encode(), "more_body": True})

    async def end(self) -> None:
        if not self.is_over:
            self.is_over = True
            await self._send({"type": "http.response.body", "body": b"", "more_body": False})

    async def until_over(self, beat: Callable[[], Awaitable[None]], every_s: float | None = None) -> None:
        """Calls `beat` every `every_s` (`keep_alive_s`), until the stream has ended or its peer is gone."""
        while not self.is_over:
            try:
                async with asyncio.timeout(every_s or self.keep_alive_s):
                    if (await self._receive())["type"] == "http.disconnect":
                        self.is_gone = not self.is_over
                        self.is_over = True
                        return
            except TimeoutError:
                await beat()
