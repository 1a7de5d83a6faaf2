"""Serves every listener of every room that has something new, in one task.

Players come first and spectators in slices, so that a table with a thousand spectators does not hold up the others.
Measured (README, Decisions): cheaper a delivery than a task for each connection, and nobody waits for a slow reader.
"""

import asyncio
import time
from collections.abc import Callable, Collection, Iterable
from typing import Final, Protocol

from game_server.measures import FAST_S, Histogram
from game_server.rooms.feed import Feed, pushed

SLICE: Final = 32       # spectators served before other rooms' players have their turn
TURNS: Final = 3        # of the loop between slices: so many take what a socket has brought until it is being stored
HOLD_S: Final = 0.003   # so long at most spectators wait for the store each time
LATE_S: Final = 0.05    # and not at all once any have waited so long for their news


class Audience(Protocol):
    """A room's listeners."""

    @property
    def players(self) -> Iterable[Feed]: ...

    @property
    def spectators(self) -> Collection[Feed]: ...


class Pump:
    """Rooms with news wait here; `run` serves them until it is cancelled.

    While the store `is_at_work`, a slice of spectators waits until there is other news, or for HOLD_S: the store's
    thread would have to wait for the interpreter at each of its steps, and players wait for the store.

    `players_s` and `spectators_s` have how long it took from the oldest news until the last of them was served.
    """

    def __init__(self, is_at_work: Callable[[], bool] = lambda: False) -> None:
        self._is_at_work = is_at_work
        self._fresh: dict[Audience, None] = {}                  # players not yet served, in order of arrival
        self._rest: dict[Audience, list[Feed]] = {}             # spectators still to be served in this round
        self._again: set[Audience] = set()                      # and in another one: there was news meanwhile
        self._wake = asyncio.Event()
        self._news_s = 0.0                                      # when the oldest of `_fresh` came
        self._rest_s: dict[Audience, float] = {}
        self.players_s = Histogram(FAST_S)
        self.spectators_s = Histogram(FAST_S)

    def add(self, audience: Audience) -> None:
        """Notes that `audience` has something new to hear. Costs next to nothing; may be called again and again."""
        if not self._fresh:
            self._news_s = time.perf_counter()
        self._fresh[audience] = None
        self._wake.set()

    async def run(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._fresh or self._rest:
                await self._serve_players()
                if self._rest and self._is_at_work() and not self._is_late:
                    await self._hold()
                await self._serve_slice()
                for _ in range(TURNS if self._rest else 0):
                    await asyncio.sleep(0)
                    await self._serve_players()

    @property
    def _is_late(self) -> bool:
        return time.perf_counter() - next(iter(self._rest_s.values())) > LATE_S      # the oldest round comes first

    async def _hold(self) -> None:
        """Waits until there is any news, or for HOLD_S, and serves players."""
        self._wake.clear()
        timer = asyncio.get_running_loop().call_later(HOLD_S, self._wake.set)
        await self._wake.wait()
        timer.cancel()
        await self._serve_players()

    async def _serve_players(self) -> None:
        if not self._fresh:
            return
        news_s = self._news_s
        while self._fresh:
            audience = next(iter(self._fresh))
            del self._fresh[audience]
            for feed in pushed(tuple(audience.players)):
                await feed.advance()
            if audience in self._rest:
                self._again.add(audience)
            elif audience.spectators:
                self._rest[audience] = list(audience.spectators)
                self._rest_s[audience] = news_s
        self.players_s.observe(time.perf_counter() - news_s)

    async def _serve_slice(self) -> None:
        """Serves SLICE spectators, of as many rooms as it takes."""
        left = SLICE
        while self._rest and left > 0:
            audience, waiting = next(iter(self._rest.items()))
            served = waiting[-left:]
            del waiting[-left:]
            left -= max(1, len(served))
            for feed in pushed(served):
                await feed.advance()
            if not waiting:
                self._end_round(audience)

    def _end_round(self, audience: Audience) -> None:
        """All of `audience` have been served; whoever came early may have missed what came later."""
        del self._rest[audience]
        now_s = time.perf_counter()
        self.spectators_s.observe(now_s - self._rest_s.pop(audience))
        if audience in self._again:
            self._again.discard(audience)
            self._rest[audience], self._rest_s[audience] = list(audience.spectators), now_s
