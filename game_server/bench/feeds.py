"""Server-sent events, a WebSocket, or just asking once a second? What each costs for the same spectators of one table.

The table plays at a person's pace. From the server's CPU that of the same table without spectators is taken away.
"""

import asyncio
import json
import urllib.request
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict, dataclass, fields
from functools import partial
from time import perf_counter
from typing import Final

from game_server.bench.crew import Part
from game_server.bench.crowd import Target
from game_server.bench.footprint import AT_ONCE, Footprint, Hall, alone
from game_server.bench.games import Game
from game_server.bench.report import aligned
from game_server.bench.runs import Progress, Run, Window, measured, median, percentile_ms, quiet
from game_server.bench.servers import Served
from game_server.bench.sockets import EventStream, Feed, Poller, WebSocket
from game_server.bench.tables import Manner
from game_server.bench.tally import Tally

KINDS: Final[dict[str, type[Feed]]] = {"WebSocket": WebSocket, "SSE": EventStream, "polling at 1 Hz": Poller}
NAMES: Final[dict[type[Feed], str]] = {WebSocket: "ws", EventStream: "sse", Poller: "polls"}
MISSED: Final = 3       # events, by those who come back
RETURNS: Final = 300
MEMORY_COUNT: Final = 500
PATIENCE_S: Final = 30
KB: Final = 1_024
Start = Callable[[], AbstractContextManager[Served]]
Front = Callable[[Served], AbstractContextManager[Served]]


@dataclass(frozen=True, slots=True)
class Reconnect:
    """Coming back after MISSED events: the server's CPU, the bytes received for it, and how long it took."""

    cpu_us: float
    received_bytes: float
    took_ms: float


@dataclass(frozen=True, slots=True)
class Column:
    """One kind of feed; figures are for one spectator."""

    cpu_us_per_s: float
    proxy_cpu_us_per_s: float
    cpu_us_per_event: float
    memory_kb: float
    bytes_per_event: float
    bytes_per_s: float
    delay_p50_ms: float
    delay_p99_ms: float
    reconnect_cpu_us: float
    reconnect_bytes: float
    reconnect_ms: float


LABELS: Final = (
    "server CPU a second, µs",
    "nginx's CPU a second, µs",
    "server CPU an event, µs",
    "server memory, KB",
    "on the wire an event, bytes",
    "on the wire a second, bytes",
    "move → spectator p50, ms",
    "move → spectator p99, ms",
    f"coming back after {MISSED} events: CPU, µs",
    "… bytes received",
    "… until caught up, ms",
)


@dataclass(frozen=True, slots=True)
class Comparison:
    """How the feeds are compared: `spectators` of each kind in turn, and a move every `think_s`.

    `start` gives a server, `front` the same behind a proxy.
    """

    start: Start
    games: Sequence[Game]
    spectators: int = 300
    think_s: float = 2.0
    window: Window = Window(2, 10)  # noqa: RUF009 - it is frozen
    front: Front = nullcontext
    progress: Progress = quiet

    def run(self, server: Served, kind: type[Feed] | None) -> Run:
        crowd = {NAMES[kind]: self.spectators} if kind is not None else {}
        part = Part(1, manner=Manner("60+30", self.think_s), **crowd)
        return measured(server, [part], self.games, self.window, self.progress)

    def columns(self) -> dict[str, Column]:
        """What was found for each kind. Raises BenchError, OSError, TimeoutError."""
        found = {}
        for label, kind in KINDS.items():
            self.progress(f"{label}: memory")
            memory = alone(self.start, partial(Footprint.spectator_bytes, kind=kind, count=MEMORY_COUNT)) / KB
            with self.start() as server, self.front(server) as fronted:
                nobody, run = self.run(fronted, None), self.run(fronted, kind)
                self.progress(f"{label}: coming back")
                back = asyncio.run(came_back(fronted, kind))
            found[label] = self.column(run, nobody, run.score.tallies[NAMES[kind]], memory, back)
        return found

    def column(self, run: Run, nobody: Run, tally: Tally, memory: float, back: Reconnect) -> Column:
        cpu_us = max(0.0, run.server_cpu_s / run.seconds - nobody.server_cpu_s / nobody.seconds) * 1e6
        proxy_us = max(0.0, run.proxy_cpu_s / run.seconds - nobody.proxy_cpu_s / nobody.seconds) * 1e6
        events_per_s = max(1, tally.events) / run.seconds
        received_per_s = tally.received_bytes / run.seconds
        values = (
            cpu_us / self.spectators,
            proxy_us / self.spectators,
            cpu_us / events_per_s,
            memory,
            received_per_s / events_per_s,
            received_per_s / self.spectators,
            percentile_ms(tally.delays_s, 50) or 0.0,
            percentile_ms(tally.delays_s, 99) or 0.0,
            back.cpu_us,
            back.received_bytes,
            back.took_ms,
        )
        return Column(*(round(value, 2) for value in values))


async def came_back(server: Served, kind: type[Feed]) -> Reconnect:
    """RETURNS spectators come back to a room in which 80 plies were played."""
    target, tally = Target(server.host, server.port), Tally()
    hall = Hall(target, Manner(after="hold"))
    hall.doors.open()
    await hall.add(1, lambda table: table.has_ended)
    room_id = hall.tables[0].room_id
    position = await asyncio.to_thread(_position, server, room_id)
    took_ms: list[float] = []
    cpu_s = server.cpu_s()
    for begin in range(0, RETURNS, AT_ONCE):
        batch = range(begin, min(begin + AT_ONCE, RETURNS))
        took_ms += await asyncio.gather(*(_return(target, kind, tally, room_id, position) for _ in batch))
    cost = Reconnect((server.cpu_s() - cpu_s) / RETURNS * 1e6, tally.received_bytes / RETURNS, median(took_ms))
    await hall.leave()
    return cost


def _position(server: Served, room_id: str) -> str:
    """Where a spectator is who has missed the room's last MISSED events."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(f"http://{server.host}:{server.port}/rooms/{room_id}", timeout=PATIENCE_S) as answer:
        state = json.load(answer)
    return f"{state['epoch']}:{state['v'] - MISSED}"


async def _return(target: Target, kind: type[Feed], tally: Tally, room_id: str, position: str) -> float:
    """The milliseconds until one spectator has all that it missed: as events, or as the state if it polls."""
    wanted = 1 if kind is Poller else MISSED
    caught_up, heard = asyncio.Event(), 0

    def hear(text: bytes) -> None:
        nonlocal heard
        heard += kind is Poller or text.startswith(b'{"v":')
        if heard == wanted:
            caught_up.set()

    began_s = perf_counter()
    query = "" if kind is Poller else f"?since={position}"
    connection = await target.connect(kind(hear, tally), kind.feed + room_id + query)
    async with asyncio.timeout(PATIENCE_S):
        await caught_up.wait()
    took_ms = (perf_counter() - began_s) * 1e3
    connection.leave()
    return took_ms


def table(columns: dict[str, Column], through: str) -> str:
    rows = [(f"one spectator{through}", *columns)]
    names = [field.name for field in fields(Column)]
    for name, label in zip(names, LABELS, strict=True):
        values = [asdict(column)[name] for column in columns.values()]
        if name != "proxy_cpu_us_per_s" or any(values):
            rows.append((label, *(f"{value:,.1f}" for value in values)))
    return aligned(rows)
