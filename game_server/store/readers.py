"""Reading beside the writer: a few threads, each with a connection of its own while it reads."""

import asyncio
import logging
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from queue import LifoQueue
from typing import Final, TypeVar

from game_server.store.dialect import CannotOpen, Connection, Dialect, Fault
from game_server.store.log import Unavailable
from game_server.store.patience import Patience

logger = logging.getLogger(__name__)

RECONNECT_S: Final = 0.25

T = TypeVar("T")
Query = Callable[[Connection], T]


class Readers:
    """As many queries at a time as there are `connections`; the others wait their turn.

    A query that loses its connection is tried once more on a new one. While none can be made, queries are refused.
    """

    def __init__(self, dialect: Dialect, connections: Sequence[Connection], patience: Patience) -> None:
        self._dialect = dialect
        self._errors: tuple[type[Exception], ...] = (CannotOpen, *dialect.errors)
        self._patience = patience
        self._idle: LifoQueue[Connection | None] = LifoQueue()
        for connection in connections:
            self._idle.put(connection)
        self._threads = ThreadPoolExecutor(len(connections), thread_name_prefix="store-reader")
        self._connecting = threading.Lock()
        self._may_connect_s = 0.0
        self._refusal = ""

    async def query(self, query: Query[T]) -> T:
        """What `query` returns. Raises Unavailable."""
        self._patience.began()
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, self._query, query)
        finally:
            self._patience.ended()

    def _query(self, query: Query[T]) -> T:
        connection = self._idle.get()  # there is one for each thread
        try:
            if connection is None:
                connection = self._connect()
            try:
                return query(connection)
            except self._dialect.errors as error:
                fault = self._dialect.fault(error)
                if fault is Fault.LOST:
                    logger.warning("store: a reading connection is lost: %s", error)
                    connection.close()
                    connection = None
                    connection = self._connect()
                elif fault is Fault.OURS:
                    raise
                elif fault is not Fault.AGAIN:
                    raise Unavailable(str(error)) from error
            return self._second_try(query, connection)
        finally:
            self._idle.put(connection)

    def _second_try(self, query: Query[T], connection: Connection) -> T:
        try:
            return query(connection)
        except self._dialect.errors as error:
            if self._dialect.fault(error) is Fault.OURS:
                raise
            raise Unavailable(str(error)) from error

    def _connect(self) -> Connection:
        """Raises Unavailable, at once if another thread is trying or has just failed."""
        if time.monotonic() < self._may_connect_s or not self._connecting.acquire(blocking=False):
            raise Unavailable(self._refusal or "the connection to the database is lost")
        try:
            return self._dialect.connect_reader()
        except self._errors as error:
            self._may_connect_s = time.monotonic() + RECONNECT_S
            self._refusal = str(error)
            raise Unavailable(self._refusal) from error
        finally:
            self._connecting.release()

    def close(self) -> None:
        self._threads.shutdown()
        while not self._idle.empty():
            connection = self._idle.get()
            if connection is not None:
                connection.close()
