"""Several workers that share a store and a bus, and what a fault costs those who play at them."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from tests.system.movers import Resumes, Table
from tests.system.player import PATIENCE_S, Frame
from tests.system.process import Server


def worker(folder: Path, database_url: str, redis_url: str, *options: str) -> Server:
    """A worker that is not yet started; the last `--database-url` counts."""
    folder.mkdir()
    return Server(folder, "--database-url", database_url, "--redis-url", redis_url, "--rate-limits", "off", *options)


@dataclass(frozen=True)
class Cost:
    """What became of those who played while something happened."""

    what: str
    took_s: float
    moves: int
    told: str


@dataclass
class Faults:
    """What was done to the cluster, and what it cost."""

    tables: list[Table]
    resumes: Resumes
    costs: list[Cost] = field(default_factory=list)

    async def after(self, what: str, harm: Callable[[], Awaitable[None]]) -> Cost:
        """Does harm, and requires that every table plays on and every record is whole."""
        self.resumes.took_s.clear()
        before, began_s = sum(table.made() for table in self.tables), time.monotonic()
        await harm()
        await asyncio.gather(*(table.play_on(2) for table in self.tables))
        await asyncio.gather(*(table.require_record() for table in self.tables))
        moves = sum(table.made() for table in self.tables) - before
        cost = Cost(what, time.monotonic() - began_s, moves, tally(self.tables, moves, self.resumes))
        self.costs.append(cost)
        return cost

    def told(self) -> str:
        return "\n".join(f"{cost.what}: {cost.took_s:.1f} s, {cost.told}" for cost in self.costs)


def tally(tables: list[Table], moves: int, resumes: Resumes) -> str:
    lost, doubled = sum(table.lost for table in tables), sum(table.doubled for table in tables)
    return f"{moves:,} moves, {lost} lost, {doubled} doubled; {resumes.told}"


async def readiness(server: Server) -> Frame:
    """What one of the workers says; nothing if it ends before it has answered."""
    async with httpx.AsyncClient(trust_env=False) as http:
        try:
            answer: Frame = (await http.get(f"{server.url}/readyz", timeout=PATIENCE_S)).json()
        except httpx.RemoteProtocolError:
            return {}
    return answer
