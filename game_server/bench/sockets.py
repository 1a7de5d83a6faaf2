"""A client's end of one connection, as bare as it gets: a WebSocket, or an event stream.

Each hands over the text of every message as bytes, counts what came through the socket, and does nothing else, so that
thousands of them in one process cost less than the server they measure. They trust their server: what they read is not
checked as a client of the Internet's would have to (RFC 6455, 5.1).
"""

import asyncio
import base64
import os
import random
import struct
from collections.abc import Callable
from typing import ClassVar, Final, cast

from game_server.bench.tally import Tally

TEXT, CLOSE, PING = 0x81, 0x88, 0x89
NO_MASK: Final = b"\0\0\0\0"        # a client must mask; it may choose zeros (RFC 6455, 5.3)
POLL_S: Final = 1.0
Hear = Callable[[bytes], None]


def text_frame(text: bytes) -> bytes:
    """A client's text message. `text` must be shorter than 64 KB."""
    if len(text) < 126:
        return bytes((TEXT, 0x80 | len(text))) + NO_MASK + text
    return bytes((TEXT, 0x80 | 126)) + struct.pack(">H", len(text)) + NO_MASK + text


GOODBYE: Final = bytes((CLOSE, 0x80 | 2)) + NO_MASK + struct.pack(">H", 1000)


class Connection(asyncio.Protocol):
    """One TCP connection, which begins by sending `head`; `opened` is done when the answer's head has come."""

    transport: asyncio.Transport
    head = b""
    is_open = False
    feed: ClassVar[str]         # the path under which a spectator finds a room's events

    def __init__(self, hear: Hear, tally: Tally) -> None:
        self.hear = hear
        self.tally = tally
        self.opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.is_over = False        # by our own wish
        self.rest = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)     # uvloop's is one by behaviour, not by class
        self.transport.write(self.head)

    def connection_lost(self, _error: Exception | None) -> None:
        if not self.opened.done():
            self.opened.set_exception(ConnectionError("the server closed the connection instead of answering"))
        elif not self.is_over:
            self.is_over = True
            self.tally.lost += 1
        if not self.ended.done():       # else the loop has gone
            self.ended.set_result(None)

    def data_received(self, data: bytes) -> None:
        self.tally.received_bytes += len(data)
        if self.rest:
            data, self.rest = self.rest + data, b""
        if not self.is_open:
            head, end, data = data.partition(b"\r\n\r\n")
            if not end:
                self.rest = head
                return
            if not self.is_welcome(head.lower()):
                self.opened.set_exception(ConnectionError(head.partition(b"\r\n")[0].decode("latin-1")))
                self.transport.abort()
                return
            self.is_open = True
            if not self.opened.done():      # else it has been given up meanwhile
                self.opened.set_result(None)
        if data:
            self.parse(data)

    def is_welcome(self, head: bytes) -> bool:
        """Whether the answer with this head, in lower case, is what was asked for."""
        raise NotImplementedError

    def parse(self, data: bytes) -> None:
        """Hears the messages in `data`, and keeps what is incomplete in `rest`."""
        raise NotImplementedError

    def request(self, path: str, host: str) -> bytes:
        raise NotImplementedError

    def leave(self) -> None:
        """Ends the connection politely, if there is one."""
        self.is_over = True
        if self.is_open:
            self.transport.close()


class WebSocket(Connection):
    feed = "/ws/watch/"

    def request(self, path: str, host: str) -> bytes:
        key = base64.b64encode(os.urandom(16)).decode()
        upgrade = f"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13"
        return f"GET {path} HTTP/1.1\r\nHost: {host}\r\n{upgrade}\r\n\r\n".encode()

    def is_welcome(self, head: bytes) -> bool:
        return head.startswith(b"http/1.1 101")

    def parse(self, data: bytes) -> None:
        start, end = 0, len(data)
        while end - start >= 2:
            kind, length, begin = data[start], data[start + 1], start + 2
            if length == 126:
                begin = start + 4
                if begin > end:
                    break
                length = data[start + 2] << 8 | data[start + 3]
            elif length == 127:
                begin = start + 10
                if begin > end:
                    break
                length = int.from_bytes(data[start + 2 : begin], "big")
            if begin + length > end:
                break
            start = begin + length
            if kind == TEXT:
                self.hear(data[begin:start])
            else:
                self.obey(kind, data[begin:start])
        if start < end:
            self.rest = data[start:]

    def obey(self, kind: int, body: bytes) -> None:
        if kind == PING:
            self.transport.write(bytes((0x8A, 0x80 | len(body))) + NO_MASK + body)
        elif kind == CLOSE:
            if not self.is_over and len(body) >= 2:
                said = f"{int.from_bytes(body[:2], 'big')} {body[2:].decode(errors='replace')}"
                self.tally.why_lost = self.tally.why_lost or said
            self.transport.write(bytes((CLOSE, 0x80 | len(body))) + NO_MASK + body)
            self.transport.close()

    def leave(self) -> None:
        if self.is_open and not self.is_over:
            self.transport.write(GOODBYE)
        super().leave()


class EventStream(Connection):
    """Server-sent events (WHATWG HTML, 9.2), of which it hears the data."""

    feed = "/sse/game/"
    is_chunked = False
    line = b""      # the events' text, without the chunks it came in

    def request(self, path: str, host: str) -> bytes:
        return f"GET {path} HTTP/1.1\r\nHost: {host}\r\nAccept: text/event-stream\r\n\r\n".encode()

    def is_welcome(self, head: bytes) -> bool:
        self.is_chunked = b"transfer-encoding: chunked" in head
        return head.startswith(b"http/1.1 200")

    def parse(self, data: bytes) -> None:
        if not self.is_chunked:
            self.read(data)
            return
        start, end = 0, len(data)
        while (head_end := data.find(b"\r\n", start)) >= 0:
            length = int(data[start:head_end], 16)
            begin = head_end + 2
            if begin + length + 2 > end:
                break
            start = begin + length + 2
            if length:
                self.read(data[begin : begin + length])
            else:
                self.transport.close()
        if start < end:
            self.rest = data[start:]

    def read(self, text: bytes) -> None:
        if self.line:
            text = self.line + text
        *events, self.line = text.split(b"\n\n")
        for event in events:
            begin = event.find(b"data: ")
            if begin >= 0:
                self.hear(event[begin + 6 :])


class Poller(Connection):
    """Asks for the room's state once a second and hears it when it has changed (RFC 9110, 13.1.2).

    Its questions are counted with the answers: they are part of the price.
    """

    feed = "/rooms/"
    etag = b""
    due_s = 0.0

    def request(self, path: str, host: str) -> bytes:
        self.question = f"GET {path} HTTP/1.1\r\nHost: {host}\r\nAccept: application/json\r\n".encode()
        return self.question + b"\r\n"

    def data_received(self, data: bytes) -> None:
        self.tally.received_bytes += len(data)
        data = self.rest + data
        head, end, body = data.partition(b"\r\n\r\n")
        lines = (line.partition(b": ") for line in head.split(b"\r\n")[1:])
        fields = {name.lower(): value for name, _, value in lines}
        if not end or len(body) < int(fields.get(b"content-length", 0)):
            self.rest = data
            return
        self.rest = b""
        status = head[9:12]
        if status not in (b"200", b"304"):
            self.transport.close()
            return
        if not self.is_open:
            self.is_open = True
            self.opened.set_result(None)
            self.due_s = asyncio.get_running_loop().time() + random.random() * POLL_S
        if status == b"200":
            self.etag = fields[b"etag"]
            self.hear(body)
        self.due_s += POLL_S
        asyncio.get_running_loop().call_at(self.due_s, self.ask)

    def ask(self) -> None:
        if not self.is_over:
            question = self.question + b"If-None-Match: " + self.etag + b"\r\n\r\n"
            self.tally.received_bytes += len(question)
            self.transport.write(question)


Feed = WebSocket | EventStream | Poller
