"""`--workers 2`: one command, one port, two processes, of which either may die, be replaced or be stopped."""

import asyncio
import os
import random
import re
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest

from tests.postgres import PostgresServer, postgres_server
from tests.redis_server import RedisServer, redis_server
from tests.system.cluster import Faults, readiness, worker
from tests.system.movers import Resumes, Table, playing
from tests.system.process import REPOSITORY, Server

TABLES = 12


@pytest.fixture(scope="module")
def postgres() -> Iterator[PostgresServer]:
    with postgres_server() as server:
        yield server


@pytest.fixture(scope="module")
def redis() -> Iterator[RedisServer]:
    with redis_server() as server:
        yield server


@pytest.fixture
async def two_workers(postgres: PostgresServer, redis: RedisServer, tmp_path: Path) -> AsyncIterator[Server]:
    server = worker(tmp_path / "one", postgres.new_database(), redis.url, "--workers", "2")
    await asyncio.to_thread(server.start)
    try:
        yield server
    finally:
        server.end()
    assert not [fault for fault in server.faults() if "died (exit status" not in fault], server.faults()[0]


def children(pid: int) -> list[int]:
    """The processes of the workers (Linux)."""
    found = (int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split())
    return [child for child in found if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes()]


async def until_ready(server: Server, others: set[str]) -> set[str]:
    """The names of both workers, once they serve and are not among `others`."""
    async with asyncio.timeout(60):
        while True:
            answers = [await readiness(server) for _ in range(12)]
            seen = {str(answer["worker"]) for answer in answers if "worker" in answer}      # not who is just stopping
            if len(seen) == 2 and not seen & others:
                return seen
            await asyncio.sleep(0.1)


async def measured(server: Server, series: str) -> dict[str, float]:
    """The sum of a metric's series at each worker, as `/metrics` tells it."""
    async with httpx.AsyncClient(trust_env=False) as http:
        text = (await http.get(f"{server.url}/metrics", timeout=10)).text
    totals: dict[str, float] = {}
    for labels, value in re.findall(rf"^{series}{{(.*)}} (\S+)$", text, re.MULTILINE):
        name = re.search(r'worker="(\w+)"', labels)
        assert name, labels
        totals[name[1]] = totals.get(name[1], 0) + float(value)
    return totals


async def test_one_port_two_workers_a_death_a_rolling_restart_and_a_clean_stop(two_workers: Server) -> None:
    server = two_workers
    first = await until_ready(server, set())
    old = children(server.pid)
    assert len(old) == 2
    resumes = Resumes()
    tables = [Table([server], number, resumes, random.Random(number)) for number in range(TABLES)]
    faults = Faults(tables, resumes)

    async def kill_one() -> None:
        os.kill(old[0], signal.SIGKILL)

    async def replace_all() -> None:
        before = await until_ready(server, set())
        server.send(signal.SIGHUP)
        await until_ready(server, before)

    try:
        async with playing(tables):
            await faults.after("none", lambda: asyncio.sleep(0.5))
            async with asyncio.timeout(20):     # whoever is asked tells what all have counted, a second ago or so
                while sum((await measured(server, "tabiya_connections")).values()) < 2 * TABLES:
                    await asyncio.sleep(0.2)
            assert len(await measured(server, "tabiya_moves_total")) == 2
            await faults.after("a worker is killed", kill_one)
            await faults.after("all are replaced, one after the other", replace_all)
    finally:
        print(faults.told())
    assert not set(children(server.pid)) & set(old)
    assert not await until_ready(server, set()) & first
    status, took_s = await asyncio.to_thread(server.stop, signal.SIGINT)
    assert (status, took_s < 2) == (0, True), (status, took_s)
    assert all(not Path(f"/proc/{pid}").exists() for pid in old)


async def test_workers_do_not_outlive_their_supervisor(two_workers: Server) -> None:
    workers = children(two_workers.pid)
    two_workers.kill()
    until_s = time.monotonic() + 10
    while any(Path(f"/proc/{pid}/cmdline").exists() and Path(f"/proc/{pid}/cmdline").read_bytes() for pid in workers):
        assert time.monotonic() < until_s, "a worker lives on alone"
        await asyncio.sleep(0.05)


REFUSED = {
    "without PostgreSQL": (["--workers", "2"], "share a PostgreSQL database"),
    "without Redis": (["--workers", "2", "--database-url", "postgresql://127.0.0.1:1/x"], "give --redis-url"),
    "no Redis URL": (["--redis-url", "http://x", "--database-url", "postgresql://127.0.0.1:1/x"], "redis://HOST"),
    "Redis without PostgreSQL": (["--redis-url", "redis://127.0.0.1:1"], "share a PostgreSQL database"),
}


@pytest.mark.parametrize(("options", "said"), REFUSED.values(), ids=REFUSED)
def test_what_several_workers_need_is_said(options: list[str], said: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "game_server", *options],
        capture_output=True,
        text=True,
        timeout=30,
        env=os.environ | {"PYTHONPATH": str(REPOSITORY)},
    )
    assert done.returncode == 2
    assert said in done.stderr


async def test_a_worker_without_redis_serves_and_says_that_it_is_alone_in_the_dark(
    postgres: PostgresServer, tmp_path: Path
) -> None:
    server = worker(tmp_path / "dark", postgres.new_database(), "redis://127.0.0.1:1/0")
    try:
        await asyncio.to_thread(server.start)
        said = await readiness(server)
        assert said.items() >= {"status": "degraded", "bus": "away", "store": "ready"}.items()
        async with httpx.AsyncClient(trust_env=False) as http:
            assert (await http.post(f"{server.url}/rooms", json={})).status_code == 201
        assert (await asyncio.to_thread(server.stop))[0] == 0
    finally:
        server.end()
