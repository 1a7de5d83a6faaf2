"""The server as a process of its own: started, killed, stopped, and what it has logged.

Ports are below 32768, where no ephemeral port can collide with them. Every process is ended by its own id.
"""

import contextlib
import os
import random
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import IO, Final

import httpx

REPOSITORY: Final = Path(__file__).parents[2]
START_S: Final = 30     # a start takes about 1 s; nothing waits so long unless it fails
STOP_S: Final = 15
FAULT: Final = re.compile(
    r'Traceback|^\S+ \S+ (ERROR|CRITICAL) |"level": "(error|critical)"|Exception ignored|never awaited|never retrieved',
    re.M,
)


def free_port() -> int:
    """A port that nobody listens on now; tests that run side by side have each their own share of the ports."""
    share = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % 4
    while True:
        port = 20_000 + share * 3_000 + random.randrange(3_000)
        with socket.socket() as sock, contextlib.suppress(OSError):
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            sock.bind(("127.0.0.1", port))
            return port


class Server:
    """One server's port, database and log, over any number of lives of its process."""

    def __init__(self, folder: Path, *options: str, scheme: str = "http") -> None:
        self.port = free_port()
        self.database = folder / "games.db"
        self.host = f"127.0.0.1:{self.port}"
        self.url = f"{scheme}://{self.host}"
        self.ws_url = f"{scheme.replace('http', 'ws')}://{self.host}"
        self.options = options
        self._log_file = folder / "server.log"
        self._process: subprocess.Popen[str] | None = None
        self._beginning = threading.Lock()
        self._has_ended = False

    @property
    def process(self) -> "subprocess.Popen[str]":
        assert self._process is not None, "the server was started"
        return self._process

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def log(self) -> str:
        return self._log_file.read_text(errors="replace") if self._log_file.exists() else ""

    def clear_log(self) -> None:
        """What it has said was expected."""
        self._log_file.write_text("")

    def begin(self) -> None:
        """Starts the process and does not wait for it."""
        command = [sys.executable, "-m", "game_server", "--port", str(self.port)]
        command += ["--database-url", f"sqlite:///{self.database}", *self.options]
        environment = {name: value for name, value in os.environ.items() if not name.startswith("TABIYA_")}
        environment |= {"PYTHONPATH": str(REPOSITORY), "PYTHONDEVMODE": ""}
        log: IO[str]
        with self._beginning, self._log_file.open("a") as log:
            assert not self._has_ended, "it was ended for good"
            self._process = subprocess.Popen(
                command, env=environment, cwd=self.database.parent, stdout=subprocess.PIPE, stderr=log, text=True
            )

    def wait_ready(self) -> None:
        """Until /readyz says so; it is asked once, when the port is open."""
        assert self.process.stdout is not None
        said = self.process.stdout.readline()
        assert said.startswith("Tabiya is at"), f"exit status {self.process.wait(STOP_S)}: {said}{self.log}"
        answer = httpx.get(f"{self.url}/readyz", timeout=START_S, verify=False, trust_env=False)
        assert answer.status_code == 200, answer.text

    def start(self) -> "Server":
        self.begin()
        self.wait_ready()
        return self

    def kill(self) -> None:
        """`kill -9`."""
        self.process.kill()
        self._end(STOP_S)

    def send(self, signum: int = signal.SIGTERM) -> None:
        self.process.send_signal(signum)

    def stop(self, signum: int = signal.SIGTERM) -> tuple[int, float]:
        """Its exit status, and the seconds it took."""
        began_s = time.monotonic()
        self.send(signum)
        status = self._end(STOP_S)
        return status, time.monotonic() - began_s

    def wait(self) -> int:
        """Its exit status, once it has ended by itself."""
        return self._end(STOP_S)

    def _end(self, timeout_s: float) -> int:
        status = self.process.wait(timeout_s)
        if self.process.stdout is not None:
            self.process.stdout.close()
        return status

    def end(self) -> None:
        """Whatever state it is in: no process is left, and none is begun any more, by another thread say."""
        with self._beginning:
            self._has_ended = True
        if self._process is not None and self._process.poll() is None:
            self.kill()

    def faults(self, since: int = 0) -> list[str]:
        """The lines of the log, from that character on, that tell of a bug of ours."""
        log = self.log[since:]
        return [log[max(0, found.start() - 200) : found.end() + 3_000] for found in FAULT.finditer(log)]


def tabiya(*words: str, timeout_s: float = 30) -> tuple[int, str, str]:
    """The exit status of the command `tabiya …`, and what it says to standard output and error."""
    command = [sys.executable, "-m", "game_server", *words]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("TABIYA_")}
    done = subprocess.run(
        command, env=environment | {"PYTHONPATH": str(REPOSITORY)}, capture_output=True, text=True, timeout=timeout_s
    )
    return done.returncode, done.stdout, done.stderr


def cpu_s(pid: int) -> float:
    """The CPU time that a process has used (Linux)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory_bytes(pid: int) -> tuple[int, int]:
    """Resident and proportional set size of a process (Linux)."""
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    rss, pss = (re.search(rf"^{name}:\s+(\d+) kB", rollup, re.M) for name in ("Rss", "Pss"))
    assert rss and pss
    return int(rss[1]) * 1_024, int(pss[1]) * 1_024
