"""SQLite as a dialect: one file, one server, no set-up.

A server holds `<file>.lock` while it runs, so that a second one is refused; other programs (`tabiya token`, `backup`)
work beside it and wait for their turn to write. Write-ahead log, so that readers and the writer do not wait for each
other; `synchronous=FULL`, so that a commit is on the disk before it is answered.
"""

import contextlib
import json
import os
import socket
import sqlite3
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, Final, Literal
from urllib.parse import quote

from game_server.store.dialect import CannotOpen, Connection, Fault, Row

if sys.platform != "win32":
    import fcntl

Synchronous = Literal["FULL", "NORMAL", "OFF"]

MEMORY: Final = ":memory:"
LEAST_VERSION: Final = (3, 38, 0)  # UPDATE … FROM, and JSON in every build
APPLICATION_ID: Final = 0x54414259  # "TABY": tells our files from other programs'
BUSY_TIMEOUT_MS: Final = 5_000
AUTOCHECKPOINT_PAGES: Final = 1_000  # 4 MB of write-ahead log
CACHED_STATEMENTS: Final = 256

_UNAVAILABLE: Final = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_PROTOCOL,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_CANTOPEN,
}
_FATAL: Final = {sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}


class InUse(CannotOpen):
    """Another server works with this file."""


class Sqlite:
    """The database in the file `path`, or one that lives as long as its connection (`:memory:`).

    `exclusive`: hold the lock, as a server must. `synchronous`: FULL unless losing the latest moves in a power cut is
    acceptable.
    """

    begin = "BEGIN IMMEDIATE"
    locking = ""  # BEGIN IMMEDIATE has locked everything
    # A write that is one: SQLite leaves a row alone that already has what it is given (tried on a full disk).
    touch = """INSERT INTO meta (name, value) VALUES ('touched', '0')
        ON CONFLICT (name) DO UPDATE SET value = CASE meta.value WHEN '0' THEN '1' ELSE '0' END"""
    time_ms = "CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)"
    words: dict[str, str] = {"identity": "INTEGER PRIMARY KEY", "key": "TEXT"}  # noqa: RUF012
    errors: tuple[type[Exception], ...] = (sqlite3.Error,)

    def __init__(self, path: str, *, exclusive: bool = True, synchronous: Synchronous = "FULL") -> None:
        self.path = path
        self.readers = 0 if path == MEMORY else 1
        self._exclusive = exclusive and path != MEMORY
        self._synchronous = synchronous
        self._lock: IO[str] | None = None

    def connect(self) -> Connection:
        if sqlite3.sqlite_version_info < LEAST_VERSION:
            raise CannotOpen(f"SQLite {sqlite3.sqlite_version} is too old: 3.38 or newer is needed")
        if self._exclusive and self._lock is None:
            self._lock = _lock(Path(f"{self.path}.lock"))
        connection = self._open(self.path if self.path == MEMORY else f"file:{quote(self.path)}")
        try:
            _claim(connection, self.path)
            connection.execute(f"PRAGMA synchronous = {self._synchronous}")
            connection.execute(f"PRAGMA wal_autocheckpoint = {AUTOCHECKPOINT_PAGES}")
        except sqlite3.Error as error:
            connection.close()
            raise CannotOpen(f"{self.path}: {error}") from error
        except CannotOpen:
            connection.close()
            raise
        return connection

    def connect_reader(self) -> Connection:
        return self._open(f"file:{quote(self.path)}?mode=ro")

    def _open(self, address: str) -> sqlite3.Connection:
        try:
            return sqlite3.connect(
                address,
                uri=address != MEMORY,
                timeout=BUSY_TIMEOUT_MS / 1_000,
                isolation_level=None,
                check_same_thread=False,  # opened in one thread, then used by one other
                cached_statements=CACHED_STATEMENTS,
            )
        except sqlite3.Error as error:
            raise CannotOpen(f"{self.path}: {error}") from error

    def alone(self, connection: Connection) -> contextlib.AbstractContextManager[None]:
        """BEGIN IMMEDIATE has seen to it."""
        del connection
        return contextlib.nullcontext()

    def gathered(self, columns: str) -> str:
        return f"json_group_array(json_array({columns}))"

    def scattered(self, rows: Iterable[Row]) -> Iterable[Row]:
        return [tuple(row) for (text,) in rows for row in json.loads(text)]

    def fault(self, error: Exception) -> Fault:
        """By SQLite's primary result code (https://sqlite.org/rescode.html)."""
        primary = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
        if primary in _UNAVAILABLE:
            return Fault.UNAVAILABLE
        return Fault.FATAL if primary in _FATAL else Fault.OURS

    def release(self) -> None:
        if self._lock is not None:
            self._lock.close()
            self._lock = None


def is_ours(connection: Connection) -> bool:
    """Whether a server of ours made the database."""
    return bool(connection.execute("PRAGMA application_id").fetchone()[0] == APPLICATION_ID)


@contextlib.contextmanager
def locked(path: str) -> Iterator[None]:
    """No server works with the file `path` meanwhile. Raises InUse, or CannotOpen."""
    with _lock(Path(f"{path}.lock")):
        yield


def _claim(connection: sqlite3.Connection, path: str) -> None:
    """Turns on the write-ahead log in a file that is new or ours."""
    (owner,) = connection.execute("PRAGMA application_id").fetchone()
    (tables,) = connection.execute("SELECT COUNT(*) FROM sqlite_master").fetchone()
    if owner != APPLICATION_ID and (owner or tables):
        raise CannotOpen(f"{path} is another program's database")
    (mode,) = connection.execute("PRAGMA journal_mode = WAL").fetchone()
    if mode not in ("wal", "memory"):
        raise CannotOpen(f"{path}: no write-ahead log is possible here (a network file system?)")
    if owner != APPLICATION_ID:
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")


def _lock(path: Path) -> IO[str]:
    """The locked file at `path`, which says who locked it. Raises InUse."""
    try:
        file = path.open("a+", encoding="utf-8")
    except OSError as error:
        raise CannotOpen(f"{path}: {error.strerror}") from error
    try:
        if sys.platform != "win32":
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        with file, contextlib.suppress(OSError):
            file.seek(0)
            holder = file.read(200).strip() or "another server"
        raise InUse(f"{path} is held by {holder}: a database file serves one server") from error
    file.truncate(0)
    file.write(f"process {os.getpid()} on {socket.gethostname()}\n")
    file.flush()
    return file
