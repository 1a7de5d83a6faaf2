"""Rooms as the Lichess API shows them: the fields that clients stumble over if they are missing."""

import pytest

from game_server.core.account import player_of, seat_key
from game_server.core.commands import Resign, TakeSeat
from game_server.core.ids import BLACK, WHITE, computer_level, computer_player
from game_server.core.refusals import Refused
from game_server.wire import lichess, lichess_tv
from game_server.wire.lichess_challenges import challenge, challenge_wish, decline_reason, is_true, seek_wish, texts
from game_server.wire.lichess_export import game_document
from tests.core.rooms import black, did, given, offered, opened, started, white
from tests.core.test_account import asked

FEN = "4k3/8/8/8/8/8/4P3/4K3 w - - 0 1"


def seat(color, name, *, is_bot=False, account=True):
    player = player_of(name.lower()) if account else f"guest{name}"
    key = seat_key(name.lower()) if account else f"hash of {name}"
    return did(TakeSeat(color, player, key, name, is_bot, False, "g1", 0), at_ms=0)


def playing(time="5+3", **more):
    return given(opened(time, **more), seat(WHITE, "Deep", is_bot=True), seat(BLACK, "Anna"))


def test_the_first_line_of_a_game_has_what_clients_read():
    full = lichess.game_full(playing(), 0)
    assert full["type"] == "gameFull"
    assert (full["id"], full["createdAt"], full["rated"]) == ("g1", 0, False)
    assert full["white"] == {"id": "deep", "name": "Deep", "title": "BOT", "rating": 1500, "provisional": True}
    assert "title" not in full["black"]
    assert full["variant"] == {"key": "standard", "name": "Standard", "short": "Std"}
    assert full["initialFen"] == "startpos"
    assert full["clock"] == {"initial": 300_000, "increment": 3_000}
    assert full["perf"] == {"name": "Blitz"}
    assert full["state"]["type"] == "gameState"
    assert full["state"]["moves"] == ""
    assert full["state"]["status"] == "started"


def test_of_the_computer_the_api_has_its_level():
    sits = TakeSeat(BLACK, computer_player(5, "drawn"), "hash", "Stockfish level 5", True, False, "g1", 0)
    room = given(opened("5+3"), seat(WHITE, "Anna"), did(sits, at_ms=0))
    assert lichess.game_full(room, 0)["black"] == {"aiLevel": 5}
    info = lichess.game_info(room, WHITE, 0)
    assert info["opponent"] == {"id": None, "username": "Stockfish level 5", "ai": 5}
    assert info["source"] == game_document(room)["source"] == lichess_tv.described(room)["source"] == "ai"
    assert game_document(room)["players"]["black"] == lichess_tv.described(room)["players"]["black"] == {"aiLevel": 5}
    assert lichess_tv.featured(room, 0)["d"]["players"][1]["ai"] == 5
    assert lichess_tv.channel(room)["user"]["name"] == "Anna"
    assert lichess.game_info(playing(), WHITE, 0)["source"] == "friend"


@pytest.mark.parametrize("player_id", ["@anna", "aB3xYz90Qw", "@5", "5abc"])
def test_nobody_else_has_a_level(player_id):
    assert computer_level(player_id) is None


def test_a_state_has_all_moves_and_both_clocks():
    room = given(playing(), white("e2e4", at_ms=0), black("e7e5", at_ms=0))
    state = lichess.game_state(room, 1_000)
    assert state["moves"] == "e2e4 e7e5"
    assert (state["wtime"], state["btime"], state["winc"], state["binc"]) == (299_000, 300_000, 3_000, 3_000)
    assert "expiration" not in state
    assert "winner" not in state


def test_a_game_without_a_clock_still_has_numbers():
    state = lichess.game_state(playing("unlimited"), 0)
    assert state["wtime"] == state["btime"] == 2_147_483_647
    assert lichess.game_full(playing("unlimited"), 0)["speed"] == "correspondence"
    assert lichess.game_full(playing("3d"), 0)["daysPerTurn"] == 3


def test_offers_are_shown_by_colour():
    room = given(playing(), white("e2e4", at_ms=0), offered(WHITE, "draw"), offered(WHITE, "takeback"))
    state = lichess.game_state(room, 0)
    assert (state["wdraw"], state["wtakeback"]) == (True, True)
    assert "bdraw" not in state


def test_an_ending_has_its_status_and_winner():
    room = given(playing(), did(Resign(WHITE), at_ms=5))
    assert lichess.game_state(room, 5)["status"] == "resign"
    assert lichess.game_state(room, 5)["winner"] == "black"


def test_from_a_position_is_a_variant_of_its_own():
    room = playing(fen=FEN)
    assert lichess.game_full(room, 0)["variant"]["name"] == "From Position"
    assert lichess.game_full(room, 0)["initialFen"] == FEN
    assert lichess.game_full(playing(variant="chess960"), 0)["variant"]["name"] == "Chess960"


def test_a_guest_of_the_same_name_is_told_apart():
    room = given(opened("5+3"), seat(WHITE, "deep", account=False), seat(BLACK, "Deep", is_bot=True))
    full = lichess.game_full(room, 0)
    assert (full["white"]["name"], full["black"]["name"]) == ("deep (guest)", "Deep")


@pytest.mark.parametrize(("moves", "white_moved", "black_moved"), [("", 0, 0), ("e2e4", 1, 0), ("e2e4 e7e5", 1, 1)])
def test_has_moved_is_about_ones_own_moves(moves, white_moved, black_moved):
    room = playing()
    for ply, uci in enumerate(moves.split()):
        room = given(room, (black if ply % 2 else white)(uci, at_ms=0))
    assert lichess.game_info(room, WHITE, 0)["hasMoved"] == bool(white_moved)
    assert lichess.game_info(room, BLACK, 0)["hasMoved"] == bool(black_moved)


def test_a_running_game_has_what_clients_read():
    info = lichess.game_info(playing(), BLACK, 0)
    assert info["id"] == info["gameId"] == "g1"
    assert (info["color"], info["isMyTurn"], info["speed"], info["source"]) == ("black", False, "blitz", "friend")
    assert info["opponent"] == {"id": "deep", "username": "Deep", "rating": 1500}
    assert info["compat"] == {"bot": True, "board": True}
    assert info["variant"] == {"key": "standard", "name": "Standard"}


def test_a_challenge_has_what_clients_read():
    shown = challenge(asked(), "http://x", lambda _: True)
    for key in ("id", "rated", "speed", "color", "finalColor", "url", "status"):
        assert key in shown
    assert shown["timeControl"] == {"type": "clock", "limit": 300, "increment": 3, "show": "5+3"}
    assert shown["perf"]["name"] == "Blitz"
    assert shown["variant"]["key"] == "standard"
    assert {"name", "title", "rating", "provisional"} <= shown["challenger"].keys()


WISHES = {
    "clock": ({"clock.limit": "300", "clock.increment": "3"}, "5+3"),
    "half a minute": ({"clock.limit": "30", "clock.increment": "0"}, "0.5+0"),
    "a third of a minute": ({"clock.limit": "20"}, "0.333333+0"),
    "increment only": ({"clock.increment": "5"}, "0+5"),
    "days": ({"days": "3"}, "3d"),
    "unlimited": ({}, "unlimited"),
}


@pytest.mark.parametrize(("body", "time"), WISHES.values(), ids=WISHES)
def test_time_controls_of_challenges(body, time):
    assert challenge_wish(body).time.text == time


@pytest.mark.parametrize(
    "body",
    [
        {"clock.limit": "x"},
        {"clock.limit": "-1"},
        {"clock.limit": "nan"},
        {"clock.limit": "1e99"},
        {"clock.limit": "0", "clock.increment": "0"},
        {"days": "0"},
        {"variant": "antichess"},
        {"variant": "fromPosition"},
        {"fen": "nonsense"},
        {"color": "green"},
    ],
    ids=str,
)
def test_wishes_that_cannot_be(body):
    with pytest.raises(Refused):
        challenge_wish(body)


def test_a_seek_counts_minutes():
    assert seek_wish({"time": "10", "increment": "5"}).time.text == "10+5"
    assert seek_wish({"time": "0.25"}).time.text == "0.25+0"
    with pytest.raises(Refused):
        seek_wish({})


def test_bodies_have_dotted_keys_and_nulls_are_left_out():
    assert texts({"rated": False, "clock": {"limit": 60}, "clock.increment": 1, "fen": None, "x": []}) == {
        "rated": "false",
        "clock.limit": "60",
        "clock.increment": "1",
    }


@pytest.mark.parametrize("yes", ["true", "True", "yes", "1", "on"])
def test_every_spelling_of_yes(yes):
    assert is_true(yes)


@pytest.mark.parametrize("no", ["false", "no", "0", "", "maybe", None])
def test_everything_else_is_no(no):
    assert not is_true(no)


def test_decline_reasons_are_keys_in_lower_case():
    assert decline_reason("tooFast") == "toofast"
    assert decline_reason("because") == decline_reason(None) == "generic"


def test_tv_lists_white_first_and_counts_seconds():
    shown = lichess_tv.featured(playing(), 0)["d"]
    assert [player["color"] for player in shown["players"]] == ["white", "black"]
    assert shown["players"][0]["seconds"] == 300
    assert lichess_tv.moment(given(playing(), white("e2e4", at_ms=0)), 0)["lm"] == "e2e4"
    assert lichess_tv.is_on("bot", playing())
    assert lichess_tv.is_on("blitz", playing())
    assert not lichess_tv.is_on("bullet", playing())


def test_an_export_has_the_players_the_moves_and_the_clocks():
    room = given(playing(), white("e2e4", at_ms=0), black("e7e5", at_ms=0), did(Resign(WHITE), at_ms=5))
    document = game_document(room, with_clocks=True)
    assert (document["moves"], document["status"], document["winner"]) == ("e4 e5", "resign", "black")
    assert document["clocks"] == [30_000, 30_000]
    assert document["players"]["white"]["user"] == {"id": "deep", "name": "Deep", "title": "BOT"}


def test_nothing_needs_an_account():
    full = lichess.game_full(started("5+3"), 0)
    assert (full["white"]["name"], full["white"]["id"]) == ("Anna", "")
