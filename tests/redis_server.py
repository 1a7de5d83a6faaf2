"""A Redis server of the tests' own: on a free port, without persistence, so that a restarted one is empty."""

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest

from tests.system.process import free_port

START_S = 10    # a start takes about 20 ms


class RedisServer:
    """One server over any number of lives of its process."""

    def __init__(self, program: str) -> None:
        self.port = free_port()
        self.url = self.url_at(self.port)
        self._program = program
        self._process: subprocess.Popen[bytes] | None = None

    @staticmethod
    def url_at(port: int) -> str:
        return f"redis://127.0.0.1:{port}/0"

    def start(self) -> None:
        options = {"port": self.port, "bind": "127.0.0.1", "save": "", "appendonly": "no", "daemonize": "no"}
        words = [word for name, value in options.items() for word in (f"--{name}", str(value))]
        self._process = subprocess.Popen([self._program, *words], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        until_s = time.monotonic() + START_S
        while time.monotonic() < until_s:
            with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1) as sock:
                sock.sendall(b"PING\r\n")
                if sock.recv(16).startswith(b"+PONG"):
                    return
            time.sleep(0.01)
        raise AssertionError("Redis does not start")

    @property
    def pid(self) -> int:
        assert self._process is not None, "it was started"
        return self._process.pid

    def freeze(self) -> None:
        os.kill(self.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        os.kill(self.pid, signal.SIGCONT)

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait(START_S)
            self._process = None


@contextmanager
def redis_server() -> Iterator[RedisServer]:
    """A server for as long as the block lasts; the test is skipped where Redis is not installed."""
    program = shutil.which("redis-server")
    if program is None:
        pytest.skip("needs Redis's server program (Debian: apt install redis-server)")
    server = RedisServer(program)
    try:
        server.start()
        yield server
    finally:
        server.kill()
