"""Group commit: one thread takes what waits, writes it in one transaction, and answers each job for itself.

There is no timer: while one batch is being committed the next one gathers. A batch that fails is tried again job by
job, so that the one at fault spoils nothing for the others. Nothing is answered before its commit.
"""

import asyncio
import logging
import threading
import time
from collections.abc import Callable, Sequence
from queue import Empty, SimpleQueue
from typing import Final, Generic, Protocol, TypeVar

from game_server.store.dialect import CannotOpen, Connection, Dialect, Fault
from game_server.store.log import Unavailable
from game_server.store.patience import Patience
from game_server.store.tally import Tally

logger = logging.getLogger(__name__)

MAX_BATCH: Final = 512
RECONNECT_S: Final = 0.25

Job = TypeVar("Job")
Job_contra = TypeVar("Job_contra", contravariant=True)


class Perform(Protocol[Job_contra]):
    def __call__(self, connection: Connection, jobs: Sequence[Job_contra], *, is_doubtful: bool) -> Sequence[object]:
        """What came of each of `jobs`, in their order; an Exception among them is raised to who submitted the job.

        Runs inside a transaction. `is_doubtful`: these jobs may have been carried out before.
        """


class Writer(Generic[Job]):
    """The only thread that writes to `connection`. It must be created and used in one event loop.

    `on_fatal` is called, in the writer's thread, with the reason why nothing can be stored any more; it should end the
    process. If it returns, everything that waits or comes later is answered with Unavailable.
    """

    def __init__(
        self,
        dialect: Dialect,
        connection: Connection,
        perform: Perform[Job],
        on_fatal: Callable[[str], None],
        patience: Patience,
        tally: Tally | None = None,
    ) -> None:
        self._dialect = dialect
        self._connecting_errors: tuple[type[Exception], ...] = (CannotOpen, *dialect.errors)
        self._connection = connection
        self._perform = perform
        self._on_fatal = on_fatal
        self._patience = patience
        self._tally = tally or Tally()
        self._trouble: str | None = None  # why nothing can be written now; set by the thread alone
        self._is_broken = False  # and never will be
        self._is_closing = False
        self._waiting: SimpleQueue[tuple[Job, asyncio.Future[object]] | None] = SimpleQueue()
        self._loop = asyncio.get_running_loop()
        self._closed = self._loop.create_future()
        self._thread = threading.Thread(target=self._run, name="store-writer", daemon=True)
        self._thread.start()

    def submit(self, job: Job) -> asyncio.Future[object]:
        """What will come of `job`, once it is durable. Raises Unavailable, or has it raised."""
        if self._is_closing or self._trouble is not None:
            raise Unavailable(self._trouble or "the store is closed")
        future: asyncio.Future[object] = self._loop.create_future()
        self._waiting.put((job, future))
        self._patience.began()
        return future

    async def close(self) -> None:
        """Writes what was accepted, then closes the connection. May be called twice."""
        if not self._is_closing:
            self._is_closing = True
            self._waiting.put(None)
        await asyncio.shield(self._closed)
        self._thread.join()

    def _run(self) -> None:
        while batch := self._next_batch():
            jobs = [job for job, _ in batch]
            outcomes = self._outcomes(jobs)
            self._answer_in_loop([future for _, future in batch], outcomes)
        self._connection.close()
        self._answer_in_loop([self._closed], [None])

    def _answer_in_loop(self, futures: list[asyncio.Future[object]], outcomes: Sequence[object]) -> None:
        try:
            self._loop.call_soon_threadsafe(self._answer, futures, outcomes)
        except RuntimeError:  # the loop has gone, and with it everybody who waits
            logger.warning("store: %d answers came after the end of the event loop", len(futures))

    def _answer(self, futures: list[asyncio.Future[object]], outcomes: Sequence[object]) -> None:
        self._patience.ended(len(futures))
        for future, outcome in zip(futures, outcomes, strict=True):
            if future.done():  # cancelled: nobody waits for it any more
                continue
            if isinstance(outcome, Exception):
                future.set_exception(outcome)
            else:
                future.set_result(outcome)

    def _next_batch(self) -> list[tuple[Job, asyncio.Future[object]]]:
        """The first waiting job and what else has gathered; empty only after `close`."""
        batch = []
        try:
            item = self._waiting.get()
            while item is not None:
                batch.append(item)
                if len(batch) == MAX_BATCH:
                    return batch
                item = self._waiting.get_nowait()
            self._waiting.put(None)  # nothing follows it: the next round finds it first
        except Empty:
            return batch
        return batch

    def _outcomes(self, jobs: Sequence[Job]) -> Sequence[object]:
        is_doubtful = False
        while not self._is_broken:
            try:
                return self._transact(jobs, is_doubtful=is_doubtful)
            except Exception as error:  # noqa: BLE001 - it is raised to who submitted the job
                match self._fault(error):
                    case Fault.UNAVAILABLE:
                        return [Unavailable(str(error)) for _ in jobs]
                    case Fault.FATAL:
                        self._give_up(f"the database cannot be written any more: {error!r}")
                    case Fault.LOST:
                        is_doubtful = True
                        self._reconnect()
                    case Fault.OURS if len(jobs) == 1:
                        return [error]
                    case Fault.OURS:
                        logger.warning("store: a batch of %d is tried again one by one: %r", len(jobs), error)
                        return [outcome for job in jobs for outcome in self._outcomes([job])]
        return [Unavailable(self._trouble or "") for _ in jobs]

    def _transact(self, jobs: Sequence[Job], *, is_doubtful: bool) -> Sequence[object]:
        began_s = time.perf_counter()
        self._connection.execute(self._dialect.begin)
        outcomes = self._perform(self._connection, jobs, is_doubtful=is_doubtful)
        self._connection.commit()
        self._tally.committed(len(jobs), time.perf_counter() - began_s)
        return outcomes

    def _fault(self, error: Exception) -> Fault:
        """What `error` means, after the transaction it was raised in has been undone."""
        fault = self._dialect.fault(error) if isinstance(error, self._dialect.errors) else Fault.OURS
        if fault in (Fault.UNAVAILABLE, Fault.OURS):
            try:
                self._connection.rollback()
            except self._dialect.errors as second:
                logger.warning("store: the rollback after %r failed: %r", error, second)
                return Fault.LOST if self._dialect.fault(second) is Fault.LOST else Fault.FATAL
        return fault

    def _reconnect(self) -> None:
        """Connects again, however long it takes; what is submitted meanwhile is refused. At shutdown, gives up."""
        self._trouble = "the connection to the database is lost"
        logger.error("store: %s", self._trouble)
        while not self._is_closing:
            try:
                self._connection.close()
                self._connection = self._dialect.connect()
            except self._connecting_errors as error:
                logger.warning("store: cannot connect yet: %r", error)
                time.sleep(RECONNECT_S)
            else:
                self._trouble = None
                return
        self._is_broken = True

    def _give_up(self, reason: str) -> None:
        self._trouble, self._is_broken = reason, True
        logger.critical("store: %s", reason)
        self._on_fatal(reason)
