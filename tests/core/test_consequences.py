"""What time alone causes: first-move limits, idle and lingering rooms, outages; and the deadline that announces it."""

import pytest

from game_server.core.commands import Abort, CheckTime, NoteBack, NoteOutage, PlayMove, Resign
from game_server.core.consequences import LONGEST_OUTAGE_MS, deadline, late_consequences
from game_server.core.events import GameEnded, OutageRepaid, PlayerAway, PlayerBack, RoomClosed, SeatFreed
from game_server.core.ids import BLACK, WHITE
from game_server.core.options import FIRST_MOVE_MS, GRACE_MS
from game_server.core.refusals import Code
from game_server.core.room import clock_now
from tests.core.rooms import (
    accepted,
    back,
    black,
    did,
    down,
    given,
    gone,
    moves,
    offered,
    opened,
    outcome,
    refused,
    settled,
    started,
    take_seat,
    when,
    white,
)

# First moves

@pytest.mark.parametrize(("time", "limit_ms"), [
    ("0.25+0",    15_000),
    ("1+0",       20_000),
    ("5+3",       25_000),
    ("10+5",      30_000),
    ("30+20",     35_000),
    ("unlimited",   None),
    ("3d",          None),
])
def test_each_side_has_a_limit_for_its_first_move(time, limit_ms):
    room = started(time)
    assert deadline(room) == limit_ms
    room = given(room, white("e2e4", at_ms=10_000))
    assert deadline(room) == (limit_ms and 10_000 + limit_ms)
    if limit_ms:
        assert when(room, CheckTime(), 1_000_000)[0] == GameEnded(10_000 + limit_ms, "*", "aborted")
        assert when(room, PlayMove(BLACK, "e7e5"), 10_000 + limit_ms - 1)[0].uci == "e7e5"
        assert when(room, PlayMove(BLACK, "e7e5"), 10_000 + limit_ms)[0].reason == "aborted"


def test_there_is_no_such_limit_once_both_have_moved():
    room = given(started("5+3"), white("e2e4", at_ms=1_000), black("e7e5", at_ms=2_000))
    assert deadline(room) == 302_000


def test_a_takeback_to_the_first_moves_brings_the_limit_back():
    room = given(
        started("5+3"), white("e2e4", at_ms=1_000), black("e7e5", at_ms=2_000),
        offered(BLACK, "takeback", at_ms=30_000), accepted(WHITE, "takeback", at_ms=40_000),
    )
    assert deadline(room) == 65_000


def test_a_room_is_still_there_after_a_game_that_time_aborted():
    room = settled(started("5+3"), 25_000)
    assert (room.status, room.game.reason) == ("finished", "aborted")


def test_limits_and_grace_are_known_for_every_speed():
    assert FIRST_MOVE_MS.keys() == GRACE_MS.keys()


# Rooms that nobody needs

def test_an_idle_room_closes():
    room = opened(idle_ms=600_000)
    assert deadline(room) == 600_000
    assert deadline(room, is_occupied=True) is None
    assert when(room, CheckTime(), 599_999) == ()
    assert when(room, CheckTime(is_occupied=True), 700_000) == ()
    assert when(room, CheckTime(), 700_000) == (RoomClosed(600_000, "idle"),)


def test_somebody_who_comes_late_finds_an_idle_room_that_nobody_has_closed_yet():
    assert when(opened(), take_seat(WHITE), 700_000)[0].player_id == "white"


def test_a_room_whose_player_is_waiting_in_it_is_not_idle():
    assert deadline(given(opened(), did(take_seat(WHITE), at_ms=0))) is None


def test_a_seat_taken_over_http_does_not_keep_a_room_for_ever_and_is_not_freed():
    room = given(opened(idle_ms=1_000_000), did(take_seat(WHITE, by_socket=False), at_ms=500))
    assert deadline(room) == 1_000_500
    assert settled(room, 2_000_000).status == "waiting"     # as `settled` says that somebody is there
    assert when(room, CheckTime(), 2_000_000) == (RoomClosed(1_000_500, "idle"),)


def test_after_its_seat_was_freed_a_room_is_idle_from_then():
    room = given(opened("5+3"), did(take_seat(WHITE), at_ms=0), gone(WHITE, at_ms=10_000))
    assert late_consequences(room, 10_000_000) == (SeatFreed(50_000, WHITE), RoomClosed(650_000, "idle"))


def finished(**more):
    return given(started(**more), moves("f3 e5 g4 Qh4", at_ms=1_000))


def test_a_room_lingers_after_its_game():
    room = finished(linger_ms=300_000)
    assert deadline(room) == 301_000
    assert when(room, CheckTime(), 400_000) == (RoomClosed(301_000, "linger"),)
    assert settled(room, 400_000).closed_reason == "linger"


def test_a_room_closes_at_once_when_both_have_left_it():
    room = given(finished(), gone(WHITE, at_ms=2_000))
    assert deadline(room) == 301_000
    room = given(room, gone(BLACK, at_ms=3_000))
    assert when(room, CheckTime(), 3_000) == (RoomClosed(3_000, "left"),)


def test_a_game_that_ends_while_both_are_away_closes_its_room():
    room = given(started("1+0"), moves("e4 e5"), gone(WHITE, at_ms=0), gone(BLACK, at_ms=0))
    assert when(room, CheckTime(), 70_000) == (GameEnded(60_000, "0-1", "timeout"), RoomClosed(60_000, "left"))


def test_a_rematch_ends_the_lingering():
    room = given(finished(), offered(WHITE, "rematch", at_ms=2_000), accepted(BLACK, "rematch", at_ms=3_000))
    assert deadline(room) is None


def test_nothing_happens_in_a_closed_room():
    room = settled(finished(), 400_000)
    assert deadline(room) is None
    assert when(room, CheckTime(), 10**9) == ()
    assert when(room, NoteBack(WHITE), 10**9) == ()


def test_what_is_due_comes_before_anything_anyone_says_and_oldest_first():
    room = given(started("1+0", linger_ms=10_000), moves("e4 e5"))
    assert when(room, Resign(WHITE), 80_000) == (GameEnded(60_000, "0-1", "timeout"), RoomClosed(70_000, "linger"))
    assert refused(settled(room, 80_000), Resign(WHITE), 80_000) is Code.GAME_OVER


def test_of_two_things_due_the_earlier_happens():
    room = given(started("1+0"), moves("e4 e5"), gone(BLACK, at_ms=50_000))
    assert outcome(settled(room, 100_000)) == ("timeout", BLACK)      # at 60 s, White was to move
    room = given(started("1+0"), moves("e4 e5"), gone(BLACK, at_ms=39_000))
    assert outcome(settled(room, 100_000)) == ("abandonment", WHITE)    # at 59 s


# Outages

def running():
    return given(started("1+0"), moves("e4 e5"))


def test_an_outage_is_no_ones_time():
    room = given(running(), down(10_000, 25_000))
    assert clock_now(room.game, 25_000) == (50_000, 60_000)
    assert deadline(room) == 75_000


def test_a_flag_that_would_have_fallen_during_the_outage_has_not():
    assert when(running(), NoteOutage(10_000, 500_000), 500_000) == (OutageRepaid(500_000, 10_000, 500_000),)
    room = given(running(), down(10_000, 500_000))
    assert when(room, CheckTime(), 500_000) == ()
    assert settled(room, 550_000).game.reason == "timeout"


def test_a_flag_that_had_fallen_before_the_outage_falls():
    room = given(running(), down(61_000, 500_000))
    assert when(room, CheckTime(), 500_000)[0].reason == "timeout"


def test_an_outage_is_repaid_once():
    room = given(running(), down(10_000, 25_000))
    assert when(room, NoteOutage(10_000, 25_000), 26_000) == ()
    assert when(room, NoteOutage(12_000, 25_000), 26_000) == ()


def test_of_overlapping_outages_each_moment_is_repaid_once():
    room = given(running(), down(10_000, 25_000))
    assert when(room, NoteOutage(20_000, 30_000), 30_000) == (OutageRepaid(30_000, 25_000, 30_000),)


def test_an_outage_counts_from_the_latest_event():
    room = given(running(), white("g1f3", at_ms=15_000))
    assert when(room, NoteOutage(10_000, 25_000), 25_000) == (OutageRepaid(25_000, 15_000, 25_000),)
    assert when(room, NoteOutage(10_000, 15_000), 25_000) == ()


def test_no_outage_reaches_into_the_future_and_none_is_longer_than_a_day():
    assert when(running(), NoteOutage(10_000, 99_000), 25_000) == (OutageRepaid(25_000, 10_000, 25_000),)
    week_ms = 7 * LONGEST_OUTAGE_MS
    assert when(running(), NoteOutage(0, week_ms), week_ms) == (
        OutageRepaid(week_ms, week_ms - LONGEST_OUTAGE_MS, week_ms),
    )
    assert when(running(), NoteOutage(30_000, 20_000), 40_000) == ()


@pytest.mark.parametrize("limit", ["first move", "grace", "seat", "day"])
def test_everything_that_counts_down_stands_still_during_an_outage(limit):
    room = {
        "first move": started("5+3"),
        "grace": given(started(), moves("e4 e5"), gone(WHITE, at_ms=0)),
        "seat": given(opened(), did(take_seat(WHITE), at_ms=0), gone(WHITE, at_ms=0)),
        "day": given(started(), moves("e4 e5"), gone(WHITE, at_ms=0), gone(BLACK, at_ms=0)),
    }[limit]
    due_ms = deadline(room)
    room = given(room, down(5_000, 12_000))
    assert deadline(room) == due_ms + 7_000


@pytest.mark.parametrize("room", [opened(), started(), given(started(), moves("e4 e5")), finished()], ids=range(4))
def test_where_nothing_counts_down_there_is_nothing_to_repay(room):
    assert when(room, NoteOutage(5_000, 12_000), 12_000) == ()


def test_an_outage_while_both_were_away_is_repaid_only_as_an_outage():
    room = given(
        started("10+0"), moves("e4 e5"),
        gone(WHITE, at_ms=0), gone(BLACK, at_ms=10_000), down(20_000, 120_000),
    )
    # Both were away for 115 s, of which 100 s do not count at all.
    assert when(room, NoteBack(BLACK), 125_000) == (
        PlayerBack(125_000, BLACK),
        PlayerAway(125_000, WHITE, 100_000, "forfeit", 80_000 + 100_000 + 15_000),
    )


def test_an_abort_in_time_after_an_outage():
    room = given(started("5+3"), down(1_000, 60_000), did(Abort(WHITE), at_ms=83_999))
    assert outcome(room) == ("aborted", None)
    assert settled(given(started("5+3"), down(1_000, 60_000)), 84_000).ended_ms == 84_000


def test_the_clock_goes_on_for_who_comes_back():
    room = given(running(), gone(BLACK, at_ms=1_000), down(2_000, 3_000), back(BLACK, at_ms=4_000))
    assert clock_now(room.game, 4_000) == (57_000, 60_000)
