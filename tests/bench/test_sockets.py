"""The bench's own readers understand what arrives, however the network has cut it."""

import pytest

from game_server.bench.connection import Connection
from game_server.bench.sockets import EventStream, WebSocket
from game_server.bench.tally import Tally

TEXTS = [b'{"v":1}', b"x" * 125, b"y" * 126, b"z" * 70_000, b"{}"]
SWITCHED = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n"
STREAM = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n"
CHUNKED = b"transfer-encoding: chunked\r\n"


def frame(text: bytes) -> bytes:
    if len(text) < 126:
        return bytes((0x81, len(text))) + text
    if len(text) < 65_536:
        return b"\x81\x7e" + len(text).to_bytes(2, "big") + text
    return b"\x81\x7f" + len(text).to_bytes(8, "big") + text


def event(text: bytes) -> bytes:
    return b"id: e:1\nevent: move\ndata: " + text + b"\n\n"


def chunk(text: bytes) -> bytes:
    return f"{len(text):x}\r\n".encode() + text + b"\r\n"


EVENTS = [b"retry: 2000\n\n", *map(event, TEXTS), b":\n\n"]
SENT = {
    "a WebSocket": (WebSocket, SWITCHED + b"".join(map(frame, TEXTS))),
    "a stream in chunks": (EventStream, STREAM + CHUNKED + b"\r\n" + b"".join(map(chunk, EVENTS))),
    "a stream of two events a chunk": (
        EventStream, STREAM + CHUNKED + b"\r\n" + chunk(b"".join(EVENTS[:3])) + chunk(b"".join(EVENTS[3:]))
    ),
    "a stream without chunks": (EventStream, STREAM + b"\r\n" + b"".join(EVENTS)),
}  # fmt: skip


@pytest.mark.parametrize("piece_bytes", [1, 2, 3, 7, 127, 4_096, 1_000_000])
@pytest.mark.parametrize(("kind", "sent"), SENT.values(), ids=SENT)
async def test_messages_arrive_whole_wherever_the_network_cuts_them(
    kind: type[Connection], sent: bytes, piece_bytes: int
):
    heard: list[bytes] = []
    tally = Tally()
    connection = kind(heard.append, tally)
    for begin in range(0, len(sent), piece_bytes):
        connection.data_received(sent[begin : begin + piece_bytes])
    assert connection.is_open
    assert heard == TEXTS
    assert tally.received_bytes == len(sent)
