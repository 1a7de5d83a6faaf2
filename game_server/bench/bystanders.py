"""What needs no crowd to be seen: how long a feed is silent when nothing happens, and what a proxy does to it that
nobody has told about streams.
"""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from game_server.bench.connection import Target
from game_server.bench.footprint import Hall, ignored
from game_server.bench.listeners import PollingSpectator, Spectator
from game_server.bench.runs import percentile_ms
from game_server.bench.servers import Served
from game_server.bench.sockets import Feed, Poller, WebSocket
from game_server.bench.tables import Manner
from game_server.bench.tally import Tally

THINK_S: Final = 0.25
WATCH_S: Final = 32.0       # twice the longest heartbeat
SETTLE_S: Final = 1.5       # until the presence is told and the first heartbeat over
LOOK_S: Final = 0.02
OPEN_S: Final = 20


@dataclass(frozen=True, slots=True)
class Delay:
    """From a move's sending to its arrival; or why nothing arrived."""

    p50_ms: float | None = None
    p99_ms: float | None = None
    refusal: str = ""

    def __str__(self) -> str:
        if self.p50_ms is None or self.p99_ms is None:
            return self.refusal or "nothing came"
        return f"{self.p50_ms:,.0f} / {self.p99_ms:,.0f} ms"


async def longest_silence_s(server: Served, kind: type[Feed], watch_s: float = WATCH_S) -> float:
    """The longest time in which a room where nothing happens sent a spectator nothing at all."""
    target, tally = Target(server.host, server.port), Tally()
    room = f"silence-{kind.__name__}"
    welcomed = asyncio.Event()
    player = await target.connect(WebSocket(lambda *_: welcomed.set(), Tally()), f"/ws/game/{room}")
    async with asyncio.timeout(OPEN_S):
        await welcomed.wait()   # before that there may be no room to watch
    spectator = await target.connect(kind(ignored, tally), kind.feed + room)
    await asyncio.sleep(SETTLE_S)
    loop = asyncio.get_running_loop()
    heard_s = began_s = loop.time()
    received_bytes, longest_s = tally.received_bytes, 0.0
    while (now_s := loop.time()) < began_s + watch_s:
        if tally.received_bytes != received_bytes:
            received_bytes, heard_s = tally.received_bytes, now_s
        longest_s = max(longest_s, now_s - heard_s)
        await asyncio.sleep(LOOK_S)
    spectator.leave()
    player.leave()
    return longest_s


async def delays(
    server: Served, fronts: Mapping[str, Served], kinds: Mapping[str, type[Feed]], watch_s: float = WATCH_S
) -> dict[tuple[str, str], Delay]:
    """How late a spectator is over each kind of feed behind each front, by their names.

    The players, who make a move each THINK_S, are at the server itself.
    """
    hall = Hall(Target(server.host, server.port), Manner("60+30", THINK_S))
    hall.doors.open()
    await hall.add(1, lambda table: table.has_moved)
    (table,) = hall.tables
    table.is_watched = True

    async def watched(front: Served, kind: type[Feed]) -> Delay:
        tally = Tally(is_measuring=True)
        spectator = (PollingSpectator if kind is Poller else Spectator)(table.sent_s, tally, lambda: None)
        try:
            async with asyncio.timeout(OPEN_S):
                path = kind.feed + table.room_id
                connection = await Target(front.host, front.port).connect(kind(spectator.hear, tally), path)
        except ConnectionError as refused:
            return Delay(refusal=str(refused).removeprefix("HTTP/1.1 "))
        with suppress(TimeoutError):
            async with asyncio.timeout(watch_s):
                await connection.ended
        connection.leave()
        return Delay(percentile_ms(tally.delays_s, 50), percentile_ms(tally.delays_s, 99))

    pairs = [(name, label) for name in fronts for label in kinds]
    found = await asyncio.gather(*(watched(fronts[name], kinds[label]) for name, label in pairs))
    await hall.leave()
    return dict(zip(pairs, found, strict=True))
