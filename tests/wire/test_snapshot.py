"""What a room looks like at one moment: `state` with exactly the fields of the protocol, and its line in the lobby."""

import json

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import given as for_all

from game_server.core.commands import Say
from game_server.core.ids import BLACK, WHITE
from game_server.core.position import STANDARD_FEN
from game_server.wire.outbound import server_message
from game_server.wire.snapshot import Presence, listing, room_options, state_frame
from tests.core.rooms import accepted, did, given, gone, moves, offered, opened, options, settled, started, take_seat
from tests.core.walks import options as any_options
from tests.core.walks import steps, walk

STATE = {
    *("type", "v", "epoch", "at", "room_id", "options", "game_id", "status", "variant", "initial_fen", "fen", "turn"),
    *("ply", "moves", "white", "black", "time_control", "clock", "offers", "result", "winner", "reason", "check"),
    *("score", "spectators", "chat"),
}
OPTIONS = {
    *("time", "variant", "fen", "rules", "on_disconnect", "grace_s", "flicker_s", "linger_s", "first_move_s"),
    *("lag_compensation", "chat", "takebacks", "draw_offers", "rematch", "public", "spectator_delay_s"),
}
LISTING = {"room_id", "status", "white", "black", "time_control", "fen", "last_move", "clock", "spectators"}


def state(room, presence=None, now_ms=0):
    return json.loads(state_frame(room, presence or Presence(), now_ms).model_dump_json())


SOME = {
    "waiting": opened("5+3"),
    "from a position": opened(fen="4k3/7p/8/8/8/8/7P/4K3 b - - 0 1"),
    "playing": given(started("5+3"), moves("e4 e5")),
    "chess960": started(variant="chess960"),
    "finished": given(started(), moves("f3 e5 g4 Qh4")),
    "closed": settled(given(started(), moves("f3 e5 g4 Qh4")), 10**9),
}


@pytest.mark.parametrize("room", SOME.values(), ids=SOME)
def test_the_state_has_exactly_the_fields_of_the_protocol(room):
    frame = state(room, now_ms=room.at_ms)
    assert set(frame) == STATE
    assert set(frame["options"]) == OPTIONS
    assert (frame["v"], frame["status"]) == (room.version, room.status)
    assert server_message.validate_python(frame).model_dump(mode="json") == frame


def test_the_state_of_a_room_that_waits():
    frame = state(given(opened("3d"), did(take_seat(BLACK), at_ms=5)), Presence(black=True, spectators=2), 9)
    shown = {key: frame[key] for key in STATE - {"options"}}
    assert shown == {
        "type": "state", "v": 2, "epoch": "epoch", "at": 9, "room_id": "room", "game_id": None, "status": "waiting",
        "variant": "standard", "initial_fen": STANDARD_FEN, "fen": STANDARD_FEN, "turn": "white", "ply": 0, "moves": [],
        "white": None, "black": {"player_id": "black", "name": "Boris", "connected": True, "bot": False},
        "time_control": "3d", "clock": None, "offers": {"draw": None, "takeback": None, "rematch": None},
        "result": None, "winner": None, "reason": None, "check": False, "score": {"white": 0.0, "black": 0.0},
        "spectators": 2, "chat": [],
    }


def test_the_state_of_a_room_that_waits_shows_its_start_position():
    frame = state(opened(fen="4k3/8/8/8/8/8/4r2P/4K3 w - - 3 9"))
    assert (frame["fen"], frame["turn"], frame["check"]) == ("4k3/8/8/8/8/8/4r2P/4K3 w - - 3 9", "white", True)
    assert state(opened(fen="4k3/7p/8/8/8/8/7P/4K3 b - - 0 1"))["turn"] == "black"


def test_the_state_of_a_game_is_as_of_the_moment_of_sending():
    room = given(started("1+0"), moves("e4 e5"), offered(BLACK, "draw"))
    frame = state(room, Presence(white=True), 12_000)
    assert (frame["at"], frame["clock"]) == (12_000, {"white": 48_000, "black": 60_000, "running": "white"})
    assert frame["moves"] == [{"uci": "e2e4", "san": "e4"}, {"uci": "e7e5", "san": "e5"}]
    assert frame["offers"]["draw"] == "black"
    assert (frame["white"]["connected"], frame["black"]["connected"]) == (True, False)
    assert state(room, now_ms=99_000)["clock"]["white"] == 0


def test_the_state_after_the_end():
    frame = state(given(started(), moves("f3 e5 g4 Qh4")), now_ms=1)
    shown = {key: frame[key] for key in ("status", "result", "winner", "reason", "check", "ply", "clock")}
    assert shown == {
        "status": "finished", "result": "0-1", "winner": "black", "reason": "checkmate", "check": True, "ply": 4,
        "clock": None,
    }


def test_chat_keeps_the_name_of_who_said_it():
    room = given(started(), did(Say(WHITE, "player", "hi"), at_ms=1), moves("f3 e5 g4 Qh4", at_ms=2))
    room = given(room, offered(WHITE, "rematch", at_ms=3), accepted(BLACK, "rematch", at_ms=3))
    assert state(room)["chat"] == [{"at": 1, "by": "white", "name": "Anna", "room": "player", "text": "hi"}]


def test_chat_outlives_the_seat_of_who_said_it():
    room = given(opened(), did(take_seat(WHITE), at_ms=0), did(Say(WHITE, "player", "hi"), at_ms=1))
    room = settled(given(room, gone(WHITE, at_ms=2)), 10**6)
    assert room.white is None
    assert state(room)["chat"][0]["name"] == "Anna"


def test_options_are_shown_in_seconds():
    shown = room_options(options("5+3", grace_ms=None, flicker_ms=1_500, rules="fide", fen="4k3/7p/8/8/8/8/7P/4K3"))
    assert (shown.grace_s, shown.flicker_s, shown.first_move_s, shown.linger_s) == (None, 1.5, 25.0, 300.0)
    assert (shown.time, shown.rules, shown.fen) == ("5+3", "fide", "4k3/7p/8/8/8/8/7P/4K3 w - - 0 1")
    assert room_options(options("3d")).first_move_s is None


def test_the_lobby_shows_a_room_as_its_state_does():
    room = given(started("1+0"), moves("e4 e5"))
    shown = json.loads(listing(room, Presence(white=True, spectators=3), 12_000).model_dump_json())
    whole = state(room, Presence(white=True, spectators=3), 12_000)
    assert set(shown) >= LISTING
    assert shown.pop("last_move") == "e7e5"
    assert shown == {key: whole[key] for key in shown}
    assert listing(opened(), Presence(), 0).last_move is None


def test_a_draw_is_half_a_point():
    room = given(started(), moves("e4 e5"), offered(WHITE, "draw"), accepted(BLACK, "draw"))
    assert state(room)["score"] == {"white": 0.5, "black": 0.5}


@settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@for_all(any_options, steps)
def test_whatever_happens_can_be_shown(chosen, numbers):
    for step in walk(chosen, numbers):
        assert set(state(step.after, now_ms=step.now_ms)) == STATE
