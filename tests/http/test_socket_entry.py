"""How one comes to a seat over `/ws/game/{room_id}`, and with which code one is told why not."""

import secrets
from urllib.parse import quote

import pytest
from starlette.testclient import WebSocketDisconnect
from table import SEAT_TOKEN, Club

TOKEN_FORMS = ("an Authorization header", "a subprotocol", "the query")


def connect(club, room_id, name, token):
    match name:
        case "an Authorization header":
            return club.connect(room_id, token=token)
        case "a subprotocol":
            return club.connect(room_id, subprotocols=["chess.v1", f"token.{token}"])
        case "the query":
            return club.connect(f"{room_id}?token={token}")


def test_a_newcomer_is_welcomed_with_a_token_and_told_the_room(club, room_id):
    player = club.join(room_id, name="Anna", color="white")
    welcome, state = player.welcome, player.state
    assert (welcome["protocol"], welcome["room_id"], welcome["color"]) == (1, room_id, "white")
    assert welcome["heartbeat_s"] == 10
    assert 22 <= len(welcome["token"]) <= 64
    assert state["epoch"] == welcome["epoch"]
    assert state["status"] == "waiting"
    assert state["white"] == {"player_id": welcome["player_id"], "name": "Anna", "connected": True, "bot": False}
    assert state["black"] is None


def test_the_first_connection_opens_the_room_and_the_second_starts_the_game(club, room_id):
    white = club.join(room_id, color="white", name="Anna")
    black = club.join(room_id, name="Boris")
    joined, started = white.frames(2)
    assert (joined["type"], joined["name"], joined["color"]) == ("player_joined", "Boris", "black")
    assert started["type"] == "game_started"
    assert started["white"]["name"] == "Anna"
    assert black.state["v"] == started["v"]
    assert black.state["game_id"] == started["game_id"]


def test_what_the_first_connection_asks_for_is_how_the_room_is(club, room_id):
    fen = "4k3/8/8/8/8/8/4P3/4K3 w - - 0 1"
    state = club.join(room_id, time="5+3", variant="standard", fen=fen).state
    assert state["time_control"] == "5+3"
    assert state["initial_fen"] == state["fen"] == fen


def test_in_a_query_a_space_counts_as_plus(club, room_id):
    assert club.connect(f"{room_id}?time=3+2").seated().state["time_control"] == "3+2"


def test_what_a_later_connection_asks_for_changes_nothing(club, room_id):
    club.join(room_id, time="5+3")
    assert club.join(room_id, time="nonsense", fen="nonsense").state["time_control"] == "5+3"


@pytest.mark.parametrize("color", ["white", "black"])
def test_a_colour_is_granted_if_it_is_free(club, room_id, color):
    assert club.join(room_id, color=color).color == color
    other = club.join(room_id, color=color).color
    assert {color, other} == {"white", "black"}


def test_who_does_not_mind_gets_either_colour(club, room_id):
    colors = {club.join(f"{room_id}-{number}", color="random").color for number in range(40)}
    assert colors == {"white", "black"}


def test_who_gives_no_name_has_one_all_the_same(club, room_id):
    player = club.join(room_id)
    assert player.state[player.color]["name"]


def test_a_name_is_kept_in_composed_form(club, room_id):
    player = club.join(room_id, name="Zoe\u0301")
    assert player.state[player.color]["name"] == "Zo\u00e9"


def test_of_the_offered_subprotocols_the_one_without_a_secret_is_chosen(club, room_id):
    socket = club.connect(room_id, subprotocols=[f"token.{SEAT_TOKEN}", "chess.v1"])
    assert socket.session.accepted_subprotocol == "chess.v1"


# Tokens


@pytest.mark.parametrize("name", TOKEN_FORMS)
def test_a_token_leads_back_to_its_seat_in_every_form(club, room_id, name):
    first = club.join(room_id, name="Anna")
    again = connect(club, room_id, name, first.token).seated()
    assert again.color == first.color
    assert again.welcome["player_id"] == first.welcome["player_id"]
    assert "token" not in again.welcome


@pytest.mark.parametrize("name", TOKEN_FORMS)
def test_a_newcomer_may_bring_its_own_token(club, room_id, name):
    own = secrets.token_urlsafe(24)
    first = connect(club, room_id, name, own).seated()
    assert "token" not in first.welcome
    first.leave()
    assert connect(club, room_id, name, own).seated().welcome["player_id"] == first.welcome["player_id"]


def test_a_connection_that_was_cut_before_its_welcome_comes_back_to_the_same_seat(club, room_id):
    own = secrets.token_urlsafe(24)
    club.connect(room_id, token=own).leave()
    club.join(room_id, token=own)
    other = club.join(room_id)
    assert other.state["status"] == "playing"
    assert club.refused(room_id)[0] == 4003


def test_a_token_is_of_no_use_in_another_room(club, room_id):
    first = club.join(room_id, color="white")
    elsewhere = club.join(f"{room_id}-b", token=first.token)
    assert elsewhere.welcome["player_id"] != first.welcome["player_id"]


def test_nobody_but_its_player_ever_sees_a_token(club, room_id):
    white, black = club.game(room_id)
    watcher = club.watch(room_id)
    watcher.frame()
    white.acked("chat", text="hello")
    shown = "".join(black.texts + watcher.texts) + club.http.get(f"/rooms/{room_id}").text
    assert white.token not in shown
    assert "token" not in shown


BAD_TOKENS = {
    "too short": "x" * 21,
    "too long": "x" * 65,
    "a space": "x" * 20 + " " + "x" * 5,
    "a slash": "x" * 30 + "/",
    "letters of another alphabet": "ж" * 30,
    "a line break": "x" * 30 + "\n",
}


@pytest.mark.parametrize("token", BAD_TOKENS.values(), ids=BAD_TOKENS)
def test_a_malformed_token_is_4001(club, room_id, token):
    assert club.refused(f"{room_id}?token={quote(token)}")[0] == 4001
    assert club.http.get(f"/rooms/{room_id}").status_code == 404


def test_an_empty_token_is_4001(club, room_id):
    assert club.refused(f"{room_id}?token=")[0] == 4001


@pytest.mark.parametrize("length", [22, 64])
def test_the_shortest_and_the_longest_token(club, room_id, length):
    token = "x" * length
    assert "token" not in club.join(room_id, token=token).welcome


# Refused


def test_a_third_player_is_4003_and_may_watch(club, room_id):
    white, _ = club.game(room_id)
    code, reason = club.refused(room_id)
    assert code == 4003
    assert "watch" in reason
    assert white.silent()
    assert club.watch(room_id).frame()["type"] == "state"


def test_an_unknown_token_is_a_third_player_too(club, room_id):
    club.game(room_id)
    assert club.refused(room_id, token=SEAT_TOKEN)[0] == 4003


BAD_ROOM_IDS = {
    "too long": "x" * 65,
    "a dot": "a.b",
    "a slash": "a/b",
    "a space": "a%20b",
    "another alphabet": "%D0%B6",
    "a line break": "a%0A",
    "a zero byte": "a%00",
    "nothing": "",
}


@pytest.mark.parametrize("bad_id", BAD_ROOM_IDS.values(), ids=BAD_ROOM_IDS)
@pytest.mark.parametrize("path", ["/ws/game/", "/ws/watch/"])
def test_a_bad_room_id_is_4004(club, bad_id, path):
    code, reason = club.refused(bad_id, path=path)
    assert code == 4004
    assert "room id" in reason


@pytest.mark.parametrize("good_id", ["x", "x" * 64, "A-z_09"])
def test_room_ids_have_1_to_64_letters_digits_dashes_and_underscores(club, good_id):
    assert club.join(good_id).welcome["room_id"] == good_id


BAD_WISHES = {
    "a time that is no time": ({"time": "soon"}, "time"),
    "no time at all": ({"time": "0+0"}, "time"),
    "too many days": ({"time": "367d"}, "time"),
    "an unknown variant": ({"variant": "go"}, "variant"),
    "what is not a FEN": ({"fen": "nonsense"}, "FEN"),
    "a position without a king": ({"fen": "8/8/8/8/8/8/8/K7 w - - 0 1"}, "legal position"),
    "a position in which the game is over": ({"fen": "7k/5Q2/6K1/8/8/8/8/8 b - - 0 1"}, "over"),
    "an empty name": ({"name": ""}, "name"),
    "a blank name": ({"name": "   "}, "name"),
    "a long name": ({"name": "x" * 33}, "name"),
    "a name with a line break": ({"name": "a\nb"}, "name"),
    "a colour that chess does not have": ({"color": "red"}, "color"),
}


@pytest.mark.parametrize(("query", "word"), BAD_WISHES.values(), ids=BAD_WISHES)
def test_a_bad_wish_is_4004_with_the_reason_and_no_room_is_made(club, room_id, query, word):
    code, reason = club.refused(room_id, **query)
    assert code == 4004
    assert word in reason
    assert club.http.get(f"/rooms/{room_id}").status_code == 404


def test_where_rooms_are_not_made_by_coming_an_unknown_one_is_4004(tmp_path):
    with Club(tmp_path, auto_create_rooms=False) as club:
        assert club.refused("r") == (4004, "there is no such room")
        made = club.http.post("/rooms", json={}).json()
        assert club.join(made["room_id"], token=made["token"]).color == made["color"]


def test_an_unknown_room_cannot_be_watched(club, room_id):
    assert club.refused(room_id, path="/ws/watch/")[0] == 4004


FOREIGN = {
    "another site": "https://evil.example",
    "another port": "http://testserver:81",
    "a sandbox": "null",
    "what is no URL": "http://[",
    "nothing": "",
}


@pytest.mark.parametrize("path", ["/ws/game/", "/ws/watch/"])
@pytest.mark.parametrize("origin", FOREIGN.values(), ids=FOREIGN)
def test_a_page_from_elsewhere_is_refused_before_accepting(club, room_id, path, origin):
    with pytest.raises(WebSocketDisconnect):
        club.connect(room_id, path=path, headers={"origin": origin})
    assert club.http.get(f"/rooms/{room_id}").status_code == 404


def test_a_page_of_this_host_may_connect(club, room_id):
    assert club.connect(room_id, headers={"origin": "http://testserver"}).seated()


def test_a_page_from_a_listed_origin_may_connect(tmp_path):
    with Club(tmp_path, allowed_origins="https://chess.example, https://b.example") as club:
        assert club.connect("r", headers={"origin": "https://b.example"}).seated()
