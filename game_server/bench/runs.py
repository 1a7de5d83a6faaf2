"""One run: a load is laid on a server, and after a warm-up both are measured for a while."""

import statistics
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection as Pipe
from multiprocessing.connection import wait
from typing import Any, Final

from game_server.bench.crew import PROGRESS_S, Member, Part
from game_server.bench.games import Game
from game_server.bench.servers import BenchError, Served
from game_server.bench.tally import Score

Progress = Callable[[str], None]
PATIENCE_S: Final = 900     # until the largest load sits


def quiet(_line: str) -> None:
    """For those who do not want to see how it goes on."""


@dataclass(frozen=True, slots=True)
class Window:
    """How long to sit at rest before the first move, if that is to be measured; to warm up; and to measure."""

    warmup_s: float = 1.0
    measure_s: float = 10.0
    rest_s: float = 0.0


@dataclass(slots=True)
class Run:
    """What came of a run, in the measured time; `parts` are the scores of its processes, `score` their sum."""

    server: Served
    seconds: float = 0.0
    server_cpu_s: float = 0.0
    proxy_cpu_s: float = 0.0
    rest_cpu: float = 0.0       # the server's share of a core before the first move
    parts: list[Score] = field(default_factory=list)

    @property
    def score(self) -> Score:
        total = Score()
        for part in self.parts:
            total.add(part)
        return total

    @property
    def move_cpu_us(self) -> float:
        """Server CPU for a move with all its deliveries."""
        return self.server_cpu_s / max(1, self.score.moves) * 1e6

    @property
    def delivery_cpu_us(self) -> float:
        """Server CPU for an event that one connection got, over all feeds."""
        return self.server_cpu_s / max(1, sum(tally.events for tally in self.score.tallies.values())) * 1e6


def percentile_ms(times_s: Sequence[float], percent: float) -> float | None:
    """None if nothing was timed."""
    if not times_s:
        return None
    ordered = sorted(times_s)
    return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))] * 1e3


def median(values: Sequence[float]) -> float:
    return statistics.median(values) if values else 0.0


def measured(
    server: Served, parts: Sequence[Part], games: Sequence[Game], window: Window, progress: Progress = quiet
) -> Run:
    """Plays `parts` against `server`, each in a process of its own. Raises BenchError."""
    members = [Member.begin(server.host, server.port, number, part, games) for number, part in enumerate(parts)]
    pipes = [member.reports for member in members]
    try:
        progress(f"{server.name}: connecting")
        _await_all(pipes, "ready", progress)
        run = Run(server)
        if window.rest_s:
            run.rest_cpu = _at_rest(server, pipes, window, progress)
        _tell(members, "go")
        _await_all(pipes, "playing", progress)
        _watch(pipes, window.warmup_s, f"{server.name}: warming up", progress)
        cpu_s, proxy_cpu_s, began_s = server.cpu_s(), server.proxy_cpu_s(), time.perf_counter()
        _tell(members, "measure")
        _watch(pipes, window.measure_s, f"{server.name}: measuring", progress)
        run.seconds, run.server_cpu_s = time.perf_counter() - began_s, server.cpu_s() - cpu_s
        run.proxy_cpu_s = server.proxy_cpu_s() - proxy_cpu_s
        _tell(members, "stop")
        progress(f"{server.name}: settling")
        run.parts = _await_all(pipes, "score", progress)
        return run
    finally:
        for member in members:
            member.end()


def _tell(members: Sequence[Member], order: str) -> None:
    for member in members:
        member.orders.send(order)


def _said(pipe: Any) -> tuple[str, Any]:
    try:
        kind, what = pipe.recv()
    except EOFError:
        raise BenchError("a process of the load has died") from None
    if kind == "failed":
        raise BenchError(f"the load could not be played: {what}")
    return kind, what


def _await_all(pipes: Sequence[Pipe], wanted: str, progress: Progress) -> list[Any]:
    """What each has to say about `wanted`, in the pipes' order."""
    answers: dict[int, Any] = {}
    deadline_s = time.monotonic() + PATIENCE_S
    while len(answers) < len(pipes):
        ready = wait([pipe for number, pipe in enumerate(pipes) if number not in answers], timeout=5)
        if time.monotonic() > deadline_s:
            raise BenchError(f"the load is not {wanted} after {PATIENCE_S} s")
        for number, pipe in enumerate(pipes):
            if pipe in ready:
                kind, what = _said(pipe)
                if kind == wanted:
                    answers[number] = what
                elif kind == "progress":
                    progress(what)
    return [answers[number] for number in range(len(pipes))]


def _at_rest(server: Served, pipes: Sequence[Pipe], window: Window, progress: Progress) -> float:
    """The server's CPU a second while everybody sits and nobody moves."""
    _watch(pipes, window.warmup_s, f"{server.name}: coming to rest", progress)
    cpu_s, began_s = server.cpu_s(), time.perf_counter()
    _watch(pipes, window.rest_s, f"{server.name}: at rest", progress)
    return (server.cpu_s() - cpu_s) / (time.perf_counter() - began_s)


def _watch(pipes: Sequence[Pipe], seconds: float, title: str, progress: Progress) -> None:
    began_s = last_s = time.monotonic()
    moves, before = dict.fromkeys(range(len(pipes)), 0), 0
    while (left_s := began_s + seconds - time.monotonic()) > 0:
        with suppress(TimeoutError):
            for pipe in wait(pipes, timeout=left_s):
                kind, what = _said(pipe)
                if kind == "moves":
                    moves[pipes.index(pipe)] = what
        now_s = time.monotonic()
        if now_s - last_s > PROGRESS_S:
            total = sum(moves.values())
            rate = f", {(total - before) / (now_s - last_s):,.0f} moves/s" if before else ""
            progress(f"{title}, {max(0.0, left_s):.0f} s left{rate}")
            before, last_s = total, now_s
