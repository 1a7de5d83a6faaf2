"""A server as a process: started with pinned settings, stopped, and what it has used of the machine so far.

CPU time and memory are Linux's own figures for the process and those it has started.
"""

import contextlib
import os
import re
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal
from urllib.parse import urlsplit

ALWAYS: Final = ("--log-level", "warning")      # of every server that is started here; all else is as shipped
START_S: Final = 30
STOP_S: Final = 15


class BenchError(Exception):
    """The bench cannot be carried out; the message says why."""


@dataclass(frozen=True, slots=True)
class Served:
    """A server that answers at `host` and `port`. `pid` 0: it is not ours, and its CPU and memory are unknown."""

    name: str
    host: str
    port: int
    pid: int = 0
    start_s: float = 0.0        # from starting the process until /readyz says yes
    database: Path | None = None
    is_bare: bool = False
    proxy_pid: int = 0          # of what stands in front of it at this port

    def cpu_s(self) -> float:
        """User and system time of its processes, to the nanosecond."""
        return _cpu_s(self.pid)

    def proxy_cpu_s(self) -> float:
        return _cpu_s(self.proxy_pid)

    def memory_bytes(self) -> int:
        """Its share of the machine's memory (PSS)."""
        rollups = (Path(f"/proc/{pid}/smaps_rollup").read_text() for pid in family(self.pid))
        return sum(int(found[1]) * 1_024 for text in rollups if (found := re.search(r"^Pss:\s+(\d+) kB", text, re.M)))


def _cpu_s(pid: int) -> float:
    return sum(time.clock_gettime(~member << 3 | 2) for member in family(pid))     # clock_getcpuclockid(3) on Linux


def family(pid: int) -> list[int]:
    """The process and its descendants; empty for pid 0."""
    if not pid:
        return []
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(member for child in children for member in family(int(child)))]


def known(url: str, pid: int = 0) -> Served:
    """The server at `url`, which runs already. Raises BenchError."""
    parts = urlsplit(url if "//" in url else f"//{url}", scheme="http")
    if parts.scheme != "http" or not parts.hostname:
        raise BenchError(f"{url}: an address looks like http://127.0.0.1:8000 (TLS would be measured with it)")
    host = "127.0.0.1" if parts.hostname == "localhost" else parts.hostname
    served = Served("server", host, parts.port or 80, pid)
    if not _is_ready(served):
        raise BenchError(f"there is no server that is ready at {url}")
    return served


def _is_ready(served: Served) -> bool:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(f"http://{served.host}:{served.port}/readyz", timeout=START_S) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


@contextlib.contextmanager
def tabiya(*options: str, storage: str = "full", database: Path | None = None) -> Iterator[Served]:
    """A server of ours on a private port, with its default settings whatever the environment says, and `options`.

    `storage`: "full" (durable, the default of `serve`), "off" (synchronous=OFF) or "memory" (nothing is kept). A
    `database` that is not named is temporary. Raises BenchError.
    """
    with tempfile.TemporaryDirectory(prefix="tabiya-bench-") as folder:
        file = database or Path(folder) / "bench.db"
        url = "sqlite:///:memory:" if storage == "memory" else f"sqlite:///{file}"
        kept = ("--database-url", url, "--synchronous", "OFF" if storage == "off" else "FULL")
        words = ("serve", "--port", "0", *ALWAYS, *kept, *options)
        began_s = time.perf_counter()
        with module("game_server", *words, folder=folder) as (process, port):
            served = Served(f"tabiya ({storage})", "127.0.0.1", port, process.pid)
            while not _is_ready(served):
                if time.perf_counter() - began_s > START_S:
                    raise BenchError("the server does not become ready")
                time.sleep(0.002)
            start_s = time.perf_counter() - began_s
            yield Served(served.name, served.host, port, process.pid, start_s, None if storage == "memory" else file)


@contextlib.contextmanager
def bare() -> Iterator[Served]:
    """The baseline's server."""
    with (
        tempfile.TemporaryDirectory(prefix="tabiya-bench-") as folder,
        module("game_server.bench.bare", folder=folder) as (process, port),
    ):
        yield Served("bare relay", "127.0.0.1", port, process.pid, is_bare=True)


@contextlib.contextmanager
def ruled(what: Literal["rules", "core"]) -> Iterator[Served]:
    """The bare relay with that much of chess (see the module)."""
    with (
        tempfile.TemporaryDirectory(prefix="tabiya-bench-") as folder,
        module("game_server.bench.ruled", what, folder=folder) as (process, port),
    ):
        yield Served(f"relay with {what}", "127.0.0.1", port, process.pid, is_bare=True)


@contextlib.contextmanager
def module(name: str, *words: str, folder: str) -> "Iterator[tuple[subprocess.Popen[str], int]]":
    """`python -m name words`, once it has said where it is; stopped at the end. Raises BenchError."""
    errors = Path(folder) / "errors.log"
    with errors.open("w") as log:
        process = subprocess.Popen(  # noqa: S603 - our own module
            [sys.executable, "-m", name, *words],
            cwd=folder, env=environment(), stdout=subprocess.PIPE, stderr=log, text=True,
        )  # fmt: skip
        try:
            assert process.stdout is not None
            found = re.search(r":(\d+)\b", process.stdout.readline())
            if found is None:
                raise BenchError(f"the server did not start: {errors.read_text().strip()[-2_000:]}")
            yield process, int(found[1])
        finally:
            stop(process)


def environment() -> dict[str, str]:
    """Ours, without what it says about settings, and with this package to import."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("TABIYA_")}
    return {**kept, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}


def stop(process: "subprocess.Popen[str]") -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(STOP_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdout is not None:
        process.stdout.close()


def prepare() -> None:
    """Lets this process and those it starts hold as many connections as the system allows.

    Raises BenchError on systems other than Linux.
    """
    if not Path("/proc/self/smaps_rollup").exists():
        raise BenchError("it reads CPU time and memory from /proc, and so needs Linux")
    import resource  # there is none on Windows

    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def database_bytes(database: Path) -> int:
    """What a stopped server's database occupies; its write-ahead log, which is used over and over, is emptied first."""
    with contextlib.closing(sqlite3.connect(database)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return database.stat().st_size
