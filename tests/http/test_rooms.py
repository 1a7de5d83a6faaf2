"""Rooms over HTTP: create, sit down, list, read."""

import secrets

import pytest
from table import SEAT_TOKEN, Club, play

PROBLEM = "application/problem+json"


def problem(answer, status):
    """The document of an error, as RFC 9457 has it."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == PROBLEM
    document = answer.json()
    assert document["status"] == status
    assert document["title"]
    assert document["detail"]
    return document


def created(club, **asked):
    answer = club.http.post("/rooms", json=asked)
    assert answer.status_code == 201, answer.text
    return answer.json()


# Create


def test_a_room_is_created_with_a_seat_in_it(club):
    answer = club.http.post("/rooms", json={"color": "black", "name": "Anna", "time": "5+3"})
    assert answer.status_code == 201
    room = answer.json()
    assert room.keys() == {"room_id", "epoch", "token", "color", "player_id", "url", "options"}
    assert answer.headers["location"] == f"/rooms/{room['room_id']}"
    assert room["url"] == f"http://testserver/room/{room['room_id']}"
    assert room["color"] == "black"
    player = club.join(room["room_id"], token=room["token"])
    assert player.color == "black"
    assert player.welcome["player_id"] == room["player_id"]
    assert player.state["black"]["name"] == "Anna"
    assert player.state["time_control"] == "5+3"


@pytest.mark.parametrize("body", [None, b"", b"{}", b"null"])
def test_a_room_may_be_created_without_a_wish(club, body):
    answer = club.http.post("/rooms", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == 201
    assert answer.json()["options"]["time"] == "unlimited"


OPTIONS = {
    "time": "3d",
    "variant": "chess960",
    "public": True,
    "rules": "fide",
    "on_disconnect": "claim",
    "grace_s": 12.5,
    "flicker_s": 0,
    "linger_s": 86_400,
    "first_move_s": 7,
    "lag_compensation": False,
    "chat": False,
    "takebacks": False,
    "draw_offers": False,
    "rematch": False,
    "spectator_delay_s": 0,
}


@pytest.mark.parametrize(("option", "value"), OPTIONS.items(), ids=OPTIONS)
def test_every_option_is_as_it_was_asked_for(club, option, value):
    assert created(club, **{option: value})["options"][option] == value


def test_all_options_together(club):
    assert created(club, **OPTIONS)["options"].items() >= OPTIONS.items()


SPEEDS = {
    #              grace_s  first_move_s
    "0.25+0":     (20, 15),
    "1+0":        (20, 20),
    "5+0":        (40, 25),
    "10+5":       (80, 30),
    "30+20":      (120, 35),
    "unlimited":  (80, None),
    "3d":         (None, None),
}


@pytest.mark.parametrize(("time", "expected"), SPEEDS.items(), ids=SPEEDS)
def test_what_is_left_open_is_as_the_speed_has_it(club, time, expected):
    options = created(club, time=time)["options"]
    assert (options["grace_s"], options["first_move_s"]) == expected
    assert (options["flicker_s"], options["linger_s"], options["on_disconnect"]) == (2, 300, "forfeit")


def test_a_position_of_ones_own(club):
    fen = "4k3/8/8/8/8/8/4P3/4K3 b - - 0 1"
    room = created(club, fen=fen)
    assert room["options"]["fen"] == fen
    assert club.http.get(f"/rooms/{room['room_id']}").json()["turn"] == "black"


BAD = {
    "a time that is no time": {"time": "soon"},
    "no time": {"time": "0+0"},
    "a time that is a number": {"time": 5},
    "an unknown variant": {"variant": "go"},
    "what is not a FEN": {"fen": "nonsense"},
    "a position without kings": {"fen": "8/8/8/8/8/8/8/8 w - - 0 1"},
    "a colour that chess does not have": {"color": "red"},
    "an empty name": {"name": ""},
    "a long name": {"name": "x" * 33},
    "a name with a control character": {"name": "a\x07b"},
    "a name that is no text": {"name": 5},
    "a short token": {"token": "x" * 21},
    "a token with a space": {"token": "x" * 30 + " "},
    "unknown rules": {"rules": "blitz"},
    "an unknown policy": {"on_disconnect": "cry"},
    "a negative grace": {"grace_s": -1},
    "more than a day": {"linger_s": 86_401},
    "a time in words": {"flicker_s": "2"},
    "half a truth": {"chat": "yes"},
    "a delay of more than a quarter of an hour": {"spectator_delay_s": 901},
    "a word we do not know": {"grace": 5},
    "another word we do not know": {"admin": True},
}


@pytest.mark.parametrize("asked", BAD.values(), ids=BAD)
def test_a_bad_value_is_422_with_a_sentence_and_makes_no_room(club, asked):
    before = club.http.get("/rooms?limit=100").json()
    document = problem(club.http.post("/rooms", json={"public": True, **asked}), 422)
    (word,) = asked
    assert word in document["detail"].lower() or word in ("fen", "chat")
    assert "Value error" not in document["detail"]
    assert club.http.get("/rooms?limit=100").json() == before


UNREADABLE = {
    "no JSON": b"time=5",
    "half an object": b'{"time":',
    "a list": b"[]",
    "deep nesting": b"[" * 50_000,
    "what is not UTF-8": b'{"name":"\xff"}',
    "a lone surrogate": b'{"name":"\\ud800"}',
    "a lone surrogate as a word": b'{"\\ud800":1}',
    "a number beyond all bounds": b'{"grace_s":' + b"9" * 5_000 + b"}",
    "infinity": b'{"grace_s":1e999}',
}


@pytest.mark.parametrize("body", UNREADABLE.values(), ids=UNREADABLE)
def test_a_body_that_cannot_be_read_is_a_4xx(club, body):
    answer = club.http.post("/rooms", content=body, headers={"content-type": "application/json"})
    problem(answer, answer.status_code)
    assert answer.status_code in (400, 422)


# Sit down


def test_a_seat_is_taken_over_http_and_the_game_starts(club):
    room = created(club, color="white")
    answer = club.http.post(f"/rooms/{room['room_id']}/seats", json={"name": "Boris"})
    assert answer.status_code == 201
    seat = answer.json()
    assert seat.keys() == {"token", "color", "player_id"}
    assert seat["color"] == "black"
    state = club.http.get(f"/rooms/{room['room_id']}").json()
    assert (state["status"], state["black"]["name"], state["black"]["connected"]) == ("playing", "Boris", False)
    assert club.join(room["room_id"], token=seat["token"]).color == "black"


def test_the_same_token_again_is_the_same_seat(club):
    room = created(club)
    path = f"/rooms/{room['room_id']}/seats"
    first = club.http.post(path, json={"token": SEAT_TOKEN})
    again = club.http.post(path, json={"token": SEAT_TOKEN})
    by_header = club.http.post(path, headers={"authorization": f"Bearer {SEAT_TOKEN}"})
    assert [answer.status_code for answer in (first, again, by_header)] == [201, 200, 200]
    assert first.json() == again.json() == by_header.json()
    creator = club.http.post(path, json={"token": room["token"]})
    assert (creator.status_code, creator.json()["player_id"]) == (200, room["player_id"])


def test_a_third_seat_is_409(club):
    room = created(club)
    path = f"/rooms/{room['room_id']}/seats"
    club.http.post(path)
    assert "watch" in problem(club.http.post(path), 409)["detail"]
    assert problem(club.http.post(path, json={"token": SEAT_TOKEN}), 409)


def test_a_seat_in_a_room_that_does_not_exist_is_404(club):
    problem(club.http.post("/rooms/nobody-made-it/seats"), 404)
    problem(club.http.post("/rooms/a.b/seats"), 404)


@pytest.mark.parametrize("path", ["/rooms", "/rooms/{room_id}/seats"])
def test_a_malformed_token_in_the_header_is_401(club, path):
    room = created(club)
    path = path.replace("{room_id}", room["room_id"])
    problem(club.http.post(path, headers={"authorization": "Bearer short"}), 401)


def test_a_creator_may_bring_its_own_token(club):
    own = secrets.token_urlsafe(24)
    assert created(club, token=own)["token"] == own


# Read


def test_a_room_as_a_document_is_its_state(club, room_id):
    white, black = club.game(room_id)
    play(white, black, "e2e4")
    white.present(white=True, black=True)
    answer = club.http.get(f"/rooms/{room_id}")
    document, (state,) = answer.json(), white.acked("sync")
    assert document["at"] <= state["at"]
    assert document | {"at": 0} == state | {"at": 0}


def test_polling_a_room_costs_a_304_until_something_happens(club, room_id):
    white, _ = club.game(room_id)
    white.present(white=True, black=True)
    path = f"/rooms/{room_id}"
    tag = club.http.get(path).headers["etag"]
    for matching in (tag, f"W/{tag}", f'"other", {tag}'):
        answer = club.http.get(path, headers={"if-none-match": matching})
        assert (answer.status_code, answer.content, answer.headers["etag"]) == (304, b"", tag)
    white.acked("move", uci="e2e4")
    answer = club.http.get(path, headers={"if-none-match": tag})
    assert answer.status_code == 200
    assert answer.headers["etag"] != tag


@pytest.mark.parametrize("bad_id", ["nobody-made-it", "a.b", "x" * 65, "a%0A", "%D0%B6"])
def test_a_room_that_does_not_exist_is_404(club, bad_id):
    problem(club.http.get(f"/rooms/{bad_id}"), 404)
    problem(club.http.get(f"/rooms/{bad_id}/pgn"), 404)


# List


@pytest.fixture
def lobby(tmp_path):
    with Club(tmp_path) as club:
        yield club


def listed(club, query=""):
    return [room["room_id"] for room in club.http.get(f"/rooms{query}").json()["items"]]


def test_only_public_rooms_are_listed_newest_first(lobby):
    made = [created(lobby, public=public)["room_id"] for public in (True, False, True)]
    lobby.join("by-its-link-only")
    assert listed(lobby) == [made[2], made[0]]


def test_a_list_may_be_of_those_that_wait_or_those_that_play(lobby):
    waiting = created(lobby, public=True, time="5+3", name="Anna", color="white")
    playing = created(lobby, public=True)
    lobby.http.post(f"/rooms/{playing['room_id']}/seats")
    assert listed(lobby, "?status=waiting") == [waiting["room_id"]]
    assert listed(lobby, "?status=playing") == [playing["room_id"]]
    (item,) = lobby.http.get("/rooms?status=waiting").json()["items"]
    assert item["white"]["name"] == "Anna"
    assert (item["time_control"], item["status"], item["black"], item["last_move"]) == ("5+3", "waiting", None, None)


def test_a_closed_room_is_listed_no_more(lobby):
    white, _ = lobby.game(public=True, linger_s=0)
    assert listed(lobby) == [white.room_id]
    white.acked("resign")
    white.ended()
    assert listed(lobby) == []


@pytest.mark.parametrize("limit", [1, 2, 4, 5, 6])
def test_pages_lead_to_every_room_once(lobby, limit):
    made = [created(lobby, public=True)["room_id"] for _ in range(5)]
    seen, following = [], f"/rooms?status=waiting&limit={limit}"
    while following is not None:
        page = lobby.http.get(following).json()
        assert len(page["items"]) <= limit
        seen += [room["room_id"] for room in page["items"]]
        following = page["next"]
    assert seen == made[::-1]


@pytest.mark.parametrize("query", ["limit=0", "limit=101", "limit=x", "status=closed", "after=" + "x" * 65])
def test_a_bad_query_is_422(club, query):
    problem(club.http.get(f"/rooms?{query}"), 422)


# What every route has


def test_errors_are_problem_documents(club):
    problem(club.http.get("/nowhere"), 404)
    problem(club.http.delete("/rooms"), 405)
    problem(club.http.get("/assets/nothing.js"), 404)
