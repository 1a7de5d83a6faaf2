"""The log names the room. (That it never has a token or a line of somebody else's: tests/trust/secrecy.py.)"""

import asyncio
import json
import signal

from tests.system.conftest import Starter
from tests.system.tables import play, two_players


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
