"""Several workers that share a store and a bus, and people who do not care at which of them they are.

A `Table` is two random movers at different workers, and their spectators; whoever loses a connection comes back at the
next worker, as behind a load balancer. `Faults` counts what each fault cost.
"""

import asyncio
import json
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import httpx

from tests.system.player import PATIENCE_S, Broken, Frame, Player, Stream, Watcher
from tests.system.process import Server

LONGEST_PLIES: Final = 120      # then somebody resigns
THINKS_S: Final = (0.2, 1.0)


def worker(folder: Path, database_url: str, redis_url: str, *options: str) -> Server:
    """A worker that is not yet started; the last `--database-url` counts."""
    folder.mkdir()
    return Server(folder, "--database-url", database_url, "--redis-url", redis_url, "--rate-limits", "off", *options)


class Resumes:
    """How long each of those who lost a connection was without one, in seconds."""

    def __init__(self) -> None:
        self.took_s: list[float] = []

    def quantile(self, share: float) -> float:
        ordered = sorted(self.took_s)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


class Roamer(Player):
    """A player who, when a connection is lost, tries the workers in turn."""

    def __init__(self, ws_urls: list[str], room_id: str, resumes: Resumes, **wishes: Any) -> None:
        super().__init__(ws_urls[0], room_id, **wishes)
        self._ws_urls = ws_urls
        self._resumes = resumes
        self._lost_s: float | None = None
        self._attempts = 0

    def dial(self) -> Any:
        self.ws_url = self._ws_urls[self._attempts % len(self._ws_urls)]
        self._attempts += 1
        return super().dial()

    async def take(self, frame: Frame, text: str) -> None:
        if frame["type"] == "welcome" and self._lost_s is not None:
            self._resumes.took_s.append(time.monotonic() - self._lost_s)
            self._lost_s = None
        await super().take(frame, text)

    async def _listen(self, socket: Any) -> None:
        await super()._listen(socket)
        if self._lost_s is None and self.is_welcome:
            self._lost_s = time.monotonic()


class RoamingWatcher(Watcher):
    """The same, watching over a WebSocket."""

    def __init__(self, ws_urls: list[str], room_id: str, position: str) -> None:
        super().__init__(ws_urls[0], room_id, position)
        self._ws_urls = ws_urls
        self._attempts = 0

    def dial(self) -> Any:
        self.ws_url = self._ws_urls[self._attempts % len(self._ws_urls)]
        self._attempts += 1
        return super().dial()


class Table:
    """Two random movers and a spectator, playing game after game, each in a room of its own."""

    def __init__(self, servers: list[Server], number: int, resumes: Resumes, chance: random.Random) -> None:
        self.servers = servers
        self.number = number
        self.chance = chance
        self.games = 0
        self.moves = 0              # in rooms that were left
        self.doubled = 0
        self.is_last = False
        self.white: Roamer
        self.black: Roamer
        self.listeners: list[Player | Watcher] = []
        self.room_id = ""
        self._resumes = resumes

    async def run(self) -> None:
        while not self.is_last:
            async with self.new_room():
                for listener in self.listeners:
                    await listener.until_it(lambda listener: listener.of("game_over"), 120)
                for player in (self.white, self.black):
                    await player.until_it(lambda player: not player.pending)
                await self.require_record()
                self.games += 1

    def ws_urls(self, first: int) -> list[str]:
        urls = [server.ws_url for server in self.servers]
        first %= len(urls)
        return urls[first:] + urls[:first]

    @asynccontextmanager
    async def new_room(self) -> AsyncIterator[None]:
        self.room_id = f"table-{self.number}-{self.games}"
        here, there = self.ws_urls(self.number), self.ws_urls(self.number + 1)
        self.white = Roamer(here, self.room_id, self._resumes, color="white", name="White", time="30+5")
        self.black = Roamer(there, self.room_id, self._resumes, name="Black")
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(self.white)
            await self.white.until(lambda: self.white.welcome)
            start = f"{self.white.welcome['epoch']}:0"
            watcher = RoamingWatcher(there if self.number % 3 else here, self.room_id, start)
            self.listeners = [self.white, self.black, watcher]
            await stack.enter_async_context(watcher)
            for player in (self.white, self.black):
                player.on_turn = self.turn
            await stack.enter_async_context(self.black)
            yield
            self.moves += self.white.ply
        self.listeners = []

    async def turn(self, player: Player) -> None:
        if '"try_again"' in next(reversed(player.answers.values()), ""):
            await asyncio.sleep(0.1)
        if player.ply >= LONGEST_PLIES or self.is_last:
            await player.send(type="resign")
            return
        moves = list(player.board.legal_moves)
        if not moves:       # the end of the game is the next frame
            return
        await asyncio.sleep(self.chance.uniform(*THINKS_S))
        if player.is_to_move and not player.pending:
            await player.send(type="move", uci=self.chance.choice(moves).uci(), ply=player.ply + 1)

    async def require_record(self) -> None:
        """That the record has, byte for byte, all that anyone was shown, each move once, and each game's one end."""
        shown = [(type(listener).__name__, dict(listener.shown)) for listener in self.listeners]
        latest = max((max(frames, default=0) for _, frames in shown), default=0)
        if not latest:
            return
        epoch = next(listener.position for listener in self.listeners if listener.position).rpartition(":")[0]
        server = self.chance.choice([server for server in self.servers if server.process.poll() is None])
        async with Stream(server.url, self.room_id, f"{epoch}:0") as record:
            await record.until(lambda: record.v >= latest)
        for name, frames in shown:
            for v, text in frames.items():
                if record.shown[v] != text:
                    raise Broken(f"{self.room_id}: {name} was shown {text}, the record has {record.shown[v]}")
        frames_ = [json.loads(text) for text in record.texts]
        plies = [frame["ply"] for frame in frames_ if frame["type"] == "move"]
        self.doubled += len(plies) - len(set(plies))
        ends = [frame for frame in frames_ if frame["type"] == "game_over"]
        if len(ends) > 1 or plies != list(range(1, len(plies) + 1)):
            raise Broken(f"{self.room_id}: {ends}, {plies}")
        if any(end["reason"] in ("timeout", "abandonment", "aborted") for end in ends):
            raise Broken(f"{self.room_id}: a fault has cost somebody the game: {ends}")

    def made(self) -> int:
        return self.moves + (self.white.ply if self.listeners else 0)

    async def play_on(self, moves: int) -> None:
        """Until so many more moves were made here, and every client has seen them."""
        goal = self.made() + moves
        async with asyncio.timeout(PATIENCE_S):
            while self.made() < goal:
                self.raise_fault()
                await asyncio.sleep(0.01)
        listeners = list(self.listeners)
        latest = max((listener.v for listener in listeners), default=0)
        for listener in listeners:
            await listener.until_it(lambda listener: listener.is_over or listener.v >= latest)

    def raise_fault(self) -> None:
        for listener in self.listeners:
            if listener.fault is not None:
                raise listener.fault


@dataclass
class Faults:
    """What was done to the cluster, and what became of it, a row each."""

    tables: list[Table]
    resumes: Resumes
    rows: list[str] = field(default_factory=list)

    async def after(self, what: str, harm: Callable[[], Awaitable[None]]) -> None:
        """Does harm, and requires that every table plays on and every record is whole."""
        self.resumes.took_s.clear()
        before, began_s = sum(table.made() for table in self.tables), time.monotonic()
        await harm()
        await asyncio.gather(*(table.play_on(2) for table in self.tables))
        await asyncio.gather(*(table.require_record() for table in self.tables))
        moves, doubled = sum(table.made() for table in self.tables) - before, sum(t.doubled for t in self.tables)
        p50_s, p99_s = self.resumes.quantile(0.5), self.resumes.quantile(0.99)
        self.rows.append(
            f"| {what} | {time.monotonic() - began_s:.1f} s | {moves} | 0 | {doubled} | {len(self.resumes.took_s)} "
            f"| {1_000 * p50_s:.0f} ms | {1_000 * p99_s:.0f} ms |"
        )

    def told(self) -> str:
        head = "| fault | took | moves played | lost | doubled | resumes | p50 | p99 |"
        return "\n".join([head, "|---|---|---|---|---|---|---|---|", *self.rows])


@asynccontextmanager
async def playing(tables: list[Table]) -> AsyncIterator[None]:
    """Games are played as long as the block lasts; then each table ends the one it is at."""
    async with asyncio.TaskGroup() as group:
        for table in tables:
            group.create_task(table.run())
        yield
        for table in tables:
            table.is_last = True


async def readiness(server: Server) -> Frame:
    async with httpx.AsyncClient(trust_env=False) as http:
        answer: Frame = (await http.get(f"{server.url}/readyz", timeout=PATIENCE_S)).json()
    return answer
