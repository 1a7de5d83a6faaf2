"""Seats: who sits where, who is away, and what becomes of who stays away."""

import pytest

from game_server.core.commands import CheckTime, Claim, NoteAway, NoteBack, PlayMove
from game_server.core.consequences import deadline
from game_server.core.events import GameEnded, GameStarted, PlayerAway, PlayerBack, RoomClosed, SeatFreed, SeatTaken
from game_server.core.ids import BLACK, WHITE
from game_server.core.position import STANDARD_FEN
from game_server.core.refusals import Code
from tests.core.rooms import (
    accepted,
    back,
    did,
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
)


def taken(color, player):
    name = {"white": "Anna", "black": "Boris"}.get(player, player)
    return SeatTaken(5, color, player, f"hash of {player}", name, False, True)


# Taking a seat

@pytest.mark.parametrize(("wish", "chance", "color"), [
    (WHITE, 1, WHITE),
    (BLACK, 0, BLACK),
    (None, 0, WHITE),
    (None, 1, BLACK),
])
def test_a_wish_is_granted_and_else_chance_decides(wish, chance, color):
    command = take_seat(wish, player="P", chance=chance)
    assert [event.color for event in when(opened(), command, 5)] == [color]


def test_who_wishes_a_seat_that_is_taken_gets_the_other():
    room = given(opened(), did(take_seat(WHITE), at_ms=0))
    seat = when(room, take_seat(WHITE, player="late"), 5)[0]
    assert (seat.color, seat.player_id) == (BLACK, "late")


def test_the_game_starts_when_both_seats_are_taken():
    room = given(opened("5+3"), did(take_seat(BLACK), at_ms=0))
    assert room.status == "waiting" and room.game is None
    assert when(room, take_seat(WHITE), 5) == (
        taken(WHITE, "white"),
        GameStarted(5, "g1", "white", "black", STANDARD_FEN),
    )


def test_a_third_finds_both_seats_taken():
    assert refused(started(), take_seat(WHITE, player="third"), 5) is Code.SEATS_TAKEN


def test_a_secret_that_holds_a_seat_takes_no_second_one():
    room = given(opened(), did(take_seat(WHITE), at_ms=0))
    assert when(room, take_seat(BLACK, player="white"), 5) == ()
    assert when(started(), take_seat(BLACK, player="white"), 5) == ()


def test_a_secret_leads_to_its_seat():
    room = started()
    assert room.color_of("hash of white") == WHITE and room.color_of("hash of black") == BLACK
    assert room.color_of("hash of nobody") is None


# Away before the start

def test_a_seat_is_freed_when_its_player_stays_away_before_the_start():
    room = given(opened("5+3"), did(take_seat(WHITE), at_ms=0))
    assert when(room, NoteAway(WHITE, 1_000, on_purpose=False), 3_000) == (
        PlayerAway(3_000, WHITE, 1_000, "forfeit", 41_000),
    )
    room = given(room, gone(WHITE, at_ms=3_000, lost_ms=1_000))
    assert deadline(room) == 41_000
    assert when(room, CheckTime(), 60_000)[0] == SeatFreed(41_000, WHITE)
    room = settled(room, 41_000)
    assert room.white is None and room.away_white is None and room.status == "waiting"


def test_a_seat_is_kept_for_who_comes_back_in_time():
    room = given(opened("5+3"), did(take_seat(WHITE), at_ms=0), gone(WHITE, at_ms=3_000), back(WHITE, at_ms=40_000))
    assert deadline(room, is_occupied=True) is None
    assert room.white is not None


def test_nobody_is_freed_in_correspondence():
    room = given(opened("3d"), did(take_seat(WHITE), at_ms=0))
    assert when(room, NoteAway(WHITE, 1_000, on_purpose=True), 3_000)[0].until_ms is None


def test_the_policy_is_for_games_and_seats_are_freed_under_every_one():
    room = given(opened("5+3", on_disconnect="none"), did(take_seat(WHITE), at_ms=0), gone(WHITE, at_ms=0))
    assert deadline(room) == 40_000


def test_a_game_may_start_while_one_player_is_away_whose_grace_begins_then():
    room = given(opened("5+3"), did(take_seat(WHITE), at_ms=0), gone(WHITE, at_ms=10_000))
    events = when(room, take_seat(BLACK), 45_000)
    assert events[2:] == (PlayerAway(45_000, WHITE, 10_000, "forfeit", 85_000),)
    room = given(room, did(take_seat(BLACK), at_ms=45_000))
    assert deadline(room) == 45_000 + 25_000        # the first move is due before
    assert settled(room, 100_000).game.reason == "aborted"


# Away during a game

GRACE = [
    # time        lost    on purpose: until
    ("0.25+0",     20_000, 10_000),
    ("1+0",        20_000, 10_000),
    ("5+3",        40_000, 10_000),
    ("10+5",       80_000, 10_000),
    ("30+20",     120_000, 10_000),
    ("unlimited",  80_000, 10_000),
    ("3d",           None,   None),
]


@pytest.mark.parametrize(("time", "lost_until", "left_until"), GRACE)
def test_grace_by_speed_and_shorter_after_leaving_on_purpose(time, lost_until, left_until):
    room = given(started(time), moves("e4 e5"))
    for on_purpose, until in ((False, lost_until), (True, left_until)):
        (away,) = when(room, NoteAway(WHITE, 1_000, on_purpose=on_purpose), 2_000)
        assert away == PlayerAway(2_000, WHITE, 1_000, "forfeit", until and 1_000 + until)


def test_leaving_on_purpose_never_lengthens_a_short_grace():
    room = given(started("5+3", grace_ms=3_000), moves("e4 e5"))
    assert when(room, NoteAway(WHITE, 0, on_purpose=True), 0)[0].until_ms == 3_000


def playing(**more):
    return given(started("10+0", **more), moves("e4 e5"))


def test_who_stays_away_forfeits_and_the_room_closes():
    room = given(playing(), gone(WHITE, at_ms=1_000))
    assert deadline(room) == 81_000
    assert when(room, CheckTime(), 80_999) == ()
    assert when(room, CheckTime(), 90_000) == (
        GameEnded(81_000, "0-1", "abandonment"), RoomClosed(81_000, "abandonment"),
    )


def test_who_comes_back_in_time_plays_on():
    room = given(playing(), gone(WHITE, at_ms=1_000), back(WHITE, at_ms=80_999))
    assert room.away_white is None
    assert deadline(room) == 600_000


@pytest.mark.parametrize("ply", [0, 1])
def test_who_stays_away_before_both_have_moved_aborts_the_game(ply):
    room = given(started("10+0"), moves("e4 e5"[: 2 * ply]), gone(WHITE, at_ms=0, on_purpose=True))
    assert when(room, CheckTime(), 10_000) == (GameEnded(10_000, "*", "aborted"), RoomClosed(10_000, "aborted"))


def test_under_the_policy_none_the_clock_decides():
    room = given(playing(on_disconnect="none"), gone(WHITE, at_ms=1_000))
    assert room.away_white.until_ms is None
    assert outcome(settled(room, 600_000)) == ("timeout", BLACK)


def test_what_is_known_is_not_said_twice():
    room = given(playing(), gone(WHITE, at_ms=1_000))
    assert when(room, NoteAway(WHITE, 2_000, on_purpose=True), 3_000) == ()
    assert when(room, NoteBack(BLACK), 3_000) == ()
    assert when(opened(), NoteAway(WHITE, 0, on_purpose=False), 1) == ()
    assert when(opened(), NoteBack(WHITE), 1) == ()


def test_nobody_is_lost_in_the_future():
    assert when(playing(), NoteAway(WHITE, 9_000, on_purpose=False), 1_000)[0].lost_ms == 1_000


# Claims against who is away

def test_under_the_policy_claim_the_opponent_may_claim_victory_or_a_draw():
    room = given(playing(on_disconnect="claim"), gone(WHITE, at_ms=1_000))
    assert deadline(room) == 600_000
    assert refused(room, Claim(BLACK, "victory"), 80_999) is Code.NOT_ALLOWED
    assert refused(room, Claim(BLACK, "draw"), 80_999) is Code.NOT_ALLOWED
    assert when(room, Claim(BLACK, "victory"), 81_000) == (
        GameEnded(81_000, "0-1", "abandonment"), RoomClosed(81_000, "abandonment"),
    )
    assert when(room, Claim(BLACK, "draw"), 81_000) == (
        GameEnded(81_000, "1/2-1/2", "abandonment"), RoomClosed(81_000, "abandonment"),
    )


def test_who_is_away_claims_nothing_and_nobody_claims_once_the_opponent_is_back():
    room = given(playing(on_disconnect="claim"), gone(WHITE, at_ms=1_000), back(WHITE, at_ms=100_000))
    assert refused(room, Claim(BLACK, "victory"), 100_001) is Code.NOT_ALLOWED
    assert refused(room, Claim(WHITE, "victory"), 100_001) is Code.NOT_ALLOWED


@pytest.mark.parametrize("kind", ["victory", "draw"])
def test_before_both_have_moved_a_claim_only_aborts(kind):
    room = given(started(on_disconnect="claim"), gone(WHITE, at_ms=0))
    assert when(room, Claim(BLACK, kind), 80_000) == (
        GameEnded(80_000, "*", "aborted"), RoomClosed(80_000, "aborted"),
    )


@pytest.mark.parametrize("policy", ["forfeit", "none"])
def test_there_is_nothing_to_claim_under_the_other_policies(policy):
    room = given(playing(on_disconnect=policy), gone(WHITE, at_ms=1_000))
    assert refused(room, Claim(BLACK, "victory"), 50_000) is Code.NOT_ALLOWED


# Both away

def test_nobody_forfeits_while_both_are_away():
    room = given(playing(), gone(WHITE, at_ms=1_000), gone(BLACK, at_ms=2_000))
    assert deadline(room) == 600_000
    assert outcome(settled(room, 600_000)) == ("timeout", BLACK)


def test_who_returns_first_waits_for_what_was_left_of_the_others_grace():
    room = given(playing(), gone(WHITE, at_ms=1_000), gone(BLACK, at_ms=61_000))
    assert when(room, NoteBack(BLACK), 161_000) == (
        PlayerBack(161_000, BLACK),
        PlayerAway(161_000, WHITE, 1_000, "forfeit", 181_000),
    )
    room = given(room, back(BLACK, at_ms=161_000))
    assert settled(room, 181_000).game.reason == "abandonment"


def test_the_time_both_were_away_adds_up_over_several_absences():
    room = given(
        playing(),
        gone(WHITE, at_ms=0),
        gone(BLACK, at_ms=10_000), back(BLACK, at_ms=30_000),       # 20 s
        gone(BLACK, at_ms=40_000), back(BLACK, at_ms=45_000),       # 5 s
    )
    assert room.away_white.until_ms == 80_000 + 25_000


def test_back_after_the_other_says_nothing_new_where_nothing_is_at_stake():
    room = given(playing(on_disconnect="none"), gone(WHITE, at_ms=0), gone(BLACK, at_ms=10))
    assert when(room, NoteBack(BLACK), 20) == (PlayerBack(20, BLACK),)


def test_an_unlimited_game_that_both_have_left_is_aborted_after_a_day():
    room = given(started(), moves("e4 e5"), gone(WHITE, at_ms=1_000), gone(BLACK, at_ms=5_000))
    assert deadline(room) == 86_405_000
    assert when(room, CheckTime(), 90_000_000) == (
        GameEnded(86_405_000, "*", "aborted"), RoomClosed(86_405_000, "left"),
    )


def test_a_correspondence_game_is_deserted_by_nobody():
    room = given(started("3d"), moves("e4 e5"), gone(WHITE, at_ms=0), gone(BLACK, at_ms=0))
    assert deadline(room) == 3 * 86_400_000


# After the game

def test_an_absence_after_the_game_costs_nothing():
    room = given(playing(), moves("Ke2 Ke7"), did(PlayMove(WHITE, "e2e3"), at_ms=1))
    room = given(room, offered(WHITE, "draw", at_ms=2), accepted(BLACK, "draw", at_ms=2), gone(WHITE, at_ms=3))
    assert room.away_white.until_ms is None


def test_a_rematch_with_who_is_away_gives_it_a_new_grace_at_its_new_colour():
    room = given(
        started(), moves("f3 e5 g4 Qh4"), offered(WHITE, "rematch", at_ms=10), gone(WHITE, at_ms=20),
        accepted(BLACK, "rematch", at_ms=1_000),
    )
    assert room.black.player_id == "white"
    assert room.away_white is None
    assert (room.away_black.lost_ms, room.away_black.until_ms) == (20, 81_000)


def test_an_empty_room():
    assert opened().is_empty
    room = given(opened(), did(take_seat(WHITE), at_ms=0))
    assert not room.is_empty
    assert given(room, gone(WHITE, at_ms=1)).is_empty
