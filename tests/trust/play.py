"""Real servers, and honest games on them whose delays are measured while something bad happens beside them.

Players and spectators are the bench's: bare, so that this process spends its time on what it measures.
"""

import asyncio
import tempfile
from collections.abc import AsyncIterator
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
    """Games that go on, one a table and each with a spectator over WebSocket and one over SSE, and what came of them."""

    def __init__(self, server: Server, tables: int, think_s: float) -> None:
        self.score = Score()
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
    def p99_ms(self) -> float:
        """Of all delays from a move's sending: until both players have it, and until each spectator has."""
        score = self.score
        return percentile_ms([*score.latencies_s, *score.ws.delays_s, *score.sse.delays_s], 99) or float("inf")

    @property
    def is_untouched(self) -> bool:
        """Nobody was shown too little or too much, was refused anything or lost a connection."""
        score = self.score
        return score.faults == score.refused == sum(tally.lost for tally in score.tallies.values()) == 0

    def __str__(self) -> str:
        score = self.score
        lost = sum(tally.lost for tally in score.tallies.values())
        return (
            f"p99 {self.p99_ms:.0f} ms over {score.moves} moves, {score.faults} events missing or doubled, "
            f"{lost} connections lost"
        )


@asynccontextmanager
async def playing(server: Server, *, tables: int = 4, think_s: float = 0.05) -> AsyncIterator[Play]:
    play = Play(server, tables, think_s)
    async with asyncio.TaskGroup() as tasks:
        await play.begin(tasks)
        try:
            yield play
        finally:
            await play.end()
