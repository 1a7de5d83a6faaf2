"""The bus of one process. A worker on its own pays nothing for it; several that share an Exchange, as in tests, hear
each other at once.
"""

import asyncio
import secrets
from collections.abc import Callable

from game_server.bus.bus import LOBBY, Attendance, Ears, Hint, Seen
from game_server.bus.roll import Roll, interested


class Exchange:
    """What connects several LocalBus. `is_cut`: nothing arrives, as if what is between machines had failed."""

    def __init__(self, now: Callable[[], int]) -> None:
        self.now = now
        self.members: dict[str, LocalBus] = {}
        self.is_cut = False
        self.mended_ms = now()

    def cut(self) -> None:
        self.is_cut = True

    def mend(self) -> None:
        """All hear again, and hear what stands; hints that were lost stay lost."""
        self.is_cut, self.mended_ms = False, self.now()
        for bus in self.members.values():
            bus.repeat()


class LocalBus:
    """A Bus; its promises are written there."""

    def __init__(self, exchange: Exchange | None = None, worker: str | None = None) -> None:
        self.ears = Ears()
        self._worker = worker or secrets.token_hex(8)
        self._exchange = exchange
        self._roll = Roll()
        self._told: dict[str, Attendance] = {}
        self._number = 0
        self._has_left = False
        if exchange is not None:
            exchange.members[self._worker] = self
            for bus in exchange.members.values():
                bus.repeat()

    @property
    def worker(self) -> str:
        return self._worker

    @property
    def is_alone(self) -> bool:
        return self._exchange is None

    def _others(self) -> "list[LocalBus]":
        if self._exchange is None or self._exchange.is_cut or self._has_left:
            return []
        return [bus for bus in self._exchange.members.values() if bus is not self]

    def tell(self, hint: Hint) -> None:
        if self._exchange is None:
            return
        wanted = interested(self.elsewhere(hint.name), self.elsewhere(LOBBY) if hint.is_public else ())
        for bus in self._others():
            if bus.worker in wanted:
                bus.ears.hint(hint)

    def attend(self, name: str, attendance: Attendance) -> None:
        if self._exchange is None or self._told.get(name, Attendance()) == attendance:
            return
        self._told[name] = attendance
        if attendance == Attendance():
            del self._told[name]
        self._number += 1
        self.repeat()

    def repeat(self) -> None:
        """Says all that stands, and that this worker lives."""
        for bus in self._others():
            assert self._exchange is not None
            bus.hear(self._worker, self._number, self._exchange.now(), dict(self._told))

    def hear(self, worker: str, number: int, now_ms: int, told: dict[str, Attendance]) -> None:
        self._roll.beat(worker, number, now_ms)
        for name in self._roll.replace(worker, number, told):
            self.ears.attendance(name)

    def elsewhere(self, name: str) -> list[Seen]:
        return self._roll.elsewhere(name)

    def attended(self, worker: str) -> list[tuple[str, Attendance]]:
        return self._roll.attended(worker)

    def names(self, prefix: str) -> list[str]:
        return self._roll.names(prefix)

    def alive_ms(self, worker: str) -> int:
        return self._roll.alive_ms(worker)

    def vouch(self, worker: str, alive_ms: int) -> None:
        self._roll.vouch(worker, alive_ms)

    def workers(self) -> list[str]:
        return self._roll.workers

    def forget(self, worker: str) -> None:
        for name in self._roll.drop(worker):
            self.ears.attendance(name)

    def sighted_ms(self) -> int | None:
        if self._exchange is None:
            return 0
        return None if self._exchange.is_cut else self._exchange.mended_ms

    async def run(self) -> None:
        await asyncio.Event().wait()

    async def leave(self) -> None:
        for bus in self._others():
            assert self._exchange is not None
            bus.ears.end(self._worker, self._exchange.now())
            bus.forget(self._worker)
        self.vanish()

    def vanish(self) -> None:
        """Is not heard any more, without a word: what `kill -9` does."""
        self._has_left = True
        if self._exchange is not None:
            self._exchange.members.pop(self._worker, None)
