"""A PostgreSQL server of the tests' own: started on a free port, in a folder that goes away with it.

PostgreSQL refuses to run as root: then its processes are those of the user `postgres`, whom Debian's package makes.
"""

import contextlib
import itertools
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import psycopg
import pytest

from tests.system.process import free_port

START_S: Final = 30     # a start takes about 0.2 s
SETTINGS: Final = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "shared_buffers": "32MB",
    "max_connections": "60",
    "autovacuum": "off",
    "log_min_messages": "warning",
    "log_line_prefix": "%m [%p] %a ",
    "lc_messages": "C",
}

GUARDED: Final = "guarded"  # the name of a role, should a test make it, that needs a password


def binaries() -> Path | None:
    """The newest server's programs: Debian keeps them out of the PATH."""
    def version(folder: Path) -> float:
        with contextlib.suppress(ValueError):
            return float(folder.parent.name)
        return 0

    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=version, reverse=True)
    found = shutil.which("postgres")
    candidates = [*debian, *([Path(found).resolve().parent] if found else [])]
    return next((path for path in candidates if (path / "postgres").exists() and (path / "initdb").exists()), None)


class PostgresServer:
    """One server over any number of lives of its process; `is_durable`: with fsync, as in earnest."""

    def __init__(self, programs: Path, folder: Path, *, is_durable: bool) -> None:
        self.port = free_port()
        self._programs = programs
        self._folder = folder
        self._settings = SETTINGS | ({} if is_durable else {"fsync": "off", "full_page_writes": "off"})
        self._process: subprocess.Popen[bytes] | None = None
        self._numbers = itertools.count(1)
        self._as: dict[str, Any] = {}
        if os.getuid() == 0:
            owner = pwd.getpwnam("postgres")
            os.chown(folder, owner.pw_uid, owner.pw_gid)
            self._as = {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": [], "umask": 0o077}

    @property
    def log(self) -> str:
        return (self._folder / "log").read_text(errors="replace")

    def url(self, database: str = "postgres", port: int | None = None, user: str = "postgres") -> str:
        return f"postgresql://{user}@127.0.0.1:{port or self.port}/{database}"

    @property
    def pid(self) -> int:
        assert self._process is not None, "it was started"
        return self._process.pid

    def make(self) -> None:
        initdb = [self._programs / "initdb", "-D", "data", "-U", "postgres", "-A", "trust", "-N", "-E", "UTF8"]
        self._run(*initdb, "--locale=C.UTF-8")
        hba = self._folder / "data" / "pg_hba.conf"
        hba.write_text(f"host all {GUARDED} 127.0.0.1/32 scram-sha-256\n{hba.read_text()}")
        lines = (f"{name} = '{value}'\n" for name, value in self._settings.items())
        with (self._folder / "data" / "postgresql.conf").open("a") as file:
            file.writelines(lines)

    def _run(self, *command: Any) -> None:
        done = subprocess.run(
            [str(word) for word in command], cwd=self._folder, capture_output=True, text=True, **self._as
        )
        assert done.returncode == 0, done.stdout + done.stderr

    def begin(self) -> None:
        """Starts the process and does not wait for it."""
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [self._programs / "postgres", "-D", "data", "-p", str(self.port)],
                cwd=self._folder,
                stdout=log,
                stderr=log,
                **self._as,
            )

    def start(self) -> None:
        self.begin()
        ready = [self._programs / "pg_isready", "-q", "-h", "127.0.0.1", "-p", self.port, "-t", 1]
        for _ in range(START_S * 20):
            assert self._process is not None
            assert self._process.poll() is None, self.log
            if subprocess.run([str(word) for word in ready], check=False).returncode == 0:
                return
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(0.05)
        raise AssertionError(self.log)

    def stop(self, signum: int = signal.SIGQUIT) -> None:
        """SIGQUIT is what `pg_ctl stop -m immediate` sends: as a crash, but for the processes left behind."""
        if self._process is not None:
            self._process.send_signal(signum)
            self._process.wait(START_S)
            self._process = None

    def execute(self, statement: str, database: str = "postgres") -> list[tuple[Any, ...]]:
        with psycopg.connect(self.url(database), autocommit=True) as connection:
            cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []

    def copy(self, other: "PostgresServer") -> None:
        """Becomes the standby of `other`, which from now on commits nothing that this one does not have as well."""
        basebackup = [self._programs / "pg_basebackup", "-D", "data", "-R", "-c", "fast"]
        self._run(*basebackup, "-d", f"{other.url()}?application_name=standby")
        self.start()
        other.execute("ALTER SYSTEM SET synchronous_standby_names = 'standby'")
        other.execute("SELECT pg_reload_conf()")

    def new_database(self) -> str:
        """The URL of an empty database."""
        name = f"t{next(self._numbers)}"
        self.execute(f"CREATE DATABASE {name}")
        return self.url(name)


@contextmanager
def postgres_server(
    *, is_durable: bool = False, standby_of: PostgresServer | None = None
) -> Iterator[PostgresServer]:
    """A server for as long as the block lasts; the test is skipped where PostgreSQL is not installed."""
    programs = binaries()
    if programs is None:
        pytest.skip("needs PostgreSQL's server programs (Debian: apt install postgresql)")
    folder = Path(tempfile.mkdtemp(prefix="tabiya-postgres-"))
    try:
        server = PostgresServer(programs, folder, is_durable=is_durable)
        try:
            if standby_of is not None:
                server.copy(standby_of)
            else:
                server.make()
                server.start()
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder)
