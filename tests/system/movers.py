"""People who play game after game while all kinds of things happen to the servers they sit at.

A `Table` is two random movers and their spectators; whoever loses a connection comes back at the next server, as behind
a load balancer. `Table.check` compares all that anyone was shown with the record.
"""

import asyncio
import json
import random
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

import httpx

from tests.system.player import PATIENCE_S, Broken, Frame, Player, Stream, Watcher
from tests.system.process import Server


@dataclass(frozen=True)
class Pace:
    """How long a mover thinks, and after how many plies somebody resigns; all of them can still be resumed from."""

    thinks_s: tuple[float, float]
    longest_plies: int


CALM: Final = Pace((0.2, 1.0), 120)
AT_ONCE: Final = Pace((0, 0), 240)
GAME_WITHIN_S: Final = 900     # however often the server is killed meanwhile; `play_on` sees whether it goes on
TIME: Final = "60+5"            # nobody loses on time, if time stands still while it should
BY_A_FAULT: Final = {"timeout", "timeout_insufficient_material", "abandonment", "aborted"}


class Resumes:
    """How long each of those who lost a connection was without one, in seconds."""

    def __init__(self) -> None:
        self.took_s: list[float] = []

    def quantile(self, share: float) -> float:
        ordered = sorted(self.took_s)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0

    @property
    def told(self) -> str:
        if not self.took_s:
            return "nobody lost a connection"
        p50_ms, p99_ms = 1_000 * self.quantile(0.5), 1_000 * self.quantile(0.99)
        return f"{len(self.took_s)} resumes, p50 {p50_ms:.0f} ms, p99 {p99_ms:.0f} ms"


class Roamer(Player):
    """A player who, when a connection is lost, tries the servers in turn."""

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


class RoamingStream(Stream):
    """The same, watching over server-sent events."""

    def __init__(self, urls: list[str], room_id: str, position: str) -> None:
        super().__init__(urls[0], room_id, position)
        self._urls = urls
        self._attempts = 0

    async def _listen(self, http: httpx.AsyncClient) -> None:
        self.url = f"{self._urls[self._attempts % len(self._urls)]}/sse/game/{self.room_id}"
        self._attempts += 1
        await super()._listen(http)


class Table:
    """Two random movers at different servers and their spectators, playing game after game, each in a room of its own.

    `broken` says what the record has not kept of what anybody was shown.
    """

    def __init__(
        self, servers: list[Server], number: int, resumes: Resumes, chance: random.Random, pace: Pace = CALM
    ) -> None:
        self.servers = servers
        self.number = number
        self.chance = chance
        self.pace = pace
        self.games = 0
        self.moves = 0              # in rooms that were left
        self.lost = 0
        self.doubled = 0
        self.broken: list[str] = []
        self.is_last = False
        self.white: Roamer
        self.black: Roamer
        self.listeners: list[Player | Watcher | Stream] = []
        self.room_id = ""
        self._resumes = resumes

    async def run(self) -> None:
        while not self.is_last:
            async with self.new_room():
                for listener in self.listeners:
                    await listener.until_it(lambda listener: listener.of("game_over"), GAME_WITHIN_S)
                for player in (self.white, self.black):
                    await player.until_it(lambda player: not player.pending)
                await self.require_record()
                self.games += 1

    def turned(self, first: int) -> list[Server]:
        first %= len(self.servers)
        return self.servers[first:] + self.servers[:first]

    @asynccontextmanager
    async def new_room(self) -> AsyncIterator[None]:
        self.room_id = f"table-{self.number}-{self.games}"
        here, there = self.turned(self.number), self.turned(self.number + 1)
        ws_here, ws_there = ([server.ws_url for server in servers] for servers in (here, there))
        self.white = Roamer(ws_here, self.room_id, self._resumes, color="white", name="White", time=TIME)
        self.black = Roamer(ws_there, self.room_id, self._resumes, name="Black")
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(self.white)
            await self.white.until(lambda: self.white.welcome)
            start = f"{self.white.welcome['epoch']}:0"
            watcher = RoamingWatcher(ws_there if self.number % 3 else ws_here, self.room_id, start)
            stream = RoamingStream([server.url for server in here], self.room_id, start)
            self.listeners = [self.white, self.black, watcher, stream]
            await stack.enter_async_context(watcher)
            await stack.enter_async_context(stream)
            for player in (self.white, self.black):
                player.on_turn = self.turn
            await stack.enter_async_context(self.black)
            yield
            self.moves += self.white.ply
            self.listeners = []

    async def turn(self, player: Player) -> None:
        if '"try_again"' in next(reversed(player.answers.values()), ""):
            await asyncio.sleep(0.1)
        if player.ply >= self.pace.longest_plies or self.is_last:
            await player.send(type="resign")
            return
        moves = list(player.board.legal_moves)
        if not moves:       # the end of the game is the next frame
            return
        await asyncio.sleep(self.chance.uniform(*self.pace.thinks_s))
        if not player.is_to_move or player.pending:
            return
        await player.send(type="move", uci=self.chance.choice(moves).uci(), ply=player.ply + 1)
        if self.chance.random() < 0.1:
            await player.send(type="chat", text=f"after {player.ply}")
        if self.chance.random() < 0.1:
            await player.send(type="move", uci="a1a1", ply=player.ply + 1)     # refused, and remembered

    async def check(self) -> None:
        """Whether the record has, byte for byte, all that anyone was shown, each move once, and each game's one end."""
        shown = [(type(listener).__name__, dict(listener.shown)) for listener in self.listeners]
        latest = max((max(frames, default=0) for _, frames in shown), default=0)
        if not latest:
            return
        epoch = next(listener.position for listener in self.listeners if listener.position).rpartition(":")[0]
        urls = [server.url for server in self.turned(self.chance.randrange(len(self.servers)))]
        async with RoamingStream(urls, self.room_id, f"{epoch}:0") as record:
            await record.until(lambda: record.v >= latest)
        assert not record.of("state"), f"{self.room_id}: a state in place of the frames"
        for name, frames in shown:
            for v, text in frames.items():
                if record.shown[v] != text:
                    self.lost += 1
                    self.broken.append(f"{self.room_id}: {name} was shown {text}, the record has {record.shown[v]}")
        self._check_game([json.loads(text) for text in record.texts])

    def _check_game(self, record: Iterable[Frame]) -> None:
        """The room's one game."""
        plies = [frame["ply"] for frame in record if frame["type"] == "move"]
        self.doubled += len(plies) - len(set(plies))
        ends = [frame for frame in record if frame["type"] == "game_over"]
        if len(ends) > 1 or plies != list(range(1, len(plies) + 1)):
            self.broken.append(f"{self.room_id}: {ends}, {plies}")
        if any(end["reason"] in BY_A_FAULT for end in ends):
            self.broken.append(f"{self.room_id}: a fault has cost somebody the game: {ends}")

    async def require_record(self) -> None:
        """`check`; raises Broken."""
        await self.check()
        if self.broken:
            raise Broken(self.broken[0])

    def made(self) -> int:
        return self.moves + (self.white.ply if self.listeners else 0)

    async def play_on(self, moves: int) -> None:
        """Until so many more moves were made here, and every client has seen them."""
        goal = self.made() + moves
        async with asyncio.timeout(PATIENCE_S):
            while self.made() < goal:
                self.raise_fault()
                await asyncio.sleep(0.005)
        listeners = list(self.listeners)
        latest = max((listener.v for listener in listeners), default=0)
        for listener in listeners:
            await listener.until_it(lambda listener: listener.is_over or listener.v >= latest)

    def raise_fault(self) -> None:
        for listener in self.listeners:
            if listener.fault is not None:
                raise listener.fault

    def in_flight(self) -> list[str]:
        """The ids of moves that were sent and not answered."""
        return [
            command_id
            for player in self.listeners
            if isinstance(player, Player) and player.socket is not None and player.is_welcome
            for command_id, text in player.pending.items()
            if json.loads(text)["type"] == "move"
        ]


@asynccontextmanager
async def playing(tables: list[Table]) -> AsyncIterator[None]:
    """Games are played as long as the block lasts; then each table ends the one it is at."""
    async with asyncio.TaskGroup() as group:
        for table in tables:
            group.create_task(table.run())
        yield
        for table in tables:
            table.is_last = True
