"""`tabiya bench`, from the command line."""

import argparse
import dataclasses
import json
import shlex
import signal
import sys
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Final

from game_server.bench import columns, games, servers
from game_server.bench.crew import Part
from game_server.bench.feeds import Comparison
from game_server.bench.footprint import alone, memory
from game_server.bench.report import Check, Line, figures, point_rows, table, tell, verdict_rows
from game_server.bench.runs import Window, measured
from game_server.bench.servers import BenchError
from game_server.bench.sweep import AXES, Sweep
from game_server.bench.tables import Manner
from game_server.bench.targets import EXPERIMENTS, Setup

RANDOM_GAMES: Final = 60
BASELINE_WINDOW: Final = Window(1, 3)
SECONDS: Final = 6.0
SWEEP_S: Final = 3.0
FEEDS_S: Final = 20.0
THINK_S: Final = 2.0
INTERRUPTED: Final = 130
FAULTS: Final = ("missing", "doubled", "out_of_order", "refused", "connections_lost")
DESCRIPTION: Final = """\
Starts a server of its own (a temporary database, a private port, its default settings), plays games between pairs of
bots on it, lets spectators watch the first of them, and prints one table. Nothing may be missing, doubled or out of
order, or the exit status is 1.

  tabiya bench                                  50 games as fast as they go, 100 + 100 spectators; 15 s
  tabiya bench --games 500 --ws 0 --sse 0       moves alone
  tabiya bench --moves-per-s 200 --ws 1000      at a pace, so that latency is not queueing
  tabiya bench http://127.0.0.1:8000 --server-pid 4711      a server that runs already
  tabiya bench --baseline                       as ratios to a bare relay on the same stack; 4 minutes
  tabiya bench --baseline --only moves --rounds 5
  tabiya bench --sweep web_client/plots --markdown README.md      renews the README's figures; 15 minutes
  tabiya bench --compare-feeds --nginx --plot web_client/plots/feeds.svg --markdown README.md     the same; 7 minutes
"""
EPILOG: Final = """\
As fast as it goes (the default), a bot answers the moment its opponent's move has arrived: moves/s and CPU say what the
server can do, and latency is mostly waiting for the other tables. With --moves-per-s, latency is the server's own.
A table that is watched plays rematches in its room; every other opens a new room for each game, so that joining and
leaving is in the figures. Bots and spectators come from addresses of their own (127.0.0.0/8), so that the shipped
limits stay on. The bench must not be the bottleneck: if its own CPU is near 100 % of a core, give it --processes.
"""


def parser() -> argparse.ArgumentParser:
    as_written = argparse.RawDescriptionHelpFormatter
    made = argparse.ArgumentParser(
        prog="tabiya bench", description=DESCRIPTION, epilog=EPILOG, formatter_class=as_written
    )
    add = made.add_argument
    add("url", nargs="?", help="a server that runs already; without it one is started")
    add("--server-pid", type=int, default=0, metavar="PID", help="its process, to read its CPU time from")
    add("--games", type=int, default=50, metavar="N", help="games at once (default: 50)")
    add("--ws", type=int, default=100, metavar="N", help="WebSocket spectators in all (default: 100)")
    add("--sse", type=int, default=100, metavar="N", help="SSE spectators in all (default: 100)")
    add("--polls", type=int, default=0, metavar="N", help="spectators who ask once a second (default: 0)")
    add("--watched", type=int, default=1, metavar="N", help="tables among which they are spread (default: 1)")
    add("--moves-per-s", type=float, metavar="X", help="over all games (default: as fast as it goes)")
    add("--seconds", type=float, metavar="S", help="how long to measure (default: 6; with --baseline 3 a run)")
    add("--warmup", type=float, default=1, metavar="S", help="before that (default: 1)")
    add("--processes", type=int, default=1, metavar="N", help="processes among which the load is spread (default: 1)")
    add("--pgn", type=Path, metavar="FILE", help="play these games, not random legal moves")
    add("--seed", type=int, default=1, metavar="N", help="of the random games (default: 1)")
    add("--time", default="5+3", help="the games' clock (default: 5+3)")
    add("--no-ids", action="store_true", help="moves without an id, to which there is no ack")
    add("--storage", choices=("full", "off", "memory"), default="full",
        help="of the server: full (synchronous=FULL, as shipped), off, or memory (nothing is kept)")  # fmt: skip
    add("--server-options", default="", metavar="'--x y …'", help="more options for the server that is started")
    add("--no-memory", action="store_true", help="leave out the memory of connections and rooms (8 s)")
    add("--json", action="store_true", help="the figures as JSON")
    add("--baseline", action="store_true", help="ratios to a bare relay and their targets")
    add("--rounds", type=int, default=3, metavar="N", help="turns of each in the baseline (default: 3)")
    add("--compare-feeds", action="store_true", help="WebSocket, SSE and polling beside each other (4 minutes)")
    add("--nginx", action="store_true", help="compare them behind an nginx, too (3 more)")
    add("--plot", type=Path, metavar="FILE", help="of that comparison, as SVG")
    add("--spectators", type=int, default=500, metavar="N", help="of each kind, when comparing (default: 500)")
    add("--sweep", type=Path, metavar="FOLDER", help="how cost grows with games, spectators, log: plots; 15 minutes")
    add("--most", type=int, default=100_000, metavar="N", help="no axis of the sweep goes beyond this")
    add("--only", choices=[*EXPERIMENTS, *AXES], action="append",
        help="this part of the baseline or of the sweep (may be repeated)")  # fmt: skip
    add("--markdown", type=Path, nargs="?", const=Path("-"), metavar="FILE",
        help="tables as markdown, written between FILE's marks if it is named (README.md)")  # fmt: skip
    return made


def main(words: Sequence[str]) -> int:
    """Runs `tabiya bench …`; its exit status: 0 if all went well, 1 if not or a target is missed, 2 for wrong use."""
    asked = parser().parse_args(words)
    line = Line()
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)      # so that no server is left behind
    try:
        servers.prepare()
        return chosen_work(asked)(asked, line)
    except (BenchError, OSError, ValueError) as error:
        line.show("")
        print(f"tabiya bench: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        line.show("")
        return INTERRUPTED
    finally:
        signal.signal(signal.SIGTERM, before)


def chosen_work(asked: argparse.Namespace) -> Callable[[argparse.Namespace, Line], int]:
    if asked.baseline:
        return baseline
    if asked.sweep is not None:
        return grow
    return compare_feeds if asked.compare_feeds else bench


def chosen_games(asked: argparse.Namespace) -> list[games.Game]:
    if asked.pgn is not None:
        return games.pgn_games(asked.pgn)
    return games.random_games(RANDOM_GAMES, asked.seed)


def parts_of(asked: argparse.Namespace) -> list[Part]:
    """The load, spread among the processes: each has its share of the tables and of the spectators."""
    think_s = asked.games / asked.moves_per_s if asked.moves_per_s else 0.0
    manner = Manner(asked.time, think_s, with_ids=not asked.no_ids)
    count: int = max(1, min(asked.processes, asked.games))

    def share(total: int, number: int) -> int:
        return total // count + (number < total % count)

    return [
        Part(
            share(asked.games, number),
            ws=share(asked.ws, number),
            sse=share(asked.sse, number),
            polls=share(asked.polls, number),
            watched=max(1, share(asked.watched, number)),
            manner=manner,
        )
        for number in range(count)
    ]


def bench(asked: argparse.Namespace, line: Line) -> int:
    line.show("making the games")
    lines, parts = chosen_games(asked), parts_of(asked)
    window = Window(asked.warmup, asked.seconds or SECONDS)
    options = shlex.split(asked.server_options)
    own = servers.tabiya(*options, storage=asked.storage) if asked.url is None else None
    with own or nullcontext(servers.known(asked.url, asked.server_pid)) as server:
        found = figures(measured(server, parts, lines, window, line.show))
    if asked.url is None and not asked.no_memory:
        line.show("memory of connections and rooms")
        found["memory_kb"] = alone(lambda: servers.tabiya(*options, storage=asked.storage), memory)
    line.show("")
    print(json.dumps(found, indent=2) if asked.json else table(found))
    return 1 if any(found[fault] for fault in FAULTS) else 0


def compare_feeds(asked: argparse.Namespace, line: Line) -> int:
    options = shlex.split(asked.server_options)
    think_s = 1 / asked.moves_per_s if asked.moves_per_s else THINK_S
    found = Comparison(
        start=lambda: servers.tabiya(*options, storage=asked.storage),
        games=chosen_games(asked),
        spectators=asked.spectators,
        think_s=think_s,
        window=Window(asked.warmup, asked.seconds or FEEDS_S),
        is_proxied=asked.nginx,
        progress=line.show,
    ).columns()
    line.show("")
    if asked.plot is not None:
        asked.plot.write_text(columns.plot(found, asked.spectators, think_s), encoding="utf-8")
    if asked.json:
        print(json.dumps({name: dataclasses.asdict(column) for name, column in found.items()}, indent=2))
    else:
        tell(columns.rows(found, asked.spectators), "tabiya bench --compare-feeds", asked.markdown)
    return 0


def grow(asked: argparse.Namespace, line: Line) -> int:
    window = Window(asked.warmup, asked.seconds or SWEEP_S)
    options = shlex.split(asked.server_options)
    asked.sweep.mkdir(parents=True, exist_ok=True)
    found = {}
    sweep = Sweep(chosen_games(asked), options, window, asked.most, line.show)
    for name in asked.only or AXES:
        picture, found[name] = sweep.plot(name)
        (asked.sweep / f"{name}.svg").write_text(picture, encoding="utf-8")
        line.show("")
        if not asked.json:
            tell(point_rows(AXES[name].x_label, found[name]), f"tabiya bench --sweep: {name}", asked.markdown)
    if asked.json:
        print(json.dumps(found, indent=2))
    return 0


def baseline(asked: argparse.Namespace, line: Line) -> int:
    setup = Setup(
        chosen_games(asked),
        shlex.split(asked.server_options),
        asked.rounds,
        Window(asked.warmup, asked.seconds or BASELINE_WINDOW.measure_s),
        line.show,
        Manner(asked.time, with_ids=not asked.no_ids),
    )
    checks: list[Check] = []
    for name, experiment in EXPERIMENTS.items():
        if not asked.only or name in asked.only:
            checks += experiment(setup)
    line.show("")
    if asked.json:
        print(json.dumps([{**dataclasses.asdict(one), "is_met": one.is_met} for one in checks], indent=2))
    else:
        tell(verdict_rows(checks), "tabiya bench --baseline", asked.markdown)
    return 1 if any(one.is_missed for one in checks) else 0
