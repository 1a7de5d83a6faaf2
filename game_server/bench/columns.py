"""What the comparison of feeds has found, as a table and as a plot."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from game_server.bench.chart import Panel, bars
from game_server.bench.report import UNKNOWN

MISSED: Final = 3       # events, by those who come back


@dataclass(frozen=True, slots=True)
class Proxied:
    """One kind of feed behind nginx."""

    cpu_us_per_s: float         # of nginx
    delay_p50_ms: float
    delay_p99_ms: float
    reconnect_ms: float
    as_it_comes: str
    holding_back: str


@dataclass(frozen=True, slots=True)
class Column:
    """One kind of feed. Figures are for one spectator, bytes above TCP and with all headers."""

    cpu_us_per_s: float
    cpu_us_per_event: float
    memory_kb: float
    bytes_per_event: float
    bytes_per_s: float
    delay_p50_ms: float
    delay_p99_ms: float
    longest_silence_s: float
    reconnect_cpu_us: float
    reconnect_bytes: float
    reconnect_ms: float
    resent: str
    server_lines: int
    browser_lines: int | None       # None: the page's sources are not here
    own_lines: int
    proxied: Proxied | None = None


Say = Callable[[Column], str]
ROWS: Final[tuple[tuple[str, Say], ...]] = (
    ("server CPU a second", lambda one: f"{one.cpu_us_per_s:,.1f} µs"),
    ("server CPU an event", lambda one: f"{one.cpu_us_per_event:,.1f} µs"),
    ("server memory", lambda one: f"{one.memory_kb:,.1f} KB"),
    ("bytes an event", lambda one: f"{one.bytes_per_event:,.0f}"),
    ("bytes a second", lambda one: f"{one.bytes_per_s:,.0f}"),
    ("from move to spectator, p50 / p99", lambda one: f"{one.delay_p50_ms:,.1f} / {one.delay_p99_ms:,.1f} ms"),
    ("longest silence if nothing happens", lambda one: f"{one.longest_silence_s:.0f} s"),
    (f"back after {MISSED} events: what is sent", lambda one: one.resent),
    ("… bytes, requests included", lambda one: f"{one.reconnect_bytes:,.0f}"),
    ("… server CPU", lambda one: f"{one.reconnect_cpu_us:,.0f} µs"),
    ("… until caught up, many at once", lambda one: f"{one.reconnect_ms:,.1f} ms"),
    ("lines in the server, beyond plain HTTP", lambda one: f"{one.server_lines}"),
    ("lines in the page", lambda one: UNKNOWN if one.browser_lines is None else f"{one.browser_lines}"),
    ("lines of the bench's client", lambda one: f"{one.own_lines}"),
)
PROXIED_ROWS: Final[tuple[tuple[str, Callable[[Proxied], str]], ...]] = (
    ("nginx's own CPU a second", lambda one: f"{one.cpu_us_per_s:,.1f} µs"),
    ("through nginx, p50 / p99", lambda one: f"{one.delay_p50_ms:,.1f} / {one.delay_p99_ms:,.1f} ms"),
    ("… back and caught up", lambda one: f"{one.reconnect_ms:,.1f} ms"),
    ("nginx with `proxy_pass` alone, p50 / p99", lambda one: one.as_it_comes),
    ("nginx that buffers all the same", lambda one: one.holding_back),
)
PANELS: Final[tuple[tuple[str, str, Callable[[Column], float]], ...]] = (
    ("server CPU a second", "µs", lambda one: one.cpu_us_per_s),
    ("server memory", "KB", lambda one: one.memory_kb),
    ("on the wire a second", "bytes", lambda one: one.bytes_per_s),
    ("from move to spectator, p50", "ms", lambda one: one.delay_p50_ms),
    (f"coming back after {MISSED} events", "bytes", lambda one: one.reconnect_bytes),
    ("server CPU of that", "µs", lambda one: one.reconnect_cpu_us),
)


def rows(columns: Mapping[str, Column], spectators: int) -> list[tuple[str, ...]]:
    """A head, and a row for each figure."""
    found = [(f"one of {spectators:,} spectators", *columns)]
    found += [(label, *(say(column) for column in columns.values())) for label, say in ROWS]
    proxied = [column.proxied for column in columns.values() if column.proxied is not None]
    if proxied:
        found += [(label, *(tell(one) for one in proxied)) for label, tell in PROXIED_ROWS]
    return found


def plot(columns: Mapping[str, Column], spectators: int, think_s: float) -> str:
    """The figures that differ most, as SVG."""
    title = f"One spectator of {spectators:,}, a move every {think_s:g} s"
    panels = [
        Panel(label, unit, {name: figure(column) for name, column in columns.items()})
        for label, unit, figure in PANELS
    ]
    return bars(title, panels)
