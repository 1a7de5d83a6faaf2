"""A connection to PostgreSQL as the store wants it: few round trips, little CPU, and an answer in time or none.

It speaks to libpq through psycopg's bindings. A SELECT, and whatever is executed inside a transaction, is only queued
(libpq's pipeline mode) until somebody fetches a row or commits, so that a whole batch takes two round trips: errors
surface there, not before. Statements with parameters are prepared once. Values travel as text whose type PostgreSQL
infers, so that a statement has one form whatever is in it.

Against psycopg's own cursors: README, Decisions.
"""

import itertools
import math
import selectors
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any, Final

import psycopg
from psycopg import pq

ANSWER_S: Final = 10.0  # longer than any of the server's own time-outs (postgres.SESSION): it must be gone, or frozen
BEGIN: Final = "BEGIN"

_INTEGERS: Final = frozenset({20, 21, 23})  # int8, int2, int4 (pg_type.dat)
_ESCAPE, _ESCAPED, _NUL = "\ue000", "\ue000\ue001", "\ue000\ue000"  # PostgreSQL's text cannot hold U+0000; ids may


class ConnectionLost(psycopg.OperationalError):
    """The connection is gone, or nobody answers on it."""


@cache
def numbered(statement: str) -> str:
    """`statement` with PostgreSQL's `$1`, `$2` … for its `?`, of which there must be none inside quotes."""
    first, *rest = statement.split("?")
    return first + "".join(f"${number}{text}" for number, text in enumerate(rest, start=1))


class Lazy:
    """A statement's rows, which are fetched when somebody asks for them."""

    def __init__(self, connection: "PipelinedConnection") -> None:
        self._connection = connection
        self.rows: list[tuple[Any, ...]] | None = None

    def fetchall(self) -> list[tuple[Any, ...]]:
        if self.rows is None:
            self._connection.synchronise()
        assert self.rows is not None, "a statement that failed has no rows"
        rows, self.rows = self.rows, []
        return rows

    def fetchone(self) -> tuple[Any, ...] | None:
        rows = self.fetchall()
        self.rows = rows[1:]
        return rows[0] if rows else None


class PipelinedConnection:
    """A Connection (see dialect) over one that psycopg has opened, and nobody else may use.

    Everything raises psycopg.Error; ConnectionLost, which is one, when it cannot be used any more.
    """

    def __init__(self, connection: "psycopg.Connection[Any]", answer_s: float = ANSWER_S) -> None:
        self._connection = connection
        self._answer_s = answer_s
        self._libpq: pq.abc.PGconn = connection.pgconn
        self._libpq.nonblocking = 1
        self._libpq.enter_pipeline_mode()
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._libpq.socket, selectors.EVENT_READ)
        self._prepared: dict[str, bytes] = {}
        self._numbers = itertools.count()
        self._expected: list[Lazy | str] = []  # what results will come: rows, or of preparing that statement
        self._is_in_transaction = False
        self._tag: bytes | None = None  # what PostgreSQL said of the last statement

    def execute(self, statement: str, parameters: Sequence[Any] = (), /) -> Lazy:
        values = [_text(value) for value in parameters]
        lazy = Lazy(self)
        try:
            if values:
                self._libpq.send_query_prepared(self._prepare(statement), values)
            else:
                self._libpq.send_query_params(statement.encode(), None)
        except psycopg.OperationalError as error:
            raise self._lost(error) from error
        self._expected.append(lazy)
        if statement == BEGIN:
            self._is_in_transaction = True
        if not (self._is_in_transaction or statement.startswith("SELECT")):
            self.synchronise()
        return lazy

    def _prepare(self, statement: str) -> bytes:
        name = self._prepared.get(statement)
        if name is None:
            name = self._prepared[statement] = b"s%d" % next(self._numbers)
            self._libpq.send_prepare(name, numbered(statement).encode())
            self._expected.append(statement)
        return name

    def commit(self) -> None:
        """Raises psycopg.Error unless PostgreSQL says that it has committed."""
        if not self._is_in_transaction:
            return
        self.execute("COMMIT")
        self.synchronise()
        if self._tag != b"COMMIT":  # it answers ROLLBACK if somebody swallowed an error
            raise psycopg.InternalError(f"a COMMIT was answered with {self._tag!r}")
        self._is_in_transaction = False

    def rollback(self) -> None:
        if not self._is_in_transaction:
            return
        try:
            self.synchronise()
        except ConnectionLost:
            raise
        except psycopg.Error:  # of a statement that nobody has asked about; it makes PostgreSQL skip what follows it
            pass
        self._is_in_transaction = False
        self.execute("ROLLBACK")

    @contextmanager
    def patient(self) -> Iterator[None]:
        """Meanwhile an answer may take as long as it likes."""
        answer_s, self._answer_s = self._answer_s, math.inf
        try:
            yield
        finally:
            self._answer_s = answer_s

    def close(self) -> None:
        self._selector.close()
        self._connection.close()

    def synchronise(self) -> None:
        """Waits for the results of all that was executed. Raises the first error among them."""
        expected, self._expected = self._expected, []
        try:
            self._libpq.pipeline_sync()
            first_error = self._receive(expected, time.monotonic() + self._answer_s)
        except psycopg.OperationalError as error:
            raise self._lost(error) from error
        if first_error is not None:
            raise first_error

    def _receive(self, expected: list[Lazy | str], until_s: float) -> psycopg.Error | None:
        first_error: psycopg.Error | None = None
        for each in expected:
            result = self._result(until_s)
            if result is None or result.status in (pq.ExecStatus.FATAL_ERROR, pq.ExecStatus.PIPELINE_ABORTED):
                if isinstance(each, str):
                    del self._prepared[each]
                if first_error is None and result is not None:
                    first_error = psycopg.errors.error_from_result(result)
                    if is_farewell(first_error):
                        raise self._lost(first_error)
            elif isinstance(each, Lazy):
                each.rows = _rows(result)
                self._tag = result.command_status
            if result is not None:
                self._result(until_s)  # None: the end of this statement's results
        self._result(until_s)  # the synchronisation's own
        return first_error

    def _result(self, until_s: float) -> "pq.abc.PGresult | None":
        while self._libpq.is_busy():
            events = selectors.EVENT_READ
            if self._libpq.flush():
                events |= selectors.EVENT_WRITE
            if self._selector.get_key(self._libpq.socket).events != events:
                self._selector.modify(self._libpq.socket, events)
            left_s = max(0.0, until_s - time.monotonic())
            if not self._selector.select(None if math.isinf(left_s) else left_s):
                raise psycopg.OperationalError(f"no answer in {self._answer_s:g} s")
            self._libpq.consume_input()
        result: pq.abc.PGresult | None = self._libpq.get_result()
        return result

    def _lost(self, error: Exception) -> ConnectionLost:
        self.close()
        return error if isinstance(error, ConnectionLost) else ConnectionLost(" ".join(str(error).split()))


def is_farewell(error: psycopg.Error) -> bool:
    """PostgreSQL ends the connection with it: shutdown, crash, an idle time-out, a broken protocol."""
    return (error.sqlstate or "").startswith(("57P", "08", "25P03"))


def _text(value: str | int | None) -> bytes | None:
    if isinstance(value, str):
        is_plain = _ESCAPE not in value and "\0" not in value
        return (value if is_plain else value.replace(_ESCAPE, _ESCAPED).replace("\0", _NUL)).encode()
    return None if value is None else b"%d" % value


def _rows(result: "pq.abc.PGresult") -> list[tuple[Any, ...]]:
    columns = [
        (column, _integer if result.ftype(column) in _INTEGERS else _string) for column in range(result.nfields)
    ]
    value = result.get_value
    return [tuple([read(value(row, column)) for column, read in columns]) for row in range(result.ntuples)]


def _integer(value: bytes | None) -> int | None:
    return None if value is None else int(value)


def _string(value: bytes | None) -> str | None:
    if value is None:
        return None
    text = value.decode()
    return text.replace(_NUL, "\0").replace(_ESCAPED, _ESCAPE) if _ESCAPE in text else text
