"""The log in an SQL database, and the queries beside it, whatever the database (see Dialect).

Appends go through one thread with group commit (writer), reads through others with connections of their own (readers);
the event loop only waits.
"""

import asyncio
import logging
import os
from collections.abc import Callable, Collection, Sequence
from typing import Any, Final, TypeVar, cast

from game_server.core.ids import GameId
from game_server.store import queries
from game_server.store.accounts import SqlAccounts
from game_server.store.appends import Encoded, encoded, write_appends
from game_server.store.dialect import CannotOpen, Connection, Dialect
from game_server.store.log import Append, FinishedGame, GameQuery, History, Recalled, StreamId, Version, WorkerId
from game_server.store.migrations import migrate
from game_server.store.patience import Patience
from game_server.store.readers import Query, Readers
from game_server.store.sqlite import Sqlite, Synchronous
from game_server.store.tally import Tally
from game_server.store.writer import Writer

logger = logging.getLogger(__name__)

T = TypeVar("T")
SQLITE_URL: Final = "sqlite:///"
POSTGRES_URLS: Final = ("postgresql://", "postgres://")


def stop_process(reason: str) -> None:
    """Ends the process at once, without another acknowledgement: what has been answered is on the disk."""
    logger.critical("stopping: %s", reason)
    logging.shutdown()
    os._exit(os.EX_IOERR)


async def open_log(
    url: str,
    *,
    exclusive: bool = True,
    synchronous: Synchronous = "FULL",
    on_fatal: Callable[[str], None] = stop_process,
) -> "SqlLog":
    """The log at `url`: `sqlite:///tabiya.db` (relative), `sqlite:////var/lib/tabiya.db`, `sqlite:///:memory:`, or
    `postgresql://user:password@host:5432/tabiya`, on which a server waits up to 30 s.

    `exclusive` False for programs that work beside a server. Raises CannotOpen, whose subclasses say why: InUse,
    NewerSchema, OlderSchema.
    """
    dialect: Dialect
    if url.startswith(POSTGRES_URLS):
        dialect = _postgres(url, is_patient=exclusive)
    elif url.startswith(SQLITE_URL) and url != SQLITE_URL:
        dialect = Sqlite(url.removeprefix(SQLITE_URL), exclusive=exclusive, synchronous=synchronous)
    else:
        raise CannotOpen(f"a database URL looks like {SQLITE_URL}tabiya.db or {POSTGRES_URLS[0]}HOST/NAME; got {url!r}")
    return await SqlLog.open(dialect, exclusive=exclusive, on_fatal=on_fatal)


def _postgres(url: str, *, is_patient: bool) -> Dialect:
    try:
        from game_server.store.postgres import START_S, Postgres
    except ImportError as error:
        raise CannotOpen(f"PostgreSQL needs a driver: pip install 'tabiya[cluster]' ({error})") from error
    return Postgres(url, START_S if is_patient else 0)


class SqlLog(SqlAccounts):
    """An EventLog; its promises are written there. Must be used in the event loop it was opened in."""

    def __init__(
        self, dialect: Dialect, writing: Connection, reading: Sequence[Connection], on_fatal: Callable[[str], None]
    ) -> None:
        self._dialect = dialect
        self._patience = Patience()
        self.tally = Tally()
        self._writer: Writer[Encoded | Query[Any]] = Writer(
            dialect, writing, self._perform, on_fatal, self._patience, self.tally
        )
        self._readers = Readers(dialect, reading, self._patience) if reading else None

    @classmethod
    async def open(
        cls, dialect: Dialect, *, exclusive: bool = True, on_fatal: Callable[[str], None] = stop_process
    ) -> "SqlLog":
        """Connects, and brings the schema up to date. Raises CannotOpen."""
        return cls(dialect, *await asyncio.to_thread(_connect, dialect, may_upgrade=exclusive), on_fatal)

    @property
    def is_at_work(self) -> bool:
        return self._patience.is_waiting

    async def append(self, append: Append) -> Version:
        assert append.events or append.expected, "an append without events needs a stream"
        version = await self._writer.submit(encoded(append))
        for event in append.events:
            self.tally.events[type(event)] += 1
        return cast(Version, version)

    async def write(self, query: Query[T]) -> T:
        """What `query` returns, once what it wrote is durable: it shares a transaction with whatever else waits.

        `query` may be called more than once, and must have no effect but on the database.
        """
        return cast(T, await self._writer.submit(query))

    async def query(self, query: Query[T]) -> T:
        """What `query` returns; it must not write, and it sees all that was answered before."""
        return await (self._readers.query(query) if self._readers is not None else self.write(query))

    async def read(self, stream: StreamId, after: Version = 0) -> History:
        return await self.query(lambda connection: queries.history(connection, stream, after))

    async def recall(self, name: str) -> Recalled | None:
        return await self.query(lambda connection: queries.recall(connection, name))

    async def openings(self, streams: Collection[StreamId]) -> dict[StreamId, Any]:
        return await self.query(lambda connection: queries.openings(connection, streams))

    async def heads(self, names: Sequence[str]) -> dict[str, tuple[StreamId, Version]]:
        return await self.query(lambda connection: queries.heads(connection, names))

    async def overdue(self, now_ms: int, limit: int) -> list[StreamId]:
        return await self.query(lambda connection: queries.overdue(connection, now_ms, limit))

    async def public_streams(self, limit: int) -> list[StreamId]:
        return await self.query(lambda connection: queries.public_streams(connection, limit))

    async def finished_game(self, game_id: GameId) -> FinishedGame | None:
        return await self.query(lambda connection: queries.finished_game(connection, game_id))

    async def finished_games(self, query: GameQuery) -> list[FinishedGame]:
        return await self.query(lambda connection: queries.finished_games(connection, query))

    async def renew(self, worker: WorkerId, now_ms: int) -> None:
        await self.write(lambda connection: queries.renew(connection, worker, now_ms))

    async def last_alive(self) -> int | None:
        return await self.query(queries.last_alive)

    async def alive_after(self, after_ms: int) -> dict[WorkerId, int]:
        return await self.query(lambda connection: queries.alive_after(connection, after_ms))

    async def time_ms(self) -> int:
        statement = f"SELECT {self._dialect.time_ms}"
        return await self.query(lambda connection: int(connection.execute(statement).fetchone()[0]))

    async def note_outage(self, from_ms: int, until_ms: int) -> None:
        await self.write(lambda connection: queries.note_outage(connection, from_ms, until_ms))

    async def ready(self) -> None:
        await self.write(lambda connection: connection.execute(self._dialect.touch))

    async def close(self) -> None:
        await self._writer.close()
        self._patience.close()
        if self._readers is not None:
            self._readers.close()
        self._dialect.release()

    def _perform(
        self, connection: Connection, jobs: Sequence[Encoded | Query[Any]], *, is_doubtful: bool
    ) -> list[object]:
        appends = [job for job in jobs if isinstance(job, Encoded)]
        versions = iter(write_appends(connection, self._dialect, appends, is_doubtful=is_doubtful))
        return [next(versions) if isinstance(job, Encoded) else job(connection) for job in jobs]


def _connect(dialect: Dialect, *, may_upgrade: bool) -> tuple[Connection, Sequence[Connection]]:
    """The writing and the reading connections to an up-to-date database; if it cannot be opened, nothing stays open."""
    connections: list[Connection] = []
    errors: tuple[type[Exception], ...] = (CannotOpen, *dialect.errors)
    try:
        connections.append(dialect.connect())
        migrate(connections[0], dialect, may_upgrade=may_upgrade)
        connections += (dialect.connect_reader() for _ in range(dialect.readers))
        return connections[0], connections[1:]
    except errors as error:
        for connection in connections:
            connection.close()
        dialect.release()
        if isinstance(error, CannotOpen):
            raise
        raise CannotOpen(f"the database cannot be opened: {error}") from error
