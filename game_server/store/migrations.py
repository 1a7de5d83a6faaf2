"""Brings a database to the schema this version of the server works with, at start, in one transaction.

The schema's number is how many migrations have been applied; it stands in `meta`. Migrations are only ever added.
"""

from collections.abc import Sequence
from typing import Final

from game_server.store import schema
from game_server.store.dialect import CannotOpen, Connection, Dialect

Migration = Sequence[str]
MIGRATIONS: Final[tuple[Migration, ...]] = (schema.FIRST, schema.ACCOUNTS)


class NewerSchema(CannotOpen):
    """The database was written by a newer version of the server."""


class OlderSchema(CannotOpen):
    """The database needs an upgrade that only a server may do."""


def migrate(
    connection: Connection, dialect: Dialect, migrations: Sequence[Migration] = MIGRATIONS, *, may_upgrade: bool = True
) -> None:
    """Applies the migrations that `connection`'s database lacks; all of them or, if one fails, none.

    A new database is always set up; an old one is upgraded only if `may_upgrade`: not beside a running server.
    Raises NewerSchema or OlderSchema.
    """
    connection.execute(dialect.begin)
    try:
        with dialect.alone(connection):
            connection.execute(schema.META.format_map(dialect.words))
            applied = schema_number(connection)
            require_known(applied, len(migrations), may_upgrade=may_upgrade)
            for migration in migrations[applied:]:
                for statement in migration:
                    connection.execute(statement.format_map(dialect.words))
            _note(connection, len(migrations))  # even if it stands there: what cannot be written shows it now
            connection.commit()
    except BaseException:
        connection.rollback()
        raise


def _note(connection: Connection, number: int) -> None:
    connection.execute(
        """INSERT INTO meta (name, value) VALUES ('schema', ?)
        ON CONFLICT (name) DO UPDATE SET value = excluded.value""",
        (str(number),),
    )


def require_known(applied: int, known: int, *, may_upgrade: bool) -> None:
    """Raises NewerSchema or OlderSchema unless a database of schema `applied` can be worked with."""
    if applied > known:
        raise NewerSchema(
            f"the database has schema {applied}, and this version of tabiya knows schemas up to {known}: "
            "run the newer version that wrote it"
        )
    if 0 < applied < known and not may_upgrade:
        raise OlderSchema(
            f"the database has schema {applied}, and this version of tabiya works with {known}: "
            "start the server once to upgrade it"
        )


def schema_number(connection: Connection) -> int:
    """How many migrations the database has seen; 0 if it is new. There must be a table `meta`."""
    row = connection.execute("SELECT value FROM meta WHERE name = 'schema'").fetchone()
    return int(row[0]) if row else 0
