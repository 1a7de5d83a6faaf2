"""What a server writes while nobody plays: that it is alive is worth a commit a second only where time runs."""

import asyncio
import re

import httpx

from tests.system.conftest import Starter
from tests.system.process import Server

PATIENCE_S = 20     # less than it is silent for while it is idle
COMMITS = re.compile(r"^tabiya_commit_seconds_count(?:{.*})? (\d+)", re.M)


async def commits(server: Server) -> int:
    async with httpx.AsyncClient(base_url=server.url, trust_env=False) as http:
        return sum(map(int, COMMITS.findall((await http.get("/metrics")).text)))


async def test_a_server_that_nobody_uses_leaves_the_disk_alone(starter: Starter) -> None:
    server = await asyncio.to_thread(starter().start)
    await asyncio.sleep(2)
    before = await commits(server)
    assert before > 0
    await asyncio.sleep(5)
    assert await commits(server) - before <= 1


async def test_as_soon_as_a_room_is_live_it_says_every_second_that_it_is_alive(starter: Starter) -> None:
    server = await asyncio.to_thread(starter().start)
    async with httpx.AsyncClient(base_url=server.url, trust_env=False) as http:
        assert (await http.post("/rooms", json={})).status_code == 201
    before = await commits(server)
    async with asyncio.timeout(PATIENCE_S):
        while await commits(server) < before + 4:
            await asyncio.sleep(0.2)
