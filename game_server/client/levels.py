"""The engine as an opponent for people: how strong it is at which level, and how it waits for somebody who thinks long.

There are places for so many engines. Who plays without a clock may leave for days: the engine is let go meanwhile, its
place is free for somebody else, and the next move has it come back to the first place that is free.
"""

import asyncio
import random
from dataclasses import dataclass
from typing import Final, Self

from game_server.client.engine import Engine
from game_server.client.mover import Decision
from game_server.client.seat import Turn
from game_server.engines import Places

UNHURRIED_MS: Final = 60_000    # with more than that on its clock it does not answer at once: people look up
PAUSE_S: Final = (0.2, 0.6)


@dataclass(frozen=True, slots=True)
class Strength:
    """A level: the engine's Skill Level, how deep and how long it may search, and how often it plays just any move.

    Skill, depth and time follow lichess's levels as far as Stockfish has them: its own beginners need negative skills.
    """

    skill: int
    depth: int
    move_s: float
    blunders: float = 0.0


STRENGTHS: Final = (
    Strength(0, 1, 0.05, 0.30),
    Strength(0, 2, 0.10, 0.12),
    Strength(2, 3, 0.15, 0.04),
    Strength(4, 5, 0.20),
    Strength(7, 6, 0.30),
    Strength(11, 8, 0.40),
    Strength(16, 13, 0.50),
    Strength(20, 22, 1.00),
)


class Borrowed:
    """An engine that takes up a place: in no hurry, and at low levels with moves that it did not think about.

    If it `has_place`, which its maker has taken, it starts when it is entered, else when it has to move; at the end it
    gives its place back. `rest` is to run beside its games.
    """

    def __init__(self, engine: Engine, blunders: float, places: Places, idle_s: float, *, has_place: bool) -> None:
        self.engine = engine
        self._blunders = blunders
        self._places = places
        self._idle_s = idle_s
        self._has_place = has_place
        self._is_thinking = False
        self._turns = 0
        self._asked = asyncio.Event()

    async def __aenter__(self) -> Self:
        if self._has_place:
            await self.engine.__aenter__()
        return self

    async def __aexit__(self, *exception: object) -> None:
        try:
            await self.engine.__aexit__(*exception)
        finally:
            self.give_back()

    def give_back(self) -> None:
        """Frees the place, if it has one."""
        if self._has_place:
            self._has_place = False
            self._places.give()

    async def choose(self, turn: Turn) -> Decision:
        self._is_thinking = True
        self._turns += 1
        self._asked.set()
        try:
            if not self._has_place:
                await self._places.wait_for()
                self._has_place = True
            return await self._chosen(turn)
        finally:
            self._is_thinking = False

    async def _chosen(self, turn: Turn) -> Decision:
        left_ms = turn.remaining_ms
        if left_ms is None or left_ms > UNHURRIED_MS:
            await asyncio.sleep(random.uniform(*PAUSE_S))
        if random.random() < self._blunders:
            return Decision(random.choice(turn.legal_moves))
        return await self.engine.choose(turn)

    async def rest(self) -> None:
        """Lets the engine go whenever it was not asked for `idle_s`; until cancelled."""
        while True:
            self._asked.clear()
            try:
                async with asyncio.timeout(self._idle_s):
                    await self._asked.wait()
            except TimeoutError:
                await self.let_go()

    async def let_go(self) -> None:
        """Ends the engine and frees its place until it has to move; not while it thinks."""
        if self._has_place and not self._is_thinking:
            turns = self._turns
            await self.engine.__aexit__()
            if self._turns == turns:    # else it was asked just then, and has started again
                self.give_back()
