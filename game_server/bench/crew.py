"""One process of the load: its tables and their spectators, led from outside through two pipes.

Said to it: "go" (make moves), "measure", "stop". It says ("progress", text) while people come, ("ready", None) when
everybody has sat down, ("playing", None) when every table has moved, ("moves", n) twice a second, and at last ("score",
Score) or ("failed", why).
"""

import asyncio
import multiprocessing
import os
import signal
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from itertools import cycle
from multiprocessing.connection import Connection as Pipe
from typing import Final, Self

from game_server.bench.connection import Target
from game_server.bench.games import Game
from game_server.bench.listeners import PollingSpectator, Spectator
from game_server.bench.sockets import EventStream, Feed, Poller, WebSocket
from game_server.bench.tables import Doors, Manner, Table
from game_server.bench.tally import Score

OPEN_S: Final = 30
SETTLE_S: Final = 5         # what is late by more than this is missing
PROGRESS_S: Final = 0.5


@dataclass(frozen=True, slots=True)
class Part:
    """What one process plays: `tables`, of which the first `watched` share the spectators."""

    tables: int = 50
    ws: int = 0
    sse: int = 0
    polls: int = 0
    watched: int = 1
    manner: Manner = field(default_factory=Manner)


class Crew:
    def __init__(self, target: Target, part: Part, games: Sequence[Game], told: Pipe, tell: Pipe) -> None:
        self.target, self.part, self.told, self.tell = target, part, told, tell
        self.score = Score()
        self.doors = Doors()
        self.start: Score | None = None
        self.orders: asyncio.Queue[str] = asyncio.Queue()
        self.tables = [
            Table(target, games, number, part.manner, self.score, self.doors) for number in range(part.tables)
        ]
        self.crowd: list[tuple[Table, Spectator]] = []
        self.connections: list[Feed] = []

    async def run(self) -> Score:
        """The score of the measured time, once all is over. Raises OSError or TimeoutError if it cannot be played."""
        asyncio.get_running_loop().add_reader(self.told.fileno(), self._listen)
        if self.part.ws or self.part.sse or self.part.polls:
            for table in self.tables[: self.part.watched]:
                table.is_watched = True
        async with asyncio.TaskGroup() as tasks:
            for table in self.tables:
                tasks.create_task(table.run())
            await self._each("tables opened", [table.first.wait for table in self.tables])
            await self._attach()
            self.doors.second.set()
            await self._each("games begun", [table.has_begun.wait for table in self.tables])
            self.tell.send(("ready", None))
            await self.orders.get()
            self.doors.play.set()
            for table in self.tables:
                table.play_on()
            await self._each("tables moving", [table.has_moved.wait for table in self.tables])
            self.tell.send(("playing", None))
            score = await self._measured()
            for table in self.tables:
                table.stop()
        await self._settle(score)
        for connection in self.connections:
            connection.leave()
        await asyncio.sleep(0)
        return score

    def _listen(self) -> None:
        try:
            self.orders.put_nowait(self.told.recv())
        except EOFError:        # whoever led us has gone
            os._exit(1)

    async def _measured(self) -> Score:
        start = self._snapshot()
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(PROGRESS_S):
                    order = await self.orders.get()
                if order == "stop":
                    self.score.measure(False)
                    return self._snapshot().since(start)
                self.score.measure(True)
                start = self._snapshot()
            self.tell.send(("moves", self.score.moves))

    def _snapshot(self) -> Score:
        self.score.cpu_s = time.process_time()
        frozen = Score().since(Score())
        frozen.add(self.score)
        return frozen

    async def _attach(self) -> None:
        watched = cycle([table for table in self.tables if table.is_watched])
        part = self.part
        for kind, count in ((WebSocket, part.ws), (EventStream, part.sse), (Poller, part.polls)):
            jobs = [partial(self._watch, next(watched), kind) for _ in range(count)]
            await self._each(f"spectators at {kind.feed}", jobs)

    async def _watch(self, table: Table, kind: type[Feed]) -> None:
        ready = asyncio.Event()
        tally = {WebSocket: self.score.ws, EventStream: self.score.sse, Poller: self.score.polls}[kind]
        spectator = (PollingSpectator if kind is Poller else Spectator)(table.sent_s, tally, ready.set)
        connection = await self.target.connect(kind(spectator.hear, tally), kind.feed + table.room_id)
        if not self.part.manner.is_bare:
            await self._until(ready, connection)
        self.crowd.append((table, spectator))
        self.connections.append(connection)

    async def _until(self, ready: asyncio.Event, connection: Feed) -> None:
        """Raises ConnectionError if the connection ends before that."""
        waiting = asyncio.ensure_future(ready.wait())
        await asyncio.wait((waiting, connection.ended), return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        if not ready.is_set():
            raise ConnectionError(f"{connection.feed}: closed at once: {connection.tally.why_lost}")

    async def _each(self, what: str, jobs: Sequence[Callable[[], Awaitable[object]]]) -> None:
        limit_s = OPEN_S + len(jobs) / 20
        tasks = [asyncio.ensure_future(job()) for job in jobs]
        try:
            async with asyncio.timeout(limit_s):
                coming = set(tasks)
                while coming:
                    arrived, coming = await asyncio.wait(
                        coming, timeout=PROGRESS_S, return_when=asyncio.FIRST_EXCEPTION
                    )
                    await asyncio.gather(*arrived)      # raises what went wrong
                    self.tell.send(("progress", f"{len(jobs) - len(coming):,} of {len(jobs):,} {what}"))
        except TimeoutError:
            done = sum(task.done() and not task.cancelled() for task in tasks)
            raise TimeoutError(f"only {done} of {len(jobs)} {what} after {limit_s:.0f} s") from None

    async def _settle(self, score: Score) -> None:
        """Waits for what is under way, and counts what does not come."""
        deadline_s = time.monotonic() + SETTLE_S
        behind = self.crowd
        while behind and time.monotonic() < deadline_s:
            behind = [(table, one) for table, one in behind if (one.version or 0) < table.version]
            await asyncio.sleep(0.02)
        for table, one in behind:
            one.tally.missing += table.version - (one.version or 0)
        for name, tally in self.score.tallies.items():      # faults of the whole time, not of the measured one
            counted = score.tallies[name]
            counted.missing, counted.doubled, counted.disordered = tally.missing, tally.doubled, tally.disordered
        score.refused, score.why_refused = self.score.refused, self.score.why_refused


def play(host: str, port: int, number: int, part: Part, games: Sequence[Game], told: Pipe, tell: Pipe) -> None:
    """The process: plays as it is told, and sends what came of it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)        # Ctrl-C is for the one who leads

    async def work() -> Score:
        return await Crew(Target(host, port, first_source=number * 600_000), part, games, told, tell).run()

    try:
        try:
            import uvloop
        except ImportError:     # Windows
            score = asyncio.run(work())
        else:
            score = uvloop.run(work())
    except* (OSError, TimeoutError) as group:
        tell.send(("failed", f"{type(error).__name__}: {error}" if (error := first(group)) else ""))
    else:
        tell.send(("score", score))


def first(error: BaseException) -> BaseException:
    """The first of the errors in a group."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


@dataclass(frozen=True, slots=True)
class Member:
    """A process that plays, and our ends of its pipes. Two, because the one it waits on does not block any more."""

    process: multiprocessing.process.BaseProcess
    orders: Pipe
    reports: Pipe

    @classmethod
    def begin(cls, host: str, port: int, number: int, part: Part, games: Sequence[Game]) -> Self:
        context = multiprocessing.get_context("spawn")
        (told, orders), (reports, tell) = context.Pipe(duplex=False), context.Pipe(duplex=False)
        process = context.Process(target=play, args=(host, port, number, part, games, told, tell), daemon=True)
        process.start()
        told.close()
        tell.close()
        return cls(process, orders, reports)

    def end(self) -> None:
        """Waits for it to leave, a while."""
        self.orders.close()
        self.process.join(5)
        if self.process.is_alive():
            self.process.kill()
            self.process.join()
        self.reports.close()
