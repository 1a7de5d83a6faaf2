"""Moments at which nobody was served: server downtime, and an event loop that stood still.

That is not the players' time. Rooms pay it back before they look at their clocks (core: OutageRepaid).
"""

import time
from collections.abc import Callable, Iterable
from typing import Final

from game_server.core.commands import NoteOutage

BEAT_S: Final = 0.25
STALL_MS: Final = 1_000     # an event loop that stood still for longer is an outage


def steady_clock(not_before_ms: int) -> Callable[[], int]:
    """The present in Unix ms: the wall clock as it was at this call, plus monotonic time since.

    A step of the host's clock changes nothing. It starts at `not_before_ms` at the earliest, which is what the store
    has already seen, so that a clock set back between two lives of the server does not turn time back.
    """
    start_ms = max(time.time_ns() // 1_000_000, not_before_ms)
    began_ns = time.monotonic_ns()
    return lambda: start_ms + (time.monotonic_ns() - began_ns) // 1_000_000


class Outages:
    """The outages of this worker's life so far, and the present, at whose every reading a new one is noticed."""

    def __init__(self, now: Callable[[], int]) -> None:
        self._now = now
        self._known: list[NoteOutage] = []
        self._beat_ms = now()

    @property
    def count(self) -> int:
        return len(self._known)

    def __getitem__(self, index: int) -> NoteOutage:
        return self._known[index]

    def since(self, index: int) -> list[NoteOutage]:
        """All but the first `index` outages."""
        return self._known[index:]

    def now(self) -> int:
        """The present, Unix ms. If `beat` is overdue, the time since the last one was an outage."""
        now_ms = self._now()
        if now_ms - self._beat_ms > STALL_MS + BEAT_S * 1_000:
            self._known.append(NoteOutage(self._beat_ms, now_ms))
            self._beat_ms = now_ms
        return now_ms

    def beat(self) -> None:
        """To be called every BEAT_S by a task of the worker: the loop is alive."""
        self._beat_ms = self.now()


def together(outages: Iterable[NoteOutage], after_ms: int) -> NoteOutage | None:
    """One outage that lasted as long as all of these after `after_ms`, and ended with the last; None if none did.

    So that a room whose latest event was at `after_ms` is repaid in one go: a repayment is an event itself, after which
    core counts only what came later. Of outages that overlap each moment counts once.
    """
    lost_ms, done_ms = 0, after_ms
    for outage in sorted(outages, key=lambda outage: outage.from_ms):
        lost_ms += max(0, outage.until_ms - max(outage.from_ms, done_ms))
        done_ms = max(done_ms, outage.until_ms)
    return NoteOutage(done_ms - lost_ms, done_ms) if lost_ms else None
