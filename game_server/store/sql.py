"""The log in an SQL database, and the queries beside it, whatever the database (see Dialect).

Appends go through one thread with group commit (writer), reads through another with its own connection; the event loop
only waits.
"""

import asyncio
import logging
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, TypeVar, cast

from game_server.core.ids import GameId
from game_server.store import queries
from game_server.store.accounts import SqlAccounts
from game_server.store.appends import Encoded, encoded, write_appends
from game_server.store.dialect import CannotOpen, Connection, Dialect, Fault
from game_server.store.log import Append, FinishedGame, GameQuery, History, StreamId, Unavailable, Version, WorkerId
from game_server.store.migrations import migrate
from game_server.store.patience import Patience
from game_server.store.sqlite import Sqlite, Synchronous
from game_server.store.tally import Tally
from game_server.store.writer import Writer

logger = logging.getLogger(__name__)

T = TypeVar("T")
Query = Callable[[Connection], T]
SQLITE_URL: Final = "sqlite:///"


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
    """The log at `url`: `sqlite:///tabiya.db` (relative), `sqlite:////var/lib/tabiya.db`, `sqlite:///:memory:`.

    `exclusive` False for programs that work beside a server. Raises CannotOpen, whose subclasses say why: InUse,
    NewerSchema, OlderSchema.
    """
    if not url.startswith(SQLITE_URL) or url == SQLITE_URL:
        raise CannotOpen(f"a database URL looks like {SQLITE_URL}tabiya.db; got {url!r}")
    dialect = Sqlite(url.removeprefix(SQLITE_URL), exclusive=exclusive, synchronous=synchronous)
    return await SqlLog.open(dialect, exclusive=exclusive, on_fatal=on_fatal)


class SqlLog(SqlAccounts):
    """An EventLog; its promises are written there. Must be used in the event loop it was opened in."""

    def __init__(
        self, dialect: Dialect, writing: Connection, reading: Connection | None, on_fatal: Callable[[str], None]
    ) -> None:
        self._dialect = dialect
        self._patience = Patience()
        self.tally = Tally()
        self._writer: Writer[Encoded | Query[Any]] = Writer(
            dialect, writing, self._perform, on_fatal, self._patience, self.tally
        )
        self._reading = reading
        self._reader = ThreadPoolExecutor(1, thread_name_prefix="store-reader")

    @classmethod
    async def open(
        cls, dialect: Dialect, *, exclusive: bool = True, on_fatal: Callable[[str], None] = stop_process
    ) -> "SqlLog":
        """Connects, and brings the schema up to date. Raises CannotOpen."""
        return cls(dialect, *await asyncio.to_thread(_connect, dialect, may_upgrade=exclusive), on_fatal)

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
        if self._reading is None:
            return await self.write(query)
        self._patience.began()
        try:
            return await asyncio.get_running_loop().run_in_executor(self._reader, self._query, query)
        finally:
            self._patience.ended()

    async def read(self, stream: StreamId, after: Version = 0) -> History:
        return await self.query(lambda connection: queries.history(connection, stream, after))

    async def latest(self, name: str) -> StreamId | None:
        return await self.query(lambda connection: queries.latest(connection, name))

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

    async def note_outage(self, from_ms: int, until_ms: int) -> None:
        await self.write(lambda connection: queries.note_outage(connection, from_ms, until_ms))

    async def outages(self, after_ms: int) -> list[tuple[int, int]]:
        return await self.query(lambda connection: queries.outages(connection, after_ms))

    async def ready(self) -> None:
        await self.write(queries.touch)

    async def close(self) -> None:
        await self._writer.close()
        self._patience.close()
        self._reader.shutdown()
        if self._reading is not None:
            self._reading.close()
            self._reading = None
        self._dialect.release()

    def _perform(
        self, connection: Connection, jobs: Sequence[Encoded | Query[Any]], *, is_doubtful: bool
    ) -> list[object]:
        appends = [job for job in jobs if isinstance(job, Encoded)]
        versions = iter(write_appends(connection, self._dialect, appends, is_doubtful=is_doubtful))
        return [next(versions) if isinstance(job, Encoded) else job(connection) for job in jobs]

    def _query(self, query: Query[T]) -> T:
        assert self._reading is not None
        try:
            return query(self._reading)
        except self._dialect.errors as error:
            match self._dialect.fault(error):
                case Fault.OURS:
                    raise
                case Fault.LOST:
                    self._reading.close()
                    self._reading = self._dialect.connect_reader()
            raise Unavailable(str(error)) from error


def _connect(dialect: Dialect, *, may_upgrade: bool) -> tuple[Connection, Connection | None]:
    """The writing and the reading connection to an up-to-date database; if it cannot be opened, nothing stays open."""
    writing: Connection | None = None
    errors: tuple[type[Exception], ...] = (CannotOpen, *dialect.errors)
    try:
        writing = dialect.connect()
        migrate(writing, dialect, may_upgrade=may_upgrade)
        return writing, dialect.connect_reader()
    except errors as error:
        if writing is not None:
            writing.close()
        dialect.release()
        if isinstance(error, CannotOpen):
            raise
        raise CannotOpen(f"the database cannot be opened: {error}") from error
