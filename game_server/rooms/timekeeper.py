"""Wakes rooms when they are due. One task a worker; rooms own none.

It decides nothing: a room that is woken too early, twice or by two workers does what is due and no more.
"""

import asyncio
import heapq
import itertools
import logging
from collections.abc import Callable
from typing import Final, Protocol

from game_server.store.log import Unavailable

logger = logging.getLogger(__name__)

RETRY_MS: Final = 500       # a room that could not act is woken again after so long
LONGEST_SLEEP_S: Final = 60.0
FAULT_PAUSE_MS: Final = 60_000


class Timed(Protocol):
    """Something that wants to be woken."""

    def due_ms(self) -> int | None: ...

    async def tick(self) -> None: ...


class Timekeeper:
    """A heap of alarms, at most one in force for each room.

    A room whose moment is put off keeps its alarm, and is asked again when that rings: a game moves its deadline with
    every move, and so costs the heap nothing. An alarm that an earlier one has replaced is void.
    """

    def __init__(self, now: Callable[[], int]) -> None:
        self._now = now
        self._alarms: list[tuple[int, int, Timed]] = []
        self._set_for: dict[Timed, int] = {}
        self._serial = itertools.count()
        self._wake = asyncio.Event()

    def watch(self, timed: Timed) -> None:
        """Wakes `timed` when it is due, as of now. To be called whenever that may have changed."""
        due_ms = timed.due_ms()
        if due_ms is not None and due_ms < self._set_for.get(timed, due_ms + 1):
            self._set(timed, due_ms)

    def _set(self, timed: Timed, at_ms: int) -> None:
        self._set_for[timed] = at_ms
        heapq.heappush(self._alarms, (at_ms, next(self._serial), timed))
        if self._alarms[0][2] is timed:
            self._wake.set()

    async def run(self) -> None:
        async with asyncio.TaskGroup() as rings:
            while True:
                await self._sleep()
                while self._alarms and self._alarms[0][0] <= self._now():
                    at_ms, _, timed = heapq.heappop(self._alarms)
                    if self._set_for.get(timed) != at_ms:
                        continue
                    del self._set_for[timed]
                    due_ms = timed.due_ms()
                    if due_ms is not None and due_ms > at_ms:
                        self._set(timed, due_ms)
                    elif due_ms is not None:
                        rings.create_task(self._ring(timed))

    async def _sleep(self) -> None:
        """Until the next alarm, or until an earlier one is set."""
        self._wake.clear()
        wait_s = LONGEST_SLEEP_S
        if self._alarms:
            wait_s = min(wait_s, (self._alarms[0][0] - self._now()) / 1_000)
        if wait_s <= 0:
            return
        try:
            async with asyncio.timeout(wait_s):
                await self._wake.wait()
        except TimeoutError:
            return

    async def _ring(self, timed: Timed) -> None:
        try:
            await timed.tick()
        except Unavailable as unavailable:
            logger.warning("%s: not woken, the store is unavailable: %s", timed, unavailable)
            self._set(timed, self._now() + RETRY_MS)
        except Exception:   # one room's fault must not stop the clocks of all others
            logger.exception("%s: could not do what was due", timed)
            self._set(timed, self._now() + FAULT_PAUSE_MS)
        else:
            due_ms = timed.due_ms()
            if due_ms is not None:
                self._set(timed, max(due_ms, self._now() + 1))
