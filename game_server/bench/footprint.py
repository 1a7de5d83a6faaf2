"""What connections, rooms and games take: memory while they are there, disk when they are over, CPU to be opened again.

Memory is the growth of the server's share (PSS) while `count` more of a kind arrive, after a first few, in a server
that has done nothing else: what they need once, and not each, is not in it.
"""

import asyncio
import http.client
import json
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, TypeVar

from game_server.bench.connection import Target
from game_server.bench.games import PLIES, random_games
from game_server.bench.servers import BenchError, Served, database_bytes, tabiya
from game_server.bench.sockets import EventStream, Feed, WebSocket
from game_server.bench.tables import Doors, Manner, Table
from game_server.bench.tally import Score, Tally

REST_S: Final = 1.2     # until the first heartbeats are over, and the presence is told
AT_ONCE: Final = 50
PATIENCE_S: Final = 240
SOON_S: Final = 0.2
GAMES: Final = 24
FIRST: Final = 100      # connections
FIRST_ROOMS: Final = 10     # opened before the others are
SOME, SOME_ROOMS = 400, 100
ROOM: Final = "footprint"
T = TypeVar("T")
Start = Callable[[], AbstractContextManager[Served]]


def ignored(_text: bytes) -> None:
    """Spectators at rest hear nothing that matters."""


class Hall:
    """Tables in this process, most of which rest."""

    def __init__(self, target: Target, manner: Manner) -> None:
        self.games = [game for game in random_games(GAMES, seed=1) if len(game.moves) == PLIES and not game.ends]
        self.manner = manner
        self.tables: list[Table] = []
        self.tasks: list[asyncio.Task[None]] = []
        self.doors = Doors()
        self._target = target
        self._score = Score()

    async def add(self, count: int, until: Callable[[Table], asyncio.Event]) -> None:
        """`count` more tables, at each of which what `until` says has happened. Raises OSError, TimeoutError."""
        async with asyncio.timeout(PATIENCE_S):
            for _ in range(count):
                table = Table(self._target, self.games, len(self.tables), self.manner, self._score, self.doors)
                self.tables.append(table)
                self.tasks.append(asyncio.create_task(table.run()))
                if len(self.tables) % AT_ONCE == 0:
                    await asyncio.gather(*(until(one).wait() for one in self.tables))
            await asyncio.gather(*(until(one).wait() for one in self.tables))

    async def leave(self) -> None:
        for table in self.tables:
            table.leave()
            table.is_stopping = True
        await asyncio.gather(*self.tasks)


class Footprint:
    """One server's memory, as more and more come and stay."""

    def __init__(self, server: Served) -> None:
        self.server = server
        self._held: list[Feed] = []
        self._halls: list[Hall] = []
        self._target = Target(server.host, server.port)

    async def spectator_bytes(self, kind: type[Feed], count: int) -> float:
        """What one idle spectator's connection takes."""
        if not self._held:
            await self._open_room()
        path = kind.feed + ROOM
        before = await self._hold(kind, path, FIRST)
        return (await self._hold(kind, path, count) - before) / count

    async def _open_room(self) -> None:
        is_open = asyncio.Event()
        player = WebSocket(lambda _: is_open.set(), Tally())
        self._held.append(await self._target.connect(player, f"/ws/game/{ROOM}"))
        if not self.server.is_bare:
            async with asyncio.timeout(PATIENCE_S):
                await is_open.wait()

    async def _hold(self, kind: type[Feed], path: str, more: int) -> int:
        for begin in range(0, more, AT_ONCE):
            some = [kind(ignored, Tally()) for _ in range(min(AT_ONCE, more - begin))]
            self._held.extend(await asyncio.gather(*(self._target.connect(one, path) for one in some)))
        return await self._at_rest()

    async def player_bytes(self, count: int) -> float:
        """What one idle player's connection takes: what a second player adds to a room before the first move."""
        hall = self._hall(Manner())
        await hall.add(count, lambda table: table.first)
        before = await self._at_rest()
        hall.doors.second.set()
        await hall.add(0, lambda table: table.has_begun)
        return (await self._at_rest() - before) / count

    async def room_bytes(self, count: int, player: float) -> float:
        """What one live room takes in which 80 plies were played, without its players' connections (`player` each).

        As many come before them, all playing at once as well: what the first ones load stays, statements for batches of
        every size among it (1 MB), and is no room's.
        """
        hall = self._hall(Manner(after="hold"))
        hall.doors.open()
        await hall.add(count, lambda table: table.has_ended)
        before = await self._at_rest()
        await hall.add(count, lambda table: table.has_ended)
        return (await self._at_rest() - before) / count - 2 * player

    async def leave(self) -> None:
        for connection in self._held:
            connection.leave()
        for hall in self._halls:
            await hall.leave()

    def _hall(self, manner: Manner) -> Hall:
        self._halls.append(Hall(self._target, manner))
        return self._halls[-1]

    async def _at_rest(self) -> int:
        await asyncio.sleep(REST_S)
        return self.server.memory_bytes()


def alone(start: Start, measure: Callable[[Footprint], Awaitable[T]]) -> T:
    """What `measure` finds in a server that has done nothing before."""

    async def found(server: Served) -> T:
        footprint = Footprint(server)
        try:
            return await measure(footprint)
        finally:
            await footprint.leave()

    with start() as server:
        return asyncio.run(found(server))


async def memory(footprint: Footprint) -> dict[str, float]:
    """Memory in KB of one connection of each kind and of one room, roughly: by a few hundred, in one server."""
    ws = await footprint.spectator_bytes(WebSocket, SOME)
    sse = await footprint.spectator_bytes(EventStream, SOME)
    player = await footprint.player_bytes(SOME // 2)
    room = await footprint.room_bytes(SOME_ROOMS, player)
    found = {"a player": player, "a WebSocket spectator": ws, "an SSE spectator": sse, "a room of 80 plies": room}
    return {name: round(value / 1_024, 1) for name, value in found.items()}


@dataclass(frozen=True, slots=True)
class Kept:
    """A finished game of 80 plies: its `disk_bytes`, and the server's CPU for the first and for another look at it."""

    disk_bytes: float
    cold_us: float
    warm_us: float


def kept_games(options: Sequence[str], count: int) -> Kept:
    """Plays `count` games to their end, restarts the server, and asks for every room twice; before that for a few
    others, because what the first ones load (models, the interpreter's own warm-up) is no room's.
    """
    with TemporaryDirectory(prefix="tabiya-bench-") as folder:
        database = Path(folder) / "kept.db"
        with tabiya(*options, database=database):
            pass
        empty_bytes = database_bytes(database)
        with tabiya(*options, database=database) as server:
            rooms = finished_rooms(server, FIRST_ROOMS + count)
        disk_bytes = (database_bytes(database) - empty_bytes) / len(rooms)
        paths = [f"/rooms/{room}" for room in rooms]
        with tabiya(*options, database=database) as server:
            look_cpu_us(server, paths[:FIRST_ROOMS])
            cold_us, warm_us = (look_cpu_us(server, paths[FIRST_ROOMS:]) for _ in range(2))
    return Kept(disk_bytes, cold_us, warm_us)


def finished_rooms(server: Served, count: int) -> list[str]:
    """The rooms in which `count` games of 80 plies were played, resigned, and left, and which have closed by that.

    Raises BenchError.
    """
    rooms = asyncio.run(_played_out(server, count))
    ends_s = time.monotonic() + PATIENCE_S
    for room in rooms:
        while json.loads(_looked(server, f"/rooms/{room}"))["status"] != "closed":
            if time.monotonic() > ends_s:
                raise BenchError("a room that both players have left does not close")
            time.sleep(SOON_S)
    return rooms


async def _played_out(server: Served, count: int) -> list[str]:
    hall = Hall(Target(server.host, server.port), Manner(after="leave"))
    hall.doors.open()
    await hall.add(count, lambda table: table.has_ended)
    await asyncio.gather(*hall.tasks)
    return [table.room_id for table in hall.tables]


def look_cpu_us(server: Served, paths: Sequence[str]) -> float:
    """The server's CPU for a request, of these in turn, each on a connection of its own."""
    before_s = server.cpu_s()
    for path in paths:
        _looked(server, path)
    return (server.cpu_s() - before_s) / len(paths) * 1e6


def _looked(server: Served, path: str) -> bytes:
    connection = http.client.HTTPConnection(server.host, server.port, timeout=PATIENCE_S)
    try:
        connection.request("GET", path)
        return connection.getresponse().read()
    finally:
        connection.close()
