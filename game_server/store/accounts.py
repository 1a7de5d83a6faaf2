"""Accounts and tokens in an SQL database. The promises are AccountBook's."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from game_server.core.account_events import Title
from game_server.core.ids import AccountId, PlayerId, TokenHash
from game_server.store import queries
from game_server.store.book import AccountRow, TokenRow
from game_server.store.dialect import Connection
from game_server.store.log import FinishedGame

T = TypeVar("T")


class SqlAccounts:
    """The part of SqlLog that keeps accounts."""

    async def write(self, query: Callable[[Connection], T]) -> T:
        raise NotImplementedError

    async def query(self, query: Callable[[Connection], T]) -> T:
        raise NotImplementedError

    async def add_account(self, account: AccountRow) -> bool:
        return await self.write(lambda connection: _add_account(connection, account))

    async def account(self, account_id: AccountId) -> AccountRow | None:
        return await self.query(lambda connection: _account(connection, account_id))

    async def set_title(self, account_id: AccountId, title: Title | None) -> None:
        await self.write(
            lambda connection: connection.execute("UPDATE account SET title = ? WHERE id = ?", (title, account_id))
        )

    async def add_token(self, token: TokenRow) -> None:
        await self.write(
            lambda connection: connection.execute(
                """INSERT INTO token (token_hash, account_id, scopes, created_ms) VALUES (?, ?, ?, ?)
                ON CONFLICT DO NOTHING""",
                (token.token_hash, token.account, " ".join(token.scopes), token.created_ms),
            )
        )

    async def account_by_token(self, token_hash: TokenHash) -> tuple[AccountRow, TokenRow] | None:
        return await self.query(lambda connection: _by_token(connection, token_hash))

    async def revoke(self, token_hash: TokenHash) -> bool:
        return await self.write(lambda connection: _deleted(connection, "token_hash", token_hash)) > 0

    async def revoke_all(self, account_id: AccountId) -> int:
        return await self.write(lambda connection: _deleted(connection, "account_id", account_id))

    async def games_of(
        self, player_id: PlayerId, limit: int, before_ms: int | None = None, *, only_public: bool = True
    ) -> list[FinishedGame]:
        return await self.query(
            lambda connection: queries.games_of(connection, player_id, limit, before_ms, only_public=only_public)
        )

    async def games_played(self, player_id: PlayerId) -> Sequence[tuple[str, int]]:
        return await self.query(lambda connection: _games_played(connection, player_id))


def _add_account(connection: Connection, account: AccountRow) -> bool:
    if connection.execute("SELECT 1 FROM account WHERE id = ?", (account.id,)).fetchone() is not None:
        return False
    row = connection.execute(
        """INSERT INTO account (id, name, title, created_ms) VALUES (?, ?, ?, ?)
        ON CONFLICT DO NOTHING RETURNING id""",
        (account.id, account.name, account.title, account.created_ms),
    ).fetchone()
    return row is not None


def _account(connection: Connection, account_id: AccountId) -> AccountRow | None:
    row = connection.execute(
        "SELECT id, name, title, created_ms FROM account WHERE id = ?", (account_id,)
    ).fetchone()
    return None if row is None else AccountRow(*row)


def _by_token(connection: Connection, token_hash: TokenHash) -> tuple[AccountRow, TokenRow] | None:
    row = connection.execute(
        """SELECT account.id, name, title, account.created_ms, scopes, token.created_ms
        FROM token JOIN account ON account.id = token.account_id WHERE token_hash = ?""",
        (token_hash,),
    ).fetchone()
    if row is None:
        return None
    id_, name, title, created_ms, scopes, issued_ms = row
    return AccountRow(id_, name, title, created_ms), TokenRow(token_hash, id_, tuple(scopes.split()), issued_ms)


def _deleted(connection: Connection, column: str, value: Any) -> int:
    rows = connection.execute(f"DELETE FROM token WHERE {column} = ? RETURNING token_hash", (value,))  # noqa: S608
    return len(rows.fetchall())


def _games_played(connection: Connection, player_id: PlayerId) -> list[tuple[str, int]]:
    rows = connection.execute(
        """SELECT time_control, COUNT(*) FROM game WHERE white_id = ? OR black_id = ?
        GROUP BY time_control ORDER BY time_control""",
        (player_id, player_id),
    ).fetchall()
    return [(time_control, count) for time_control, count in rows]
