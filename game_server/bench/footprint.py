"""What connections, rooms and games take: memory while they are there, disk when they are over, CPU to be opened again.

Memory is the growth of the server's share (PSS) while `count` more of a kind arrive, after a first few, in a server
that has done nothing else: what they need once, and not each, is not in it.
"""

import asyncio
import http.client
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from game_server.bench.games import PLIES, Game
from game_server.bench.servers import Served, database_bytes, tabiya
from game_server.bench.sockets import EventStream, Target, WebSocket
from game_server.bench.tables import Manner, Table
from game_server.bench.tally import Score, Tally

REST_S: Final = 1.2     # until the first heartbeats are over, and the presence is told
AT_ONCE: Final = 50
FIRST: Final = 200      # connections
FIRST_ROOMS: Final = 30
LONG_S: Final = 3_600.0
ROOM: Final = "footprint"
Start = Callable[[], AbstractContextManager[Served]]


def ignored(_text: bytes) -> None:
    """Spectators at rest hear nothing that matters."""


def spectator_bytes(start: Start, kind: type[WebSocket | EventStream], count: int) -> float:
    """Memory of one idle spectator's connection."""
    path = f"/ws/watch/{ROOM}" if kind is WebSocket else f"/sse/game/{ROOM}"

    async def grown(server: Served) -> float:
        target = Target(server.host, server.port)
        held: list[WebSocket | EventStream] = [
            await target.connect(WebSocket(ignored, Tally()), f"/ws/game/{ROOM}")       # now there is the room
        ]

        async def hold(more: int) -> int:
            for begin in range(0, more, AT_ONCE):
                some = [kind(ignored, Tally()) for _ in range(min(AT_ONCE, more - begin))]
                held.extend(await asyncio.gather(*(target.connect(one, path) for one in some)))
            await asyncio.sleep(REST_S)
            return server.memory_bytes()

        before = await hold(FIRST)
        after = await hold(count)
        for connection in held:
            connection.leave()
        return (after - before) / count

    with start() as server:
        return asyncio.run(grown(server))


class Hall:
    """Tables in this process, most of which rest."""

    def __init__(self, server: Served, games: Sequence[Game], manner: Manner) -> None:
        self.server = server
        self.games = [game for game in games if len(game.moves) == PLIES and not game.ends]
        self.manner = manner
        self.tables: list[Table] = []
        self.tasks: list[asyncio.Task[None]] = []
        self.go = asyncio.Event()
        self._target = Target(server.host, server.port)
        self._score = Score()

    async def add(self, count: int, until: Callable[[Table], asyncio.Event]) -> None:
        """`count` more tables, at each of which what `until` says has happened. Raises OSError, TimeoutError."""
        for _ in range(count):
            table = Table(self._target, self.games, len(self.tables), self.manner, self._score, self.go)
            self.tables.append(table)
            self.tasks.append(asyncio.create_task(table.run()))
            if len(self.tables) % AT_ONCE == 0:
                await asyncio.gather(*(until(one).wait() for one in self.tables))
        await asyncio.gather(*(until(one).wait() for one in self.tables))

    async def at_rest(self) -> int:
        await asyncio.sleep(REST_S)
        return self.server.memory_bytes()

    async def end(self) -> None:
        for table in self.tables:
            table.leave()
            table.is_stopping = True
        await asyncio.gather(*self.tasks)


def player_bytes(start: Start, games: Sequence[Game], count: int) -> float:
    """Memory of one idle player's connection: what a second player adds to a room before the first move."""

    async def grown(server: Served) -> float:
        hall = Hall(server, games, Manner(think_s=LONG_S))
        await hall.add(count, lambda table: table.first)
        before = await hall.at_rest()
        hall.go.set()
        await hall.add(0, lambda table: table.has_begun)
        after = await hall.at_rest()
        await hall.end()
        return (after - before) / count

    with start() as server:
        return asyncio.run(grown(server))


def room_bytes(start: Start, games: Sequence[Game], count: int, player: float) -> float:
    """Memory of one live room in which 80 plies were played, without its two players' connections (`player` each)."""

    async def grown(server: Served) -> float:
        hall = Hall(server, games, Manner(after="hold"))
        hall.go.set()
        await hall.add(FIRST_ROOMS, lambda table: table.has_ended)
        before = await hall.at_rest()
        await hall.add(count, lambda table: table.has_ended)
        after = await hall.at_rest()
        await hall.end()
        return (after - before) / count - 2 * player

    with start() as server:
        return asyncio.run(grown(server))


@dataclass(frozen=True, slots=True)
class Kept:
    """A finished game of 80 plies: its `disk_bytes`, and the server's CPU for the first and for another look at it."""

    disk_bytes: float
    cold_us: float
    warm_us: float


def kept(options: Sequence[str], games: Sequence[Game], count: int) -> Kept:
    """Plays `count` games to their end, restarts the server, and asks for every room twice."""

    async def played(server: Served) -> list[str]:
        hall = Hall(server, games, Manner(after="leave"))
        hall.go.set()
        await hall.add(count, lambda table: table.has_ended)
        await asyncio.gather(*hall.tasks)
        return [table.room_id for table in hall.tables]

    with TemporaryDirectory(prefix="tabiya-bench-") as folder:
        database = Path(folder) / "kept.db"
        with tabiya(*options, database=database):
            pass
        empty_bytes = database_bytes(database)
        with tabiya(*options, database=database) as server:
            rooms = asyncio.run(played(server))
        disk_bytes = (database_bytes(database) - empty_bytes) / count
        with tabiya(*options, database=database) as server:
            look(server, "no-such-room")
            costs = [_looked_at(server, rooms) for _ in range(2)]
    return Kept(disk_bytes, *costs)


def _looked_at(server: Served, rooms: Sequence[str]) -> float:
    before_s = server.cpu_s()
    for room in rooms:
        look(server, room)
    return (server.cpu_s() - before_s) / len(rooms) * 1e6


def look(server: Served, room: str) -> None:
    """Asks for a room's state, on a connection of its own."""
    connection = http.client.HTTPConnection(server.host, server.port, timeout=10)
    try:
        connection.request("GET", f"/rooms/{room}")
        connection.getresponse().read()
    finally:
        connection.close()
