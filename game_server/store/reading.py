"""An SQLite database that is only looked at: nothing in the file changes, whoever works with it or nobody."""

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from game_server.core.ids import GameId
from game_server.store import queries
from game_server.store.accounts import SqlAccounts
from game_server.store.dialect import CannotOpen, Connection
from game_server.store.log import FinishedGame, Unavailable
from game_server.store.migrations import MIGRATIONS, require_known, schema_number
from game_server.store.sqlite import Sqlite, is_ours

T = TypeVar("T")


class Reading(SqlAccounts):
    """The part of SqlLog that asks. Its queries run in the caller's thread: for programs that do nothing else.

    Raises CannotOpen, NewerSchema or OlderSchema.
    """

    def __init__(self, path: Path) -> None:
        if not path.is_file():
            raise CannotOpen(f"there is no database {path}")
        connection = Sqlite(str(path), exclusive=False).connect_reader()
        assert connection is not None, "a file has readers"
        self._connection: Connection = connection
        try:
            _require_ours(connection, path)
        except sqlite3.Error as error:
            connection.close()
            raise CannotOpen(f"{path} cannot be read: {error}") from error
        except CannotOpen:
            connection.close()
            raise

    async def query(self, query: Callable[[Connection], T]) -> T:
        try:
            return query(self._connection)
        except sqlite3.Error as error:
            raise Unavailable(str(error)) from error

    async def finished_game(self, game_id: GameId) -> FinishedGame | None:
        return await self.query(lambda connection: queries.finished_game(connection, game_id))

    async def close(self) -> None:
        self._connection.close()


def _require_ours(connection: Connection, path: Path) -> None:
    if not is_ours(connection):
        raise CannotOpen(f"{path} is no database of tabiya")
    require_known(schema_number(connection), len(MIGRATIONS), may_upgrade=False)
