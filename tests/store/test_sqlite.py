"""What only a database in a file can do, and what only it can suffer."""

import asyncio
import os
import sqlite3
import tempfile
from pathlib import Path

import pytest

from game_server.store import appends, queries
from game_server.store.dialect import CannotOpen, execute_many
from game_server.store.log import Conflict, StreamId, Unavailable
from game_server.store.sql import open_log
from game_server.store.sqlite import InUse
from tests.store.conftest import opened
from tests.store.examples import ROOM, T, answer, answering, cause, finished, moving, opening, saying, texts

NOBODY = 65534


@pytest.fixture
def path(tmp_path):
    return tmp_path / "t.db"


@pytest.fixture
def url(path):
    return f"sqlite:///{path}"


# --- opening


async def test_what_was_written_is_there_after_closing_and_opening(url):
    async with opened(url) as log:
        await log.append(opening(deadline_ms=T, is_public=True, finished=(finished(),)))
        await log.append(answering(answer("c1")))
        await log.renew("w1", T)
        await log.note_outage(T, T + 1)
    async with opened(url) as log:
        history = await log.read(ROOM)
        assert (len(history.recorded), list(history.answers)) == (1, [answer("c1")])
        assert await log.overdue(T, 1) == await log.public_streams(1) == [ROOM]
        assert await log.finished_game("g1") == finished()
        outages = await log.query(lambda connection: queries.outages(connection, 0))
        assert (await log.last_alive(), outages) == (T, [(T, T + 1)])


async def test_a_second_server_is_refused_and_told_by_whom(url, path):
    async with opened(url) as log:
        with pytest.raises(InUse, match=rf"t\.db\.lock is held by process {os.getpid()} on "):
            await open_log(url)
        assert await log.append(opening()) == 1
    async with opened(url) as log:
        assert await log.append(moving(1)) == 2


async def test_a_lock_file_that_a_dead_server_left_holds_nobody_up(url, path):
    Path(f"{path}.lock").write_text("process 1 on a longer name than ours would ever be, to see it overwritten\n" * 3)
    async with opened(url):
        assert Path(f"{path}.lock").read_text().startswith(f"process {os.getpid()} on ")


async def test_other_programs_work_beside_the_server(url):
    async with opened(url) as server:
        await server.append(opening())
        async with opened(url, exclusive=False) as beside:
            assert await beside.append(moving(1)) == 2
            assert await server.append(moving(2)) == 3
            assert len((await beside.read(ROOM)).recorded) == 3
            with pytest.raises(Conflict):
                await beside.append(moving(2))


async def test_other_programs_work_without_a_server(url, path):
    async with opened(url, exclusive=False) as log:
        await log.append(opening())
    assert not Path(f"{path}.lock").exists()


async def test_two_writers_on_one_file_make_one_history(url):
    async with opened(url) as ours, opened(url, exclusive=False) as theirs:

        async def write(log, name):
            version = 0
            for n in range(25):
                while True:
                    try:
                        version = await log.append(saying(f"{name}{n}", version))
                        break
                    except Conflict as conflict:
                        version = conflict.actual

        await asyncio.gather(write(ours, "a"), write(theirs, "b"))
        said = await texts(ours)
        assert said == await texts(theirs)
        for name in "ab":
            assert [word for word in said if word[0] == name] == [f"{name}{n}" for n in range(25)]


FILES = {
    "text": (b"this is not a database, but long enough to be taken for one" * 20, "not a database"),
    "another program's": (None, "another program's database"),
}


@pytest.mark.parametrize(("content", "reason"), FILES.values(), ids=FILES)
async def test_a_file_that_is_not_ours_is_refused_and_left_alone(url, path, content, reason):
    if content is None:
        connection = sqlite3.connect(path)
        connection.execute("CREATE TABLE bookmarks (url TEXT)")
        connection.close()
    else:
        path.write_bytes(content)
    before = path.read_bytes()
    with pytest.raises(CannotOpen, match=reason):
        await open_log(url)
    assert path.read_bytes() == before
    with pytest.raises(CannotOpen, match=reason):  # not: in use
        await open_log(url)


async def test_an_empty_file_is_a_new_database(url, path):
    path.touch()
    async with opened(url) as log:
        assert await log.append(opening()) == 1


@pytest.mark.parametrize("bad", ["", "sqlite:///", "sqlite://t.db", "t.db", "mysql://x/y"])
async def test_a_url_of_another_kind_is_refused(bad):
    with pytest.raises(CannotOpen, match="looks like"):
        await open_log(bad)


async def test_a_directory_that_does_not_exist_is_refused(tmp_path):
    with pytest.raises(CannotOpen, match="No such file"):
        await open_log(f"sqlite:///{tmp_path}/nowhere/t.db")
    with pytest.raises(CannotOpen, match="unable to open"):
        await open_log(f"sqlite:///{tmp_path}/nowhere/t.db", exclusive=False)


async def test_a_name_with_odd_characters_is_a_file_name(tmp_path):
    async with opened(f"sqlite:///{tmp_path}/100%?mode=ro#é.db") as log:
        assert await log.append(opening()) == 1
    assert (tmp_path / "100%?mode=ro#é.db").exists()


@pytest.fixture
def shared_directory():
    """A directory of our own; root, who may everything, is nobody while it exists."""
    is_root = os.geteuid() == 0
    with tempfile.TemporaryDirectory(dir="/tmp") as name:
        if is_root:
            os.chown(name, NOBODY, NOBODY)
            os.seteuid(NOBODY)
        yield Path(name)
        Path(name).chmod(0o700)
        if is_root:
            os.seteuid(0)


async def test_a_read_only_file_is_refused(shared_directory):
    url = f"sqlite:///{shared_directory}/t.db"
    async with opened(url):
        pass
    (shared_directory / "t.db").chmod(0o444)
    with pytest.raises(CannotOpen, match="readonly"):
        await open_log(url)


async def test_a_directory_that_must_not_be_written_is_refused(shared_directory):
    url = f"sqlite:///{shared_directory}/t.db"
    async with opened(url):
        pass
    shared_directory.chmod(0o500)
    with pytest.raises(CannotOpen, match="readonly"):
        await open_log(url)
    (shared_directory / "t.db.lock").chmod(0o444)
    with pytest.raises(CannotOpen, match="Permission denied"):
        await open_log(url)


# --- trouble


async def test_a_full_disk_is_said_and_nothing_is_half_written(url):
    async with opened(url) as log:
        await log.append(opening())
        pages = await log.write(lambda connection: connection.execute("PRAGMA page_count").fetchone()[0])
        await log.write(lambda connection: connection.execute(f"PRAGMA max_page_count = {pages + 2}").fetchone())
        acknowledged = [1]

        async def fill():
            while True:
                last = acknowledged[-1]
                acknowledged.append(await log.append(saying("x" * 500, last, cause=cause(f"c{last}"))))

        with pytest.raises(Unavailable, match="full"):
            await fill()
        filling = [log.append(opening(StreamId(f"room:{n}"), finished=(finished(f"g{n}"),))) for n in range(40)]
        outcomes = await asyncio.gather(*filling, return_exceptions=True)
        assert {type(outcome) for outcome in outcomes} == {Unavailable}
        assert len((await log.read(ROOM)).recorded) == len(acknowledged) > 1
        assert await log.recall("room:0") is None
        assert await log.finished_game("g0") is None
        await log.write(lambda connection: connection.execute("PRAGMA max_page_count = 1000000").fetchone())
        assert await log.append(moving(len(acknowledged))) == len(acknowledged) + 1


async def test_a_database_that_must_not_be_written_is_said_to_be_unavailable(url):
    async with opened(url) as log:
        await log.append(opening())
        await log.write(lambda connection: connection.execute("PRAGMA query_only = ON"))
        for writing in (log.append(moving(1)), log.ready(), log.renew("w", T)):
            with pytest.raises(Unavailable, match="readonly"):
                await writing
        assert len((await log.read(ROOM)).recorded) == 1


async def test_a_busy_database_is_said_to_be_unavailable(url, path):
    async with opened(url) as log:
        await log.append(opening())
        await log.write(lambda connection: connection.execute("PRAGMA busy_timeout = 20").fetchone())
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        waiting = [log.append(moving(1)), log.append(opening(StreamId("room:b"))), log.ready()]
        outcomes = await asyncio.gather(*waiting, return_exceptions=True)
        assert [str(outcome) for outcome in outcomes] == ["database is locked"] * 3
        assert {type(outcome) for outcome in outcomes} == {Unavailable}
        assert len((await log.read(ROOM)).recorded) == 1
        other.rollback()
        other.close()
        assert await log.append(moving(1)) == 2


async def test_reads_go_on_while_somebody_else_writes(url, path):
    async with opened(url) as log:
        await log.append(opening())
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        assert len((await log.read(ROOM)).recorded) == 1
        other.rollback()
        other.close()


async def test_the_reader_cannot_write(url):
    async with opened(url) as log:
        with pytest.raises(Unavailable, match="readonly"):
            await log.query(lambda connection: connection.execute("DELETE FROM event"))


async def test_a_wrong_statement_is_our_bug_and_hurts_nobody_else(url):
    async with opened(url) as log:
        wrong = log.write(lambda connection: connection.execute("UPDATE nowhere SET x = 1"))
        outcomes = await asyncio.gather(log.append(opening()), wrong, log.renew("w", T), return_exceptions=True)
        assert outcomes[0] == 1
        assert isinstance(outcomes[1], sqlite3.OperationalError)
        assert outcomes[2] is None
        with pytest.raises(sqlite3.OperationalError):
            await log.query(lambda connection: connection.execute("SELECT x FROM nowhere"))


async def test_durable_means_synchronous_full_with_a_write_ahead_log(url):
    async with opened(url) as log:
        pragmas = ("synchronous", "journal_mode")
        found = await log.write(lambda connection: [connection.execute(f"PRAGMA {p}").fetchone()[0] for p in pragmas])
        assert found == [2, "wal"]


# --- the hot path

HOT = {
    "lock": (appends.LOCK_STREAMS.replace("{columns}", appends.LOCKED), "(?, ?)"),
    "move": (appends.MOVE_STREAMS, appends.MOVE_STREAMS_ROW),
    "answer": (appends.ADD_ANSWER, None),
    "forget": (appends.FORGET_ANSWERS, None),
    "overdue": ("SELECT name, life FROM stream WHERE deadline_ms <= ? ORDER BY deadline_ms, id LIMIT ?", None),
}


@pytest.mark.parametrize(("statement", "row"), HOT.values(), ids=HOT)
async def test_no_statement_of_the_hot_path_scans_a_table(statement, row):
    def plan(connection):
        explained = f"EXPLAIN QUERY PLAN {statement}"
        if row is None:
            return connection.execute(explained, [1] * statement.count("?")).fetchall()
        rows = [(1,) * row.count("?")] * 4
        return [step for cursor in execute_many(connection, explained, row, rows) for step in cursor.fetchall()]

    async with opened("sqlite:///:memory:") as log:
        steps = [step[-1] for step in await log.query(plan)]
    assert any(step.startswith("SEARCH") for step in steps)
    assert not [step for step in steps if step.startswith("SCAN") and step not in ("SCAN v", "SCAN 4 CONSTANT ROWS")]


async def test_a_finished_game_of_eighty_plies_takes_less_than_12_kilobytes(url, path):
    rooms = [StreamId(f"room:club-{n:04d}") for n in range(40)]
    async with opened(url, synchronous="OFF") as log:
        await asyncio.gather(*(log.append(opening(room)) for room in rooms))
        for version in range(1, 81):
            appending = [
                log.append(moving(version, room, cause=cause(f"{n:06d}-{version}", f"player{n:06d}"), deadline_ms=T))
                for n, room in enumerate(rooms)
            ]
            await asyncio.gather(*appending)
        ended = [
            log.append(saying("gg", 81, room, finished=(finished(f"g{n}", room),))) for n, room in enumerate(rooms)
        ]
        await asyncio.gather(*ended)
    assert path.stat().st_size / len(rooms) < 12_000
