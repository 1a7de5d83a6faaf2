"""PostgreSQL alone: what its operator is told, and what its connections do that the contract cannot see."""

import asyncio
import contextlib
import subprocess
import sys
import threading
from pathlib import Path

import psycopg
import pytest

from game_server.store.dialect import CannotOpen, Fault
from game_server.store.log import StreamId, Unavailable
from game_server.store.migrations import MIGRATIONS, NewerSchema, OlderSchema, migrate, schema_number
from game_server.store.notes import Notes
from game_server.store.pipeline import ConnectionLost, numbered
from game_server.store.postgres import Postgres
from game_server.store.sql import SqlLog, open_log
from tests.cable import cable_to
from tests.postgres import GUARDED
from tests.store.conftest import never_fatal, opened, refused
from tests.store.examples import ROOM, moving, opening, saying, texts
from tests.system.process import free_port

ROOT = Path(__file__).parents[2]


@pytest.fixture
def url(emptied):
    return emptied()


@pytest.fixture
def connection(postgres):
    connection = Postgres(postgres.new_database()).connect()
    yield connection
    connection.close()


# --- opening


async def refusal_of(url):
    with pytest.raises(CannotOpen) as caught:
        await open_log(url, exclusive=False)
    return str(caught.value)


async def test_who_starts_it_is_told_what_is_wrong(postgres):
    with contextlib.suppress(psycopg.errors.DuplicateObject):
        postgres.execute(f"CREATE ROLE {GUARDED} LOGIN PASSWORD 'right'")
    where = f"PostgreSQL at 127.0.0.1:{postgres.port}"
    for url, complaint in {
        postgres.url("nowhere"): 'database "nowhere" does not exist',
        postgres.url(user="nobody"): 'role "nobody" does not exist',
        postgres.url(user=f"{GUARDED}:wrong"): "password authentication failed",
    }.items():
        said = await refusal_of(url)
        assert said.startswith(where)
        assert complaint in said
        assert "wrong" not in said
        assert "\n" not in said
    assert "Connection refused" in await refusal_of(postgres.url(port=free_port()))
    assert "looks like postgresql://" in await refusal_of("postgresql://localhost/x?no_such_setting=1")


async def test_a_verdict_is_given_at_once_also_to_a_server_that_would_wait(postgres):
    with pytest.raises(CannotOpen, match="does not exist"):
        await asyncio.wait_for(open_log(postgres.url("nowhere")), timeout=5)


async def test_a_database_that_cannot_hold_every_name_is_refused(postgres):
    postgres.execute("CREATE DATABASE latin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0")
    assert "ENCODING 'UTF8'" in await refusal_of(postgres.url("latin"))


def test_without_the_driver_it_says_how_to_get_it():
    script = (
        "import asyncio, sys; sys.modules['psycopg'] = None; from game_server.store.sql import open_log\n"
        "asyncio.run(open_log('postgres://127.0.0.1/x'))"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True)
    assert "CannotOpen: PostgreSQL needs a driver: pip install 'tabiya[cluster]'" in done.stderr


async def test_a_newer_schema_is_refused_and_an_older_one_only_upgraded_by_a_server(url):
    async with opened(url) as log:
        await log.write(lambda connection: connection.execute("UPDATE meta SET value = '999' WHERE name = 'schema'"))
        for number, error in (("999", NewerSchema), ("1", OlderSchema)):
            write = f"UPDATE meta SET value = '{number}' WHERE name = 'schema'"
            await log.write(lambda connection, write=write: connection.execute(write))
            with pytest.raises(error):
                await open_log(url, exclusive=False)
        number = str(len(MIGRATIONS))
        await log.write(lambda connection: connection.execute("UPDATE meta SET value = ?", (number,)))


# --- the schema


def test_workers_that_start_together_set_the_database_up_once(postgres):
    url, ready, failures = postgres.new_database(), threading.Barrier(6), []
    before = len(postgres.log)

    def start():
        dialect = Postgres(url)
        connection = dialect.connect()
        try:
            ready.wait()
            migrate(connection, dialect)
        except (CannotOpen, psycopg.Error) as error:
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=start) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert "ERROR" not in postgres.log[before:]


def test_a_migration_may_take_longer_than_any_answer(postgres):
    dialect = Postgres(postgres.new_database(), answer_s=2)
    connection = dialect.connect()
    migrate(connection, dialect, [("SELECT pg_sleep(2.5)",)])
    assert schema_number(connection) == 1
    with pytest.raises(ConnectionLost, match="no answer in 2 s"):
        connection.execute("SELECT pg_sleep(2.5)").fetchone()
    connection.close()


def test_a_migration_that_fails_leaves_nothing_behind(connection):
    broken = [("CREATE TABLE extra (id {identity})", "ALTER TABLE nowhere ADD COLUMN x {key}")]
    with pytest.raises(psycopg.errors.UndefinedTable):
        migrate(connection, Postgres("postgres://"), broken)
    migrate(connection, Postgres("postgres://"))
    assert schema_number(connection) == len(MIGRATIONS)
    assert connection.execute("SELECT to_regclass('extra')").fetchone() == (None,)


async def test_notes_are_kept_and_found_by_their_beginning(url):
    async with opened(url) as log:
        notes = Notes(log)
        for name, text in (("computer/a", "1"), ("computer/a", "2"), ("computer/b", "3"), ("other", "4")):
            await notes.keep(name, text)
        await notes.drop("computer/b")
        assert await notes.under("computer/") == {"computer/a": "2"}
        await notes.drop("computer/a")
        await notes.drop("other")


# --- the connection


def test_parameters_are_numbered():
    assert numbered("VALUES (?, ?, CAST(? AS BIGINT))") == "VALUES ($1, $2, CAST($3 AS BIGINT))"
    assert numbered("BEGIN") == "BEGIN"


def test_a_statement_outside_of_a_transaction_stands_alone(connection):
    connection.execute("CREATE TABLE t (a INTEGER)")
    connection.execute("INSERT INTO t VALUES (?)", (1,))
    connection.rollback()
    with pytest.raises(psycopg.errors.UndefinedColumn):
        connection.execute("SELECT b FROM t WHERE a = ?", (1,)).fetchall()
    assert connection.execute("SELECT a FROM t").fetchall() == [(1,)]


def test_what_is_rolled_back_never_was_even_if_it_failed_unseen(connection):
    connection.execute("CREATE TABLE t (a INTEGER PRIMARY KEY)")
    for _ in range(2):
        connection.execute("BEGIN")
        connection.execute("INSERT INTO t VALUES (?)", (1,))
        connection.execute("INSERT INTO t VALUES (?)", (1,))
        connection.rollback()
    assert connection.execute("SELECT a FROM t").fetchall() == []


def test_an_error_nobody_asked_about_shows_at_the_commit(connection):
    connection.execute("CREATE TABLE t (a INTEGER PRIMARY KEY)")
    connection.execute("BEGIN")
    first = connection.execute("INSERT INTO t VALUES (?) RETURNING a", (1,))
    connection.execute("INSERT INTO t VALUES (?)", (1,))
    with pytest.raises(psycopg.errors.UniqueViolation):
        connection.commit()
    assert first.fetchall() == [(1,)]
    connection.rollback()
    assert connection.execute("SELECT a FROM t").fetchone() is None


def test_a_commit_that_postgresql_turns_into_a_rollback_is_an_error(connection):
    connection.execute("BEGIN")
    with pytest.raises(psycopg.errors.UndefinedTable):
        connection.execute("SELECT * FROM nowhere").fetchall()
    with pytest.raises(psycopg.InternalError, match="ROLLBACK"):
        connection.commit()


def test_a_statement_that_could_not_be_prepared_is_prepared_again(connection):
    select = "SELECT a FROM later WHERE a = ?"
    with pytest.raises(psycopg.errors.UndefinedTable):
        connection.execute(select, (1,)).fetchall()
    connection.execute("CREATE TABLE later (a INTEGER)")
    assert connection.execute(select, (1,)).fetchall() == []


# --- its end


def end_connections(postgres, url):
    name = url.rpartition("/")[2]
    ended = postgres.execute(
        f"""SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = '{name}' AND application_name = 'tabiya'"""
    )
    assert len(ended) >= 2  # the one that writes, and as many that read as were used since


async def test_connections_that_are_ended_are_made_again(postgres, url):
    async with opened(url) as log:
        await log.append(opening())
        for version in range(1, 4):
            end_connections(postgres, url)
            assert await texts(log) == [str(n) for n in range(1, version)]
            assert await log.append(saying(str(version), version)) == version + 1
            await log.ready()


async def test_a_database_that_may_only_be_read_refuses_until_one_can_write_again(postgres, url):
    """As seen by whoever still talks to the old primary after a failover."""
    async with opened(url) as log:
        await log.append(opening())
        await only_reading(postgres, "on")
        try:
            waiting = asyncio.ensure_future(log.append(moving(1)))
            assert "lost" in await refused(log)
            await log.time_ms()
        finally:
            await only_reading(postgres, "off")
        assert await waiting == 2


async def only_reading(postgres, word):
    await asyncio.to_thread(postgres.execute, f"ALTER SYSTEM SET default_transaction_read_only = {word}")
    await asyncio.to_thread(postgres.execute, "SELECT pg_reload_conf()")


class Sqlstate(psycopg.Error):
    def __init__(self, sqlstate):
        super().__init__(sqlstate)
        self.sqlstate = sqlstate


@pytest.mark.parametrize(
    ("sqlstate", "fault"),
    [
        ("57P01", Fault.LOST),  # admin_shutdown
        ("57P03", Fault.LOST),  # cannot_connect_now
        ("08006", Fault.LOST),  # connection_failure
        ("25P03", Fault.LOST),  # idle_in_transaction_session_timeout
        ("25006", Fault.LOST),  # read_only_sql_transaction
        ("40P01", Fault.AGAIN),  # deadlock_detected
        ("40001", Fault.AGAIN),  # serialization_failure
        ("53100", Fault.UNAVAILABLE),  # disk_full
        ("53300", Fault.UNAVAILABLE),  # too_many_connections
        ("55P03", Fault.UNAVAILABLE),  # lock_not_available
        ("57014", Fault.UNAVAILABLE),  # query_canceled
        ("58030", Fault.UNAVAILABLE),  # io_error
        ("XX001", Fault.FATAL),  # data_corrupted
        ("23505", Fault.OURS),  # unique_violation
        ("22003", Fault.OURS),  # numeric_value_out_of_range
        (None, Fault.OURS),
    ],
)
def test_what_an_error_means(sqlstate, fault):
    assert Postgres("postgres://").fault(Sqlstate(sqlstate)) is fault


async def test_a_value_that_no_column_can_hold_spoils_nothing_for_the_others(url):
    async with opened(url) as log:
        await log.append(opening())
        too_big = log.append(moving(1, deadline_ms=2**63))
        outcomes = await asyncio.gather(too_big, log.append(opening(StreamId("b"))), return_exceptions=True)
        assert isinstance(outcomes[0], psycopg.errors.NumericValueOutOfRange)
        assert outcomes[1] == 1
        assert await log.append(moving(1)) == 2


async def test_a_lock_that_is_not_let_go_of_is_waited_for_and_then_the_append_refused(postgres, url):
    async with opened(url) as log:
        await log.append(opening())
        await log.write(lambda connection: connection.execute("SET lock_timeout = '100ms'"))
        with psycopg.connect(url) as other:
            other.execute("SELECT * FROM stream FOR UPDATE")
            with pytest.raises(Unavailable, match="lock timeout"):
                await log.append(moving(1))
        assert await log.append(moving(1)) == 2


async def test_a_server_waits_for_a_database_that_starts_later(postgres, url):
    late = Postgres(url.replace(f":{postgres.port}/", f":{(port := free_port())}/"), start_s=20)
    waiting = asyncio.ensure_future(SqlLog.open(late, on_fatal=never_fatal))
    await asyncio.sleep(0.2)
    assert not waiting.done()
    async with cable_to(postgres.port, port):
        log = await waiting
        await log.append(opening(ROOM))
        await log.close()


async def test_a_server_waits_for_a_database_only_so_long():
    nowhere = Postgres(f"postgresql://127.0.0.1:{free_port()}/x", start_s=0.1)
    with pytest.raises(CannotOpen, match="Connection refused"):
        await SqlLog.open(nowhere)
