"""A real server on a real PostgreSQL, which may die while games are played."""

import asyncio
import os
import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.postgres import PostgresServer, postgres_server
from tests.system.movers import AT_ONCE, Resumes, Table, playing
from tests.system.process import REPOSITORY, Server

TABLES = 3
PLAYED_BETWEEN = 2
CRASHES = 3
EXPECTED = "the connection to the database is lost"     # the only error that may be in the server's log


@pytest.fixture(scope="module")
def postgres() -> Iterator[PostgresServer]:
    with postgres_server(is_durable=True) as server:
        yield server


@pytest.fixture
def server(postgres: PostgresServer, tmp_path: Path) -> Iterator[Server]:
    """On a database of its own; not yet started."""
    server = Server(tmp_path, "--rate-limits", "off", "--database-url", postgres.new_database())
    yield server
    server.end()
    faults = [fault for fault in server.faults() if EXPECTED not in fault]
    assert not faults, faults[0]


async def play_on(tables: list[Table]) -> None:
    await asyncio.gather(*(table.play_on(PLAYED_BETWEEN) for table in tables))


async def require_records(tables: list[Table]) -> None:
    await asyncio.gather(*(table.require_record() for table in tables))


async def test_games_go_on_when_postgresql_has_crashed_and_is_back(server: Server, postgres: PostgresServer) -> None:
    await asyncio.to_thread(server.start)
    resumes = Resumes()
    tables = [Table([server], number, resumes, random.Random(number), AT_ONCE) for number in range(TABLES)]
    async with playing(tables), httpx.AsyncClient(base_url=server.url, trust_env=False) as http:
        for _ in range(CRASHES):
            await play_on(tables)
            await asyncio.to_thread(postgres.stop)
            while (answer := await http.get("/readyz")).status_code == 200:
                continue
            assert answer.status_code == 503
            assert (await http.get("/healthz")).status_code == 200
            await asyncio.to_thread(postgres.start)
            await play_on(tables)
            assert (await http.get("/readyz")).status_code == 200
            await require_records(tables)
    assert server.stop()[0] == 0


def run_tabiya(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "game_server", *words],
        capture_output=True,
        text=True,
        timeout=30,
        env=os.environ | {"PYTHONPATH": str(REPOSITORY)},
    )


def test_a_token_made_beside_the_server_is_good_there(server: Server) -> None:
    server.start()
    made = run_tabiya("token", "Nora", "--database-url", server.options[-1])
    assert (made.returncode, made.stderr) == (0, "")
    headers = {"Authorization": f"Bearer {made.stdout.strip()}"}
    account = httpx.get(f"{server.url}/api/account", headers=headers, trust_env=False)
    assert (account.status_code, account.json()["username"]) == (200, "Nora")


def test_a_database_that_is_not_there_is_named_when_the_server_does_not_start(postgres: PostgresServer) -> None:
    failed = run_tabiya("serve", "--port", "0", "--database-url", postgres.url("nowhere"))
    assert failed.returncode == 1
    assert f'tabiya: cannot start: PostgreSQL at 127.0.0.1:{postgres.port}: ' in failed.stderr
    assert 'database "nowhere" does not exist' in failed.stderr
    assert "Traceback" not in failed.stderr
