"""Moments at which nobody was served: server downtime, a worker that died, an event loop that stood still.

That is not the players' time. Rooms pay it back before they look at their clocks (core: OutageRepaid).
"""

import asyncio
import time
from collections.abc import Callable, Iterable
from typing import Final, NamedTuple

from game_server.core.commands import NoteOutage
from game_server.store.log import EventLog

BEAT_S: Final = 0.25
CLOCK_QUESTIONS: Final = 5
STALL_MS: Final = 1_000     # an event loop that stood still for longer is an outage
ANSWERS_WITHIN_MS: Final = 1_500    # the store, asked every second


def steady_clock(not_before_ms: int) -> Callable[[], int]:
    """The present in Unix ms: the wall clock as it was at this call, plus monotonic time since.

    A step of the host's clock changes nothing. It starts at `not_before_ms` at the earliest, which is what the store
    has already seen, so that a clock set back between two lives of the server does not turn time back.
    """
    start_ms = max(time.time_ns() // 1_000_000, not_before_ms)
    began_ns = time.monotonic_ns()
    return lambda: start_ms + (time.monotonic_ns() - began_ns) // 1_000_000


async def common_clock(log: EventLog) -> Callable[[], int]:
    """The database's clock, by which all workers go: set by the quickest of a few answers, right to half its time."""
    answers: list[tuple[float, int]] = []
    loop = asyncio.get_running_loop()
    for _ in range(CLOCK_QUESTIONS):
        asked_s = loop.time()
        their_ms = await log.time_ms()
        took_s = loop.time() - asked_s
        answers.append((took_s, their_ms - round((asked_s + took_s / 2) * 1_000)))
    ahead_ms = min(answers)[1]
    return lambda: ahead_ms + round(loop.time() * 1_000)


class Outage(NamedTuple):
    """The worker `by` (empty: all there were) served nobody from `from_ms` until `until_ms`, which may be to come.

    `known_ms` is when this was noticed: until then nobody could tell that time had stopped.
    """

    from_ms: int
    until_ms: int
    by: str = ""
    known_ms: int = 0


class Outages:
    """The outages known to this worker, `worker`, and the present, at whose every reading a new one is noticed."""

    def __init__(self, now: Callable[[], int], worker: str = "") -> None:
        self.worker = worker
        self._now = now
        self._known: list[Outage] = []
        self._beat_ms = now()
        self._stored_ms: int | None = None
        self._down_ms: int | None = None

    @property
    def count(self) -> int:
        return len(self._known)

    def __getitem__(self, index: int) -> Outage:
        return self._known[index]

    def since(self, index: int) -> list[Outage]:
        """All but the first `index` outages."""
        return self._known[index:]

    def add(self, outage: Outage) -> None:
        self._known.append(outage)

    def now(self) -> int:
        """The present, Unix ms. If `beat` is overdue, the time since the last one was an outage."""
        now_ms = self._now()
        if now_ms - self._beat_ms > STALL_MS + BEAT_S * 1_000:
            self.add(Outage(self._beat_ms, now_ms, self.worker))
            self._beat_ms = now_ms
        return now_ms

    # A store that cannot be written serves nobody either

    @property
    def is_down(self) -> bool:
        """The store could not be reached when last tried: `note_stored` must come before anything is said to be due."""
        return self._down_ms is not None

    def alive_ms(self) -> int:
        """The latest moment at which this worker could serve: now, unless the store has not answered for long."""
        now_ms = self._now()
        stored_ms = now_ms if self._stored_ms is None else self._stored_ms
        return now_ms if now_ms - stored_ms <= ANSWERS_WITHIN_MS else stored_ms

    def note_unavailable(self) -> None:
        """The store could not be written."""
        if self._down_ms is None:
            self._down_ms = self._now() if self._stored_ms is None else self._stored_ms

    def note_stored(self) -> None:
        """The store can be written. If it could not for more than a moment, that was an outage."""
        now_ms = self.now()
        if self._down_ms is not None and now_ms - self._down_ms > STALL_MS:
            self.add(Outage(self._down_ms, now_ms, self.worker))
        self._down_ms, self._stored_ms = None, now_ms

    def beat(self) -> None:
        """To be called every BEAT_S by a task of the worker: the loop is alive."""
        self._beat_ms = self.now()


def together(outages: Iterable[NoteOutage | Outage], after_ms: int) -> NoteOutage | None:
    """One outage that lasted as long as all of these after `after_ms`, and ended with the last; None if none did.

    So that a room in which time is counted since `after_ms` is repaid in one go: after a repayment core counts only
    what came later. Of outages that overlap each moment counts once.
    """
    lost_ms, done_ms = 0, after_ms
    for outage in sorted(outages, key=lambda outage: outage.from_ms):
        lost_ms += max(0, outage.until_ms - max(outage.from_ms, done_ms))
        done_ms = max(done_ms, outage.until_ms)
    return NoteOutage(done_ms - lost_ms, done_ms) if lost_ms else None
