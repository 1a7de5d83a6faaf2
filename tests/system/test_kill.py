"""`kill -9` at any moment loses nothing that anybody was shown, and everybody plays on.

The seed is printed when the test fails; TABIYA_SEED repeats its choices (not the moments: those are the machine's).
"""

import asyncio
import json
import os
import random
import shutil
import sqlite3
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.system.conftest import Starter
from tests.system.player import PATIENCE_S, Broken, Player, Stream, Watcher
from tests.system.process import Server

TABLES = 4
KILLS = 22
KILLS_AT_START = 3      # besides: before the server is ready again
IN_FLIGHT = 15
LONGEST_PLIES = 240     # then somebody resigns; all of it can still be resumed from
PLAYED_BETWEEN = 2      # moves at every table before the next kill


class Table:
    """Two random movers and their spectators, playing game after game, each in a room of its own."""

    def __init__(self, server: Server, number: int, chance: random.Random) -> None:
        self.server = server
        self.number = number
        self.chance = chance
        self.games = 0
        self.moves = 0              # in rooms that were left
        self.reconnects = 0
        self.white: Player
        self.black: Player
        self.listeners: list[Player | Watcher | Stream] = []
        self.room_id = ""

    async def run(self) -> None:
        while True:
            async with self.new_room():
                for listener in self.listeners:
                    await listener.until_it(lambda listener: listener.of("game_over"), 120)
                for player in (self.white, self.black):
                    await player.until_it(lambda player: not player.pending)
                await self.require_record()
                self.games += 1

    @asynccontextmanager
    async def new_room(self) -> AsyncIterator[None]:
        self.room_id = f"table-{self.number}-{self.games}"
        room = (self.server.ws_url, self.room_id)
        self.white, self.black = Player(*room, color="white", name="White", time="60+5"), Player(*room, name="Black")
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(self.white)
            await self.white.until(lambda: self.white.welcome)
            start = f"{self.white.welcome['epoch']}:0"
            watcher, stream = Watcher(*room, start), Stream(self.server.url, self.room_id, start)
            self.listeners = [self.white, self.black, watcher, stream]
            await stack.enter_async_context(watcher)
            await stack.enter_async_context(stream)
            for player in (self.white, self.black):
                player.on_turn = self.turn
            await stack.enter_async_context(self.black)
            yield
            self.moves += self.white.ply
            self.reconnects += sum(listener.connects - 1 for listener in self.listeners)
        self.listeners = []

    async def turn(self, player: Player) -> None:
        if player.ply >= LONGEST_PLIES:
            await player.send(type="resign")
            return
        moves = list(player.board.legal_moves)
        if not moves:       # the end of the game is the next frame
            return
        await player.send(type="move", uci=self.chance.choice(moves).uci(), ply=player.ply + 1)
        if self.chance.random() < 0.1:
            await player.send(type="chat", text=f"after {player.ply}")
        if self.chance.random() < 0.1:
            await player.send(type="move", uci="a1a1", ply=player.ply + 1)     # refused, and remembered

    async def require_record(self) -> None:
        """That the room's record has, byte for byte, all that any of its clients has been shown."""
        shown = [(type(listener).__name__, dict(listener.shown)) for listener in self.listeners]
        latest = max((max(frames, default=0) for _, frames in shown), default=0)
        if not latest:
            return
        epoch = next(listener.position for listener in self.listeners if listener.position).rpartition(":")[0]
        async with Stream(self.server.url, self.room_id, f"{epoch}:0") as record:
            await record.until(lambda: record.v >= latest)
        for name, frames in shown:
            for v, text in frames.items():
                if record.shown[v] != text:
                    raise Broken(f"{self.room_id}: {name} was shown {text}, the record has {record.shown[v]}")

    def in_flight(self) -> list[str]:
        """The ids of moves that were sent and not answered."""
        players = [player for player in self.listeners if isinstance(player, Player)]
        return [
            command_id
            for player in players
            if player.socket is not None and player.is_welcome
            for command_id, text in player.pending.items()
            if json.loads(text)["type"] == "move"
        ]

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

    def made(self) -> int:
        return self.moves + (self.white.ply if self.listeners else 0)

    def raise_fault(self) -> None:
        for listener in self.listeners:
            if listener.fault is not None:
                raise listener.fault


@dataclass
class Tally:
    """What the kills hit."""

    kills: int = 0
    kills_in_flight: int = 0
    in_flight: int = 0
    of_these_stored: int = 0
    kills_at_start: int = 0
    slowest_start_s: float = 0


async def test_twenty_kills_under_load_lose_nothing_that_anybody_was_shown(starter: Starter, tmp_path: Path) -> None:
    seed = int(os.environ.get("TABIYA_SEED", random.randrange(1_000_000)))
    print(f"TABIYA_SEED={seed}")
    chance = random.Random(seed)
    server = starter("--rate-limits", "off")
    await asyncio.to_thread(server.start)
    tables = [Table(server, number, random.Random(seed + number)) for number in range(TABLES)]
    tally = Tally()
    try:
        async with asyncio.TaskGroup() as group:
            playing = [group.create_task(table.run()) for table in tables]
            while tally.kills < KILLS:
                await asyncio.gather(*(table.play_on(PLAYED_BETWEEN) for table in tables))
                await asyncio.sleep(chance.uniform(0, 0.15))    # any moment
                await kill(server, tables, tally, tmp_path)
                await start_again(server, tally, chance)
                await asyncio.gather(*(table.require_record() for table in tables))
            await asyncio.gather(*(table.play_on(PLAYED_BETWEEN) for table in tables))
            for task in playing:
                task.cancel()
    finally:
        games, moves = sum(table.games for table in tables), sum(table.moves for table in tables)
        print(tally, f"{games} games, {moves} moves in them, {sum(t.reconnects for t in tables)} reconnects")
    assert tally.kills_in_flight >= IN_FLIGHT, tally
    assert tally.kills_at_start == KILLS_AT_START


async def kill(server: Server, tables: Iterable[Table], tally: Tally, folder: Path) -> None:
    in_flight = [command_id for table in tables for command_id in table.in_flight()]
    server.kill()
    tally.kills += 1
    tally.kills_in_flight += bool(in_flight)
    tally.in_flight += len(in_flight)
    tally.of_these_stored += stored(server.database, in_flight, folder)


def stored(database: Path, command_ids: Iterable[str], folder: Path) -> int:
    """How many of these commands the dead server's database has; looked up in a copy, or that would mend it."""
    copy = folder / "copy.db"
    for suffix in ("", "-wal"):
        if Path(f"{database}{suffix}").exists():
            shutil.copy(f"{database}{suffix}", f"{copy}{suffix}")
    connection = sqlite3.connect(copy)
    found = connection.execute("SELECT command_id FROM event WHERE command_id IS NOT NULL").fetchall()
    connection.close()
    for suffix in ("", "-wal", "-shm"):
        Path(f"{copy}{suffix}").unlink(missing_ok=True)
    return len({command_id for (command_id,) in found} & set(command_ids))


async def start_again(server: Server, tally: Tally, chance: random.Random) -> None:
    if tally.kills % (KILLS // KILLS_AT_START) == 0 and tally.kills_at_start < KILLS_AT_START:
        server.begin()
        await asyncio.sleep(chance.uniform(0.2, 1.5))
        server.kill()
        tally.kills_at_start += 1
    began_s = time.monotonic()
    await asyncio.to_thread(server.start)
    tally.slowest_start_s = max(tally.slowest_start_s, time.monotonic() - began_s)
