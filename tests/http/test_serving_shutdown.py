"""The server stops within two seconds with status 0, whatever its peers and its app do.

Run as a program, this module is the server that the tests stop: `test_serving_shutdown.py FD SCENARIO`.
"""

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from test_serving import PATIENCE_S, PING, PONG, Wire, listener

from game_server.http.serving import EXTENSION, Peer, TransportLimits, make_server

REPOSITORY = Path(__file__).parents[2]


class Streams:
    """The server's app: `/ws` and `/stream` last until drained, `/flood` sends as long as it can."""

    def __init__(self, scenario: str) -> None:
        self.scenario = scenario
        self.draining = asyncio.Event()

    async def drain(self) -> None:
        say("draining")
        if self.scenario == "hangs":
            await asyncio.sleep(60)
        elif self.scenario == "closes":
            self.draining.set()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await receive()
            await send({"type": "lifespan.startup.complete"})
            await receive()
            say("lifespan ends")
            await send({"type": "lifespan.shutdown.complete"})
        elif scope["path"] == "/":
            await send({"type": "http.response.start", "status": 204})
            await send({"type": "http.response.body"})
        elif scope["path"] == "/stubborn":
            await send({"type": "http.response.start", "status": 200})
            while True:
                await asyncio.sleep(1)
        else:
            await self.stream(scope, receive, send)

    async def stream(self, scope: Any, receive: Any, send: Any) -> None:
        is_websocket = scope["type"] == "websocket"
        await receive()
        if is_websocket:
            await send({"type": "websocket.accept"})
            rest: dict[str, Any] = {"type": "websocket.close", "code": 1012}
        else:
            await send({"type": "http.response.start", "status": 200})
            rest = {"type": "http.response.body"}
        peer: Peer = scope["extensions"][EXTENSION]
        if is_websocket:
            chunk: dict[str, Any] = {"type": "websocket.send", "text": "x" * 1000}
        else:
            chunk = {"type": "http.response.body", "body": b"x" * 1000, "more_body": True}
        while scope["path"] == "/flood" and peer.is_writable:
            await send(chunk)
        gone = asyncio.ensure_future(receive())
        drained = asyncio.ensure_future(self.draining.wait())
        await asyncio.wait({gone, drained}, return_when=asyncio.FIRST_COMPLETED)
        if gone.done():
            say(f"{scope['path']} {gone.result().get('code', gone.result()['type'])}")
        else:
            with contextlib.suppress(OSError):
                await asyncio.wait_for(send(rest), 0.5)
        gone.cancel()
        drained.cancel()


def say(line: str) -> None:
    print(line, flush=True)


def serve(fd: int, scenario: str) -> None:
    limits = TransportLimits(drain_s=0.2, shutdown_s=30) if scenario == "patient" else TransportLimits()
    app = Streams(scenario)
    make_server(app, limits=limits, on_drain=app.drain).run([socket.socket(fileno=fd)])
    say("ended")


class Program:
    """The server as a process, and what it says."""

    def __init__(self, scenario: str) -> None:
        with listener() as sock:
            self.port = sock.getsockname()[1]
            fd = sock.fileno()
            arguments = [sys.executable, __file__, str(fd), scenario]
            environment = os.environ | {"PYTHONPATH": str(REPOSITORY)}
            self.process = subprocess.Popen(
                arguments, pass_fds=[fd], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
            )

    def stop(self, signum: int = signal.SIGTERM) -> tuple[int, float, str]:
        """Its exit status, the seconds it took, and what it has said."""
        started_s = time.monotonic()
        self.process.send_signal(signum)
        said, complaints = self.process.communicate(timeout=PATIENCE_S)
        took_s = time.monotonic() - started_s
        assert "Traceback" not in complaints, complaints
        return self.process.returncode, took_s, said


@contextlib.contextmanager
def program(scenario: str) -> Iterator[Program]:
    running = Program(scenario)
    try:
        yield running
    finally:
        if running.process.poll() is None:
            running.process.kill()
            running.process.communicate()


@contextlib.contextmanager
def three_peers(port: int) -> Iterator[tuple[Wire, Wire, Wire]]:
    """A WebSocket, a stream, and a stream that is not read."""
    with Wire(port) as websocket, Wire(port) as stream, Wire(port, receive_buffer_bytes=4096) as stuck:
        websocket.open("/ws")
        stream.ask("/stream")
        stream.head()
        stuck.ask("/flood")
        stuck.head()
        yield websocket, stream, stuck


@pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGINT])
def test_an_idle_server_ends_with_status_0(signum: int) -> None:
    with program("closes") as server:
        with Wire(server.port) as kept_alive:
            kept_alive.ask("/")
            kept_alive.head()
            status, took_s, said = server.stop(signum)
        assert (status, said.splitlines()[0]) == (0, "draining")
        assert took_s < 2


def test_the_app_ends_its_streams_when_drained() -> None:
    with program("closes") as server, three_peers(server.port) as (websocket, stream, _stuck):
        status, took_s, said = server.stop()
        assert websocket.read_close() == 1012
        assert stream.rest() == b"0\r\n\r\n"
    assert status == 0
    assert took_s < 2
    assert said.splitlines()[0] == "draining"
    assert said.splitlines()[-2:] == ["lifespan ends", "ended"]


def test_a_peer_that_does_not_read_is_not_waited_for() -> None:
    with program("patient") as server, Wire(server.port, receive_buffer_bytes=4096) as stuck:
        stuck.open("/flood")
        status, took_s, said = server.stop()
    assert (status, said.splitlines()) == (0, ["draining", "/flood 1012", "lifespan ends", "ended"])
    assert took_s < 2     # of 30


@pytest.mark.parametrize("scenario", ["hangs", "nothing"])
def test_what_the_app_leaves_open_is_ended_for_it(scenario: str) -> None:
    with program(scenario) as server, three_peers(server.port) as (websocket, _stream, _stuck):
        status, took_s, said = server.stop()
        assert websocket.read_close() == 1012
    assert status == 0
    assert took_s < 2
    lines = said.splitlines()
    assert lines[0] == "draining"
    assert set(lines[1:-2]) == {"/ws 1012", "/stream http.disconnect", "/flood http.disconnect"}
    assert lines[-2:] == ["lifespan ends", "ended"]


def test_an_app_that_does_not_notice_is_cancelled() -> None:
    with program("closes") as server, Wire(server.port) as peer:
        peer.ask("/stubborn")
        peer.head()
        server.process.send_signal(signal.SIGTERM)
        said, _ = server.process.communicate(timeout=2)     # its cancellation is logged as a failure of the app
    assert server.process.returncode == 0
    assert said.splitlines()[-2:] == ["lifespan ends", "ended"]


@pytest.mark.parametrize(("first", "second"), [(signal.SIGTERM, signal.SIGTERM), (signal.SIGTERM, signal.SIGINT)])
def test_a_second_signal_forces_the_end(first: int, second: int) -> None:
    with program("patient") as server, Wire(server.port) as peer:
        peer.ask("/stubborn")
        peer.head()
        server.process.send_signal(first)
        time.sleep(0.5)
        assert server.process.poll() is None
        server.process.send_signal(second)
        said, _ = server.process.communicate(timeout=1)
    assert server.process.returncode == 0
    assert said.splitlines()[-1] == "ended"


def test_one_ctrl_c_that_arrives_twice_is_one_signal() -> None:
    with program("hangs") as server, Wire(server.port) as peer:
        peer.open("/ws")
        server.process.send_signal(signal.SIGINT)     # from the terminal
        time.sleep(0.2)
        status, _, said = server.stop(signal.SIGTERM)     # from the supervisor
    assert status == 0
    assert "lifespan ends" in said


def test_peers_in_the_middle_of_something_do_not_break_the_stop() -> None:
    with program("nothing") as server, contextlib.ExitStack() as stack:
        half, refused, closing, silent = (stack.enter_context(Wire(server.port)) for _ in range(4))
        stuck, stuck_closing = (stack.enter_context(Wire(server.port, receive_buffer_bytes=4096)) for _ in range(2))
        stuck.open("/flood")
        stuck_closing.open("/flood")
        stuck_closing.frame(8)
        half.send(b"GET / HT")
        refused.send(b"GET /ws HTTP/1.1\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n")
        closing.open("/ws")
        closing.frame(8)
        silent.open("/ws")
        if silent.read_frame()[0] == PING:
            silent.frame(PONG, b"wrong")
        silent.frame(1, b"\xff")
        status, took_s, said = server.stop()
    assert status == 0
    assert took_s < 2
    lines = said.splitlines()
    assert lines[-2:] == ["lifespan ends", "ended"]
    assert sorted(line for line in lines if "flood" in line) == ["/flood 1005", "/flood 1012"]


if __name__ == "__main__":
    serve(int(sys.argv[1]), sys.argv[2])
