"""The baseline's targets: what the server costs, as ratios to a bare relay under the same load.

Server and baseline take turns (A B A B …), and the median of the rounds counts, because a machine is never alone.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from game_server.bench import servers
from game_server.bench.crew import Part
from game_server.bench.footprint import Footprint, alone, kept_games
from game_server.bench.games import Game
from game_server.bench.report import Check
from game_server.bench.runs import Progress, Run, Window, measured, median, percentile_ms
from game_server.bench.servers import Served
from game_server.bench.sockets import EventStream, WebSocket
from game_server.bench.tables import Manner

CROWD: Final = 1_000
THINK_S: Final = 0.1
FANOUT_THINK_S: Final = 0.05
KB: Final = 1_024
PLAYERS, ROOMS, FINISHED, STARTS = 500, 200, 100, 5


@dataclass(frozen=True, slots=True)
class Setup:
    """How the targets are measured: `rounds` times each in turn, every run for `window`."""

    games: Sequence[Game]
    options: Sequence[str]      # of the server
    rounds: int
    window: Window
    progress: Progress
    manner: Manner

    def run(self, server: Served, *parts: Part) -> Run:
        manner = replace(self.manner, is_bare=server.is_bare)
        mannered = [replace(part, manner=replace(manner, think_s=part.manner.think_s)) for part in parts]
        return measured(server, mannered, self.games, self.window, self.progress)


def ratio(ours: Sequence[float], others: Sequence[float]) -> float:
    """The median of the rounds' ratios."""
    return median([mine / max(other, 1e-9) for mine, other in zip(ours, others, strict=True)])


def moves(setup: Setup) -> Iterator[Check]:
    few, many = Part(50), Part(500)
    runs: dict[str, list[Run]] = {}
    with ExitStack() as stack:
        relay = stack.enter_context(servers.bare())
        durable = stack.enter_context(servers.tabiya(*setup.options))
        fleeting = stack.enter_context(servers.tabiya(*setup.options, storage="memory"))
        rules, core = (stack.enter_context(servers.ruled(what)) for what in ("rules", "core"))
        for _ in range(setup.rounds):
            for name, server, part in (
                ("relay", relay, few), ("durable", durable, few), ("fleeting", fleeting, few), ("many", durable, many),
                ("rules", rules, few), ("core", core, few),
            ):  # fmt: skip
                runs.setdefault(name, []).append(setup.run(server, part))
    cost = {name: [run.move_cpu_us for run in those] for name, those in runs.items()}
    said = {name: f"{median(values):.1f} µs" for name, values in cost.items()}
    yield Check(
        "a move, 50 games, durable", ratio(cost["durable"], cost["relay"]), 2.2, "×",
        f"{said['durable']} to the relay's {said['relay']} CPU",
    )  # fmt: skip
    yield Check(
        "the same without durability", ratio(cost["fleeting"], cost["relay"]), 1.8, "×", f"{said['fleeting']}, :memory:"
    )
    for name, what, note in (
        ("rules", "the rules of chess", "legality, SAN, FEN, endings"),
        ("core", "the state machine", "and clocks, offers, frames: nothing stored"),
    ):
        yield Check(f"… a relay with {what}", ratio(cost[name], cost["relay"]), None, "×", f"{said[name]}: {note}")
    yield Check(
        "500 games to 50, durable", ratio(cost["many"], cost["durable"]), 1.15, "×", f"{said['many']} CPU a move"
    )
    latencies = [percentile_ms(run.score.latencies_s, 50) or 0.0 for run in runs["durable"]]
    frames = [median(run.score.frame_bytes) for run in runs["durable"]]
    yield Check("a move frame", median(frames), 280, "bytes", "median, as text")
    yield from sound([run for those in runs.values() for run in those], f"p50 {median(latencies):.1f} ms durable")


def fan_out(setup: Setup) -> Iterator[Check]:
    crowd = Manner(think_s=FANOUT_THINK_S)
    ws, sse = Part(1, ws=CROWD, manner=crowd), Part(1, sse=CROWD, manner=crowd)
    runs: dict[str, list[Run]] = {}
    with servers.bare() as relay, servers.tabiya(*setup.options) as ours:
        for _ in range(setup.rounds):
            for name, server, part in (
                ("bare ws", relay, ws), ("ws", ours, ws), ("bare sse", relay, sse), ("sse", ours, sse)
            ):  # fmt: skip
                runs.setdefault(name, []).append(setup.run(server, part))
    cost = {name: [run.delivery_cpu_us for run in those] for name, those in runs.items()}
    loop, stream = median(cost["bare ws"]), median(cost["bare sse"])
    for name, limit in (("ws", 1.15), ("sse", 0.9)):
        yield Check(
            f"one event to {CROWD:,} {name.upper()} spectators", ratio(cost[name], cost["bare ws"]), limit, "×",
            f"{median(cost[name]):.1f} µs each; the bare loop {loop:.1f} over WS, {stream:.1f} over SSE",
        )  # fmt: skip
    yield from sound([run for those in runs.values() for run in those])


def crowded(setup: Setup) -> Iterator[Check]:
    """Other tables beside one with a crowd; the crowd's process is not the one that times the others."""
    others = Part(20, manner=Manner(think_s=THINK_S))
    crowd = Part(1, ws=CROWD, manner=Manner(think_s=THINK_S))
    alone, beside, all_runs = list[float](), list[float](), list[Run]()
    with servers.tabiya(*setup.options) as ours:
        for _ in range(setup.rounds):
            for parts, kept in (((others,), alone), ((others, crowd), beside)):
                run = setup.run(ours, *parts)
                kept.append(percentile_ms(run.parts[0].latencies_s, 95) or 0.0)
                all_runs.append(run)
    yield Check(
        f"p95 of 20 tables beside one with {CROWD:,} spectators", median(beside), 1.5, "ms",
        f"{median(alone):.2f} ms without it",
    )  # fmt: skip
    yield from sound(all_runs)


def sound(runs: Sequence[Run], note: str = "") -> Iterator[Check]:
    """Nothing may be missing, doubled or out of order meanwhile, nor refused, nor cut off."""
    wrong = sum(run.score.faults + run.score.refused for run in runs)
    lost = sum(tally.lost for run in runs for tally in run.score.tallies.values())
    why = next((run.score.why_refused for run in runs if run.score.why_refused), "")
    yield Check("… events gone wrong, refused, lost", wrong + lost, 0, "", f"{why} {note}".strip())


def memory(setup: Setup) -> Iterator[Check]:
    def start() -> AbstractContextManager[Served]:
        return servers.tabiya(*setup.options)

    for name, kind in (("WS", WebSocket), ("SSE", EventStream)):
        setup.progress(f"memory: {CROWD:,} {name} spectators")
        idle = partial(Footprint.spectator_bytes, kind=kind, count=CROWD)
        ours, theirs = (alone(begin, idle) / KB for begin in (start, servers.bare))
        note = f"{ours:.1f} KB to the bare one's {theirs:.1f} KB"
        yield Check(f"memory of an idle {name} spectator", ours / theirs, 1.3, "×", note)
        if kind is WebSocket:
            bare_ws = theirs
    setup.progress("memory: players, rooms")
    player = alone(start, lambda one: one.player_bytes(PLAYERS))
    yield Check("memory of an idle player", player / KB / bare_ws, 1.3, "×", f"{player / KB:.1f} KB")
    room = alone(start, lambda one: one.room_bytes(ROOMS, player))
    yield Check("memory of a live room of 80 plies", room / KB, 30, "KB", "without its players' connections")


def storage(setup: Setup) -> Iterator[Check]:
    setup.progress("finished games")
    kept = kept_games(setup.options, FINISHED)
    yield Check("disk of a finished game of 80 plies", kept.disk_bytes / KB, 12, "KB")
    yield Check(
        "opening a finished game of 80 plies", (kept.cold_us - kept.warm_us) / 1e3, 1, "ms",
        f"CPU of a first request ({kept.cold_us:.0f} µs) less a second's ({kept.warm_us:.0f} µs)",
    )  # fmt: skip


def start(setup: Setup) -> Iterator[Check]:
    setup.progress("starting")
    took, cpu = list[float](), list[float]()
    for _ in range(STARTS):
        with servers.tabiya(*setup.options) as server:
            cpu.append(server.cpu_s())
            took.append(server.start_s)
    yield Check("start to ready", median(took), 0.7, "s", f"median of {STARTS}; {median(cpu):.2f} s of CPU")


EXPERIMENTS: Final[dict[str, Callable[[Setup], Iterator[Check]]]] = {
    "moves": moves,
    "fanout": fan_out,
    "crowd": crowded,
    "memory": memory,
    "storage": storage,
    "start": start,
}
