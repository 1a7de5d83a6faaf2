"""The writer when the database fails it: real connections, with a fault put in at a chosen statement."""

import asyncio
import sqlite3
import threading

import pytest

from game_server.store.dialect import CannotOpen, Fault
from game_server.store.log import Conflict, StreamId, Unavailable
from game_server.store.sql import SqlLog
from game_server.store.sqlite import Sqlite
from tests.store.conftest import never_fatal
from tests.store.examples import ROOM, answer, answering, cause, moving, opening, saying, texts

NOTHING = (None, None)


class Lost(sqlite3.OperationalError):
    """What a driver raises whose server has gone."""


class InTheWay(sqlite3.OperationalError):
    """What a driver raises whose transaction was chosen to give way to another."""


class FaultyConnection:
    """A connection to which `faults` happen: {"commit": [(moment, error), …]}, `before` or `after` it takes effect, or
    instead of it once an event is set.
    """

    def __init__(self, connection, faults):
        self._connection = connection
        self._faults = faults

    def _call(self, name, call):
        moment, error = (self._faults[name].pop(0) or NOTHING) if self._faults.get(name) else NOTHING
        if moment == "before":
            raise error
        if isinstance(moment, threading.Event):
            moment.wait()
            raise error
        result = call()
        if moment == "after":
            raise error
        return result

    def execute(self, statement, parameters=()):
        word = statement.split(maxsplit=1)[0]
        return self._call(word, lambda: self._connection.execute(statement, parameters))

    def commit(self):
        self._call("commit", self._connection.commit)

    def rollback(self):
        self._call("rollback", self._connection.rollback)

    def close(self):
        self._connection.close()


class Faulty(Sqlite):
    """SQLite with faults; `Lost` stands for a server that went away, after which `unreachable` attempts fail."""

    def __init__(self, path):
        super().__init__(path, synchronous="OFF")
        self.faults = {}
        self.unreachable = 0
        self.is_away = False

    def connect(self):
        if self.is_away:
            raise CannotOpen("nobody there")
        if self.unreachable:
            self.unreachable -= 1
            raise CannotOpen("nobody there")
        return FaultyConnection(super().connect(), self.faults)

    def fault(self, error):
        ours = {Lost: Fault.LOST, InTheWay: Fault.AGAIN}
        return ours.get(type(error)) or super().fault(error)


def coded(code, text="disk I/O error"):
    error = sqlite3.OperationalError(text)
    error.sqlite_errorcode = code
    return error


@pytest.fixture
def dialect(tmp_path):
    return Faulty(f"{tmp_path}/t.db")


@pytest.fixture
def reasons():
    return []


@pytest.fixture
async def log(dialect, reasons):
    log = await SqlLog.open(dialect, on_fatal=reasons.append)
    await log.append(opening())
    yield log
    await log.close()


async def test_a_failed_fsync_is_fatal_and_acknowledges_nothing_more(log, dialect, reasons):
    dialect.faults["commit"] = [("after", coded(sqlite3.SQLITE_IOERR_FSYNC))]
    waiting = [log.append(moving(1)), log.append(opening(StreamId("room:b"))), log.ready()]
    outcomes = await asyncio.gather(*waiting, return_exceptions=True)
    assert {type(outcome) for outcome in outcomes} == {Unavailable}
    assert len(reasons) == 1
    assert "disk I/O error" in reasons[0]
    for later in (log.append(moving(2)), log.ready()):
        with pytest.raises(Unavailable, match="cannot be written any more"):
            await later


async def test_a_rollback_that_fails_is_fatal(log, dialect, reasons):
    dialect.faults |= {
        "commit": [("before", coded(sqlite3.SQLITE_FULL, "full"))],
        "rollback": [("before", coded(sqlite3.SQLITE_IOERR))],
    }
    with pytest.raises(Unavailable):
        await log.append(moving(1))
    assert len(reasons) == 1


async def test_a_disk_that_is_full_at_the_commit_leaves_nothing_behind(log, dialect):
    dialect.faults["commit"] = [("before", coded(sqlite3.SQLITE_FULL, "full"))]
    with pytest.raises(Unavailable):
        await log.append(moving(1))
    assert await log.append(moving(1)) == 2


async def test_a_batch_that_fails_is_tried_again_append_by_append(log, dialect):
    dialect.faults["INSERT"] = [("before", coded(sqlite3.SQLITE_CONSTRAINT, "our bug"))]
    streams = [StreamId(f"room:{n}") for n in range(4)]
    outcomes = await asyncio.gather(*(log.append(opening(stream)) for stream in streams))
    assert outcomes == [1, 1, 1, 1]


async def test_an_append_that_fails_alone_is_told_why(log, dialect):
    dialect.faults["INSERT"] = [("before", coded(sqlite3.SQLITE_CONSTRAINT, "our bug"))]
    with pytest.raises(sqlite3.OperationalError, match="our bug"):
        await log.append(moving(1))
    assert await log.append(moving(1)) == 2


async def test_an_append_that_no_database_can_hold_spoils_nothing_for_the_others(log):
    too_big = moving(1, deadline_ms=2**63)
    outcomes = await asyncio.gather(log.append(too_big), log.append(opening(StreamId("b"))), return_exceptions=True)
    assert isinstance(outcomes[0], OverflowError)
    assert outcomes[1] == 1
    assert await log.append(moving(1)) == 2


# --- an outcome that is unknown


@pytest.mark.parametrize("moment", ["before", "after"])
async def test_a_commit_whose_outcome_is_unknown_is_settled_by_the_cause(log, dialect, moment):
    dialect.faults["commit"] = [(moment, Lost())]
    dialect.unreachable = 1
    ours = [
        log.append(saying("one", 1, cause=cause("c1"))),
        log.append(saying("two", 2, cause=cause("c2"))),
        log.append(opening(StreamId("room:b"), cause=cause("c3"))),
        log.append(answering(answer("c4", 3), 3)),
    ]
    assert await asyncio.gather(*ours) == [2, 3, 1, 3]
    assert await texts(log) == ["one", "two"]
    assert list((await log.read(ROOM)).answers) == [answer("c4", 3)]


async def test_doubt_outlives_a_database_that_is_busy_and_a_batch_that_fails(log, dialect):
    """The first try again finds it locked, as by the lost connection itself; the second is at fault as a batch."""
    dialect.faults |= {
        "commit": [("after", Lost())],
        "SELECT": [("before", coded(sqlite3.SQLITE_BUSY)), ("before", coded(sqlite3.SQLITE_CONSTRAINT))],
    }
    ours = [log.append(saying("one", 1, cause=cause("c1"))), log.append(saying("two", 2, cause=cause("c2")))]
    dialect.faults["SELECT"].insert(0, None)
    assert await asyncio.gather(*ours) == [2, 3]
    assert await texts(log) == ["one", "two"]


async def test_two_transactions_in_each_others_way_are_both_carried_out(log, dialect):
    dialect.faults["INSERT"] = [("before", InTheWay("deadlock detected"))] * 3
    assert await asyncio.gather(log.append(moving(1)), log.append(opening(StreamId("room:b")))) == [2, 1]


async def test_somebody_elses_event_is_not_taken_for_ours(log, dialect):
    dialect.faults["commit"] = [("after", Lost())]
    ours = [log.append(saying("theirs", 1, cause=cause("c1"))), log.append(saying("ours", 1, cause=cause("c2")))]
    outcomes = await asyncio.gather(*ours, return_exceptions=True)
    assert outcomes[0] == 2
    assert isinstance(outcomes[1], Conflict)
    assert outcomes[1].actual == 2


async def test_without_a_cause_an_unknown_outcome_is_a_conflict(log, dialect):
    dialect.faults["commit"] = [("after", Lost())]
    with pytest.raises(Conflict):
        await log.append(saying("by time", 1))
    assert await texts(log) == ["by time"]


async def test_while_the_connection_is_lost_appends_are_refused(log, dialect):
    dialect.faults["BEGIN"] = [("before", Lost())]
    dialect.is_away = True
    waiting = asyncio.ensure_future(log.append(moving(1)))
    refused = None
    while not isinstance(refused, Unavailable):
        await asyncio.sleep(0.001)
        [refused] = await asyncio.gather(log.ready(), return_exceptions=True)
    assert str(refused).startswith("the connection to the database is lost")
    dialect.is_away = False
    assert await waiting == 2
    await log.ready()


async def test_what_was_waiting_when_the_connection_was_lost_is_refused_at_once(log, dialect):
    notice = threading.Event()
    dialect.faults["BEGIN"] = [(notice, Lost())]
    dialect.is_away = True
    being_written = asyncio.ensure_future(log.append(moving(1)))
    await asyncio.sleep(0.05)       # the thread has it
    untried = asyncio.ensure_future(log.append(opening(StreamId("room:b"))))
    await asyncio.sleep(0)
    notice.set()
    with pytest.raises(Unavailable, match="connection to the database is lost"):
        await asyncio.wait_for(untried, timeout=10)
    assert not being_written.done()
    dialect.is_away = False
    assert await being_written == 2
    assert await log.append(opening(StreamId("room:b"))) == 1


async def test_closing_does_not_wait_for_a_database_that_has_gone(tmp_path):
    dialect = Faulty(f"{tmp_path}/t.db")
    log = await SqlLog.open(dialect, on_fatal=never_fatal)
    dialect.faults["BEGIN"] = [("before", Lost())]
    dialect.is_away = True
    waiting = asyncio.ensure_future(log.append(opening()))
    await asyncio.sleep(0)
    await asyncio.wait_for(log.close(), timeout=5)
    with pytest.raises(Unavailable):
        await waiting
