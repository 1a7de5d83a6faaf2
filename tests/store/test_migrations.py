"""How a database comes to the schema of this version."""

import sqlite3

import pytest

from game_server.store import schema
from game_server.store.dialect import CannotOpen
from game_server.store.migrations import MIGRATIONS, NewerSchema, OlderSchema, migrate, schema_number
from game_server.store.sqlite import Sqlite
from tests.store.conftest import opened
from tests.store.examples import ROOM, opening

NEXT = (
    "ALTER TABLE worker ADD COLUMN host {key}",
    "INSERT INTO worker (worker_id, alive_ms, host) VALUES ('w', 1, 'h')",
)
BROKEN = ("CREATE TABLE extra (id {identity})", "ALTER TABLE nowhere ADD COLUMN x {key}")


@pytest.fixture
def dialect():
    return Sqlite(":memory:")


@pytest.fixture
def connection(dialect):
    connection = dialect.connect()
    yield connection
    connection.close()


def tables(connection):
    return {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()}


def test_a_new_database_gets_everything(connection, dialect):
    migrate(connection, dialect)
    assert schema_number(connection) == len(MIGRATIONS)
    assert tables(connection) == {"meta", "stream", "event", "answer", "game", "worker", "outage", "account", "token"}


def test_migrating_again_changes_nothing(connection, dialect):
    migrate(connection, dialect, [schema.FIRST, NEXT])
    migrate(connection, dialect, [schema.FIRST, NEXT])
    assert connection.execute("SELECT worker_id, host FROM worker").fetchall() == [("w", "h")]


def test_an_old_database_gets_what_it_lacks(connection, dialect):
    migrate(connection, dialect, [schema.FIRST])
    connection.execute("INSERT INTO worker (worker_id, alive_ms) VALUES ('old', 5)")
    migrate(connection, dialect, [schema.FIRST, NEXT])
    assert schema_number(connection) == 2
    assert connection.execute("SELECT * FROM worker ORDER BY worker_id").fetchall() == [("old", 5, None), ("w", 1, "h")]


def test_a_migration_that_fails_leaves_the_old_schema(connection, dialect):
    migrate(connection, dialect, [schema.FIRST])
    before = tables(connection)
    with pytest.raises(sqlite3.OperationalError):
        migrate(connection, dialect, [schema.FIRST, NEXT, BROKEN])
    assert (schema_number(connection), tables(connection)) == (1, before)
    assert connection.execute("SELECT * FROM worker").fetchall() == []


def test_a_newer_schema_is_refused(connection, dialect):
    migrate(connection, dialect, [schema.FIRST, NEXT])
    with pytest.raises(NewerSchema, match=r"schema 2.*up to 1.*newer version"):
        migrate(connection, dialect, [schema.FIRST])
    assert schema_number(connection) == 2


def test_beside_a_server_nothing_is_upgraded(connection, dialect):
    migrate(connection, dialect, [schema.FIRST], may_upgrade=False)
    with pytest.raises(OlderSchema, match="start the server once"):
        migrate(connection, dialect, [schema.FIRST, NEXT], may_upgrade=False)
    assert schema_number(connection) == 1


async def test_opening_refuses_a_newer_schema_and_leaves_the_file_alone(tmp_path):
    url = f"sqlite:///{tmp_path}/t.db"
    async with opened(url) as log:
        await log.append(opening())
        await log.write(lambda connection: connection.execute("UPDATE meta SET value = '999' WHERE name = 'schema'"))
    with pytest.raises(CannotOpen, match="schema 999"):
        async with opened(url):
            pass
    async with opened(f"sqlite:///{tmp_path}/other.db"):
        pass  # nothing stayed locked or open
    connection = sqlite3.connect(tmp_path / "t.db")
    connection.execute("UPDATE meta SET value = ? WHERE name = 'schema'", (str(len(MIGRATIONS)),))
    connection.commit()
    connection.close()
    async with opened(url) as log:
        assert len((await log.read(ROOM)).recorded) == 1
