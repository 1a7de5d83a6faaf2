"""Playing the computer: the server's own engines."""

import asyncio
import json
import shutil
import sqlite3
from contextlib import closing, suppress
from pathlib import Path
from typing import Any, Final

import httpx
import pytest

from game_server.client import Seat, create_room, join
from game_server.client.bot import play
from game_server.client.mover import RandomMover
from tests.system.accounts import made
from tests.system.conftest import Starter
from tests.system.process import Server

PATIENCE_S = 60
STOCKFISH = shutil.which("stockfish") or shutil.which("stockfish", path="/usr/games")
needs_stockfish = pytest.mark.skipif(STOCKFISH is None, reason="needs Stockfish: apt install stockfish")


async def ask(server: Server, room_id: str, body: Any = None) -> httpx.Response:
    async with httpx.AsyncClient(trust_env=False, timeout=PATIENCE_S) as http:
        return await http.post(f"{server.url}/rooms/{room_id}/computer", json=body)


async def challenge_ai(server: Server, **wishes: Any) -> httpx.Response:
    """As a client of the Lichess API asks for it."""
    _, secret = await asyncio.to_thread(made, server)
    async with httpx.AsyncClient(trust_env=False, timeout=PATIENCE_S) as http:
        headers = {"Authorization": f"Bearer {secret}"}
        return await http.post(f"{server.url}/api/challenge/ai", headers=headers, data={"level": 1, **wishes})


async def offer(server: Server) -> dict[str, Any]:
    async with httpx.AsyncClient(trust_env=False) as http:
        found: dict[str, Any] = (await http.get(f"{server.url}/computer")).json()
        return found


async def room(server: Server, **wishes: Any) -> Seat:
    ticket = await create_room(server.url, name="Ada", **wishes)
    return join(ticket.url, token=ticket.token)


@needs_stockfish
async def test_the_computer_takes_the_free_seat_and_plays_a_whole_game(server: Server) -> None:
    assert (await offer(server))["levels"] == list(range(1, 9))
    async with asyncio.timeout(PATIENCE_S), await room(server, color="black", time="0.1+0.1") as seat:
        answer = await ask(server, seat.view.room_id, {"level": 8})
        assert answer.status_code == 201, answer.text
        ticket = answer.json()
        assert (ticket["level"], ticket["color"], ticket["name"]) == (8, "white", "Stockfish level 8")
        (end,) = await play(seat, RandomMover(1))
        assert (end.result, end.white and end.white.bot) == ("1-0", True)
        assert (await offer(server))["playing"] == 1    # it waits to be asked for a rematch
    async with asyncio.timeout(PATIENCE_S):
        while (await offer(server))["playing"]:         # the room has closed: both have left
            await asyncio.sleep(0.5)


@needs_stockfish
async def test_a_takeback_and_a_rematch_are_granted(server: Server) -> None:
    async with asyncio.timeout(PATIENCE_S), await room(server, color="white") as seat:
        assert (await ask(server, seat.view.room_id, {"level": 1})).status_code == 201
        turns = seat.turns()
        await (await anext(turns)).play("e2e4")
        turn = await anext(turns)
        await seat.offer("takeback")
        turn = await anext(turns)
        assert turn.view.ply == 0
        await turn.play("d2d4")
        await seat.resign()
        await seat.offer("rematch")
        await seat.until(lambda: seat.view.is_playing and seat.color == "black")
        await anext(aiter(seat.turns()))
        await seat.resign()


REFUSED = {
    "level 0": ({"level": 0}, 422),
    "level 9": ({"level": 9}, 422),
    "a text": ({"level": "3"}, 422),
    "an unknown field": ({"strength": 3}, 422),
    "a list": ([], 422),
}


@pytest.mark.parametrize(("body", "status"), REFUSED.values(), ids=REFUSED)
async def test_a_bad_request_is_refused_and_takes_no_seat(server: Server, body: Any, status: int) -> None:
    async with await room(server) as seat:
        answer = await ask(server, seat.view.room_id, body)
        assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
        assert seat.opponent is None


async def test_an_unknown_room_is_404(server: Server) -> None:
    assert (await ask(server, "nowhere")).status_code == 404


@needs_stockfish
async def test_a_room_without_a_free_seat_is_409(server: Server) -> None:
    before = (await offer(server))["playing"]
    async with await room(server) as seat, join(server.url, seat.view.room_id):
        assert (await ask(server, seat.view.room_id)).status_code == 409
    assert (await offer(server))["playing"] <= before


@needs_stockfish
async def test_more_games_than_allowed_are_refused_with_a_sentence_until_one_ends(starter: Starter) -> None:
    server = await asyncio.to_thread(starter("--max-engines", "1").start)
    async with asyncio.timeout(PATIENCE_S), await room(server) as one, await room(server) as other:
        assert (await ask(server, one.view.room_id)).status_code == 201
        answer = await ask(server, other.view.room_id)
        assert (answer.status_code, "try again later" in answer.json()["detail"]) == (503, True)
        assert "retry-after" in answer.headers
        refused = await challenge_ai(server)
        assert (refused.status_code, "try again later" in refused.json()["error"]) == (429, True)
        assert int(refused.headers["retry-after"]) > 0
        assert other.opponent is None
        await one.resign()
        await one.close()
        while (await ask(server, other.view.room_id)).status_code != 201:
            await asyncio.sleep(0.3)


@needs_stockfish
async def test_over_the_lichess_api_the_computer_waits_in_a_game_without_a_clock(starter: Starter) -> None:
    server = await asyncio.to_thread(starter("--max-engines", "2").start)
    blitz = {"clock.limit": 300, "clock.increment": 3}
    async with httpx.AsyncClient(base_url=server.url, trust_env=False) as http:
        for clock, policy in (({}, "claim"), (blitz, "forfeit")):
            answer = await challenge_ai(server, **clock)
            assert answer.status_code == 201, answer.text
            room = (await http.get(f"/rooms/{answer.json()['id']}")).json()
            assert room["options"]["on_disconnect"] == policy


@needs_stockfish
async def test_who_thinks_long_without_a_clock_holds_no_engine(starter: Starter) -> None:
    server = await asyncio.to_thread(starter("--max-engines", "1", "--engine-idle-s", "0.5").start)
    async with asyncio.timeout(PATIENCE_S), await room(server, color="white") as one:
        assert (await ask(server, one.view.room_id, {"level": 3})).status_code == 201
        turns = one.turns()
        await (await anext(turns)).play("e2e4")
        turn = await anext(turns)
        await until_none_plays(server)
        async with await room(server, color="white") as other:
            assert (await ask(server, other.view.room_id)).status_code == 201
            await until_none_plays(server)              # nor does who has not moved yet
            games = other.turns()
            await asyncio.gather((await anext(games)).play("d2d4"), turn.play(turn.legal_moves[0]))
            assert [(await anext(each)).view.ply for each in (games, turns)] == [2, 4]     # one after the other
        assert one.opponent is not None
        assert one.opponent.connected


PATIENT: Final = "--flicker-s", "0", "--goodbye-grace-s", "0.1", "--max-engines", "1"


async def left(server: Server) -> tuple[str, str]:
    """A game without a clock against the computer, whose human has moved and gone: its room, and the way back."""
    async with await room(server, color="white", on_disconnect="claim") as seat:
        assert (await ask(server, seat.view.room_id, {"level": 1})).status_code == 201
        turns = seat.turns()
        await (await anext(turns)).play("e2e4")
        await anext(turns)
        return seat.view.room_id, seat.token


async def state(server: Server, room_id: str) -> dict[str, Any]:
    async with httpx.AsyncClient(base_url=server.url, trust_env=False) as http:
        found: dict[str, Any] = (await http.get(f"/rooms/{room_id}")).json()
        return found


async def until_it_is_over(server: Server, room_id: str) -> None:
    while (found := await state(server, room_id))["status"] == "playing":
        await asyncio.sleep(0.2)
    assert (found["result"], found["reason"]) == ("0-1", "abandonment")


@needs_stockfish
async def test_who_has_left_a_game_without_a_clock_holds_no_engine_and_can_come_back(starter: Starter) -> None:
    server = await asyncio.to_thread(starter(*PATIENT).start)
    async with asyncio.timeout(PATIENCE_S):     # the engine would be held for five minutes
        room_id, token = await left(server)
        await until_none_plays(server)
        async with join(f"{server.url}/room/{room_id}", token=token) as seat:
            turns = seat.turns()
            await (await anext(turns)).play("h2h4")
            assert (await anext(turns)).view.ply == 4


@needs_stockfish
async def test_the_computer_claims_a_game_that_was_left_for_so_long(starter: Starter) -> None:
    server = await asyncio.to_thread(starter(*PATIENT, "--engine-waits-s", "0.5").start)
    async with asyncio.timeout(PATIENCE_S):
        room_id, _ = await left(server)
        await until_it_is_over(server, room_id)


@needs_stockfish
async def test_how_long_a_game_was_left_is_known_after_a_restart(starter: Starter) -> None:
    server = await asyncio.to_thread(starter(*PATIENT).start)
    async with asyncio.timeout(PATIENCE_S):
        room_id, _ = await left(server)
        await until_none_plays(server)      # now it has noted that its opponent is gone
        await asyncio.to_thread(server.stop)
        with closing(sqlite3.connect(server.database)) as database, database:
            noted = database.execute("SELECT name, value FROM meta WHERE name LIKE '%' || ?", (room_id,)).fetchall()
            ((name, note),) = noted
            before = json.loads(note)
            earlier = before | {"left_ms": before["left_ms"] - 86_400_000}
            database.execute("UPDATE meta SET value = ? WHERE name = ?", (json.dumps(earlier), name))
        await asyncio.to_thread(server.start)
        await until_it_is_over(server, room_id)


async def until_none_plays(server: Server) -> None:
    while (await offer(server))["playing"]:
        await asyncio.sleep(0.1)
    assert engines(server) == 0


def engines(server: Server) -> int:
    """How many engines the server's process is running."""
    children = Path(f"/proc/{server.pid}/task/{server.pid}/children").read_text().split()
    running = 0
    for child in children:
        with suppress(FileNotFoundError, ProcessLookupError):   # it has just ended
            running += "stockfish" in Path(f"/proc/{child}/cmdline").read_text()
    return running


async def test_without_an_engine_the_server_says_what_to_do(starter: Starter) -> None:
    server = await asyncio.to_thread(starter("--engine", "no-such-engine").start)
    found = await offer(server)
    assert (found["engine"], found["levels"], "apt install stockfish" in found["reason"]) == (None, [], True)
    async with await room(server) as seat:
        answer = await ask(server, seat.view.room_id)
        assert (answer.status_code, "no-such-engine" in answer.json()["detail"]) == (501, True)
    refused = await challenge_ai(server)
    assert (refused.status_code, "no-such-engine" in refused.json()["error"]) == (400, True)


@needs_stockfish
@pytest.mark.parametrize("is_killed", [True, False], ids=["killed", "stopped"])
async def test_after_a_restart_of_the_server_the_computer_comes_back_to_its_game(
    starter: Starter, is_killed: bool
) -> None:
    server = await asyncio.to_thread(starter().start)
    async with asyncio.timeout(PATIENCE_S), await room(server, color="white", time="5+3") as seat:
        assert (await ask(server, seat.view.room_id, {"level": 2})).status_code == 201
        turns = seat.turns()
        await (await anext(turns)).play("e2e4")
        turn = await anext(turns)
        if is_killed:
            server.kill()
        else:
            status, took_s = await asyncio.to_thread(server.stop)
            assert (status, took_s < 2) == (0, True)
        await asyncio.to_thread(server.start)
        assert await turn.play(turn.legal_moves[0])
        assert (await anext(turns)).view.ply == 4
        assert (await offer(server))["playing"] == 1
