"""What the bench prints: one table, or the same as JSON."""

import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from game_server.bench.plot import Points
from game_server.bench.runs import Run, median, percentile_ms
from game_server.bench.tally import Tally

FEEDS: Final = {"players": "players", "ws": "WebSocket spectators", "sse": "SSE spectators", "polls": "pollers"}
MISSED: Final = ("met", "MISSED")
UNKNOWN: Final = "–"


def figures(run: Run) -> dict[str, Any]:
    """Everything that was measured, under the names of `--json`; None: nothing to measure it by."""
    score = run.score
    is_ours = run.server.pid != 0
    return {
        "server": run.server.name,
        "seconds": round(run.seconds, 3),
        "moves": score.moves,
        "games_finished": score.games,
        "moves_per_s": round(score.moves / run.seconds, 1),
        "server_cpu_us_per_move": round(run.move_cpu_us, 1) if is_ours else None,
        "server_cpu_us_per_delivery": round(run.delivery_cpu_us, 2) if is_ours else None,
        "server_cpu_percent": round(100 * run.server_cpu_s / run.seconds, 1) if is_ours else None,
        "own_cpu_us_per_move": round(score.cpu_s / max(1, score.moves) * 1e6, 1),
        "own_cpu_percent": [round(100 * part.cpu_s / run.seconds, 1) for part in run.parts],
        "latency_ms": percentiles(score.latencies_s, (50, 95, 99)),
        "move_frame_bytes": median(score.frame_bytes) or None,
        "feeds": {name: feed(tally) for name, tally in score.tallies.items() if tally.connections},
        "missing": sum(tally.missing for tally in score.tallies.values()),
        "doubled": sum(tally.doubled for tally in score.tallies.values()),
        "out_of_order": sum(tally.disordered for tally in score.tallies.values()),
        "refused": score.refused,
        "why_refused": score.why_refused or None,
        "connections_lost": sum(tally.lost for tally in score.tallies.values()),
        "why_lost": next((tally.why_lost for tally in score.tallies.values() if tally.why_lost), None),
    }


def feed(tally: Tally) -> dict[str, Any]:
    return {
        "connections": tally.connections,
        "events": tally.events,
        "bytes_per_event": round(tally.received_bytes / tally.events, 1) if tally.events else None,
        "delay_ms": percentiles(tally.delays_s, (50, 99)),
    }


def percentiles(times_s: Sequence[float], wanted: Sequence[int]) -> dict[str, float | None]:
    found = {f"p{percent}": percentile_ms(times_s, percent) for percent in wanted}
    return {name: None if value is None else round(value, 3) for name, value in found.items()}


def table(found: Mapping[str, Any]) -> str:
    """The figures of one run for people."""
    own = found["own_cpu_percent"]
    load = f"{sum(own):.0f} % of a core" + (f" in {len(own)} processes" if len(own) > 1 else "")
    rows = [
        ("moves", f"{found['moves_per_s']:,.0f} /s", f"{found['moves']:,} in {found['seconds']:.1f} s"),
        ("server CPU", said(found["server_cpu_us_per_move"], "µs a move"), cpu_note(found)),
        ("the bench's own CPU", said(found["own_cpu_us_per_move"], "µs a move"), load),
        ("move → both players have it", said(found["latency_ms"]["p50"], "ms p50"), spread(found["latency_ms"])),
        ("move frame", said(found["move_frame_bytes"], "bytes", 0), "median, as text"),
    ]
    for name, counted in found["feeds"].items():
        delay, label = counted["delay_ms"], FEEDS[name]
        if name != "players":
            rows.append((f"move → {label}", said(delay["p50"], "ms p50"), spread(delay)))
        note = f"{counted['connections']:,} connections, {counted['events']:,} events"
        rows.append((f"{label}: on the wire", said(counted["bytes_per_event"], "bytes an event", 0), note))
    rows += [(f"memory of {name}", f"{value} KB", "") for name, value in found.get("memory_kb", {}).items()]
    faults = (found["missing"], found["doubled"], found["out_of_order"])
    wrong = f"{faults[0]} missing, {faults[1]} doubled, {faults[2]} out of order"
    rows.append(("events gone wrong", str(sum(faults)), wrong))
    rows.append(("refused, lost", f"{found['refused']}, {found['connections_lost']}", why_wrong(found)))
    return aligned(rows)


def why_wrong(found: Mapping[str, Any]) -> str:
    return "; ".join(str(found[name]) for name in ("why_refused", "why_lost") if found[name])


def cpu_note(found: Mapping[str, Any]) -> str:
    if found["server_cpu_percent"] is None:
        return "not our process: name it with --server-pid"
    return f"{found['server_cpu_us_per_delivery']} µs an event delivered; {found['server_cpu_percent']:.0f} % of a core"


def said(value: float | None, unit: str, digits: int = 1) -> str:
    return UNKNOWN if value is None else f"{value:,.{digits}f} {unit}".rstrip()


def spread(times: Mapping[str, float | None]) -> str:
    return ", ".join(f"{name} {value:.2f} ms" for name, value in times.items() if value is not None and name != "p50")


def aligned(rows: Sequence[Sequence[str]]) -> str:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)
    return "\n".join(line.rstrip() for line in lines)


def markdown(rows: Sequence[Sequence[str]]) -> str:
    """A table as GitHub shows it; the first row is its head."""
    head, *rest = [f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |" for row in rows]
    return "\n".join([head, "|---" * len(rows[0]) + "|", *rest])


def tell(rows: Sequence[Sequence[str]], mark: str, into: Path | None) -> None:
    """Prints a table; as markdown if `into` is `-`, and else writes it into that file. Raises OSError, ValueError."""
    if into is None:
        print(aligned(rows), end="\n\n")
    elif into == Path("-"):
        print(markdown(rows), end="\n\n")
    else:
        into.write_text(written_into(into.read_text("utf-8"), mark, markdown(rows)), encoding="utf-8")


def written_into(text: str, mark: str, table: str) -> str:
    """`text` with `table` for what stands between `<!-- mark -->` and `<!-- end of mark -->`. Raises ValueError."""
    begin, end = f"<!-- {mark} -->\n", f"<!-- end of {mark} -->"
    if text.count(begin) != 1 or text.count(end) != 1:
        raise ValueError(f"there must be one line {begin.strip()} and one {end}")
    before, _, rest = text.partition(begin)
    return f"{before}{begin}{table}\n{end}{rest.partition(end)[2]}"


@dataclass(frozen=True, slots=True)
class Check:
    """One target: `value` must not exceed `limit`; None: it is there to compare with."""

    name: str
    value: float
    limit: float | None
    unit: str
    note: str = ""

    @property
    def is_met(self) -> bool | None:
        return None if self.limit is None else self.value <= self.limit

    @property
    def is_missed(self) -> bool:
        return self.is_met is False


def verdict_rows(checks: Sequence[Check]) -> list[tuple[str, ...]]:
    head = ("target", "measured", "at most", "", "")
    return [head, *((one.name, f"{one.value:,.2f} {one.unit}", *_verdict(one), one.note) for one in checks)]


def _verdict(one: Check) -> tuple[str, str]:
    return ("", "") if one.limit is None else (f"{one.limit:g} {one.unit}", MISSED[one.is_missed])


def point_rows(title: str, series: Mapping[str, Points]) -> list[tuple[str, ...]]:
    """The points of a plot, a row for each place on the axis."""
    by_x = {x: [dict(points).get(x) for points in series.values()] for points in series.values() for x, _ in points}
    rows = [(f"{x:,.0f}", *(said(value, "") for value in values)) for x, values in sorted(by_x.items())]
    return [(title, *series), *rows]


class Line:
    """The line on the terminal that says how it goes on; nothing where nobody sees it."""

    def __init__(self) -> None:
        self.is_shown = sys.stderr.isatty()

    def show(self, text: str) -> None:
        if self.is_shown:
            print(f"\r\x1b[K{text[: shutil.get_terminal_size().columns - 1]}", end="", file=sys.stderr, flush=True)
