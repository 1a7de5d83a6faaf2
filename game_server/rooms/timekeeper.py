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
        self._alarms: list[tuple[int, int]] = []                # moment and serial number, the void ones too
        self._set_for: dict[Timed, tuple[int, int]] = {}        # the alarm in force
        self._timed: dict[int, Timed] = {}                      # whose it is, by serial number
        self._serial = itertools.count()
        self._wake = asyncio.Event()

    def watch(self, timed: Timed) -> None:
        """Wakes `timed` when it is due, as of now. To be called whenever that may have changed.

        What is not due at all is not kept here.
        """
        due_ms = timed.due_ms()
        alarm = self._set_for.get(timed)
        if due_ms is None:
            self._unset(timed)
        elif alarm is None or due_ms < alarm[0]:
            self._set(timed, due_ms)

    def _set(self, timed: Timed, at_ms: int) -> None:
        self._unset(timed)
        alarm = at_ms, next(self._serial)
        self._set_for[timed] = alarm
        self._timed[alarm[1]] = timed
        heapq.heappush(self._alarms, alarm)
        if self._alarms[0] is alarm:
            self._wake.set()

    def _unset(self, timed: Timed) -> None:
        alarm = self._set_for.pop(timed, None)
        if alarm is not None:
            del self._timed[alarm[1]]

    async def run(self) -> None:
        async with asyncio.TaskGroup() as rings:
            while True:
                await self._sleep()
                while self._alarms and self._alarms[0][0] <= self._now():
                    _, serial = heapq.heappop(self._alarms)
                    timed = self._timed.get(serial)
                    if timed is not None:
                        self._unset(timed)
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
        """Wakes `timed`, unless its moment was put off since the alarm was set, and sets its next alarm."""
        try:
            due_ms = timed.due_ms()
            if due_ms is not None and due_ms <= self._now():
                await timed.tick()
                due_ms = timed.due_ms()
            if due_ms is not None:
                self._set(timed, max(due_ms, self._now() + 1))
        except Unavailable as unavailable:
            logger.warning("%s: not woken, the store is unavailable: %s", timed, unavailable)
            self._set(timed, self._now() + RETRY_MS)
        except Exception:   # one room's fault must not stop the clocks of all others
            logger.exception("%s: could not do what was due", timed)
            self._set(timed, self._now() + FAULT_PAUSE_MS)
