"""Keeps a busy event loop from starving the threads that work for it.

CPython makes the running thread hand over the interpreter's lock only if it was held for a whole switch interval.
A busy loop lets go of it at every turn, for microseconds, and has it back before a waiting thread has woken up: as long
as the loop is never idle and its turns are shorter than the interval, a commit of 50 appends may wait for seconds
(tried: over 10, with CPython's own interval of 5 ms). A commit needs the lock a dozen times, so half a millisecond is
usual here: that costs an append nothing that could be measured. With an interval of 20 µs a commit takes 5 ms; but kept
up all the time, that costs a quarter more CPU an append. So it is shortened only when work has stood still for a while.
"""

import asyncio
import sys
from typing import Final

PATIENCE_S: Final = 0.01  # a slow disk looks like starving, and is no reason to worry: nobody then waits for the lock
INSISTENT_FOR_S: Final = 1.0
INSISTENT_INTERVAL_S: Final = 0.000_02
USUAL_INTERVAL_S: Final = 0.000_5
PYTHONS_INTERVAL_S: Final = sys.getswitchinterval()


class Patience:
    """Counts the work that threads do for the event loop it is made in, and insists when none gets done."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._begun = self._ended = 0
        self._insistent_until_s = 0.0
        self._watch: asyncio.TimerHandle | None = None
        sys.setswitchinterval(USUAL_INTERVAL_S)

    @property
    def is_waiting(self) -> bool:
        """Whether some of the work is not done yet."""
        return self._begun > self._ended

    def began(self) -> None:
        self._begun += 1
        if self._watch is None:
            self._watch = self._loop.call_later(PATIENCE_S, self._look, self._ended)

    def ended(self, count: int = 1) -> None:
        self._ended += count

    def close(self) -> None:
        self._ended = self._begun
        if self._watch is not None:
            self._watch.cancel()
            self._watch = None
        sys.setswitchinterval(PYTHONS_INTERVAL_S)

    def _look(self, ended_before: int) -> None:
        is_waiting, now_s = self.is_waiting, self._loop.time()
        if is_waiting and self._ended == ended_before:
            self._insistent_until_s = now_s + INSISTENT_FOR_S
            sys.setswitchinterval(INSISTENT_INTERVAL_S)
        is_insistent = now_s < self._insistent_until_s
        if not is_insistent:
            sys.setswitchinterval(USUAL_INTERVAL_S)
        self._watch = self._loop.call_later(PATIENCE_S, self._look, self._ended) if is_waiting or is_insistent else None
