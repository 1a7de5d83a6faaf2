"""Moments at which nobody was served: server downtime, and an event loop that stood still.

That is not the players' time. Rooms pay it back before they look at their clocks (core: OutageRepaid).
"""

from collections.abc import Callable
from typing import Final

from game_server.core.commands import NoteOutage

BEAT_S: Final = 0.25
STALL_MS: Final = 1_000     # an event loop that stood still for longer is an outage


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
