"""How cost grows: with games at once, with spectators of one table, with the games that are already in the log."""

import asyncio
import random
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from game_server.bench import servers
from game_server.bench.crew import Part
from game_server.bench.footprint import look_cpu_us, played_out
from game_server.bench.games import Game
from game_server.bench.plot import Points, svg
from game_server.bench.runs import Progress, Run, Window, measured
from game_server.bench.servers import BenchError, Served
from game_server.bench.tables import Manner

GAMES: Final = (10, 30, 100, 300, 1_000, 2_000, 5_000)
SPECTATORS: Final = (10, 30, 100, 300, 1_000, 3_000, 10_000)
LOGGED: Final = (10, 100, 1_000, 10_000, 100_000)
CLOCK: Final = "3d"             # there is no limit on first moves: sitting down takes thousands a while
DELIVERIES_PER_S: Final = 12_000
LEAST_THINK_S: Final = 0.05
MOVES_PER_S: Final = 500       # whatever the number of games: only that shall differ
ORIGINALS: Final = 20
LOOKS: Final = 50
BESIDE: Final = 50              # games played on a server with a long log


@dataclass(frozen=True, slots=True)
class Sweep:
    """The sweep; no axis goes beyond `most`."""

    games: Sequence[Game]
    options: Sequence[str]
    window: Window
    most: int
    progress: Progress

    def plots(self) -> Iterator[tuple[str, str, dict[str, Points]]]:
        """A file's name, its SVG, and the points in it, one plot after the other. Raises BenchError."""
        for name, title, x_label, y_label, series in (
            ("games", f"A move, by games at once ({MOVES_PER_S} moves a second over all)", "games at once",
             "server CPU a move, µs", self.by_games),
            ("spectators", "A delivery, by spectators of one table", "spectators",
             "server CPU a delivery, µs", self.by_spectators),
            ("log", "A move, opening a finished game, a start, by games in the log", "finished games in the log",
             "server CPU, µs; of a start, ms", self.by_log),
        ):  # fmt: skip
            found = series()
            yield f"{name}.svg", svg(title, x_label, y_label, found), found

    def counts(self, all_of_them: Sequence[int]) -> list[int]:
        return [count for count in all_of_them if count <= self.most]

    def run(self, server: Served, part: Part) -> Run:
        window = replace(self.window, measure_s=max(self.window.measure_s, part.manner.think_s))    # all of them move
        run = measured(server, [part], self.games, window, self.progress)
        if run.score.faults:
            raise BenchError(f"{run.score.faults} events were missing, doubled or out of order at {part}")
        return run

    def by_games(self) -> dict[str, Points]:
        points: dict[str, list[tuple[float, float]]] = {"durable": [], "bare relay": []}
        for count in self.counts(GAMES):
            with servers.tabiya(*self.options) as ours, servers.bare() as relay:
                for name, server in (("durable", ours), ("bare relay", relay)):
                    self.progress(f"{count:,} games")
                    manner = Manner(CLOCK, count / MOVES_PER_S, is_bare=server.is_bare)
                    run = self.run(server, Part(count, manner=manner))
                    points[name].append((count, run.move_cpu_us))
        return dict(points)

    def by_spectators(self) -> dict[str, Points]:
        points: dict[str, list[tuple[float, float]]] = {"WebSocket": [], "SSE": []}
        with servers.tabiya(*self.options) as ours:
            alone_us = self.run(ours, Part(1, manner=Manner(CLOCK, LEAST_THINK_S))).move_cpu_us
            for count in self.counts(SPECTATORS):
                manner = Manner(CLOCK, max(LEAST_THINK_S, count / DELIVERIES_PER_S))
                for name, part in (
                    ("WebSocket", Part(1, ws=count, manner=manner)), ("SSE", Part(1, sse=count, manner=manner))
                ):  # fmt: skip
                    self.progress(f"{count:,} spectators over {name}")
                    run = self.run(ours, part)
                    events = run.score.ws.events + run.score.sse.events
                    cpu_us = run.server_cpu_s * 1e6 - alone_us * run.score.moves
                    points[name].append((count, max(0.0, cpu_us) / max(1, events)))
        return dict(points)

    def by_log(self) -> dict[str, Points]:
        points: dict[str, list[tuple[float, float]]] = {}
        with TemporaryDirectory(prefix="tabiya-bench-") as folder:
            database = Path(folder) / "long.db"
            with servers.tabiya(*self.options, database=database) as server:
                rooms = asyncio.run(played_out(server, ORIGINALS))
            filled = 0
            for count in self.counts(LOGGED):
                self.progress(f"{count:,} games in the log")
                fill(database, filled, count, rooms)
                filled = count
                for name, value in self.with_log(database, count).items():
                    points.setdefault(name, []).append((count, value))
        return dict(points)

    def with_log(self, database: Path, count: int) -> dict[str, float]:
        with servers.tabiya(*self.options, database=database) as server:
            start_us = server.cpu_s() * 1e6
            look_cpu_us(server, ["/rooms/nobody", "/games?limit=1"])       # what a first request loads
            numbers = random.Random(count).sample(range(count), min(count, LOOKS))
            cold_us = look_cpu_us(server, [f"/rooms/copy-{number}" for number in numbers])
            list_us = look_cpu_us(server, ["/games?limit=20"] * LOOKS)
            run = self.run(server, Part(BESIDE, manner=Manner(CLOCK)))
            return {
                "a move": run.move_cpu_us,
                "opening a finished game": cold_us,
                "a page of the list": list_us,
                "a start, ms": start_us / 1e3,
            }


def fill(database: Path, first: int, end: int, rooms: Sequence[str]) -> None:
    """Adds copies to the log of a stopped server, in a process of its own. Raises BenchError."""
    words = ("game_server.bench.fill", str(database), str(first), str(end), *rooms)
    done = subprocess.run(  # noqa: S603 - our own module
        [sys.executable, "-m", *words], capture_output=True, text=True, check=False, env=servers.environment()
    )
    if done.returncode:
        raise BenchError(f"the log could not be filled: {done.stderr.strip()[-2_000:]}")

