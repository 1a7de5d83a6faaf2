"""Clocks as arithmetic: time controls, increments, lag, flags."""

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from game_server.core.clock import (
    DAY_MS,
    UNLIMITED,
    Clock,
    after_move,
    flag_at_ms,
    fresh_clock,
    given_back_ms,
    left_after_move_ms,
    parse_time_control,
    remaining_ms,
    stopped,
    with_added,
)
from game_server.core.commands import AddTime, Claim, PlayMove
from game_server.core.events import GameEnded, MovePlayed, TimeGiven
from game_server.core.ids import BLACK, WHITE
from game_server.core.refusals import Code, Refused
from game_server.core.room import clock_now
from tests.core.rooms import accepted, black, did, given, moves, offered, refused, settled, started, when, white


@pytest.mark.parametrize(("text", "stored", "initial_ms", "increment_ms", "speed"), [
    # written         stored        initial     inc   speed: limit + 40 increments, in seconds (lichess Speed.scala)
    ("5+3",           "5+3",        300_000,   3_000, "blitz"),
    ("5 3",           "5+3",        300_000,   3_000, "blitz"),         # a plus in a query string becomes a space
    ("0.5+0",         "0.5+0",       30_000,       0, "bullet"),
    (".5+0",          "0.5+0",       30_000,       0, "bullet"),
    ("0.25+0",        "0.25+0",      15_000,       0, "ultra-bullet"),
    ("0.333333+0",    "0.333333+0",  20_000,       0, "ultra-bullet"),
    ("05.50+03",      "5.5+3",      330_000,   3_000, "blitz"),
    ("1+0",           "1+0",         60_000,       0, "bullet"),
    ("2+1",           "2+1",        120_000,   1_000, "bullet"),        # 160
    ("3+0",           "3+0",        180_000,       0, "blitz"),         # 180
    ("7+1",           "7+1",        420_000,   1_000, "blitz"),         # 460
    ("8+0",           "8+0",        480_000,       0, "rapid"),         # 480
    ("10+0",          "10+0",       600_000,       0, "rapid"),
    ("24+1",          "24+1",     1_440_000,   1_000, "rapid"),         # 1480
    ("25+0",          "25+0",     1_500_000,       0, "classical"),     # 1500
    ("100+0",         "100+0",    6_000_000,       0, "classical"),
    ("1440+600",      "1440+600", 86_400_000, 600_000, "classical"),
    ("0+1",           "0+1",          3_000,   1_000, "bullet"),        # 40: starts with 3 s, which do not count
    ("0+2",           "0+2",          3_000,   2_000, "bullet"),
    ("0+3",           "0+3",          3_000,   3_000, "bullet"),
    ("0+10",          "0+10",        10_000,  10_000, "blitz"),
    ("0+0.5",         "0+0.5",        3_000,     500, "ultra-bullet"),
    ("0.000001+5",    "0+5",          5_000,   5_000, "blitz"),         # less than half a millisecond is nothing
    ("5+0.0001",      "5+0",        300_000,       0, "blitz"),
])
def test_timed_games(text, stored, initial_ms, increment_ms, speed):
    control = parse_time_control(text)
    assert (control.text, control.initial_ms, control.increment_ms) == (stored, initial_ms, increment_ms)
    assert control.speed == speed
    assert control.is_timed and not control.is_unlimited and not control.is_correspondence
    assert control.start_ms == initial_ms


@pytest.mark.parametrize(("text", "stored", "days"), [
    ("1d", "1d", 1),
    ("3d", "3d", 3),
    ("014d", "14d", 14),
    ("366d", "366d", 366),
])
def test_correspondence(text, stored, days):
    control = parse_time_control(text)
    assert (control.text, control.per_move_ms, control.speed) == (stored, days * DAY_MS, "correspondence")
    assert control.is_correspondence and not control.is_timed and not control.is_unlimited


def test_unlimited():
    control = parse_time_control("unlimited")
    assert control is UNLIMITED
    assert control.is_unlimited and control.speed == "unlimited" and control.start_ms == 0


NONSENSE = [
    "", " ", "+", "5", "5+", "+3", "5+3+1", "5++3", "5-3", "-5+3", "5+-3", "0+0", "0.0+0.0", "0.000001+0", "1441+0",
    "1440.1+0", "5+601",
   "5+600.5", "five+3", "5m+3s", "5:00", "1e2+0", "Infinity+0", "nan+1", "0x5+1", "5_0+3", "٥+٣", "½+0",
    ".+1", "1..5+0", "1.+0", "0d", "367d", "3D", "d", "-1d", "1.5d", "3 d", " 3d", "3d ", "3 days", "Unlimited", "∞",
    "5+3\n", " 5+3", "5 + 3", "5%2B3", "0000001d", "9" * 5_000 + "d", "000001" + "9" * 5_000 + "d", "9" * 8_000 + "+0",
    "0.1234567+0", "5+3\x00",
]


@pytest.mark.parametrize("text", NONSENSE, ids=lambda text: ascii(text)[:24])
def test_nonsense_is_refused_with_a_sentence_that_says_what_would_be_right(text):
    with pytest.raises(Refused) as refusal:
        parse_time_control(text)
    assert refusal.value.code is Code.BAD_MESSAGE
    assert "5+3" in refusal.value.message and "3d" in refusal.value.message and "unlimited" in refusal.value.message
    assert len(refusal.value.message) < 300


@for_all(st.text("0123456789.+ d", max_size=14))
def test_what_is_stored_parses_to_the_same_again(text):
    try:
        control = parse_time_control(text)
    except Refused:
        return
    assert parse_time_control(control.text) == control


FISCHER, INCREMENT_ONLY, DAYS = parse_time_control("1+2"), parse_time_control("0+2"), parse_time_control("3d")


@pytest.mark.parametrize(("spent_ms", "increment_ms", "left_ms"), [
    #  spent    inc    left      60 s on the clock
    (      0,     0, 60_000),
    (  1_500,     0, 58_500),
    (  1_500, 2_000, 60_500),   # may exceed the start
    ( 59_999,     0,      1),
    ( 59_999, 2_000,  2_001),
])
def test_the_clock_after_a_move(spent_ms, increment_ms, left_ms):
    control = parse_time_control(f"1+{increment_ms // 1_000}")
    clock = Clock(60_000, 60_000, WHITE, 1_000)
    assert left_after_move_ms(clock, control, WHITE, 1_000 + spent_ms, 0) == left_ms


def test_an_increment_only_game_starts_with_its_increment_or_three_seconds():
    assert fresh_clock(INCREMENT_ONLY, 0, compensate=False) == Clock(3_000, 3_000, None, 0)
    assert fresh_clock(parse_time_control("0+10"), 0, compensate=False) == Clock(10_000, 10_000, None, 0)


def test_there_is_no_clock_in_an_unlimited_game():
    assert fresh_clock(UNLIMITED, 0, compensate=True) is None
    room = given(started(), moves("e4 e5"))
    assert room.game.clock is None
    assert clock_now(room.game, 10) is None


def test_first_moves_cost_no_time_and_earn_no_increment():
    room = given(started("1+2"), white("e2e4", at_ms=5_000), black("e7e5", at_ms=9_000))
    assert clock_now(room.game, 9_000) == (60_000, 60_000)
    assert [(ply.white_ms, ply.black_ms) for ply in room.game.plies] == [(60_000, 60_000)] * 2


def test_the_clock_runs_from_the_moment_when_both_have_moved():
    room = given(started("1+2"), white("e2e4", at_ms=5_000))
    assert room.game.clock.running is None
    room = given(room, black("e7e5", at_ms=9_000))
    assert room.game.clock.running == WHITE
    assert clock_now(room.game, 10_000) == (59_000, 60_000)
    room = given(room, white("g1f3", at_ms=12_000))
    assert clock_now(room.game, 12_000) == (59_000, 60_000)     # 3 s spent, 2 s earned
    room = given(room, black("b8c6", at_ms=12_500))
    assert clock_now(room.game, 13_500) == (58_000, 61_500)


def test_after_blacks_first_move_from_a_position_whites_is_the_second():
    fen = "4k3/4p3/8/8/8/8/4P3/4K3 b - - 0 1"
    room = given(started("1+2", fen=fen), black("e7e5", at_ms=1_000), white("e2e4", at_ms=2_000))
    assert room.game.clock.running == BLACK
    assert clock_now(room.game, 3_000) == (60_000, 59_000)


def test_correspondence_gives_the_whole_time_for_every_move():
    room = given(started("3d"), white("e2e4", at_ms=DAY_MS), black("e7e5", at_ms=30 * DAY_MS))
    assert clock_now(room.game, 31 * DAY_MS) == (2 * DAY_MS, 3 * DAY_MS)
    room = given(room, white("g1f3", at_ms=32 * DAY_MS))
    assert clock_now(room.game, 32 * DAY_MS) == (3 * DAY_MS, 3 * DAY_MS)
    assert outcome_of(settled(room, 35 * DAY_MS)) == (35 * DAY_MS, "1-0", "timeout")


def outcome_of(room):
    return room.ended_ms, room.game.result, room.game.reason


# Flags

def running(**more):
    """White is to move and its clock runs since 0, with a minute each."""
    return given(started("1+0", **more), white("e2e4", at_ms=0), black("e7e5", at_ms=0))


def test_a_flag_beats_a_move_that_arrives_too_late():
    assert when(running(), PlayMove(WHITE, "g1f3", ply=3), 60_000) == (GameEnded(60_000, "0-1", "timeout"),)


def test_a_move_in_the_last_millisecond_counts():
    (played,) = when(running(), PlayMove(WHITE, "g1f3", ply=3), 59_999)
    assert played.left_ms == 1


def test_a_flag_is_dated_by_the_clock_however_late_somebody_looks():
    assert when(running(), Claim(BLACK, "victory"), 3_600_000)[0] == GameEnded(60_000, "0-1", "timeout")


def test_a_clock_that_has_stopped_shows_what_was_left():
    room = settled(running(), 61_000)
    assert room.game.clock == Clock(0, 60_000, None, 60_000, 1_170, 1_170)
    assert stopped(Clock(100, 5_000, WHITE, 0), 300) == Clock(0, 5_000, None, 300)


def test_the_flag_does_not_fall_while_no_clock_runs():
    assert flag_at_ms(Clock(0, 0, None, 0)) is None


# Lag

@pytest.mark.parametrize(("time", "gain_ms"), [
    # lichess: min(100, (limit_s + 40 * increment_s) * 2/5 + 15) centiseconds
    ("0.25+0",   210),      #  15 s:  21 cs
    ("0.5+0",    270),      #  30 s:  27 cs
    ("1+0",      390),      #  60 s:  39 cs
    ("0+1",      310),      #  40 s:  31 cs
    ("2+1",      790),      # 160 s:  79 cs
    ("3+0",      870),      # 180 s:  87 cs
    ("3.5+0",    990),
    ("3+2",    1_000),      # 260 s: 119, so 100 cs
    ("10+0",   1_000),
])
def test_how_much_each_move_refills_the_lag_quota(time, gain_ms):
    control = parse_time_control(time)
    assert control.lag_gain_ms == gain_ms
    clock = fresh_clock(control, 0, compensate=True)
    assert (clock.white_quota_ms, clock.black_quota_ms) == (3 * gain_ms, 3 * gain_ms)


def test_no_quota_without_compensation_and_in_correspondence():
    assert fresh_clock(FISCHER, 0, compensate=False).white_quota_ms == 0
    assert fresh_clock(DAYS, 0, compensate=True).white_quota_ms == 0


@pytest.mark.parametrize(("lag_ms", "quota_ms", "took_ms", "given_ms"), [
    (    0,   900, 5_000,     0),
    (  100,   900, 5_000,   100),
    (  900,   900, 5_000,   900),
    (  901,   900, 5_000,   900),   # no more than the quota
    (5_000,     0, 5_000,     0),
    (  500,   900,   300,   300),   # no more than the turn took
    (  500,   900,     0,     0),
])
def test_lag_is_given_back_out_of_the_quota(lag_ms, quota_ms, took_ms, given_ms):
    clock = Clock(60_000, 60_000, WHITE, 1_000, white_quota_ms=quota_ms)
    assert given_back_ms(clock, WHITE, lag_ms, 1_000 + took_ms) == given_ms


def test_a_first_move_is_given_nothing_back():
    assert given_back_ms(Clock(60_000, 60_000, None, 0, 900, 900), WHITE, 100, 5_000) == 0


@pytest.mark.parametrize(("quota_ms", "given_ms", "after_ms"), [
    # gain 400
    (1_200,     0, 1_600),
    (1_200,   300, 1_300),
    (1_200, 1_200,   400),
    (2_700,     0, 2_800),      # seven gains at most
    (2_800,   100, 2_800),
    (2_800,   500, 2_700),
])
def test_what_a_move_leaves_of_the_quota(quota_ms, given_ms, after_ms):
    clock = Clock(9_000, 9_000, WHITE, 0, quota_ms, 77)
    after = after_move(clock, WHITE, 100, left_ms=8_900, lag_ms=5, given_ms=given_ms, gain_ms=400, starts=True)
    assert after == Clock(8_900, 9_000, BLACK, 100, after_ms, 77, 5, 0)


@for_all(st.lists(st.tuples(st.integers(0, 3_000), st.integers(0, 4_000)), max_size=30))
def test_the_quota_follows_lichess_for_any_game(turns):
    control = parse_time_control("1+0")
    gain_ms, quota_ms = 390, 3 * 390
    clock = Clock(10**9, 10**9, WHITE, 0, quota_ms, quota_ms)
    now_ms = 0
    for lag_ms, took_ms in turns:
        now_ms += took_ms
        given_ms = given_back_ms(clock, WHITE, lag_ms, now_ms)
        assert given_ms == min(lag_ms, quota_ms, took_ms)
        left_ms = left_after_move_ms(clock, control, WHITE, now_ms, given_ms)
        assert left_ms == clock.white_ms - took_ms + given_ms
        quota_ms = min(quota_ms + gain_ms - given_ms, 7 * gain_ms)     # scalachess LagTracker.onMove
        clock = after_move(
            clock, WHITE, now_ms, left_ms=left_ms, lag_ms=lag_ms, given_ms=given_ms, gain_ms=gain_ms, starts=True
        )
        assert clock.white_quota_ms == quota_ms
        clock = after_move(
            clock, BLACK, now_ms, left_ms=10**9, lag_ms=0, given_ms=0, gain_ms=gain_ms, starts=True
        )


@pytest.mark.parametrize(("lag_ms", "quota_ms", "grace_ms"), [
    (    0, 9_000,     0),
    (  150, 9_000,   150),
    (  150,   100,   100),
    (5_000, 9_000, 2_000),
])
def test_a_flag_waits_for_the_last_measured_lag(lag_ms, quota_ms, grace_ms):
    white = Clock(60_000, 50_000, WHITE, 0, white_quota_ms=quota_ms, white_lag_ms=lag_ms)
    black = Clock(60_000, 50_000, BLACK, 0, black_quota_ms=quota_ms, black_lag_ms=lag_ms)
    assert (flag_at_ms(white), flag_at_ms(black)) == (60_000 + grace_ms, 50_000 + grace_ms)


def lagging(**more):
    """As `running`, but White's connection was measured at 200 ms."""
    return given(started("1+0", **more), white("e2e4", at_ms=0, lag_ms=200), black("e7e5", at_ms=0))


def test_a_move_within_the_grace_of_its_flag_keeps_a_millisecond():
    (played,) = when(lagging(), PlayMove(WHITE, "g1f3", lag_ms=20), 60_199)
    assert (played.left_ms, played.given_ms) == (1, 200)
    assert when(lagging(), PlayMove(WHITE, "g1f3", lag_ms=20), 60_200) == (GameEnded(60_200, "0-1", "timeout"),)


def test_given_back_time_is_told_with_the_move():
    assert when(lagging(), PlayMove(WHITE, "g1f3", lag_ms=120), 5_000) == (
        MovePlayed(5_000, 3, WHITE, "g1f3", "Nf3", 55_120, 120, 120),
    )


def test_a_room_can_do_without_lag_compensation():
    room = lagging(lag_compensation=False)
    assert when(room, PlayMove(WHITE, "g1f3", lag_ms=120), 5_000) == (
        MovePlayed(5_000, 3, WHITE, "g1f3", "Nf3", 55_000, 120, 0),
    )
    assert when(room, PlayMove(WHITE, "g1f3", lag_ms=120), 60_000) == (GameEnded(60_000, "0-1", "timeout"),)


def test_lag_in_correspondence_is_told_and_gives_nothing():
    room = given(started("3d"), moves("e4 e5"))
    (played,) = when(room, PlayMove(WHITE, "g1f3", lag_ms=120), 5_000)
    assert (played.left_ms, played.lag_ms, played.given_ms) == (3 * DAY_MS, 120, 0)


# Giving time

def test_time_is_given_to_the_opponent():
    room = given(running(), did(AddTime(BLACK, 15_000), at_ms=10_000))
    assert clock_now(room.game, 10_000) == (65_000, 60_000)
    assert flag_at_ms(room.game.clock) == 75_000
    room = given(room, did(AddTime(WHITE, 5_000), at_ms=11_000))
    assert clock_now(room.game, 12_000) == (63_000, 65_000)


def test_giving_time_saves_a_flag_within_its_grace():
    room = given(lagging(), did(AddTime(BLACK, 15_000), at_ms=60_100))
    assert when(room, PlayMove(WHITE, "g1f3"), 60_200)[0].left_ms == 14_800


def test_who_gives_time_within_the_grace_of_the_own_flag_is_still_given_back_its_lag():
    room = given(lagging(), did(AddTime(WHITE, 15_000), at_ms=60_100))
    (played,) = when(room, PlayMove(WHITE, "g1f3", lag_ms=20), 60_100)
    assert played.left_ms == 1


GIVING = {
    "a minute in a timed game": ("1+0", 60_000, None),
    "in correspondence": ("3d", 15_000, Code.NOT_ALLOWED),
    "without limit": ("unlimited", 15_000, Code.NOT_ALLOWED),
    "past a day": ("1440+0", 15_000, Code.NOT_ALLOWED),
}


@pytest.mark.parametrize(("time", "ms", "code"), GIVING.values(), ids=GIVING)
def test_when_time_can_be_given(time, ms, code):
    room = given(started(time), moves("e4 e5"))
    if code is None:
        assert when(room, AddTime(WHITE, ms), 1) == (TimeGiven(1, WHITE, ms),)
    else:
        assert refused(room, AddTime(WHITE, ms), 1) is code


def test_a_takeback_restores_both_clocks():
    room = given(
        running(),
        white("g1f3", at_ms=10_000),        # 50 s left
        black("b8c6", at_ms=15_000),        # 55 s left
        white("f1c4", at_ms=35_000),        # 30 s left
    )
    assert clock_now(room.game, 35_000) == (30_000, 55_000)
    one = given(room, offered(WHITE, "takeback", at_ms=40_000), accepted(BLACK, "takeback", at_ms=41_000))
    assert clock_now(one.game, 41_000) == (50_000, 55_000)
    assert one.game.clock.running == WHITE
    two = given(room, offered(BLACK, "takeback", at_ms=40_000), accepted(WHITE, "takeback", at_ms=41_000))
    assert clock_now(two.game, 41_000) == (50_000, 60_000)
    assert two.game.clock.running == BLACK


def test_a_takeback_of_a_first_move_stops_the_clocks():
    room = given(running(), offered(BLACK, "takeback", at_ms=5_000), accepted(WHITE, "takeback", at_ms=6_000))
    assert room.game.ply == 1 and room.game.clock.running is None
    assert clock_now(room.game, 60_000) == (60_000, 60_000)
    room = given(room, offered(WHITE, "takeback", at_ms=7_000), accepted(BLACK, "takeback", at_ms=8_000))
    assert room.game.ply == 0 and clock_now(room.game, 60_000) == (60_000, 60_000)


def test_remaining_time_may_be_overdue_but_is_never_shown_as_less_than_nothing():
    assert remaining_ms(Clock(100, 100, WHITE, 0), WHITE, 250) == -150
    room = lagging()
    assert clock_now(room.game, 60_100) == (0, 60_000)


def test_added_time_leaves_the_start_of_the_turn_alone():
    assert with_added(Clock(100, 200, WHITE, 50), WHITE, 15) == Clock(115, 200, WHITE, 50)
    assert with_added(Clock(100, 200, WHITE, 50), BLACK, 15) == Clock(100, 215, WHITE, 50)
