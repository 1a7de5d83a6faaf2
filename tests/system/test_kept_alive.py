"""Challenges and seeks that live as long as the request that made them: `keepAliveStream`, and who goes away."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from tests.system.accounts import made
from tests.system.process import Server

PATIENCE_S = 20
BLITZ = {"clock.limit": 300, "clock.increment": 3, "keepAliveStream": "true"}


class Player:
    """An account that follows its events."""

    def __init__(self, http: httpx.AsyncClient, name: str, events: AsyncIterator[str]) -> None:
        self.http, self.name, self._events = http, name, events

    async def event(self, kind: str) -> dict[str, Any]:
        """The challenge or the game that the next event of that kind is about."""
        async for line in self._events:
            if line and (event := json.loads(line))["type"] == kind:
                return dict(event["game" if kind.startswith("game") else "challenge"])
        raise AssertionError(f"the stream has ended before {kind}")

    async def challenges(self) -> Any:
        return (await self.http.get("/api/challenge")).json()


@asynccontextmanager
async def player(server: Server) -> AsyncIterator[Player]:
    name, secret = await asyncio.to_thread(made, server)
    headers = {"Authorization": f"Bearer {secret}"}
    async with (
        asyncio.timeout(PATIENCE_S),
        httpx.AsyncClient(base_url=server.url, trust_env=False, timeout=PATIENCE_S, headers=headers) as http,
        http.stream("GET", "/api/stream/event") as events,
    ):
        yield Player(http, name, events.aiter_lines())


@pytest.mark.parametrize(("answer", "done"), [("accept", "accepted"), ("decline", "declined")])
async def test_a_kept_challenge_tells_its_maker_how_it_was_answered(server: Server, answer: str, done: str) -> None:
    async with player(server) as anna, player(server) as boris:
        path = f"/api/challenge/{boris.name}"
        async with anna.http.stream("POST", path, data=BLITZ) as kept:
            assert kept.headers["content-type"] == "application/x-ndjson"
            lines = kept.aiter_lines()
            created = json.loads(await anext(lines))
            assert (await boris.event("challenge"))["id"] == created["id"]
            assert await anext(lines) == ""         # it is kept alive
            assert (await boris.http.post(f"/api/challenge/{created['id']}/{answer}")).json() == {"ok": True}
            rest = [json.loads(line) async for line in lines if line]
        assert rest == [{"done": done}]
        assert await anna.challenges() == {"in": [], "out": []}


async def test_a_kept_challenge_is_taken_back_when_its_maker_goes_away(server: Server) -> None:
    async with player(server) as anna, player(server) as boris:
        async with anna.http.stream("POST", f"/api/challenge/{boris.name}", data=BLITZ) as kept:
            lines = kept.aiter_lines()      # held: once it is collected, it ends the stream
            created = json.loads(await anext(lines))
            assert [each["id"] for each in (await boris.challenges())["in"]] == [created["id"]]
        assert (await boris.event("challengeCanceled"))["id"] == created["id"]
        assert (await boris.http.post(f"/api/challenge/{created['id']}/accept")).status_code == 404


async def test_a_challenge_that_is_not_kept_stays_when_its_request_is_over(server: Server) -> None:
    async with player(server) as anna, player(server) as boris:
        body = BLITZ | {"keepAliveStream": "false"}
        created = (await anna.http.post(f"/api/challenge/{boris.name}", data=body)).json()
        assert [each["id"] for each in (await boris.challenges())["in"]] == [created["id"]]


async def listed(http: httpx.AsyncClient, name: str) -> bool:
    rooms = (await http.get("/rooms?status=waiting&limit=100")).json()["items"]
    return any(seat and seat["name"] == name for room in rooms for seat in (room["white"], room["black"]))


SEEK = {"time": "7", "increment": "11", "keepAliveStream": "true"}     # a time that no other test seeks


async def test_a_seek_is_given_up_when_its_maker_goes_away(server: Server) -> None:
    async with player(server) as anna, player(server) as boris:
        async with anna.http.stream("POST", "/api/board/seek", data=SEEK) as kept:
            lines = kept.aiter_lines()      # held: once it is collected, it ends the stream
            assert await anext(lines) == ""
            assert await listed(boris.http, anna.name)
        while await listed(boris.http, anna.name):
            await asyncio.sleep(0.05)
        async with boris.http.stream("POST", "/api/board/seek", data=SEEK) as kept:
            lines = kept.aiter_lines()
            assert await anext(lines) == ""
            assert await listed(anna.http, boris.name)      # he found nobody, and waits himself
            async with anna.http.stream("POST", "/api/board/seek", data=SEEK) as other:
                assert [line async for line in other.aiter_lines() if line] == []
            assert [line async for line in lines if line] == []
        assert (await anna.event("gameStart"))["opponent"]["username"] == boris.name
        assert (await boris.event("gameStart"))["opponent"]["username"] == anna.name
