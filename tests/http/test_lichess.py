"""The Lichess API's edge: statuses, bodies in every form, and JSON whatever comes in. No sockets: ASGI in process."""

import json

import httpx
import pytest
from members import NOW_MS, account, anna, boris, deep, game, http, worker

from game_server.app import Worker, create_app
from game_server.computers import Computers
from game_server.http.lichess_door import parsed
from game_server.settings import Settings
from game_server.store.memory import MemoryLog
from game_server.store.notes import Notes

__all__ = ["anna", "boris", "deep", "http", "worker"]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/account"),
        ("GET", "/api/account/playing"),
        ("GET", "/api/stream/event"),
        ("POST", "/api/bot/game/x/move/e2e4"),
        ("GET", "/api/board/game/stream/x"),
        ("POST", "/api/board/seek"),
        ("POST", "/api/challenge/anna"),
        ("POST", "/api/challenge/x/accept"),
        ("POST", "/api/bot/account/upgrade"),
    ],
)
async def test_without_a_token_401(http, method, path):
    for headers, error in (({}, "Missing authorization header"), ({"Authorization": "Bearer acct_x"}, "No such token")):
        answer = await http.request(method, path, headers=headers)
        assert (answer.status_code, answer.json()) == (401, {"error": error})


async def test_a_token_without_the_scope_403(http, worker, anna):
    from game_server.http.account_auth import issued

    token = await issued(worker.log, "anna", NOW_MS, ("challenge:read",))
    headers = {"Authorization": f"Bearer {token}"}
    assert (await http.get("/api/challenge", headers=headers)).status_code == 200
    for path in ("/api/challenge/deep", "/api/board/game/x/resign", "/api/board/seek", "/api/bot/account/upgrade"):
        answer = await http.post(path, headers=headers)
        assert (answer.status_code, answer.json()["error"][:14]) == (403, "Missing scope:")


@pytest.mark.parametrize("path", ["/api/nothing", "/api/", "/api/board/game/x", "/game/export/no-such-game"])
async def test_what_is_not_there_404_in_json(http, path):
    answer = await http.get(path)
    assert answer.status_code == 404
    assert isinstance(answer.json()["error"], str)


async def test_another_method_405_in_json(http):
    answer = await http.put("/api/account")
    assert (answer.status_code, answer.json()) == (405, {"error": "Method Not Allowed"})


async def test_a_bots_routes_are_for_bots_and_a_boards_for_people(http, anna, deep):
    game_id = await game(http, anna, deep)
    assert (await http.post(f"/api/bot/game/{game_id}/resign", headers=anna)).status_code == 400
    assert (await http.post(f"/api/board/game/{game_id}/resign", headers=deep)).status_code == 400


async def test_moves_are_refused_with_400_and_the_game_is_unharmed(http, anna, boris):
    game_id = await game(http, anna, boris)
    for headers, uci in ((boris, "e7e5"), (anna, "e2e5"), (anna, "0000"), (anna, "e1h1"), (anna, "%00"), (anna, "é")):
        answer = await http.post(f"/api/board/game/{game_id}/move/{uci}", headers=headers)
        assert answer.status_code == 400, uci
        assert answer.json()["error"]
    assert (await http.post(f"/api/board/game/{game_id}/move/e2e4", headers=anna)).json() == {"ok": True}
    assert (await http.post(f"/api/board/game/{game_id}/move/e2e4", headers=anna)).json() == {"ok": True}
    assert (await http.post(f"/api/board/game/{game_id}/move/d2d4", headers=anna)).status_code == 400
    document = await http.get(f"/game/export/{game_id}", headers={"Accept": "application/json"})
    assert document.json()["moves"] == "e4"


async def test_a_strangers_game_is_404(http, anna, boris):
    game_id = await game(http, anna, boris)
    carl = await account(http, "Carl")
    for action in ("move/e2e4", "resign", "abort", "chat", "draw/yes", "claim-victory"):
        assert (await http.post(f"/api/board/game/{game_id}/{action}", headers=carl)).status_code == 404


@pytest.mark.parametrize("yes", ["yes", "1", "true"])
async def test_draws_in_every_spelling(http, anna, boris, yes):
    game_id = await game(http, anna, boris)
    await http.post(f"/api/board/game/{game_id}/move/e2e4", headers=anna)
    await http.post(f"/api/board/game/{game_id}/move/e7e5", headers=boris)
    for answer in ("no", "0", "false", yes, yes):
        assert (await http.post(f"/api/board/game/{game_id}/draw/{answer}", headers=anna)).json() == {"ok": True}
    assert (await http.post(f"/api/board/game/{game_id}/draw/{yes}/", headers=boris)).json() == {"ok": True}
    exported = await http.get(f"/game/export/{game_id}")
    assert '[Result "1/2-1/2"]' in exported.text
    assert exported.headers["content-type"].startswith("application/x-chess-pgn")


@pytest.mark.parametrize("path", ["claim-victory", "claim-victory/"])
async def test_claiming_victory_over_somebody_who_is_there(http, anna, boris, path):
    game_id = await game(http, anna, boris)
    assert (await http.post(f"/api/board/game/{game_id}/{path}", headers=anna)).status_code == 400


CHATS = {
    "json": {"json": {"room": "player", "text": "hi"}},
    "form": {"data": {"room": "player", "text": "hi"}},
    "json without a content type": {"content": b'{"room": "player", "text": "hi"}'},
    "form without a content type": {"content": b"room=player&text=hi"},
    "nulls": {"json": {"room": None, "text": "hi"}},
    "the query": {"params": {"text": "hi"}},
}


@pytest.mark.parametrize("more", CHATS.values(), ids=CHATS)
async def test_bodies_in_every_form(http, anna, boris, more):
    game_id = await game(http, anna, boris)
    assert (await http.post(f"/api/board/game/{game_id}/chat", headers=anna, **more)).json() == {"ok": True}
    said = await http.get(f"/api/board/game/{game_id}/chat", headers=boris)
    assert said.json() == [{"user": "Anna", "text": "hi"}]


NO_CHATS = {
    "nothing": {},
    "empty": {"json": {"text": ""}},
    "no object": {"json": ["hi"]},
    "no json": {"content": b"{", "headers": {"Content-Type": "application/json"}},
    "deep json": {"content": b"[" * 50_000, "headers": {"Content-Type": "application/json"}},
    "half a surrogate": {"content": b'{"text": "\\ud800"}'},
    "binary": {"content": bytes(range(256))},
    "too long": {"json": {"text": "x" * 281}},
}


@pytest.mark.parametrize("more", NO_CHATS.values(), ids=NO_CHATS)
async def test_bodies_that_say_nothing_400(http, anna, boris, more):
    game_id = await game(http, anna, boris)
    headers = anna | more.get("headers", {})
    body = {key: value for key, value in more.items() if key != "headers"}
    answer = await http.post(f"/api/board/game/{game_id}/chat", headers=headers, **body)
    assert answer.status_code == 400
    assert answer.json()["error"]


async def test_a_body_that_is_too_long_413(http, anna):
    answer = await http.post("/api/challenge/anna", headers=anna, content=b"x" * 70_000)
    assert (answer.status_code, "error" in answer.json()) == (413, True)


async def test_tokens_are_tested_without_a_content_type(http, anna):
    token = anna["Authorization"].removeprefix("Bearer ")
    answer = await http.post("/api/token/test", content=f"{token},nonsense".encode())
    assert answer.json() == {
        token: {"userId": "anna", "scopes": "bot:play,board:play,challenge:read,challenge:write", "expires": None},
        "nonsense": None,
    }


async def test_a_revoked_token_is_none(http, anna):
    assert (await http.delete("/api/token", headers=anna)).status_code == 204
    assert (await http.get("/api/account", headers=anna)).status_code == 401


async def test_challenges_that_cannot_be(http, anna, deep):
    cases = [("nobody", {}, 404), ("Anna", {}, 400), ("Deep", {"variant": "horde"}, 400), ("Deep", {"days": 0}, 400)]
    for dest, body, status in cases:
        answer = await http.post(f"/api/challenge/{dest}", headers=anna, json=body)
        assert (answer.status_code, "error" in answer.json()) == (status, True), dest
    for action in ("accept", "decline", "cancel"):
        assert (await http.post(f"/api/challenge/nosuch/{action}", headers=anna)).status_code == 404


async def test_a_challenge_is_at_the_top_level_and_listed_by_both(http, anna, deep):
    body = {"rated": False, "clock.limit": 60, "clock.increment": 1, "fen": None, "color": None}
    created = (await http.post("/api/challenge/DEEP", headers=anna, json=body)).json()
    assert created["destUser"]["name"] == "Deep"
    assert [each["id"] for each in (await http.get("/api/challenge", headers=deep)).json()["in"]] == [created["id"]]
    assert [each["id"] for each in (await http.get("/api/challenge", headers=anna)).json()["out"]] == [created["id"]]
    assert (await http.post(f"/api/challenge/{created['id']}/accept", headers=anna)).status_code == 404
    for _ in range(2):
        assert (await http.post(f"/api/challenge/{created['id']}/accept", headers=deep)).json() == {"ok": True}
    assert (await http.get("/api/challenge", headers=anna)).json() == {"in": [], "out": []}


async def test_an_open_challenge_is_for_who_comes_first(http, anna, boris):
    created = (await http.post("/api/challenge/open", data={"clock.limit": 300, "clock.increment": 3})).json()
    assert created["urlWhite"].endswith("?color=white")
    for headers in (anna, boris):
        assert (await http.post(f"/api/challenge/{created['id']}/accept", headers=headers)).status_code == 200
    carl = await account(http, "Carl")
    assert (await http.post(f"/api/challenge/{created['id']}/accept", headers=carl)).status_code == 404


NO_COMPUTER = {
    "no engine here": ({"level": 1}, "No computer plays here: no engine 'no-such-engine' found"),
    "level 0": ({"level": 0}, "level is"),
    "level 9": ({"level": 9}, "level is"),
    "no level": ({}, "level is"),
    "a level in words": ({"level": "five"}, "level is"),
    "a level of null": ({"level": None}, "level is"),
    "an unknown variant": ({"level": 1, "variant": "horde"}, ""),
    "a bad position": ({"level": 1, "fen": "8/8/8/8/8/8/8/8 w - - 0 1"}, ""),
    "a bad clock": ({"level": 1, "clock.limit": -1}, "clock.limit"),
}


@pytest.mark.parametrize(("body", "error"), NO_COMPUTER.values(), ids=NO_COMPUTER)
async def test_challenges_to_the_computer_that_cannot_be(http, worker, anna, body, error):
    computers = Computers("no-such-engine", 2, 300, 9_000, "http://tabiya.test", Notes(worker.log))
    http._transport.app.state.computers = computers
    answer = await http.post("/api/challenge/ai", headers=anna, json=body)
    assert (answer.status_code, answer.json()["error"].startswith(error)) == (400, True), answer.text
    assert (await http.get("/rooms")).json()["items"] == []


async def test_accounts_are_made_once_and_set_a_cookie_that_scripts_cannot_read(http):
    answer = await http.post("/accounts", json={"name": "Zoe"})
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert "secure" not in cookie
    assert answer.json()["token"].startswith("acct_")
    assert (await http.get("/api/account")).json()["id"] == "zoe"
    foreign = await http.get("/api/account", headers={"Origin": "https://elsewhere.example"})
    assert foreign.status_code == 401
    assert (await http.post("/accounts", json={"name": "ZOE"})).status_code == 409
    assert (await http.post("/accounts", json={"name": "no name"})).status_code == 422
    assert (await http.delete("/accounts/session")).status_code == 204
    assert (await http.get("/api/account")).status_code == 401


async def test_over_https_the_cookie_is_secure(worker):
    app = create_app(Settings(), worker)
    app.state.edge = worker.edge
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="https://tabiya.test") as http:
        answer = await http.post("/accounts", json={"name": "Zoe"})
        assert "secure" in answer.headers["set-cookie"].lower()


async def test_accounts_may_be_closed(worker):
    closed = Worker(MemoryLog(), lambda: NOW_MS, Settings(open_accounts=False), None)
    app = create_app(Settings(), closed)
    app.state.edge = closed.edge
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://tabiya.test") as http:
        assert (await http.post("/accounts", json={"name": "Zoe"})).status_code == 403


async def test_tokens_stand_in_the_store_only_as_hashes(worker, http, anna):
    token = anna["Authorization"].removeprefix("Bearer ")
    assert token not in repr(vars(worker.log))


def test_what_says_that_it_is_json_must_be():
    assert parsed(b"", "application/json") == {}
    assert parsed(json.dumps({"a": {"b": True}}).encode(), "") == {"a.b": "true"}
    assert parsed(b"a=1&b=", "application/x-www-form-urlencoded") == {"a": "1"}
