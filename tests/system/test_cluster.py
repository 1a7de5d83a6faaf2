"""Two workers, PostgreSQL and Redis, and all that can happen to them while fifty games are played between people who
sit at different workers: every move that anyone was shown is in the record, in its place, and every game ends once.
"""

import asyncio
import os
import random
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.cable import Cable, cable_to
from tests.postgres import PostgresServer, postgres_server
from tests.redis_server import RedisServer, redis_server
from tests.system.cluster import Faults, Resumes, Roamer, Table, playing, readiness, worker
from tests.system.process import Server
from tests.system.tables import play

TABLES = 50
FROZEN_S = 3
CUT_S = 1.0
EXPECTED = "the connection to the database is lost"     # the only error that may be in a log


@pytest.fixture(scope="module")
def postgres() -> Iterator[PostgresServer]:
    with postgres_server(is_durable=True) as server:
        yield server


@pytest.fixture
def redis() -> Iterator[RedisServer]:
    with redis_server() as server:
        yield server


@dataclass
class Cluster:
    """`one` is connected directly; `two` over cables to PostgreSQL and to Redis."""

    one: Server
    two: Server
    to_postgres: Cable
    to_redis: Cable

    @property
    def workers(self) -> list[Server]:
        return [self.one, self.two]


@asynccontextmanager
async def cluster_on(postgres: PostgresServer, redis: RedisServer, folder: Path) -> AsyncIterator[Cluster]:
    database = postgres.new_database()
    name = database.rpartition("/")[2]
    async with cable_to(postgres.port) as to_postgres, cable_to(redis.port) as to_redis:
        one = worker(folder / "one", database, redis.url)
        two = worker(folder / "two", postgres.url(name, to_postgres.port), redis.url_at(to_redis.port))
        try:
            for each in (one, two):
                await asyncio.to_thread(each.start)
            yield Cluster(one, two, to_postgres, to_redis)
            stops = await asyncio.gather(*(asyncio.to_thread(each.stop) for each in (one, two)))
            assert [status for status, _ in stops] == [0, 0]
        finally:
            for each in (one, two):
                each.end()
        for each in (one, two):
            assert not [fault for fault in each.faults() if EXPECTED not in fault], each.faults()[0]


async def test_fifty_games_survive_all_that_can_happen_to_workers_store_and_bus(
    postgres: PostgresServer, redis: RedisServer, tmp_path: Path
) -> None:
    seed = int(os.environ.get("TABIYA_SEED", random.randrange(1_000_000)))
    print(f"TABIYA_SEED={seed}")
    async with cluster_on(postgres, redis, tmp_path) as cluster:
        resumes = Resumes()
        tables = [Table(cluster.workers, number, resumes, random.Random(seed + number)) for number in range(TABLES)]
        faults = Faults(tables, resumes)

        async def kill_a_worker() -> None:
            cluster.one.kill()
            await asyncio.sleep(1)
            await asyncio.to_thread(cluster.one.start)

        async def restart_in_turn() -> None:
            for each in cluster.workers:
                status, took_s = await asyncio.to_thread(each.stop)
                assert (status, took_s < 2) == (0, True)
                await asyncio.to_thread(each.start)

        async def freeze_redis() -> None:
            redis.freeze()
            await asyncio.sleep(FROZEN_S)
            redis.thaw()

        async def kill_redis() -> None:
            redis.kill()
            await asyncio.sleep(CUT_S)
            redis.start()

        async def restart_postgres() -> None:
            await asyncio.to_thread(postgres.stop)
            await asyncio.to_thread(postgres.start)

        async def cut(cable: Cable) -> None:
            cable.cut()
            await asyncio.sleep(CUT_S)
            cable.mend()

        try:
            async with playing(tables):
                await faults.after("none", lambda: asyncio.sleep(1))
                await faults.after("a worker is killed", kill_a_worker)
                await faults.after("both are restarted in turn", restart_in_turn)
                await faults.after("Redis is frozen for 3 s", freeze_redis)
                await faults.after("Redis is killed and comes back empty", kill_redis)
                await faults.after("PostgreSQL crashes and is restarted", restart_postgres)
                await faults.after("one worker's line to Redis is cut", lambda: cut(cluster.to_redis))
                await faults.after("one worker's line to PostgreSQL is cut", lambda: cut(cluster.to_postgres))
        finally:
            print(faults.told())
        assert all(table.doubled == 0 for table in tables)
        assert sum(table.games for table in tables) >= TABLES
        for each in cluster.workers:
            assert (await readiness(each)).items() >= {"status": "ready", "bus": "ready", "workers": 2}.items()


async def test_who_was_a_second_from_losing_on_time_when_her_worker_was_killed_does_not_lose_by_it(
    postgres: PostgresServer, redis: RedisServer, tmp_path: Path
) -> None:
    """Both players are at the worker that dies, and come back to the other."""
    async with cluster_on(postgres, redis, tmp_path) as cluster:
        urls = [cluster.one.ws_url, cluster.two.ws_url]
        resumes, room_id = Resumes(), "flag"
        async with Roamer(urls, room_id, resumes, color="white", name="White", time="0.1+0") as white:
            await white.until(lambda: white.welcome)
            async with Roamer(urls, room_id, resumes, name="Black") as black:
                await black.until(lambda: black.is_playing)
                await white.until(lambda: white.is_playing)
                await play(white, black, "e2e4", "e7e5")
                move = white.moves()[-1]
                await asyncio.sleep(move["at"] / 1_000 + 6 - 1 - time.time())
                cluster.one.kill()
                began_s = time.monotonic()
                await white.until(lambda: white.connects == 2 and white.is_welcome)
                await asyncio.sleep(1.5 + began_s - time.monotonic())       # the flag would have fallen by now
                answer = await white.move("g1f3")
                assert answer["type"] == "ack", (answer, white.frames[-3:])
                await black.until(lambda: black.ply == 3)
                given = await white.first("clock", reason="outage")
                assert given["clock"]["white"] >= 500
                assert [frame["v"] for frame in black.of("clock")] == [given["v"]]
                print(f"{given['clock']['white']} ms left; resumed in {resumes.quantile(1):.2f} s")
                await white.do(type="resign")
                assert (await black.first("game_over"))["reason"] == "resignation"
        await asyncio.to_thread(cluster.one.start)
