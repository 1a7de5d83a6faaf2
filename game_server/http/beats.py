"""Keep-alives of streams: one timer for all that have the same interval. One for each is 650 bytes a stream."""

import asyncio
from typing import Final, Protocol

PARTS: Final = 60       # of an interval: so many groups of streams have their turn one after the other


class Beating(Protocol):
    def beat(self) -> None:
        """To be called once in an interval. Must not wait."""


class Beats:
    """Calls everybody who has joined every `every_s`, for the first time after that less at most a PARTS-th of it."""

    def __init__(self, every_s: float) -> None:
        self._step_s = every_s / PARTS
        self._groups: list[set[Beating]] = [set() for _ in range(PARTS)]
        self._turn = 0
        self._is_running = False

    def join(self, stream: Beating) -> int:
        """The place to `leave` from."""
        self._groups[self._turn].add(stream)
        if not self._is_running:
            self._is_running = True
            asyncio.get_running_loop().call_later(self._step_s, self._go_on)
        return self._turn

    def leave(self, stream: Beating, place: int) -> None:
        self._groups[place].discard(stream)

    def _go_on(self) -> None:
        self._is_running = any(self._groups)
        if not self._is_running:
            return
        loop = asyncio.get_running_loop()
        loop.call_later(self._step_s, self._go_on)
        self._turn = (self._turn + 1) % PARTS
        for stream in self._groups[self._turn]:
            loop.call_soon(stream.beat)
