"""The log names the room, never a token, and nobody can write a line of it for us."""

import asyncio
import json
import secrets
import signal
from urllib.parse import quote

import httpx
import pytest
import requests
from websockets.exceptions import ConnectionClosed

from tests.system.accounts import made
from tests.system.conftest import Starter
from tests.system.player import Player, dialled
from tests.system.process import Server
from tests.system.tables import new_room_id, play, two_players

FORGED = "2026-01-01 00:00:00,000 INFO tabiya: forged"


@pytest.mark.parametrize("log_format", ["text", "json"])
async def test_no_token_in_any_form_reaches_the_log_at_any_level(starter: Starter, log_format: str) -> None:
    server = starter("--log-level", "debug", "--log-format", log_format).start()
    tokens: list[str] = []
    for form in ("header", "subprotocol", "query"):
        room_id = new_room_id()
        tokens.append(secrets.token_urlsafe(24))
        async with Player(server.ws_url, room_id, token=tokens[-1], form=form) as player:
            await player.until_it(lambda player: player.welcome)
            await player.drop()
            await player.until_it(lambda player: player.connects == 2)
        tokens.append("bad token " + secrets.token_urlsafe(20) if form != "subprotocol" else "short")
        with pytest.raises(ConnectionClosed):
            async with dialled(f"{server.ws_url}/ws/game/{room_id}", token=tokens[-1], form=form) as socket:
                await socket.recv()
    async with dialled(f"{server.ws_url}/ws/game/{new_room_id()}") as socket:
        issued = await socket.recv()
        tokens.append(str(issued).partition('"token":"')[2].partition('"')[0])
    async with two_players(server) as (white, black):
        tokens += [white.token, black.token]
        await play(white, black, "e2e4", "e7e5")
    async with httpx.AsyncClient(base_url=server.url, trust_env=False) as http:
        ticket = (await http.post("/rooms", json={"token": secrets.token_urlsafe(24)})).json()
        other = (await http.post(f"/rooms/{ticket['room_id']}/seats", json={})).json()
        tokens += [ticket["token"], other["token"]]
        bearer = {"Authorization": f"Bearer {tokens[0]}"}
        await http.get(f"/rooms/{ticket['room_id']}?token={tokens[0]}", headers=bearer)
        await http.get(f"/nowhere/{tokens[0]}?token={tokens[0]}", headers=bearer)
        tokens += await asyncio.to_thread(accounts_tokens, server)
        for path in ("/metrics", "/healthz", "/readyz", "/sse/rooms", "/api/account"):
            secrets_given = f"?token={tokens[-1]}&secret={tokens[0]}"
            async with http.stream("GET", path + secrets_given, headers={"Cookie": f"session={tokens[-1]}"}):
                pass
    server.kill()
    server.start()
    assert len([token for token in tokens if len(token) >= 22]) >= 10
    for token in (token for token in tokens if token != "short"):
        assert token not in server.log
    assert "token=" not in server.log
    assert (" DEBUG " if log_format == "text" else '"level": "debug"') in server.log


def accounts_tokens(server: Server) -> list[str]:
    """The API tokens of a person and a bot that have challenged each other, spoken and been refused."""
    (name, person), (_, bot) = made(server), made(server, bot=True)
    asked = {"headers": {"Authorization": f"Bearer {bot}"}, "timeout": 10}
    body = {"clock.limit": 300, "clock.increment": 3}
    challenge = requests.post(f"{server.url}/api/challenge/{name}", json=body, **asked).json()
    requests.post(f"{server.url}/api/challenge/{challenge['id']}/accept", **asked)
    requests.get(f"{server.url}/api/account", headers={"Authorization": f"Bearer {person}x"}, timeout=10)
    session = requests.post(
        f"{server.url}/accounts/session", headers={"Authorization": f"Bearer {person}"}, timeout=10
    )
    assert session.status_code == 201
    return [person, bot, *session.cookies.values()]


async def test_in_json_every_line_is_an_object_that_names_its_room(starter: Starter) -> None:
    server = starter("--log-level", "debug", "--log-format", "json").start()
    async with two_players(server) as (white, black):
        await play(white, black, "f2f3", "e7e5", "g2g4", "d8h4")
    await asyncio.to_thread(server.stop, signal.SIGTERM)
    entries = [json.loads(line) for line in server.log.splitlines()]
    about = [entry["message"].removeprefix(f"room {white.room_id}: ") for entry in entries
             if entry.get("room") == white.room_id]
    for words in ("room_opened at version 1", "move at version 5", "game_over at version 9"):
        assert words in about
    players = {entry["player"] for entry in entries if "player" in entry}
    assert players == {white.welcome["player_id"], black.welcome["player_id"]}
    assert {"time", "level", "logger", "message"} <= set.intersection(*map(set, entries))


async def test_in_json_a_server_that_cannot_start_says_so_in_an_object(starter: Starter) -> None:
    server = starter("--log-format", "json", "--host", "192.0.2.1")
    server.begin()
    assert await asyncio.to_thread(server.wait) == 1
    entry = json.loads(server.log)
    assert (entry["level"], "192.0.2.1" in entry["message"]) == ("critical", True)
    server.clear_log()


async def test_the_lines_about_a_room_name_it(starter: Starter) -> None:
    server = starter("--log-level", "debug", "--flicker-s", "0").start()
    async with two_players(server) as (white, black):
        await play(white, black, "f2f3", "e7e5", "g2g4", "d8h4")
        await white.leave()
        await black.first("player_disconnected")
    await asyncio.to_thread(server.stop, signal.SIGTERM)
    about = [line for line in server.log.splitlines() if f"room {white.room_id}: " in line]
    for word in ("room_opened", "player_joined", "game_started", "move", "game_over", "connected", "disconnected"):
        assert any(word in line for line in about), (word, server.log)


@pytest.mark.parametrize("log_format", ["text", "json"])
async def test_nobody_can_forge_a_line_of_the_log(starter: Starter, log_format: str) -> None:
    server = starter("--log-level", "debug", "--log-format", log_format).start()
    evil = f"x\n{FORGED}\r\n\x1b[31m\u2028{FORGED}"
    async with two_players(server) as (white, _):
        await white.do(type="chat", text="x\u2028" + FORGED)
        for text in (evil, "\u202e" + FORGED):
            await white.do(type="chat", text=text)
        for field in ({"type": evil}, {"type": "move", "uci": evil}, {"type": "move", "uci": "e2e4", "ply": evil}):
            await white.do(**field)
        await white.do(type="move", uci="e2e5", id=FORGED)
        paths = [f"/ws/game/{quote(evil)}", f"/ws/watch/{quote(evil)}", f"/ws/game/{new_room_id()}?name={quote(evil)}"]
        for path in paths:
            with pytest.raises(ConnectionClosed):
                async with dialled(server.ws_url + path) as socket:
                    await socket.recv()
        async with httpx.AsyncClient(base_url=server.url, trust_env=False) as http:
            for path in (f"/sse/game/{quote(evil)}", f"/{quote(evil)}", f"/rooms/{quote(evil)}"):
                assert (await http.get(path)).status_code == 404
            headers = {"User-Agent": FORGED, "X-Forwarded-For": FORGED, "Origin": FORGED}
            await http.get("/healthz", headers=headers)
            answer = await http.post("/rooms", json={"name": evil})
            assert answer.status_code == 422
    lines = server.log.split("\n")
    assert not [line for line in lines if line.startswith(FORGED)]
    for line in lines:
        assert line.isprintable(), repr(line)
    if log_format == "json":
        assert all(json.loads(line) for line in lines if line)
