"""How late a flag falls: `python -m tests.system.flags --flags 1000`.

Two players make their first moves on a very short clock, and then wait for White's flag. The lateness is the arrival of
`game_over` at the client minus the clock's zero, on the server's time as `ping` tells it. Prints median and p99 in ms.
"""

import argparse
import asyncio
import statistics
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from tests.system.guests import Guest, table
from tests.system.process import Server
from tests.system.tables import play

PINGS = 40
TIME = "0.005+0"    # 300 ms


@dataclass
class Flag:
    """When it fell by the event, when by the clock, and when a client knew of it; Unix ms."""

    at_ms: int
    zero_ms: int
    heard_ms: tuple[float, float]

    @property
    def lateness_ms(self) -> float:
        return max(self.heard_ms) - self.zero_ms


async def offset_ms(guest: Guest) -> float:
    """What to add to this process's monotonic time (ms) to have the server's, which is cut to whole ms.

    Each ping bounds it; a fraction of a ms remains. Server and client must run on one machine.
    """
    least, most = float("-inf"), float("inf")
    for number in range(PINGS):
        sent_ms = time.monotonic_ns() / 1e6
        mark = len(guest.frames)
        await guest.send(type="ping", t=number)
        pong = await guest.following(mark, "pong")
        heard_ms = guest.arrival_ns(pong) / 1e6
        least, most = max(least, pong["server_time"] - heard_ms), min(most, pong["server_time"] + 1 - sent_ms)
    return (least + most) / 2


async def fallen(server: Server, offset: float) -> Flag:
    """A game in which White lets its time run out."""
    async with table(server, time=TIME, lag_compensation=False) as (white, black):
        await play(white, black, "e2e4", "e7e5")
        started = white.moves()[-1]
        over = await white.first("game_over")
        seen = await black.first("game_over")
        heard_ms = white.arrival_ns(over) / 1e6 + offset, black.arrival_ns(seen) / 1e6 + offset
        return Flag(over["at"], started["at"] + started["clock"]["white"], heard_ms)


async def flags(server: Server, count: int, at_once: int) -> list[Flag]:
    async with table(server) as (white, _):
        offset = await offset_ms(white)
    found: list[Flag] = []

    async def fall_in_turn() -> None:
        while len(found) + waiting[0] < count:
            waiting[0] += 1
            flag = await fallen(server, offset)
            waiting[0] -= 1
            found.append(flag)

    waiting = [0]
    await asyncio.gather(*(fall_in_turn() for _ in range(at_once)))
    return found


def summary(found: list[Flag]) -> str:
    lateness_ms = sorted(flag.lateness_ms for flag in found)
    p99_ms = lateness_ms[min(len(lateness_ms) - 1, round(len(lateness_ms) * 0.99))]
    return (
        f"{len(found)} flags: arrival after the clock's zero: median {statistics.median(lateness_ms):.1f} ms, "
        f"p99 {p99_ms:.1f} ms, most {lateness_ms[-1]:.1f} ms, least {lateness_ms[0]:.1f} ms; "
        f"{sum(flag.at_ms != flag.zero_ms for flag in found)} not dated by the clock"
    )


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--flags", type=int, default=1_000)
    arguments.add_argument("--at-once", type=int, default=10, help="tables at which the clocks run together")
    asked = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder)).start()
        try:
            print(summary(asyncio.run(flags(server, asked.flags, asked.at_once))))
        finally:
            server.end()


if __name__ == "__main__":
    main()
