"""How cost grows: with games at once, with spectators of one table, with the games that are already in the log."""

import random
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from game_server.bench import servers
from game_server.bench.crew import Part
from game_server.bench.footprint import finished_rooms, look_cpu_us
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
KEPT_UP: Final = 0.8            # a point with a smaller share of its moves says nothing of a move's cost
REST_S: Final = 5.0
BEYOND_SHIPPED: Final[tuple[str, ...]] = ()     # options without which the largest points would meet a limit
ORIGINALS: Final = 20
LOOKS: Final = 50
BESIDE: Final = 50              # games played on a server with a long log


@dataclass(frozen=True, slots=True)
class Axis:
    """What a plot of the sweep is called, and what its axes are."""

    title: str
    x_label: str
    y_label: str


AXES: Final = {
    "games": Axis(
        f"A move, by games at once ({MOVES_PER_S} moves a second over all)", "games at once", "server CPU a move, µs"
    ),
    "spectators": Axis(
        "A delivery, by spectators of one table (the move is in it)", "spectators", "server CPU a delivery, µs"
    ),
    "log": Axis(
        "A move, opening a finished game, a start, by games in the log",
        "finished games in the log",
        "server CPU, µs; of a start, ms",
    ),
}


@dataclass(frozen=True, slots=True)
class Sweep:
    """The sweep; no axis goes beyond `most`."""

    games: Sequence[Game]
    options: Sequence[str]
    window: Window
    most: int
    progress: Progress
    left_out: list[str] = field(default_factory=list)      # points at which the machine did not keep up

    def plot(self, name: str) -> tuple[str, dict[str, Points]]:
        """The plot along one of AXES as SVG, and the points in it. Raises BenchError."""
        axis = AXES[name]
        self.left_out.clear()
        points = {"games": self.by_games, "spectators": self.by_spectators, "log": self.by_log}[name]()
        missing = f" (this machine could not keep up: {', '.join(self.left_out)})" if self.left_out else ""
        return svg(axis.title, axis.x_label + missing, axis.y_label, points), points

    def counts(self, all_of_them: Sequence[int]) -> list[int]:
        return [count for count in all_of_them if count <= self.most]

    def run(self, server: Served, part: Part, rest_s: float = 0.0) -> Run:
        measure_s = max(self.window.measure_s, part.manner.think_s)     # all of them move
        window = replace(self.window, measure_s=measure_s, rest_s=rest_s)
        run = measured(server, [part], self.games, window, self.progress)
        if run.score.faults:
            raise BenchError(f"{run.score.faults} events were missing, doubled or out of order at {part}")
        return run

    def by_games(self) -> dict[str, Points]:
        """The CPU of a move, and what of it the open rooms cost at rest, by their share of a move's."""
        points: dict[str, list[tuple[float, float]]] = {"durable": [], "of it at rest": [], "bare relay": []}
        for count in self.counts(GAMES):
            with servers.tabiya(*BEYOND_SHIPPED, *self.options) as ours, servers.bare() as relay:
                for name, server in (("durable", ours), ("bare relay", relay)):
                    self.progress(f"{count:,} games")
                    manner = Manner(CLOCK, count / MOVES_PER_S, is_bare=server.is_bare)
                    run = self.run(server, Part(count, manner=manner), 0.0 if server.is_bare else REST_S)
                    if run.score.moves < KEPT_UP * MOVES_PER_S * run.seconds:
                        self.left_out.append(f"{count:,} {name}")
                        continue
                    points[name].append((count, run.move_cpu_us))
                    if not server.is_bare:
                        points["of it at rest"].append((count, run.rest_cpu * 1e6 / MOVES_PER_S))
        return dict(points)

    def by_spectators(self) -> dict[str, Points]:
        """The CPU of a move with all its deliveries, by their number: few share the move's own cost, many hide it."""
        points: dict[str, list[tuple[float, float]]] = {"WebSocket": [], "SSE": []}
        with servers.tabiya(*BEYOND_SHIPPED, *self.options) as ours:
            for count in self.counts(SPECTATORS):
                manner = Manner(CLOCK, max(LEAST_THINK_S, count / DELIVERIES_PER_S))
                for name, part in (
                    ("WebSocket", Part(1, ws=count, manner=manner)), ("SSE", Part(1, sse=count, manner=manner))
                ):  # fmt: skip
                    self.progress(f"{count:,} spectators over {name}")
                    points[name].append((count, self.run(ours, part).delivery_cpu_us))
        return dict(points)

    def by_log(self) -> dict[str, Points]:
        points: dict[str, list[tuple[float, float]]] = {}
        with TemporaryDirectory(prefix="tabiya-bench-") as folder:
            database = Path(folder) / "long.db"
            with servers.tabiya(*BEYOND_SHIPPED, *self.options, database=database) as server:
                rooms = finished_rooms(server, ORIGINALS)
            filled = 0
            for count in self.counts(LOGGED):
                self.progress(f"{count:,} games in the log")
                fill(database, filled, count, rooms)
                filled = count
                for name, value in self.with_log(database, count, rooms).items():
                    points.setdefault(name, []).append((count, value))
        return dict(points)

    def with_log(self, database: Path, count: int, first: Sequence[str]) -> dict[str, float]:
        """`first`: rooms that are opened before the others, because what the first ones load is no room's cost."""
        with servers.tabiya(*BEYOND_SHIPPED, *self.options, database=database) as server:
            start_us = server.cpu_s() * 1e6
            look_cpu_us(server, [*(f"/rooms/{room}" for room in first), "/games?limit=20"])
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

