"""Real servers, and honest games on them whose delays are measured while something bad happens beside them.

Players and spectators are the bench's: bare, so that this process spends its time on what it measures.
"""

import asyncio
import statistics
import tempfile
from array import array
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from game_server.bench.connection import Target
from game_server.bench.games import random_games
from game_server.bench.listeners import Spectator
from game_server.bench.runs import percentile_ms
from game_server.bench.sockets import EventStream, WebSocket
from game_server.bench.tables import Doors, Manner, Table
from game_server.bench.tally import Score
from tests.system.process import Server

P99_MS: Final = 50
PARTS: Final = 5
SETTLE_S: Final = 5
GAMES: Final = random_games(8, seed=7)


@asynccontextmanager
async def served(*options: str) -> AsyncIterator[Server]:
    """A running server of its own, with a fresh database; it is killed at the end."""
    with tempfile.TemporaryDirectory(prefix="tabiya-") as folder:
        server = Server(Path(folder), *options)
        try:
            await asyncio.to_thread(server.start)
            yield server
        finally:
            server.end()


class Play:
    """Games that go on, each with a spectator over WebSocket and one over SSE, and what came of them."""

    def __init__(self, server: Server, tables: int, think_s: float) -> None:
        self.score = Score()
        self.parts_ms: list[float] = []
        self._target = Target("127.0.0.1", server.port)
        self._doors = Doors()
        self._doors.open()
        manner = Manner(think_s=think_s)
        self.tables = [Table(self._target, GAMES, i, manner, self.score, self._doors) for i in range(tables)]
        self._watching: list[tuple[Table, Spectator]] = []
        self._feeds: list[WebSocket | EventStream] = []

    async def begin(self, tasks: asyncio.TaskGroup) -> None:
        """Returns when there is a move at every table. What is heard from then on is measured."""
        for table in self.tables:
            table.is_watched = True     # it stays in its room
            tasks.create_task(table.run())
        for table in self.tables:
            await table.has_begun.wait()
            await self._watch(table, WebSocket)
            await self._watch(table, EventStream)
        for table in self.tables:
            await table.has_moved.wait()
        self.score.measure(True)

    async def _watch(self, table: Table, kind: type[WebSocket | EventStream]) -> None:
        tally = self.score.ws if kind is WebSocket else self.score.sse
        spectator = Spectator(table.sent_s, tally, lambda: None)
        self._feeds.append(await self._target.connect(kind(spectator.hear, tally), kind.feed + table.room_id))
        self._watching.append((table, spectator))

    async def end(self) -> None:
        self.score.measure(False)
        for table in self.tables:
            table.stop()
        async with asyncio.timeout(SETTLE_S):
            while any((one.version or 0) < table.version for table, one in self._watching):
                await asyncio.sleep(0.02)
        for feed in self._feeds:
            feed.leave()

    @property
    def _timed(self) -> "tuple[array[float], ...]":
        return self.score.latencies_s, self.score.ws.delays_s, self.score.sse.delays_s

    def forget(self) -> None:
        """What was timed until now is not measured."""
        for delays_s in self._timed:
            del delays_s[:]

    def end_part(self) -> None:
        """Notes the p99 of what was timed: from a move's sending until both players have it, and each spectator."""
        self.parts_ms.append(percentile_ms([delay_s for some in self._timed for delay_s in some], 99) or float("inf"))
        self.forget()

    @property
    def p99_ms(self) -> float:
        """Of the middle one of its parts."""
        return statistics.median(self.parts_ms)

    @property
    def is_untouched(self) -> bool:
        """Nobody was shown too little or too much, was refused anything or lost a connection."""
        score = self.score
        return score.faults == score.refused == sum(tally.lost for tally in score.tallies.values()) == 0

    def __str__(self) -> str:
        score = self.score
        lost = sum(tally.lost for tally in score.tallies.values())
        return (
            f"p99 {self.p99_ms:.0f} ms (best part {min(self.parts_ms):.0f}) over {score.moves:,} moves, "
            f"{score.faults} events missing or doubled, {lost} connections lost"
        )


@asynccontextmanager
async def playing(server: Server, *, tables: int = 3, think_s: float = 0.1) -> AsyncIterator[Play]:
    play = Play(server, tables, think_s)
    async with asyncio.TaskGroup() as tasks:
        await play.begin(tasks)
        try:
            yield play
        finally:
            await play.end()


@asynccontextmanager
async def both_playing(server: Server, *options: str) -> AsyncIterator[tuple[Play, Play]]:
    """Games on `server`, and beside them the same on another one that nobody harms, started with `options`: their
    delays are the machine's, whatever else it has to do at the time.
    """
    async with served(*options) as other, playing(server) as play, playing(other) as control:
        yield play, control


def is_prompt(parts_ms: Sequence[float], control: Play) -> bool:
    """Whether those beside whom something bad happened have not waited longer than P99_MS, in the part that is spoilt
    least by whatever else runs on this machine; if it is so busy that an unharmed server takes more than a third of
    that, than three times as long as there.
    """
    return min(parts_ms) <= max(P99_MS, 3 * control.p99_ms)
