"""Server-sent events, a WebSocket, or just asking once a second? What each costs for the same spectators of one table.

The table plays at a person's pace. From the CPU that of the same table without spectators is taken away.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from functools import partial
from typing import Final

from game_server.bench import code_size
from game_server.bench.bystanders import WATCH_S, Delay, delays, longest_silence_s
from game_server.bench.columns import Column, Proxied
from game_server.bench.crew import Part
from game_server.bench.footprint import Footprint, alone
from game_server.bench.games import Game
from game_server.bench.proxy import AS_IT_COMES, HOLDING_BACK, nginx
from game_server.bench.returns import came_back
from game_server.bench.runs import Progress, Run, Window, measured, percentile_ms, quiet
from game_server.bench.servers import Served
from game_server.bench.sockets import EventStream, Feed, Poller, WebSocket
from game_server.bench.tables import Manner

KINDS: Final[dict[str, type[Feed]]] = {"WebSocket": WebSocket, "SSE": EventStream, "polling at 1 Hz": Poller}
NAMES: Final[dict[type[Feed], str]] = {WebSocket: "ws", EventStream: "sse", Poller: "polls"}
MEMORY_COUNT: Final = 500
KB: Final = 1_024
Start = Callable[[], AbstractContextManager[Served]]


@dataclass(frozen=True, slots=True)
class Comparison:
    """How the feeds are compared: `spectators` of each kind in turn, and a move every `think_s`.

    `start` gives a server. `is_proxied`: everything that a proxy may change is measured behind an nginx, too.
    """

    start: Start
    games: Sequence[Game]
    spectators: int = 300
    think_s: float = 2.0
    window: Window = Window(2, 10)  # noqa: RUF009 - it is frozen
    is_proxied: bool = False
    watch_s: float = WATCH_S        # for what needs no crowd
    progress: Progress = quiet

    def columns(self) -> dict[str, Column]:
        """What was found for each kind. Raises BenchError, OSError, TimeoutError."""
        silence_s, unwarned = self.bystanders()
        found = {}
        for label, kind in KINDS.items():
            self.progress(f"{label}: memory")
            memory = alone(self.start, partial(Footprint.spectator_bytes, kind=kind, count=MEMORY_COUNT)) / KB
            with self.start() as server:
                nobody, run = self.run(server, None), self.run(server, kind)
                self.progress(f"{label}: coming back")
                back = asyncio.run(came_back(server, kind))
                proxied = self.behind(server, kind, unwarned, label) if self.is_proxied else None
            tally = run.score.tallies[NAMES[kind]]
            events_per_s = max(1, tally.events) / run.seconds
            cpu_us = spent(run.server_cpu_s / run.seconds, nobody.server_cpu_s / nobody.seconds)
            found[label] = Column(
                cpu_us_per_s=cpu_us / self.spectators,
                cpu_us_per_event=cpu_us / events_per_s,
                memory_kb=memory,
                bytes_per_event=tally.received_bytes / run.seconds / events_per_s,
                bytes_per_s=tally.received_bytes / run.seconds / self.spectators,
                delay_p50_ms=percentile_ms(tally.delays_s, 50) or 0.0,
                delay_p99_ms=percentile_ms(tally.delays_s, 99) or 0.0,
                longest_silence_s=silence_s[label],
                reconnect_cpu_us=back.cpu_us,
                reconnect_bytes=back.wire_bytes,
                reconnect_ms=back.took_ms,
                resent=back.resent,
                server_lines=code_size.server_lines(label),
                browser_lines=code_size.browser_lines(label),
                own_lines=code_size.own_lines(label),
                proxied=proxied,
            )
        return found

    def run(self, server: Served, kind: type[Feed] | None) -> Run:
        crowd = {NAMES[kind]: self.spectators} if kind is not None else {}
        part = Part(1, manner=Manner("60+30", self.think_s), **crowd)
        return measured(server, [part], self.games, self.window, self.progress)

    def behind(
        self, server: Served, kind: type[Feed], unwarned: Mapping[tuple[str, str], Delay], label: str
    ) -> Proxied:
        """The same behind an nginx as one would put it there, and what others do."""
        with nginx(server) as fronted:
            nobody, run = self.run(fronted, None), self.run(fronted, kind)
            back = asyncio.run(came_back(fronted, kind))
        tally = run.score.tallies[NAMES[kind]]
        nginx_us = spent(run.proxy_cpu_s / run.seconds, nobody.proxy_cpu_s / nobody.seconds)
        return Proxied(
            cpu_us_per_s=nginx_us / self.spectators,
            delay_p50_ms=percentile_ms(tally.delays_s, 50) or 0.0,
            delay_p99_ms=percentile_ms(tally.delays_s, 99) or 0.0,
            reconnect_ms=back.took_ms,
            as_it_comes=str(unwarned["as it comes", label]),
            holding_back=str(unwarned["holding back", label]),
        )

    def bystanders(self) -> tuple[dict[str, float], dict[tuple[str, str], Delay]]:
        """The longest silence of each feed, and how late each is behind proxies that nobody has told about streams."""
        self.progress(f"a quiet room{', and other ways to set up nginx' if self.is_proxied else ''}")
        with ExitStack() as stack:
            server = stack.enter_context(self.start())
            fronts = {}
            if self.is_proxied:
                for name, manner in (("as it comes", AS_IT_COMES), ("holding back", HOLDING_BACK)):
                    fronts[name] = stack.enter_context(nginx(server, manner))

            async def found() -> tuple[dict[tuple[str, str], Delay], list[float]]:
                silent = asyncio.gather(*(longest_silence_s(server, kind, self.watch_s) for kind in KINDS.values()))
                return await delays(server, fronts, KINDS, self.watch_s) if fronts else {}, await silent

            late, silences = asyncio.run(found())
        return dict(zip(KINDS, silences, strict=True)), late


def spent(with_them_s: float, without_s: float) -> float:
    """The difference in µs; what noise makes negative is nothing."""
    return max(0.0, with_them_s - without_s) * 1e6
