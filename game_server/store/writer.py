"""Group commit: one thread writes what was submitted in one transaction, and answers each job for itself.

There is no timer: a batch is all that the event loop submits in a turn, or while the batch before is being committed.
Between the loop and the thread there are so two hand-overs a batch, not two a job: each may cost a fight for the
interpreter's lock. A batch that fails is tried again job by job, so that the one at fault spoils nothing for the
others. Nothing is answered before its commit.
"""

import asyncio
import logging
import random
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from queue import SimpleQueue
from typing import Final, Generic, Protocol, TypeVar, TypeVarTuple

from game_server.store.dialect import CannotOpen, Connection, Dialect, Fault
from game_server.store.log import Unavailable
from game_server.store.patience import Patience
from game_server.store.tally import Tally

logger = logging.getLogger(__name__)

MAX_BATCH: Final = 512
SHORTEST_PAUSE_S: Final = 0.05
LONGEST_PAUSE_S: Final = 1.0
LOST: Final = "the connection to the database is lost"

Job = TypeVar("Job")
Submitted = tuple[Job, asyncio.Future[object]]
Arguments = TypeVarTuple("Arguments")
Job_contra = TypeVar("Job_contra", contravariant=True)


def _pauses() -> Iterator[float]:
    """Each longer than the one before, and no two servers' the same."""
    pause_s = SHORTEST_PAUSE_S
    while True:
        yield pause_s * random.uniform(0.5, 1)
        pause_s = min(2 * pause_s, LONGEST_PAUSE_S)


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
        self._closing = threading.Event()
        self._waiting: list[Submitted[Job]] = []
        self._is_busy = False  # a batch is with the thread, or will be at the end of the loop's turn
        self._batches: SimpleQueue[list[Submitted[Job]]] = SimpleQueue()
        self._loop = asyncio.get_running_loop()
        self._closed = self._loop.create_future()
        self._thread = threading.Thread(target=self._run, name="store-writer", daemon=True)
        self._thread.start()

    def submit(self, job: Job) -> asyncio.Future[object]:
        """What will come of `job`, once it is durable. Raises Unavailable, or has it raised."""
        if self._closing.is_set() or self._trouble is not None:
            raise Unavailable(self._trouble or "the store is closed")
        future: asyncio.Future[object] = self._loop.create_future()
        self._waiting.append((job, future))
        self._go_on()
        self._patience.began()
        return future

    async def close(self) -> None:
        """Writes what was accepted, then closes the connection. May be called twice."""
        if not self._closing.is_set():
            self._closing.set()
            self._go_on()
        await asyncio.shield(self._closed)
        self._thread.join()

    def _go_on(self) -> None:
        if not self._is_busy and (self._waiting or self._closing.is_set()):
            self._is_busy = True
            self._loop.call_soon(self._hand_over)

    def _hand_over(self) -> None:
        """Gives the thread the next batch; an empty one is the last."""
        batch, self._waiting = self._waiting[:MAX_BATCH], self._waiting[MAX_BATCH:]
        self._batches.put(batch)

    def _run(self) -> None:
        while batch := self._batches.get():
            jobs = [job for job, _ in batch]
            outcomes = self._outcomes(jobs)
            self._in_loop(self._answer, [future for _, future in batch], outcomes)
        self._connection.close()
        self._in_loop(self._closed.set_result, None)

    def _in_loop(self, call: Callable[[*Arguments], object], *arguments: *Arguments) -> None:
        try:
            self._loop.call_soon_threadsafe(call, *arguments)
        except RuntimeError:  # the loop has gone, and with it everybody who waits
            logger.warning("store: an answer came after the end of the event loop")

    def _answer(self, futures: list[asyncio.Future[object]], outcomes: Sequence[object]) -> None:
        self._is_busy = False
        self._go_on()
        self._patience.ended(len(futures))
        for future, outcome in zip(futures, outcomes, strict=True):
            if future.done():  # cancelled: nobody waits for it any more
                continue
            if isinstance(outcome, Exception):
                future.set_exception(outcome)
            else:
                future.set_result(outcome)

    def _refuse_untried(self) -> None:
        """Answers what the thread has not been given: there is no telling how long the trouble lasts.

        The thread asks for it before it answers the batch that it has, so that no hand-over is under way meanwhile.
        """
        untried, self._waiting = self._waiting, []
        self._patience.ended(len(untried))
        for _, future in untried:
            if not future.done():
                future.set_exception(Unavailable(self._trouble or LOST))

    def _outcomes(self, jobs: Sequence[Job], *, is_doubtful: bool = False) -> Sequence[object]:
        """What came of `jobs`. Once they are doubtful nobody is told anything until it is certain."""
        pauses = _pauses()
        while not self._is_broken:
            try:
                return self._transact(jobs, is_doubtful=is_doubtful)
            except Exception as error:  # noqa: BLE001 - it is raised to who submitted the job
                match self._fault(error):
                    case Fault.UNAVAILABLE if is_doubtful:
                        self._wait(f"what was being written is not certain yet: {error}", next(pauses))
                    case Fault.UNAVAILABLE:
                        return [Unavailable(str(error)) for _ in jobs]
                    case Fault.FATAL:
                        self._give_up(f"the database cannot be written any more: {error!r}")
                    case Fault.LOST:
                        is_doubtful = True
                        self._reconnect(error)
                    case Fault.AGAIN:  # at most one of two that clash is told so: the other one gets on
                        logger.warning("store: a batch of %d is tried again: %s", len(jobs), error)
                    case Fault.OURS if len(jobs) == 1:
                        return [error]
                    case Fault.OURS:
                        logger.warning("store: a batch of %d is tried again one by one: %r", len(jobs), error)
                        each = [self._outcomes([job], is_doubtful=is_doubtful) for job in jobs]
                        return [outcome for outcomes in each for outcome in outcomes]
        return [Unavailable(self._trouble or "") for _ in jobs]

    def _transact(self, jobs: Sequence[Job], *, is_doubtful: bool) -> Sequence[object]:
        began_s = time.perf_counter()
        self._connection.execute(self._dialect.begin)
        outcomes = self._perform(self._connection, jobs, is_doubtful=is_doubtful)
        self._connection.commit()
        self._trouble = None
        self._tally.committed(len(jobs), time.perf_counter() - began_s)
        return outcomes

    def _fault(self, error: Exception) -> Fault:
        """What `error` means, after the transaction it was raised in has been undone."""
        fault = self._dialect.fault(error) if isinstance(error, self._dialect.errors) else Fault.OURS
        if fault in (Fault.UNAVAILABLE, Fault.AGAIN, Fault.OURS):
            try:
                self._connection.rollback()
            except self._dialect.errors as second:
                logger.warning("store: the rollback after %r failed: %r", error, second)
                return Fault.LOST if self._dialect.fault(second) is Fault.LOST else Fault.FATAL
        return fault

    def _reconnect(self, error: Exception) -> None:
        """Connects again, however long it takes; what is submitted meanwhile is refused. At shutdown, gives up."""
        self._trouble = LOST
        self._in_loop(self._refuse_untried)
        logger.error("store: %s: %s", LOST, error)
        lost_s, pauses = time.monotonic(), _pauses()
        while not self._is_broken:
            try:
                self._connection.close()
                self._connection = self._dialect.connect()
            except self._connecting_errors as error:
                self._wait(f"{LOST}: {error}", next(pauses))
            else:
                logger.warning("store: connected again after %.1f s", time.monotonic() - lost_s)
                self._trouble = None
                return

    def _wait(self, trouble: str, pause_s: float) -> None:
        """Meanwhile whatever is submitted is refused, with the reason. At shutdown nothing can be stored any more."""
        self._trouble = trouble
        self._in_loop(self._refuse_untried)
        logger.warning("store: %s", trouble)
        if self._closing.wait(pause_s):
            self._is_broken = True

    def _give_up(self, reason: str) -> None:
        self._trouble, self._is_broken = reason, True
        logger.critical("store: %s", reason)
        self._on_fatal(reason)
