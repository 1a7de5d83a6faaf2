"""Rooms as they are asked for: defaults by speed, options in seconds, and what is refused."""

import pytest
from pydantic import ValidationError

from game_server.core.options import Defaults
from game_server.core.refusals import Refused
from game_server.wire.requests import RoomRequest, color_wish, newcomer_name

DEFAULTS = Defaults()


def options(**asked):
    return RoomRequest.model_validate(asked).options(DEFAULTS, idle_ms=1)


@pytest.mark.parametrize(("time", "grace_ms", "first_move_ms"), [
    ("0.25+0", 20_000, 15_000),
    ("1+0", 20_000, 20_000),
    ("5+3", 40_000, 25_000),
    ("10+0", 80_000, 30_000),
    ("30+0", 120_000, 35_000),
    ("unlimited", 80_000, None),
    ("3d", None, None),
])
def test_what_is_left_out_is_as_the_speed_has_it(time, grace_ms, first_move_ms):
    chosen = options(time=time)
    assert (chosen.grace_ms, chosen.first_move_ms) == (grace_ms, first_move_ms)


def test_seconds_become_milliseconds_and_nought_stays_nought():
    chosen = options(time="5+3", grace_s=0.25, flicker_s=0, linger_s=1.5, first_move_s=0)
    assert (chosen.grace_ms, chosen.flicker_ms, chosen.linger_ms, chosen.first_move_ms) == (250, 0, 1_500, 0)


@pytest.mark.parametrize("asked", [
    {"grace_s": -1}, {"linger_s": 86_401}, {"flicker_s": float("nan")}, {"chat": "yes"}, {"rules": "house"},
    {"on_disconnect": "wait"}, {"spectator_delay_s": 900.5}, {"unknown": 1}, {"color": "red"}, {"name": ""},
    {"token": "short"},
], ids=str)
def test_a_bad_field_is_refused(asked):
    with pytest.raises(ValidationError):
        options(**asked)


@pytest.mark.parametrize(("asked", "sentence"), [
    ({"time": "5"}, "minutes+seconds like 5+3"),
    ({"variant": "bughouse"}, "variant is one of standard, chess960"),
    ({"fen": "8/8/8/8/8/8/8/8 w - - 0 1"}, "no legal position"),
], ids=str)
def test_nonsense_is_refused_with_what_would_be_right(asked, sentence):
    with pytest.raises(Refused, match=sentence.replace("+", r"\+")):
        options(**asked)


def test_a_position_after_sixty_quiet_moves_can_be_played_under_fide_rules_only():
    fen = "4k3/8/8/8/8/8/8/R3K3 w - - 120 90"
    assert options(fen=fen, rules="fide").fen == fen
    with pytest.raises(Refused, match="over"):
        options(fen=fen)


def test_a_query_s_colour_and_name():
    assert (color_wish("white"), color_wish("random"), color_wish(None)) == ("white", None, None)
    assert (newcomer_name(None), newcomer_name("Zoe\u0308")) == ("Anonymous", "Zo\u00eb")
    for refused in (lambda: color_wish("red"), lambda: newcomer_name("a\nb"), lambda: newcomer_name("x" * 33)):
        with pytest.raises(Refused):
            refused()
