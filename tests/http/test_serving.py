"""A WebSocket or a request over `make_server`, as raw bytes; and the laboratory that all `test_serving…` modules use.

A real server runs in a thread with its own (uvloop) loop; peers are plain blocking sockets. What the app sees it
reports through a queue.
"""

import contextlib
import os
import queue
import random
import socket
import struct
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from game_server.http.serving import EXTENSION, Peer, Server, TransportLimits, make_server

PATIENCE_S = 5     # no test waits so long unless it fails
TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10
HANDSHAKE = {
    "Host": "localhost",
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Version": "13",
}


def listener() -> socket.socket:
    """A listening socket outside the range of ephemeral ports."""
    while True:
        sock = socket.socket()
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with contextlib.suppress(OSError):
            sock.bind(("127.0.0.1", random.randrange(20_000, 32_768)))
            sock.listen(128)     # so that connecting works before the server has started
            return sock
        sock.close()


class Wire:
    """A peer: one TCP connection and what it says, byte for byte."""

    def __init__(self, port: int, receive_buffer_bytes: int | None = None, source: str = "127.0.0.1") -> None:
        self.sock = socket.socket()
        self.sock.bind((source, 0))
        if receive_buffer_bytes is not None:
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer_bytes)
        self.sock.settimeout(PATIENCE_S)
        try:
            self.sock.connect(("127.0.0.1", port))
        except OSError:
            self.sock.close()
            raise
        self.unread = b""

    def __enter__(self) -> "Wire":
        return self

    def __exit__(self, *_: object) -> None:
        self.sock.close()

    def send(self, sent: bytes) -> None:
        self.sock.sendall(sent)

    def ask(self, path: str, headers: dict[str, str] | None = None, method: str = "GET") -> None:
        lines = [f"{method} {path} HTTP/1.1", *(f"{k}: {v}" for k, v in (headers or {"Host": "localhost"}).items())]
        self.send("\r\n".join([*lines, "", ""]).encode("latin-1"))

    def open(self, path: str, **headers: str) -> str:
        """A WebSocket handshake; the answer's head."""
        self.ask(path, HANDSHAKE | {k.replace("_", "-"): v for k, v in headers.items()})
        return self.head()

    def head(self) -> str:
        while b"\r\n\r\n" not in self.unread:
            self.fill()
        head, _, self.unread = self.unread.partition(b"\r\n\r\n")
        return head.decode("latin-1")

    def fill(self) -> None:
        received = self.sock.recv(65_536)
        if not received:
            raise EOFError
        self.unread += received

    def exactly(self, length: int) -> bytes:
        while len(self.unread) < length:
            self.fill()
        taken, self.unread = self.unread[:length], self.unread[length:]
        return taken

    def rest(self) -> bytes:
        """Everything until the server ends the connection, in good order: a reset can lose its last word."""
        with contextlib.suppress(EOFError):
            while True:
                self.fill()
        taken, self.unread = self.unread, b""
        return taken

    def frame(self, opcode: int, payload: bytes = b"", *, fin: bool = True) -> None:
        self.send(masked(opcode, payload, fin=fin))

    def read_frame(self) -> tuple[int, bytes]:
        first, length = self.exactly(2)
        if length == 126:
            (length,) = struct.unpack("!H", self.exactly(2))
        elif length == 127:
            (length,) = struct.unpack("!Q", self.exactly(8))
        return first & 15, self.exactly(length)

    def read_text(self) -> bytes:
        """The next text, answering pings before it."""
        while True:
            opcode, payload = self.read_frame()
            if opcode == PING:
                self.frame(PONG, payload)
            else:
                assert opcode == TEXT, (opcode, payload)
                return payload

    def read_close(self) -> int:
        """The code with which the server closes, leaving everything before it unanswered."""
        while True:
            opcode, payload = self.read_frame()
            if opcode == CLOSE:
                code: int = struct.unpack("!H", payload[:2])[0]
                return code


def masked(opcode: int, payload: bytes = b"", *, fin: bool = True) -> bytes:
    size = len(payload)
    if size < 126:
        length = bytes([128 | size])
    elif size < 65_536:
        length = b"\xfe" + struct.pack("!H", size)
    else:
        length = b"\xff" + struct.pack("!Q", size)
    mask = os.urandom(4)
    return bytes([opcode | 128 * fin]) + length + mask + bytes(b ^ mask[i % 4] for i, b in enumerate(payload))


class Lab:
    """A running server, and what its app has reported."""

    def __init__(self, app: Any, limits: TransportLimits | None, **options: Any) -> None:
        self.reports: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self.sock = listener()
        self.port: int = self.sock.getsockname()[1]
        self.server: Server = make_server(self.with_lifespan(app), limits=limits, **options)
        self.thread = threading.Thread(target=self.server.run, args=([self.sock],), daemon=True)

    def with_lifespan(self, app: Any) -> Any:
        async def lab_app(scope: Any, receive: Any, send: Any) -> None:
            if scope["type"] != "lifespan":
                await app(self, scope, receive, send)
                return
            for _ in range(2):
                message = await receive()
                await send({"type": message["type"] + ".complete"})

        return lab_app

    def peer(self, receive_buffer_bytes: int | None = None, source: str = "127.0.0.1") -> Wire:
        return Wire(self.port, receive_buffer_bytes, source)

    def report(self) -> Any:
        return self.reports.get(timeout=PATIENCE_S)

    def stop(self) -> None:
        self.server.should_exit = True
        self.thread.join(PATIENCE_S)
        assert not self.thread.is_alive()


@contextlib.contextmanager
def serving(app: Any, limits: TransportLimits | None = None, **options: Any) -> Iterator[Lab]:
    """A Lab with `app(lab, scope, receive, send)`."""
    lab = Lab(app, limits, **options)
    lab.thread.start()
    try:
        yield lab
    finally:
        lab.stop()


async def echo(lab: Lab, scope: Any, receive: Any, send: Any) -> None:
    """Echoes a WebSocket's messages and reports how it ended; answers a request with its query."""
    if scope["type"] == "http":
        head = {"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % 40)]}
        await send(head)
        await send({"type": "http.response.body", "body": scope["query_string"].ljust(40)})
        lab.reports.put(scope["extensions"][EXTENSION].bytes_sent)
        return
    assert (await receive())["type"] == "websocket.connect"
    peer: Peer = scope["extensions"][EXTENSION]
    offered = scope["subprotocols"]
    lab.reports.put((scope["query_string"], offered))
    await send({"type": "websocket.accept", "subprotocol": "chess.v1" if "chess.v1" in offered else None})
    while (message := await receive())["type"] == "websocket.receive":
        answer = message["text"] if message.get("text") is not None else f"binary {len(message['bytes'])}"
        await send({"type": "websocket.send", "text": answer})
    lab.reports.put(message["code"])
    lab.reports.put(peer.bytes_sent)


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with serving(echo) as lab:
        yield lab


def test_a_message_is_echoed_and_a_close_reaches_the_app(lab: Lab) -> None:
    with lab.peer() as peer:
        assert peer.open("/ws").startswith("HTTP/1.1 101")
        peer.frame(TEXT, b"e2e4")
        assert peer.read_text() == b"e2e4"
        peer.frame(CLOSE, struct.pack("!H", 4010))
        assert peer.read_close() == 4010
        assert peer.rest() == b""
    assert [lab.report(), lab.report()] == [(b"", []), 4010]
    lab.report()


def test_query_and_subprotocols_reach_the_app_and_it_chooses(lab: Lab) -> None:
    with lab.peer() as peer:
        head = peer.open("/ws?token=secret&x=1", Sec_WebSocket_Protocol="chess.v1, token.secret")
        assert "sec-websocket-protocol: chess.v1" in head.lower()
    assert lab.report() == (b"token=secret&x=1", ["chess.v1", "token.secret"])
    assert lab.report() == 1006     # the connection is lost without a close frame
    lab.report()


def test_compression_is_not_negotiated(lab: Lab) -> None:
    with lab.peer() as peer:
        head = peer.open("/ws", Sec_WebSocket_Extensions="permessage-deflate; client_max_window_bits")
        assert "sec-websocket-extensions" not in head.lower()
    lab.report(), lab.report(), lab.report()


@pytest.mark.parametrize("fragments", [
    [b"a" * 8192],
    [b"a" * 8190, b"", b"b", b"c"],
], ids=["one frame", "fragments"])
def test_a_message_of_8192_bytes_is_received(lab: Lab, fragments: list[bytes]) -> None:
    with lab.peer() as peer:
        peer.open("/ws")
        for number, fragment in enumerate(fragments):
            peer.frame(0 if number else TEXT, fragment, fin=number == len(fragments) - 1)
        assert peer.read_text() == b"".join(fragments)
    lab.report(), lab.report(), lab.report()


BREAKS = (      # the masks are random, and these names must not be
    "long", "long in fragments", "very long", "not UTF-8", "not UTF-8 over fragments", "not UTF-8, then more",
    "not UTF-8, then a close", "not masked", "unknown opcode", "pings", "pongs", "empty fragments",
)


@pytest.mark.parametrize(("sent", "code"), [
    (masked(TEXT, b"a" * 8193), 1009),
    (masked(TEXT, b"a" * 8000, fin=False) + masked(0, b"a" * 193), 1009),
    (masked(TEXT, b"a" * 1_000_000), 1009),                                 # most of it is still on its way
    (masked(TEXT, b"\xff\xfe"), 1007),
    (masked(TEXT, b"\xc3", fin=False) + masked(0, b"("), 1007),
    (masked(TEXT, b"\xff") + masked(PING, b"x") + masked(TEXT, b"y"), 1007),
    (masked(TEXT, b"\xff") + masked(CLOSE, b"\x03\xe8"), 1000),             # their close is answered first
    (b"\x81\x01a", 1002),                                                   # not masked
    (b"\x83\x80mask", 1002),                                                # unknown opcode
    (masked(PING) * 400, 1008),                                             # frames that carry nothing
    (masked(PONG, b"?") * 400, 1008),
    (masked(TEXT, b"a", fin=False) + masked(0, fin=False) * 400, 1008),
], ids=BREAKS)     # fmt: skip
def test_what_breaks_the_protocol_is_closed_with_a_code_and_the_app_learns_it(
    lab: Lab, caplog: pytest.LogCaptureFixture, sent: bytes, code: int
) -> None:
    with lab.peer() as peer:
        peer.open("/ws")
        peer.send(sent)
        assert peer.read_close() == code
        started_s = time.monotonic()
        assert peer.rest() == b""
        assert time.monotonic() - started_s < 1
    lab.report()
    assert lab.report() in (code, 1007)
    lab.report()
    assert not [record for record in caplog.records if record.levelname in ("ERROR", "CRITICAL")]


def test_what_is_still_on_its_way_after_a_close_is_read_and_not_reset(lab: Lab) -> None:
    with lab.peer() as peer:
        peer.open("/ws")
        peer.frame(TEXT, b"a" * 8193)
        assert peer.read_close() == 1009
        for _ in range(3):     # a reset would make the second of them fail, and elsewhere than on Linux lose the code
            time.sleep(0.03)
            peer.send(b"on its way")
    lab.report(), lab.report(), lab.report()


def test_one_character_in_two_fragments_is_text(lab: Lab) -> None:
    king = "♔".encode()
    with lab.peer() as peer:
        peer.open("/ws")
        peer.frame(TEXT, king[:1], fin=False)
        peer.frame(PING, b"between")
        peer.frame(0, king[1:])
        assert peer.read_frame() == (PONG, b"between")
        assert peer.read_text() == king
    lab.report(), lab.report(), lab.report()


def test_bytes_sent_counts_what_the_peer_has_received(lab: Lab) -> None:
    with lab.peer() as peer:
        head = peer.open("/ws")
        peer.frame(BINARY, b"?" * 200)
        text = peer.read_text()
        peer.frame(CLOSE)
        close = peer.rest()
    lab.report(), lab.report()
    assert lab.report() == len(head) + 4 + 2 + len(text) + len(close)


def test_pipelined_requests_keep_their_own_queries_and_byte_counts(lab: Lab) -> None:
    with lab.peer() as peer:
        peer.send(b"GET /?first HTTP/1.1\r\nHost: x\r\n\r\nGET /?second HTTP/1.1\r\nHost: x\r\n\r\n")
        for query in (b"first", b"second"):
            head = peer.head()
            assert peer.exactly(40).strip() == query
            assert lab.report() == len(head) + 4 + 40


def test_a_failing_app_closes_with_1011() -> None:
    async def failing(lab: Lab, scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        raise AssertionError("our bug")

    with serving(failing) as lab, lab.peer() as peer:
        peer.open("/ws")
        assert peer.read_close() == 1011
