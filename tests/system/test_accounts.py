"""Accounts on a real server: a person's devices, a bot over the Lichess API, and a browser's socket at one table."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import websockets

from tests.system.accounts import made, token
from tests.system.process import Server

PATIENCE_S = 10


class Device:
    """One of an account's browsers, with its event stream."""

    def __init__(self, http: httpx.AsyncClient, lines: AsyncIterator[str]) -> None:
        self.http = http
        self._lines = lines

    async def event(self, kind: str) -> dict[str, Any]:
        async with asyncio.timeout(PATIENCE_S):
            async for line in self._lines:
                if line.startswith("data: ") and (event := json.loads(line[6:]))["type"] == kind:
                    return dict(event)
        raise AssertionError(f"the stream has ended before {kind}")


class Devices:
    """Browsers that are signed in with a token; each gets a cookie of its own."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._open: list[Any] = []

    async def __aenter__(self) -> "Devices":
        return self

    async def __aexit__(self, *_: object) -> None:
        for closing in reversed(self._open):
            await closing.__aexit__(None, None, None)

    async def signed_in(self, secret: str) -> Device:
        http = httpx.AsyncClient(base_url=self._server.url, trust_env=False, timeout=PATIENCE_S)
        self._open.append(http)
        await http.__aenter__()
        signed = await http.post("/accounts/session", headers={"Authorization": f"Bearer {secret}"})
        assert signed.status_code == 201
        stream = http.stream("GET", "/sse/me")
        response = await stream.__aenter__()
        self._open.append(stream)
        assert response.status_code == 200
        return Device(http, response.aiter_lines())


def headers(secret: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {secret}"}


async def test_a_challenge_appears_on_every_device_and_vanishes_when_one_answers(server: Server) -> None:
    (name, secret), (_, bot), (other_name, other) = made(server), made(server, bot=True), made(server)
    async with Devices(server) as devices:
        phone, laptop, stranger = [await devices.signed_in(each) for each in (secret, secret, other)]
        for device in (phone, laptop, stranger):
            assert (await device.event("me"))["challenges"] == []
        body = {"clock.limit": 300, "clock.increment": 3, "color": "white"}
        created = (await phone.http.post(f"/api/challenge/{name}", headers=headers(bot), json=body)).json()
        for device in (phone, laptop):
            assert (await device.event("challenge"))["challenge"]["id"] == created["id"]
        assert (await phone.http.post(f"/api/challenge/{created['id']}/accept")).json() == {"ok": True}
        for device in (phone, laptop):
            closed = await device.event("challenge_closed")
            assert (closed["id"], closed["outcome"]) == (created["id"], "accepted")
            assert (await device.event("game_started"))["room_id"] == created["id"]
        await stranger.http.post(f"/api/challenge/{name}", json=body)
        seen = await stranger.event("challenge")      # the first that the stranger hears of is its own
        assert seen["challenge"]["challenger"]["name"] == other_name


async def test_a_bot_on_the_api_plays_a_browser_on_its_socket(server: Server) -> None:
    (name, secret), (bot_name, bot) = made(server), made(server, bot=True)
    async with httpx.AsyncClient(base_url=server.url, trust_env=False, timeout=PATIENCE_S) as http:
        body = {"clock.limit": 300, "clock.increment": 3, "color": "white"}
        created = (await http.post(f"/api/challenge/{name}", headers=headers(bot), json=body)).json()
        game_id = created["id"]
        await http.post(f"/api/challenge/{game_id}/accept", headers=headers(secret))
        url = f"{server.ws_url}/ws/game/{game_id}"
        async with websockets.connect(url, additional_headers={"Cookie": f"tabiya_account={secret}"}) as browser:
            welcome = json.loads(await browser.recv())
            assert (welcome["type"], welcome["color"]) == ("welcome", "black")
            assert "token" not in welcome
            state = json.loads(await browser.recv())
            assert (state["status"], state["white"]["name"], state["white"]["bot"]) == ("playing", bot_name, True)
            assert state["black"]["name"] == name
            async with http.stream("GET", f"/api/bot/game/stream/{game_id}", headers=headers(bot)) as stream:
                lines = stream.aiter_lines()
                assert json.loads(await anext(lines))["type"] == "gameFull"
                await http.post(f"/api/bot/game/{game_id}/move/e2e4", headers=headers(bot))
                await until(browser, "move")
                await browser.send(json.dumps({"type": "move", "uci": "e7e5"}))
                while "e2e4 e7e5" not in await anext(lines):
                    pass
                await browser.send(json.dumps({"type": "resign"}))
                rest = [json.loads(line) async for line in lines if line]
                assert (rest[-1]["status"], rest[-1]["winner"]) == ("resign", "white")


async def until(browser: Any, kind: str) -> dict[str, Any]:
    async with asyncio.timeout(PATIENCE_S):
        while (frame := json.loads(await browser.recv()))["type"] != kind:
            pass
    return dict(frame)


async def test_an_absent_opponent_is_told_and_victory_can_be_claimed(starter: Any) -> None:
    server = starter("--on-disconnect", "claim", "--flicker-s", "0.1", "--grace-blitz-s", "0.3").start()
    (name, secret), (_, rival) = made(server), made(server)
    async with httpx.AsyncClient(base_url=server.url, trust_env=False, timeout=PATIENCE_S) as http:
        body = {"clock.limit": 300, "clock.increment": 0, "color": "black"}
        game_id = (await http.post(f"/api/challenge/{name}", headers=headers(rival), json=body)).json()["id"]
        await http.post(f"/api/challenge/{game_id}/accept", headers=headers(secret))
        path = f"/api/board/game/stream/{game_id}"
        async with http.stream("GET", path, headers=headers(secret)) as stream:
            lines = stream.aiter_lines()
            await anext(lines)
            async with http.stream("GET", path, headers=headers(rival)) as leaving:
                held = leaving.aiter_lines()
                await anext(held)
                await http.post(f"/api/board/game/{game_id}/move/e2e4", headers=headers(secret))
                await http.post(f"/api/board/game/{game_id}/move/e7e5", headers=headers(rival))
                refused = await http.post(f"/api/board/game/{game_id}/claim-victory", headers=headers(secret))
                assert refused.status_code == 400
            while (line := json.loads(await anext(lines) or "{}")).get("type") != "opponentGone":
                pass
            assert (line["gone"], line["claimWinInSeconds"]) == (True, 1)
            async with asyncio.timeout(PATIENCE_S):
                while (await http.post(f"/api/board/game/{game_id}/claim-victory", headers=headers(secret))).is_error:
                    await asyncio.sleep(0.05)
            rest = [json.loads(line) async for line in lines if line]
            assert (rest[-1]["status"], rest[-1]["winner"]) == ("timeout", "white")
    server.stop()


async def test_watchers_follow_the_game_and_tv_shows_it(server: Server) -> None:
    (name, secret), (_, rival) = made(server), made(server)
    async with httpx.AsyncClient(base_url=server.url, trust_env=False, timeout=PATIENCE_S) as http:
        body = {"clock.limit": 600, "clock.increment": 9, "color": "white"}
        game_id = (await http.post(f"/api/challenge/{name}", headers=headers(rival), json=body)).json()["id"]
        await http.post(f"/api/challenge/{game_id}/accept", headers=headers(secret))
        async with (
            http.stream("GET", f"/api/stream/game/{game_id}") as one,
            http.stream("GET", "/api/tv/rapid/feed") as channel,
        ):
            watching, tv = one.aiter_lines(), channel.aiter_lines()
            assert json.loads(await anext(watching))["id"] == game_id
            featured = json.loads(await anext(tv))
            assert (featured["t"], featured["d"]["id"]) == ("featured", game_id)
            await http.post(f"/api/board/game/{game_id}/move/e2e4", headers=headers(rival))
            assert json.loads(await anext(watching))["lm"] == "e2e4"
            assert json.loads(await anext(tv))["d"]["wc"] == 600
            await http.post(f"/api/board/game/{game_id}/resign", headers=headers(secret))
            rest = [json.loads(line) async for line in watching if line]
            assert rest[-1]["winner"] == "white"


async def test_a_token_works_while_the_server_runs_and_is_revoked_at_once(server: Server) -> None:
    secret = token(server, "Operator", "--bot")
    async with httpx.AsyncClient(base_url=server.url, trust_env=False) as http:
        assert (await http.get("/api/account", headers=headers(secret))).json()["title"] == "BOT"
        assert token(server, "Operator", "--revoke") == "1 revoked"
        assert (await http.get("/api/account", headers=headers(secret))).status_code == 401
    assert secret not in server.log


async def test_an_unknown_account_token_opens_no_seat(server: Server) -> None:
    url = f"{server.ws_url}/ws/game/nobody-here?token=acct_{'x' * 32}"
    async with websockets.connect(url) as browser:
        with pytest.raises(websockets.ConnectionClosed) as closed:
            await browser.recv()
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 4001


async def test_a_stopping_server_ends_its_streams_and_forfeits_nobody(starter: Any) -> None:
    server = starter().start()
    (name, secret), (_, rival) = made(server), made(server)
    async with httpx.AsyncClient(base_url=server.url, trust_env=False, timeout=PATIENCE_S) as http:
        body = {"clock.limit": 600, "clock.increment": 9, "color": "white"}
        game_id = (await http.post(f"/api/challenge/{name}", headers=headers(rival), json=body)).json()["id"]
        await http.post(f"/api/challenge/{game_id}/accept", headers=headers(secret))
        async with (
            http.stream("GET", "/api/stream/event", headers=headers(secret)) as events,
            http.stream("GET", f"/api/board/game/stream/{game_id}", headers=headers(secret)) as game,
            http.stream("GET", "/sse/me", headers=headers(secret)) as mine,
        ):
            status, took_s = await asyncio.to_thread(server.stop)
            assert (status, took_s < 2) == (0, True)
            for stream in (events, game, mine):
                _ = [line async for line in stream.aiter_lines()]
        server.start()
        playing = (await http.get("/api/account/playing", headers=headers(secret))).json()["nowPlaying"]
        assert [each["gameId"] for each in playing] == [game_id]
    server.stop()


async def resigned_to(browser: Any) -> None:
    """The browser's game is given up by its opponent; and a rematch is asked for."""
    await until(browser, "game_over")
    await browser.send(json.dumps({"type": "offer", "kind": "rematch"}))


async def test_a_rematch_offered_in_a_browser_is_a_challenge_to_a_bot_on_the_api(server: Server) -> None:
    name, bot = made(server, bot=True)
    url = f"{server.ws_url}/ws/game/rematch-{name}?color=white&name=Guest"
    async with (
        asyncio.timeout(3 * PATIENCE_S),
        httpx.AsyncClient(base_url=server.url, trust_env=False, timeout=PATIENCE_S, headers=headers(bot)) as http,
        http.stream("GET", "/api/stream/event") as stream,
        websockets.connect(url) as browser,
    ):
        events = stream.aiter_lines()

        async def event(kind: str) -> dict[str, Any]:
            async for line in events:
                if line and (told := json.loads(line))["type"] == kind:
                    return dict(told["game" if kind.startswith("game") else "challenge"])
            raise AssertionError(f"the stream has ended before {kind}")

        await until(browser, "state")
        assert (await http.post(f"/rooms/rematch-{name}/seats")).status_code == 201
        first = await event("gameStart")
        await http.post(f"/api/bot/game/{first['id']}/resign")
        await resigned_to(browser)
        asked = await event("challenge")
        assert (asked["rematchOf"], asked["challenger"]["name"], asked["color"]) == (first["id"], "Guest", "black")
        assert (asked["challenger"]["id"], asked["url"].endswith(f"/game/{first['id']}")) == ("", True)
        assert (await http.post(f"/api/challenge/{asked['id']}/accept")).json() == {"ok": True}
        second = await event("gameStart")
        assert (second["id"], second["color"], second["opponent"]["username"]) == (asked["id"], "white", "Guest")
        assert (await until(browser, "game_started"))["game_id"] == asked["id"]
        await http.post(f"/api/bot/game/{second['id']}/move/e2e4")
        assert (await until(browser, "move"))["uci"] == "e2e4"
        await http.post(f"/api/bot/game/{second['id']}/resign")
        await resigned_to(browser)
        again = await event("challenge")
        assert (await http.post(f"/api/challenge/{again['id']}/decline", data={"reason": "later"})).status_code == 200
        assert (await until(browser, "offer_cancelled"))["kind"] == "rematch"
        await browser.send(json.dumps({"type": "offer", "kind": "rematch"}))
        await event("challenge")
        await browser.send(json.dumps({"type": "decline", "kind": "rematch"}))
        assert (await event("challengeCanceled"))["id"] == again["id"]
        assert (await http.post(f"/api/challenge/{again['id']}/accept")).status_code == 404
