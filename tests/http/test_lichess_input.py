"""What clients of the Lichess API may send: any content type, nulls, booleans in every spelling, everything twice."""

import asyncio
import json

import pytest
from members import account, anna, boris, deep, game, http, worker

__all__ = ["anna", "boris", "deep", "http", "worker"]

DOTTED = {"clock.limit": 120, "clock.increment": 2, "color": "white", "variant": None, "fen": None, "days": None}
FORM = b"clock.limit=120&clock.increment=2&color=white"
PARTS = b"".join(
    b'--b\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n' % pair
    for pair in ((b"clock.limit", b"120"), (b"clock.increment", b"2"), (b"color", b"white"))
) + b"--b--\r\n"
BODIES = {
    "json with dotted keys and nulls": (json.dumps(DOTTED).encode(), "application/json"),
    "json of objects": (b'{"clock": {"limit": 120, "increment": 2}, "color": "white"}', "application/json"),
    "json of texts": (b'{"clock.limit": "120", "clock.increment": "2", "color": "white"}', "application/json"),
    "json of floats": (b'{"clock.limit": 120.0, "clock.increment": 2.0, "color": "white"}', "application/json"),
    "json with a byte order mark": (b"\xef\xbb\xbf" + json.dumps(DOTTED).encode(), "application/json"),
    "json with a charset": (json.dumps(DOTTED).encode(), "Application/JSON; charset=UTF-8"),
    "json of another name": (json.dumps(DOTTED).encode(), "application/vnd.api+json"),
    "json that says it is a form": (json.dumps(DOTTED).encode(), "application/x-www-form-urlencoded"),
    "json that says it is text": (json.dumps(DOTTED).encode(), "text/plain"),
    "json without a content type": (json.dumps(DOTTED).encode(), None),
    "a form": (FORM, "application/x-www-form-urlencoded"),
    "a form with a charset": (FORM, "application/x-www-form-urlencoded; charset=utf-8"),
    "a form without a content type": (FORM, None),
    "a form that says it is xml": (FORM, "application/xml"),
    "a form that says nonsense": (FORM, "\xff;;="),
    "a form in parts": (PARTS, 'multipart/form-data; boundary="b"'),
}


@pytest.mark.parametrize(("body", "content_type"), BODIES.values(), ids=BODIES)
async def test_a_challenge_is_understood_in_every_form(http, anna, deep, body, content_type):
    headers = anna | ({"Content-Type": content_type.encode("latin-1")} if content_type else {})
    created = await http.post("/api/challenge/deep", headers=headers, content=body)
    assert created.status_code == 200, created.text
    assert created.json()["timeControl"] == {"type": "clock", "limit": 120, "increment": 2, "show": "2+2"}
    assert (created.json()["color"], created.json()["variant"]["key"]) == ("white", "standard")


BAD_BODIES = {
    "a list": (b"[]", "application/json"),
    "a text": (b'"hi"', "application/json"),
    "null": (b"null", "application/json"),
    "half of it": (b'{"clock.limit": 1', "application/json"),
    "not utf-8": (b"\xff\xfe{", "application/json"),
    "a boolean for a number": (b'{"clock.limit": true}', "application/json"),
    "no number": (b'{"clock.limit": "soon"}', "application/json"),
    "not a number": (b'{"clock.limit": NaN}', "application/json"),
    "infinitely long": (b'{"clock.limit": 1e999}', "application/json"),
    "less than nothing": (b'{"clock.limit": -60}', "application/json"),
    "a number of 4,000 digits": (b'{"clock.limit": %s}' % (b"9" * 4_000), "application/json"),
    "half a day": (b'{"days": 0.5}', "application/json"),
    "days of a boolean": (b'{"days": false}', "application/json"),
    "an unknown colour": (b"color=green", None),
    "an unknown variant": (b"variant=%00", None),
    "a position that is none": (b"fen=x", None),
    "a position of half a surrogate": (b'{"fen": "\\ud800"}', "application/json"),
}


@pytest.mark.parametrize(("body", "content_type"), BAD_BODIES.values(), ids=BAD_BODIES)
@pytest.mark.parametrize("path", ["/api/challenge/deep", "/api/challenge/open", "/api/challenge/ai?level=1"])
async def test_what_cannot_be_meant_is_400_in_json_and_makes_nothing(http, anna, deep, body, content_type, path):
    headers = anna | ({"Content-Type": content_type} if content_type else {})
    answer = await http.post(path, headers=headers, content=body)
    assert (answer.status_code, isinstance(answer.json()["error"], str)) == (400, True), answer.text
    assert (await http.get("/api/challenge", headers=deep)).json() == {"in": [], "out": []}
    assert (await http.get("/rooms")).json()["items"] == []


YES = ("yes", "YES", "1", "true", "True", "on")
NO = ("no", "No", "0", "false", "FALSE", "off", "null", "maybe", "%00")


@pytest.mark.parametrize("spelling", YES + NO)
@pytest.mark.parametrize("kind", ["draw", "takeback"])
async def test_offers_in_every_spelling(http, worker, anna, boris, kind, spelling):
    game_id = await game(http, anna, boris)
    for headers, uci in ((anna, "e2e4"), (boris, "e7e5")):
        await http.post(f"/api/board/game/{game_id}/move/{uci}", headers=headers)
    for _ in range(2):      # double posts
        answer = await http.post(f"/api/board/game/{game_id}/{kind}/{spelling}", headers=anna)
        assert (answer.status_code, answer.json()) == (200, {"ok": True})
    room = (await worker.directory.find(game_id)).room
    assert room.offers.by(kind) == ("white" if spelling in YES else None)


@pytest.mark.parametrize("place", ["query", "form", "json"])
@pytest.mark.parametrize("spelling", ["true", "1", "YES", "false", "0", "", "maybe"])
async def test_a_draw_offered_with_a_move_in_every_spelling(http, worker, anna, boris, place, spelling):
    game_id = await game(http, anna, boris)
    more = {{"query": "params", "form": "data", "json": "json"}[place]: {"offeringDraw": spelling}}
    assert (await http.post(f"/api/board/game/{game_id}/move/e2e4", headers=anna, **more)).json() == {"ok": True}
    room = (await worker.directory.find(game_id)).room
    assert room.offers.draw == ("white" if spelling in YES else None)


@pytest.mark.parametrize("value", [True, 1, "true", "yes", False, 0, "no", None, "perhaps", [], {}])
async def test_every_game_is_casual_whatever_is_asked_for(http, anna, deep, value):
    body = {"rated": value, "keepAliveStream": value if value not in (True, 1, "true", "yes") else None}
    created = await http.post("/api/challenge/deep", headers=anna, json=body)
    assert (created.status_code, created.json()["rated"]) == (200, False)


TWICE = {
    # what is posted twice, by White, and how it is answered the second time
    "a move": ("move/e2e4", 200),
    "a resignation": ("resign", 400),
    "an abort": ("abort", 400),
    "a draw offer": ("draw/yes", 200),
    "no draw": ("draw/no", 200),
}


@pytest.mark.parametrize(("action", "status"), TWICE.values(), ids=TWICE)
async def test_what_is_posted_twice_happens_once(http, worker, anna, boris, action, status):
    game_id = await game(http, anna, boris)
    first = await http.post(f"/api/board/game/{game_id}/{action}", headers=anna)
    assert (first.status_code, first.json()) == (200, {"ok": True})
    version = (await worker.directory.find(game_id)).version
    second = await http.post(f"/api/board/game/{game_id}/{action}", headers=anna)
    assert (second.status_code, "ok" in second.json() or "error" in second.json()) == (status, True)
    assert (await worker.directory.find(game_id)).version == version


@pytest.mark.parametrize("action", ["move/e2e4", "resign", "draw/yes"])
async def test_what_is_posted_at_the_same_time_happens_once(http, worker, anna, boris, action):
    game_id = await game(http, anna, boris)
    before = (await worker.directory.find(game_id)).version
    path = f"/api/board/game/{game_id}/{action}"
    answers = await asyncio.gather(*(http.post(path, headers=anna) for _ in range(5)))
    assert {answer.status_code for answer in answers} <= {200, 400}
    assert {"ok": True} in [answer.json() for answer in answers]
    assert (await worker.directory.find(game_id)).version == before + 1


@pytest.mark.parametrize(("action", "status"), [("accept", 200), ("decline", 404)])
async def test_a_challenge_is_answered_once(http, anna, deep, action, status):
    created = (await http.post("/api/challenge/deep", headers=anna)).json()
    path = f"/api/challenge/{created['id']}/{action}"
    assert (await http.post(path, headers=deep)).status_code == 200
    assert (await http.post(path, headers=deep)).status_code == status
    assert (await http.post(f"/api/challenge/{created['id']}/cancel", headers=anna)).status_code == 404


async def test_a_seek_without_a_time_is_400_and_nulls_count_as_nothing(http):
    headers = await account(http, "Seeker")
    for body in ({}, {"time": None}, {"time": "soon"}, {"time": 5, "increment": True}, {"time": True}, {"days": None}):
        answer = await http.post("/api/board/seek", headers=headers, json=body)
        assert (answer.status_code, "error" in answer.json()) == (400, True), body
    assert (await http.get("/rooms")).json()["items"] == []
