"""What only an attacker sends to the Lichess API: it is answered in JSON like anything else, and harms nobody."""

import json
import time

import pytest
from members import account, anna, boris, deep, game, http, worker

__all__ = ["anna", "boris", "deep", "http", "worker"]

MANY = "9" * 5_000      # more digits than Python makes an integer of


@pytest.mark.parametrize("path", ["/api/account/playing", "/api/bot/online"])
async def test_more_games_or_bots_are_asked_for_than_there_are_numbers(http, anna, path):
    assert (await http.get(f"{path}?nb={MANY}", headers=anna)).status_code == 200


async def test_as_many_running_games_are_told_as_are_asked_for(http, anna, boris):
    for _ in range(2):
        await game(http, anna, boris)
    for wanted, told in (("1", 1), ("0", 0), ("7", 2), ("x", 2), (MANY, 2)):
        answer = await http.get(f"/api/account/playing?nb={wanted}", headers=anna)
        assert len(answer.json()["nowPlaying"]) == told


@pytest.mark.parametrize("claimed", ["\ud800", "\0", "x" * 65, "../../x", "<b>", "\u202e"])
async def test_a_rematch_of_what_cannot_be_a_game_is_a_challenge_like_any_other(http, anna, deep, claimed):
    created = await http.post("/api/challenge/deep", headers=anna, content=json.dumps({"rematchOf": claimed}))
    assert (created.status_code, "rematchOf" in created.json()) == (200, False)
    for headers, side in ((anna, "out"), (deep, "in")):
        listed = (await http.get("/api/challenge", headers=headers)).json()
        assert [each["id"] for each in listed[side]] == [created.json()["id"]]


PARTS = {
    "messages in messages": (b"--b\r\n" + b"Content-Type: message/rfc822\n\n" * 2_000, "boundary=b"),
    "forms in forms": (
        b"".join(b"--b%d\nContent-Type: multipart/mixed; boundary=b%d\n\n" % (i, i + 1) for i in range(1_200)),
        "boundary=b0",
    ),
    "as many parts as fit": (b"--b\r\n\r\n" * 8_000, "boundary=b"),
    "a line that never ends": (b"--b\r\n" + b"content-disposition:" * 3_000, "boundary=b"),
    "no boundary": (b"--b\r\n\r\n", ""),
    "an empty boundary": (b"--b\r\n\r\n", "boundary="),
    "a boundary that is no text": (b"--b\r\n\r\n", "boundary=\xff"),
    "a charset that is no text": (b"--b\r\n\r\n", "charset=\xff; boundary=b"),
}


@pytest.mark.parametrize(("body", "parameters"), PARTS.values(), ids=PARTS)
async def test_a_form_of_strange_parts_holds_nobody_up(http, anna, deep, body, parameters):
    headers = anna | {"Content-Type": f"multipart/form-data; {parameters}".encode("latin-1")}
    began_s = time.perf_counter()
    created = await http.post("/api/challenge/deep", headers=headers, content=body)
    assert (created.status_code, time.perf_counter() - began_s < 0.3) == (200, True), created.text


async def test_a_form_in_parts_is_read_as_programs_write_it(http, anna, deep):
    answer = await http.post("/api/challenge/deep", headers=anna, files={"color": (None, "black"), "days": (None, "3")})
    assert (answer.json()["color"], answer.json()["timeControl"]["daysPerTurn"]) == ("black", 3)


@pytest.mark.parametrize("depth", [*range(900, 1_000), 2_500])    # Python 3.13 reads thousands
async def test_json_nested_as_deep_as_it_can_be_read_is_answered(http, anna, deep, depth):
    body = b'{"a":' * depth + b"1" + b"}" * depth
    answer = await http.post("/api/challenge/deep", headers=anna | {"Content-Type": "application/json"}, content=body)
    assert answer.status_code in (200, 400)


STREAMS = ("/api/tv/feed", "/api/tv/best/feed", "/api/stream/event", "/api/stream/game/x", "/api/board/game/stream/x",
           "/api/bot/game/stream/x")


@pytest.mark.parametrize("path", STREAMS)
async def test_only_the_head_of_a_stream_cannot_be_had(http, anna, path):
    answer = await http.head(path, headers=anna)
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET")


async def test_who_is_signed_in_by_no_token_is_told_so(http):
    for sent in ("Bearer", "Bearer \xff", "Basic x", "Bearer acct_" + "x" * 60):
        answer = await http.get("/api/account", headers={"Authorization": sent.encode("latin-1")})
        assert (answer.status_code, "error" in answer.json()) == (401, True)
    assert (await http.get("/api/account", headers=await account(http, "Known"))).status_code == 200
