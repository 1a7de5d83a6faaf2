"""Coming back to a room after something was missed: what that costs, and what is sent again."""

import asyncio
import json
import urllib.request
from collections import Counter
from dataclasses import dataclass
from time import perf_counter
from typing import Final

from game_server.bench.columns import MISSED
from game_server.bench.connection import Target
from game_server.bench.footprint import AT_ONCE, Hall
from game_server.bench.listeners import EVENT
from game_server.bench.runs import median
from game_server.bench.servers import Served
from game_server.bench.sockets import Feed, Poller
from game_server.bench.tables import Manner
from game_server.bench.tally import Tally

RETURNS: Final = 300
PATIENCE_S: Final = 30


@dataclass(frozen=True, slots=True)
class Reconnect:
    """Coming back after MISSED events: the server's CPU, the bytes for it, and how long it took."""

    cpu_us: float
    wire_bytes: float           # both ways, above TCP
    took_ms: float
    resent: str                 # of what kind the frames were


async def came_back(server: Served, kind: type[Feed], returns: int = RETURNS) -> Reconnect:
    """So many spectators come back, AT_ONCE together, to a room in which 80 plies were played."""
    target, tally = Target(server.host, server.port), Tally()
    hall = Hall(target, Manner(after="hold"))
    hall.doors.open()
    await hall.add(1, lambda table: table.has_ended)
    room_id = hall.tables[0].room_id
    position = await asyncio.to_thread(_position, server, room_id)
    took_ms, resent = list[float](), Counter[str]()
    cpu_s = server.cpu_s()
    for begin in range(0, returns, AT_ONCE):
        batch = range(begin, min(begin + AT_ONCE, returns))
        took_ms += await asyncio.gather(*(_return(target, kind, tally, resent, room_id, position) for _ in batch))
    cpu_us = (server.cpu_s() - cpu_s) / returns * 1e6
    await hall.leave()
    said = ", ".join(f"{count / returns:g} × `{name}`" for name, count in sorted(resent.items()))
    return Reconnect(cpu_us, tally.received_bytes / returns, median(took_ms), said)


def _position(server: Served, room_id: str) -> str:
    """Where a spectator is who has missed the room's last MISSED events."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(f"http://{server.host}:{server.port}/rooms/{room_id}", timeout=PATIENCE_S) as answer:
        state = json.load(answer)
    return f"{state['epoch']}:{state['v'] - MISSED}"


async def _return(
    target: Target, kind: type[Feed], tally: Tally, resent: Counter[str], room_id: str, position: str
) -> float:
    """The milliseconds until one spectator has all that it missed: as events, or as the state if it polls."""
    wanted = 1 if kind is Poller else MISSED
    caught_up, heard = asyncio.Event(), 0

    def hear(text: bytes) -> None:
        nonlocal heard
        if heard < wanted and (kind is Poller or text.startswith(EVENT)):
            heard += 1
            resent[json.loads(text)["type"]] += 1
        if heard == wanted:
            caught_up.set()

    began_s = perf_counter()
    query = "" if kind is Poller else f"?since={position}"
    connection = await target.connect(kind(hear, tally), kind.feed + room_id + query)
    tally.received_bytes += len(connection.head)
    async with asyncio.timeout(PATIENCE_S):
        await caught_up.wait()
    took_ms = (perf_counter() - began_s) * 1e3
    connection.leave()
    return took_ms
