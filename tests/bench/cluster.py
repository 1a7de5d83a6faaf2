"""What a move costs, on SQLite and on several workers: `python -m tests.bench.cluster [--tables 100 --seconds 10]`.

Every table plays the same legal game at a fixed pace, both players over WebSockets, over real processes. CPU is that of
all server processes, the supervisor's included, without PostgreSQL's and Redis's, which are given beside it.
"""

import argparse
import asyncio
import random
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import chess

from tests.postgres import postgres_server
from tests.redis_server import redis_server
from tests.system.cluster import worker
from tests.system.player import dialled
from tests.system.process import Server, cpu_s, memory_bytes

PLIES = 600


def long_game() -> list[str]:
    """Random moves without an end."""
    chance = random.Random(5)
    while True:
        board, moves = chess.Board(), []
        while len(moves) < PLIES and not board.is_game_over() and not board.can_claim_draw():
            move = chance.choice(list(board.legal_moves))
            moves.append(move.uci())
            board.push(move)
        if len(moves) > 250:
            return moves


class Bench:
    def __init__(self, urls: list[str], pace_s: float, *, is_sticky: bool) -> None:
        self.urls = urls
        self.is_sticky = is_sticky
        self.pace_s = pace_s
        self.moves = 0
        self.game = long_game()
        self.latencies_s: list[float] = []

    async def player(self, room_id: str, number: int, url: str, started: asyncio.Event) -> None:
        color = ("white", "black")[number]
        async with dialled(f"{url}/ws/game/{room_id}?color={color}&time=60%2B0") as socket:
            started.set()
            ply, sent_s = 0, 0.0
            async for text in socket:
                if '"type":"game_started"' in text and number == 0:
                    sent_s = await self.move(socket, 0)
                elif '"type":"move"' in text:
                    ply += 1
                    if (ply - 1) % 2 == number:
                        self.moves += 1
                        self.latencies_s.append(time.monotonic() - sent_s)
                    elif ply < len(self.game):
                        sent_s = await self.move(socket, ply)

    async def move(self, socket: Any, ply: int) -> float:
        await asyncio.sleep(random.uniform(0.5, 1.5) * self.pace_s)
        sent_s = time.monotonic()
        await socket.send(f'{{"type":"move","uci":"{self.game[ply]}","ply":{ply + 1},"id":"{ply}"}}')
        return sent_s

    async def table(self, room_id: str, number: int) -> None:
        here, there = (self.urls[each % len(self.urls)] for each in (number, number + (not self.is_sticky)))
        started = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            group.create_task(self.player(room_id, 0, here, started))
            await started.wait()
            group.create_task(self.player(room_id, 1, there, asyncio.Event()))


async def measured(
    name: str, servers: list[Server], pids: dict[str, list[int]], chosen: argparse.Namespace, *, is_sticky: bool = False
) -> None:
    memory_before = sum(memory_bytes(server.pid)[1] for server in servers)
    bench = Bench([server.ws_url for server in servers], chosen.pace, is_sticky=is_sticky)
    rooms = [f"{name[0]}{is_sticky:d}-{number}" for number in range(chosen.tables)]
    tables = [asyncio.create_task(bench.table(room_id, number)) for number, room_id in enumerate(rooms)]
    await asyncio.sleep(3 + chosen.tables / 100)
    assert not any(table.done() for table in tables), next(table for table in tables if table.done()).exception()
    before = {what: sum(map(cpu_s, each)) for what, each in pids.items()}
    moves, began_s = bench.moves, time.monotonic()
    bench.latencies_s.clear()
    await asyncio.sleep(chosen.seconds)
    made, took_s = bench.moves - moves, time.monotonic() - began_s
    cost = {what: sum(map(cpu_s, each)) - before[what] for what, each in pids.items()}
    memory_kb = (sum(memory_bytes(server.pid)[1] for server in servers) - memory_before) / chosen.tables / 1_000
    ordered_ms = sorted(1_000 * latency_s for latency_s in bench.latencies_s)
    p50_ms, p99_ms = ordered_ms[len(ordered_ms) // 2], ordered_ms[len(ordered_ms) * 99 // 100]
    costs = ", ".join(f"{what} {1e6 * spent_s / made:.0f} µs" for what, spent_s in cost.items())
    print(
        f"{name}: {made / took_s:.0f} moves/s; CPU a move: {costs}; "
        f"{memory_kb:.0f} KB a table; shown after p50 {p50_ms:.1f} ms, p99 {p99_ms:.1f} ms"
    )
    for table in tables:
        table.cancel()
    await asyncio.gather(*tables, return_exceptions=True)


def family(pid: int) -> list[int]:
    """A process and all that it has started (Linux)."""
    children = (int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split())
    return [pid, *(each for child in children for each in family(child))]


async def main(words: list[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tables", type=int, default=100)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--pace", type=float, default=0.4)
    chosen = parser.parse_args(words)
    folder = Path(tempfile.mkdtemp())
    with postgres_server(is_durable=True) as postgres, redis_server() as redis:
        database = postgres.new_database()
        services = {"PostgreSQL": family(postgres.pid), "Redis": family(redis.pid)}
        alone = Server(folder, "--rate-limits", "off", "--log-level", "warning")
        one, two = (worker(folder / name, database, redis.url, "--log-level", "warning") for name in ("one", "two"))
        try:
            await asyncio.to_thread(alone.start)
            await measured("SQLite, 1 process", [alone], {"server": [alone.pid]}, chosen)
            alone.stop()
            await asyncio.to_thread(one.start)
            services["PostgreSQL"] = family(postgres.pid)
            await measured("1 worker", [one], {"server": [one.pid]} | services, chosen)
            await asyncio.to_thread(two.start)
            services["PostgreSQL"] = family(postgres.pid)
            pids = {"servers": [one.pid, two.pid]} | services
            await measured("2 workers, a room's players at both", [one, two], pids, chosen)
            two.stop()
            await asyncio.to_thread(two.start)
            services["PostgreSQL"] = family(postgres.pid)
            pids = {"servers": [one.pid, two.pid]} | services
            await measured("2 workers, a room's players at one", [one, two], pids, chosen, is_sticky=True)
        finally:
            for server in (alone, one, two):
                server.end()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
