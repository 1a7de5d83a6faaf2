"""What differs between databases, and nothing else: how to connect, a few words of SQL, and what an error means.

Statements are written once, with `?` for parameters; a dialect whose driver wants something else translates in its
connection. Rows of one kind are written many at a time: a statement per row costs a round trip on a server and, in
process, two releases of the interpreter's lock, and each is a fight with a busy event loop to have it back.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from enum import Enum, auto
from functools import cache
from typing import Any, Final, Protocol

Row = tuple[Any, ...]
CHUNK_ROWS: Final = 64  # rows a statement
CHUNK_BITS: Final = 2  # of a number of rows that may be set: 27 are 24 and 3, and there are twelve shapes to prepare


class CannotOpen(Exception):  # noqa: N818
    """The store cannot be opened; the message tells the operator why, in a sentence."""


class Fault(Enum):
    """What an error of the database says about the transaction in which it was raised."""

    UNAVAILABLE = auto()  # nothing was written; later it may work (busy, disk full, read-only)
    LOST = auto()  # the connection is gone; what was being committed may or may not have been
    FATAL = auto()  # the storage cannot be trusted any more (a failed fsync, a corrupt file)
    AGAIN = auto()  # nothing was written, because two transactions were in each other's way
    OURS = auto()  # this statement or these values are wrong


class Cursor(Protocol):
    def fetchone(self) -> Any: ...
    def fetchall(self) -> list[Any]: ...


class Connection(Protocol):
    """As much of DB-API 2.0 as is used. Outside of a transaction that was begun, every statement stands alone."""

    def execute(self, statement: str, parameters: Sequence[Any] = (), /) -> Cursor: ...
    def commit(self) -> None: ...
    def rollback(self) -> None: ...
    def close(self) -> None: ...


class Dialect(Protocol):
    begin: str  # opens a transaction that will write
    locking: str  # appended to a SELECT from `stream` so that it locks what it finds, in the order of the names
    touch: str  # changes nothing that matters, and fails in a database that cannot be written
    time_ms: str  # the expression for the present, Unix ms
    readers: int  # how many connections read; 0: the one that writes does, too
    words: dict[str, str]  # what stands for {identity} and {key} in the schema
    errors: tuple[type[Exception], ...]

    def connect(self) -> Connection:
        """A connection that may write. Raises CannotOpen."""

    def connect_reader(self) -> Connection:
        """A further connection, for reading. Raises CannotOpen."""

    def alone(self, connection: Connection) -> AbstractContextManager[None]:
        """While it lasts, in a transaction of `connection`, no other server migrates, and nothing takes too long."""

    def gathered(self, columns: str) -> str:
        """What a SELECT of `columns` names in their place if its rows are for `scattered`: each row fetched in process
        lets go of the interpreter's lock once more.
        """

    def scattered(self, rows: Iterable[Row]) -> Iterable[Row]:
        """The rows of the columns that were `gathered`, texts, whole numbers and NULLs."""

    def fault(self, error: Exception) -> Fault:
        """What `error` means."""

    def release(self) -> None:
        """Lets go of what `connect` holds beside its connections. May be called twice."""


def execute_many(connection: Connection, statement: str, row: str, rows: Sequence[Row]) -> Iterator[Cursor]:
    """Executes `statement`, whose `{rows}` stands for any number of `row`, for all of `rows`: a few times, lazily.

    The caller must exhaust the iterator.
    """
    start = 0
    while (left := len(rows) - start) > 0:
        spare_bits = max(0, left.bit_length() - CHUNK_BITS)
        size = min(CHUNK_ROWS, left >> spare_bits << spare_bits)
        chunk = rows[start : start + size]
        yield connection.execute(_for_rows(statement, row, size), [value for row_ in chunk for value in row_])
        start += size


def write_many(connection: Connection, statement: str, row: str, rows: Sequence[Row]) -> None:
    """Executes `statement` as `execute_many` does, for its effect."""
    for _ in execute_many(connection, statement, row, rows):
        pass


def fetch_many(connection: Connection, statement: str, row: str, rows: Sequence[Row]) -> Iterable[Row]:
    """The rows that `statement`, executed as `execute_many` does, returns."""
    cursors = list(execute_many(connection, statement, row, rows))  # before any is fetched: it may save round trips
    return [found for cursor in cursors for found in cursor.fetchall()]


@cache
def _for_rows(statement: str, row: str, count: int) -> str:
    return statement.replace("{rows}", ", ".join([row] * count))
