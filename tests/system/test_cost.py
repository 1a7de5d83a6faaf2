"""What a spectator's connection costs, as it is told: compared with what a raw socket has counted itself."""

import json
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

import httpx
import pytest

from tests.system.process import Server

PATIENCE_S: Final = 10
MASK: Final = b"\0\0\0\0"


@dataclass
class Watcher:
    """A spectator on a raw socket. `sent` and `received` are everything that went over it."""

    server: Server
    path: str
    headers: dict[str, str]
    sent: int = 0
    received: bytearray = field(default_factory=bytearray)

    def __post_init__(self) -> None:
        self.socket = socket.create_connection(("127.0.0.1", self.server.port), timeout=PATIENCE_S)
        lines = [f"GET {self.path} HTTP/1.1", f"Host: {self.server.host}"]
        lines += [f"{name}: {value}" for name, value in self.headers.items()]
        self.send("\r\n".join([*lines, "", ""]).encode())

    def send(self, data: bytes) -> None:
        self.sent += len(data)
        self.socket.sendall(data)

    def until(self, found: Callable[[bytes], bool]) -> None:
        while not found(bytes(self.received)):
            data = self.socket.recv(65_536)
            assert data, f"closed after {bytes(self.received)!r}"
            self.received += data

    def costs(self) -> list[dict[str, Any]]:
        """The cost frames so far, each with the bytes that came before it and before any other of its kind."""


class OverSse(Watcher):
    def costs(self) -> list[dict[str, Any]]:
        return _costs(bytes(self.received), b"event: cost\ndata: ", chunk_head=lambda size: len(f"{size:x}\r\n"))


class OverWebSocket(Watcher):
    def costs(self) -> list[dict[str, Any]]:
        return _costs(bytes(self.received), b"", chunk_head=lambda size: 2 if size < 126 else 4)

    def ping(self) -> None:
        text = b'{"type":"ping","t":1}'
        self.send(bytes([0x81, 0x80 | len(text)]) + MASK + text)


def _costs(received: bytes, label: bytes, chunk_head: Callable[[int], int]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    own = at = 0
    while (at := received.find(label + b'{"type":"cost"', at)) >= 0 and (end := received.find(b"}", at)) >= 0:
        event = received[at : end + 1] + (b"\n\n" if label else b"")
        head = chunk_head(len(event))
        found.append(json.loads(received[at + len(label) : end + 1]) | {"before": at - head - own})
        own += head + len(event) + (len(b"\r\n") if label else 0)
        at = end
    return found


@contextmanager
def watching(kind: type[Watcher], server: Server, path: str, **headers: str) -> Iterator[Watcher]:
    watcher = kind(server, path, headers)
    with watcher.socket:
        yield watcher


@pytest.fixture
def room(server: Server) -> str:
    return str(httpx.post(f"{server.url}/rooms", json={"name": "Ann"}, trust_env=False).json()["room_id"])


def sit_down(server: Server, room: str) -> None:
    httpx.post(f"{server.url}/rooms/{room}/seats", json={"name": "Bob"}, trust_env=False).raise_for_status()


def websocket_headers() -> dict[str, str]:
    key = {"Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==", "Sec-WebSocket-Version": "13"}
    return {"Upgrade": "websocket", "Connection": "Upgrade", **key}


def test_a_stream_is_told_to_the_byte_what_it_has_cost(server: Server, room: str) -> None:
    with watching(OverSse, server, f"/sse/game/{room}?cost=on", Accept="text/event-stream") as watcher:
        watcher.until(lambda _: len(watcher.costs()) >= 1)
        sit_down(server, room)
        watcher.until(lambda got: b"event: game_started" in got)
        seen = len(watcher.costs())
        watcher.until(lambda _: len(watcher.costs()) > seen)
        costs = watcher.costs()
        assert [cost["sent_bytes"] for cost in costs] == [cost["before"] for cost in costs]
        assert costs[-1]["sent_bytes"] > costs[0]["sent_bytes"]
        assert {cost["received_bytes"] for cost in costs} == {watcher.sent}


def test_a_websocket_is_told_to_the_byte_what_it_has_cost(server: Server, room: str) -> None:
    with watching(OverWebSocket, server, f"/ws/watch/{room}?cost=on", **websocket_headers()) as watcher:
        watcher.until(lambda _: len(watcher.costs()) >= 1)
        watcher.ping()
        sit_down(server, room)
        watcher.until(lambda got: b'"game_started"' in got and b'"pong"' in got)
        seen = len(watcher.costs())
        watcher.until(lambda _: len(watcher.costs()) > seen)
        costs = watcher.costs()
        assert [cost["sent_bytes"] for cost in costs] == [cost["before"] for cost in costs]
        assert costs[-1]["sent_bytes"] > costs[0]["sent_bytes"]
        assert costs[-1]["received_bytes"] == watcher.sent


@pytest.mark.parametrize("query", ["", "?cost=off"])
def test_who_does_not_ask_is_told_nothing(server: Server, room: str, query: str) -> None:
    with watching(OverWebSocket, server, f"/ws/watch/{room}{query}", **websocket_headers()) as watcher:
        watcher.until(lambda got: b'"state"' in got)
        watcher.ping()
        watcher.until(lambda got: b'"pong"' in got)
        sit_down(server, room)
        watcher.until(lambda got: b'"game_started"' in got)
        assert watcher.costs() == []


def test_the_versioned_frames_are_the_same_with_and_without_the_count(server: Server, room: str) -> None:
    path = f"/sse/game/{room}"
    with watching(OverSse, server, path) as plain, watching(OverSse, server, f"{path}?cost=on") as counted:
        for watcher in (plain, counted):
            watcher.until(lambda got: b"event: state" in got)
        sit_down(server, room)
        for watcher in (plain, counted):
            watcher.until(lambda got: b"event: game_started" in got and got.endswith(b"\n\n\r\n"))
        one, other = (
            [line for line in watcher.received.split(b"\n") if b'"v":' in line] for watcher in (plain, counted)
        )
        assert one[1:] == other[1:]     # the first is `state`, with the time of its own sending
        assert len(one) >= 3
