"""Draws, takebacks and rematches, and the limits against pestering."""

import pytest

from game_server.core.commands import Decline, PlayMove
from game_server.core.events import GameEnded, GameStarted, MovePlayed, OfferCancelled, OfferMade, TakebackAgreed
from game_server.core.ids import BLACK, WHITE
from game_server.core.refusals import Code
from tests.core.rooms import (
    accept,
    accepted,
    black,
    declined,
    did,
    given,
    moves,
    offer,
    offered,
    refused,
    settled,
    started,
    when,
    white,
)

SHUFFLE = "Nf3 Nf6 Nc3 Nc6 Ng1 Ng8 Nb1 Nb8 Na3 Na6 Nh3 Nh6 Nb1 Nb8 Ng1 Ng8 Nc3 Nf6 Nf3 Nc6"
BOTH_MOVED = "e4 e5"


def playing(**more):
    return given(started(**more), moves(BOTH_MOVED))


# Draws

def test_a_draw_is_agreed():
    room = given(playing(), offered(WHITE, "draw"))
    assert room.offers.draw == WHITE
    assert when(room, accept(BLACK, "draw"), 1) == (GameEnded(1, "1/2-1/2", "agreement"),)
    assert given(room, accepted(BLACK, "draw")).offers.draw is None


def test_offering_what_the_other_has_offered_accepts_it():
    room = given(playing(), offered(WHITE, "draw"))
    assert when(room, offer(BLACK, "draw"), 1) == (GameEnded(1, "1/2-1/2", "agreement"),)


def test_offering_twice_changes_nothing():
    assert when(given(playing(), offered(WHITE, "draw")), offer(WHITE, "draw"), 1) == ()


@pytest.mark.parametrize("by", [WHITE, BLACK])
def test_a_draw_offer_is_declined_or_withdrawn(by):
    room = given(playing(), offered(WHITE, "draw"))
    assert when(room, Decline(by, "draw"), 1) == (OfferCancelled(1, "draw", by),)
    assert given(room, declined(by, "draw")).offers.draw is None


def test_nobody_accepts_the_own_offer():
    assert refused(given(playing(), offered(WHITE, "draw")), accept(WHITE, "draw"), 1) is Code.NO_SUCH_OFFER


@pytest.mark.parametrize("kind", ["draw", "takeback"])
def test_without_an_offer_there_is_nothing_to_answer(kind):
    assert refused(playing(), accept(BLACK, kind), 1) is Code.NO_SUCH_OFFER
    assert refused(playing(), Decline(BLACK, kind), 1) is Code.NO_SUCH_OFFER


def test_a_draw_offer_lapses_when_its_recipient_moves_instead():
    room = given(playing(), offered(BLACK, "draw"))
    assert when(room, PlayMove(WHITE, "g1f3"), 1)[1:] == (OfferCancelled(1, "draw", WHITE),)
    assert given(room, white("g1f3", at_ms=1)).offers.draw is None


def test_a_draw_offer_outlives_the_move_of_who_made_it():
    room = given(playing(), offered(WHITE, "draw"), white("g1f3", at_ms=1))
    assert room.offers.draw == WHITE
    assert when(room, PlayMove(BLACK, "b8c6"), 2)[1:] == (OfferCancelled(2, "draw", BLACK),)


def test_a_draw_is_offered_with_a_move():
    assert when(playing(), PlayMove(WHITE, "g1f3", offer_draw=True), 1) == (
        MovePlayed(1, 3, WHITE, "g1f3", "Nf3", None, 0, 0), OfferMade(1, "draw", WHITE),
    )


def test_an_offer_with_a_move_accepts_the_one_that_stands():
    room = given(playing(), white("g1f3", at_ms=1, offer_draw=True))
    assert when(room, PlayMove(BLACK, "b8c6", offer_draw=True), 2)[1:] == (GameEnded(2, "1/2-1/2", "agreement"),)


def test_an_offer_with_the_move_that_mates_is_not_made():
    room = given(started(), moves("f3 e5 g4"))
    assert when(room, PlayMove(BLACK, "d8h4", offer_draw=True), 1)[1:] == (GameEnded(1, "0-1", "checkmate"),)


def test_an_offer_that_is_repeated_with_a_move_stands_as_it_is():
    room = given(playing(), offered(WHITE, "draw"))
    assert len(when(room, PlayMove(WHITE, "g1f3", offer_draw=True), 1)) == 1


def shuffled(room, plies):
    return given(room, moves(" ".join(SHUFFLE.split()[:plies])))


def test_a_draw_is_offered_once_in_twenty_plies():
    room = given(playing(), offered(WHITE, "draw"), declined(BLACK, "draw"))
    assert refused(room, offer(WHITE, "draw"), 1) is Code.RATE_LIMITED
    assert refused(shuffled(room, 19), offer(WHITE, "draw"), 1) is Code.RATE_LIMITED
    assert when(shuffled(room, 20), offer(WHITE, "draw"), 1) == (OfferMade(1, "draw", WHITE),)


def test_the_limit_is_each_players_own():
    room = given(playing(), offered(WHITE, "draw"), declined(BLACK, "draw"))
    assert when(room, offer(BLACK, "draw"), 1) == (OfferMade(1, "draw", BLACK),)


def test_an_offer_with_a_move_comes_too_early_too_but_the_move_counts():
    room = given(playing(), offered(WHITE, "draw"), declined(BLACK, "draw"))
    assert len(when(room, PlayMove(WHITE, "g1f3", offer_draw=True), 1)) == 1


def test_offers_with_moves_may_be_twenty_plies_apart():
    room = given(playing(), white("g1f3", at_ms=0, offer_draw=True))
    room = given(room, moves(" ".join(SHUFFLE.split()[1:20])))
    assert room.game.ply == 22
    assert when(room, PlayMove(WHITE, "f3g1", offer_draw=True), 1)[-1] == OfferMade(1, "draw", WHITE)


def test_a_draw_offer_before_the_first_move():
    assert when(started(), offer(BLACK, "draw"), 1) == (OfferMade(1, "draw", BLACK),)


# Takebacks

TAKEBACKS = {
    "one ply, by who has just moved": ("e4 e5 Nf3", WHITE, 2),
    "two plies, by who is to move": ("e4 e5 Nf3", BLACK, 1),
    "the very first move": ("e4", WHITE, 0),
    "nothing to take back yet": ("e4", BLACK, None),
    "nothing at all": ("", WHITE, None),
}


@pytest.mark.parametrize(("sans", "by", "ply"), TAKEBACKS.values(), ids=TAKEBACKS)
def test_how_far_a_takeback_goes(sans, by, ply):
    room = given(started(), moves(sans))
    other = BLACK if by == WHITE else WHITE
    if ply is None:
        assert refused(room, offer(by, "takeback"), 1) is Code.NOT_ALLOWED
        return
    assert when(room, offer(by, "takeback"), 1) == (OfferMade(1, "takeback", by),)
    room = given(room, offered(by, "takeback"))
    assert when(room, accept(other, "takeback"), 1) == (TakebackAgreed(1, ply),)
    room = given(room, accepted(other, "takeback"))
    assert room.game.ply == ply and room.game.turn == by and room.offers.takeback is None


FROM_BLACK = "4k3/4p3/8/8/8/8/4P3/4K3 b - - 0 1"


@pytest.mark.parametrize(("sans", "by", "ply"), [
    ("e5",       BLACK, 0),
    ("e5",       WHITE, None),
    ("e5 e4",    WHITE, 1),
    ("e5 e4",    BLACK, 0),
])
def test_how_far_a_takeback_goes_where_black_began(sans, by, ply):
    room = given(started(fen=FROM_BLACK), moves(sans))
    if ply is None:
        assert refused(room, offer(by, "takeback"), 1) is Code.NOT_ALLOWED
    else:
        room = given(room, offered(by, "takeback"), accepted(WHITE if by == BLACK else BLACK, "takeback"))
        assert room.game.ply == ply and room.game.turn == by


def test_the_position_comes_back_with_all_its_rights():
    before = given(started(), moves("e4 Nf6 e5 d5"))
    room = given(before, white("e5d6", at_ms=0), offered(WHITE, "takeback"), accepted(BLACK, "takeback"))
    assert room.game.position.fen == before.game.position.fen
    assert room.game.position.keys == before.game.position.keys
    assert given(room, moves("exd6")).game.plies[-1].san == "exd6"


def test_repetitions_are_counted_without_what_was_taken_back():
    room = given(started(), moves("Nf3 Nf6 Ng1 Ng8"), offered(BLACK, "takeback"), accepted(WHITE, "takeback"))
    assert given(room, moves("Ng8")).game.position.repetitions == 2


@pytest.mark.parametrize("by", [WHITE, BLACK])
def test_a_takeback_offer_lapses_with_anyones_move(by):
    room = given(playing(), offered(by, "takeback"))
    assert when(room, PlayMove(WHITE, "g1f3"), 1)[1:] == (OfferCancelled(1, "takeback", WHITE),)


def test_a_takeback_is_asked_for_once_per_ply():
    room = given(playing(), offered(BLACK, "takeback"), declined(WHITE, "takeback"))
    assert refused(room, offer(BLACK, "takeback"), 1) is Code.RATE_LIMITED
    assert when(given(room, moves("Nf3")), offer(BLACK, "takeback"), 1) == (OfferMade(1, "takeback", BLACK),)


def test_after_a_takeback_that_was_agreed_one_may_be_asked_for_again():
    room = given(playing(), offered(BLACK, "takeback"), accepted(WHITE, "takeback"), black("c7c5", at_ms=0))
    assert when(room, offer(BLACK, "takeback"), 1) == (OfferMade(1, "takeback", BLACK),)


def test_a_takeback_that_both_want_is_the_one_that_was_offered_first():
    room = given(playing(), offered(BLACK, "takeback"))
    assert when(room, offer(WHITE, "takeback"), 1) == (TakebackAgreed(1, 1),)


def test_with_a_takeback_a_draw_offer_lapses():
    room = given(playing(), offered(WHITE, "draw"), offered(BLACK, "takeback"))
    assert when(room, accept(WHITE, "takeback"), 1) == (OfferCancelled(1, "draw", WHITE), TakebackAgreed(1, 1))


def test_a_takeback_does_not_make_room_for_another_draw_offer():
    room = given(
        playing(), offered(WHITE, "draw"), declined(BLACK, "draw"),
        offered(BLACK, "takeback"), accepted(WHITE, "takeback"),
    )
    assert refused(room, offer(WHITE, "draw"), 1) is Code.RATE_LIMITED


# Rematches

def finished(**more):
    return given(started(**more), moves("f3 e5 g4 Qh4"))


def test_in_a_rematch_the_players_change_colours():
    room = given(finished(), offered(WHITE, "rematch"))
    (event,) = when(room, accept(BLACK, "rematch", game_id="g2"), 9)
    assert event == GameStarted(9, "g2", "black", "white", room.game.initial_fen)
    room = given(room, accepted(BLACK, "rematch", at_ms=9))
    assert (room.white.player_id, room.black.player_id) == ("black", "white")
    assert (room.status, room.game.id, room.game.ply, room.game.result) == ("playing", "g2", 0, None)
    assert room.offers.rematch is None


def test_the_score_stays_with_the_players():
    room = finished()
    assert (room.half_points("white"), room.half_points("black")) == (0, 2)
    room = given(room, offered(WHITE, "rematch"), accepted(BLACK, "rematch"), moves("f3 e5 g4 Qh4"))
    assert (room.half_points("white"), room.half_points("black")) == (2, 2)
    room = given(room, offered(WHITE, "rematch"), accepted(BLACK, "rematch"), offered(WHITE, "draw"))
    room = given(room, accepted(BLACK, "draw"))
    assert (room.half_points("white"), room.half_points("black")) == (3, 3)


def test_an_aborted_game_scores_nothing():
    room = settled(started("5+3"), 25_000)
    assert room.score == (("white", 0), ("black", 0))
    assert when(room, offer(WHITE, "rematch"), 25_001) == (OfferMade(25_001, "rematch", WHITE),)


def test_a_rematch_is_offered_accepted_by_offering_declined_and_withdrawn():
    room = given(finished(), offered(WHITE, "rematch"))
    assert isinstance(when(room, offer(BLACK, "rematch"), 1)[0], GameStarted)
    assert when(room, Decline(BLACK, "rematch"), 1) == (OfferCancelled(1, "rematch", BLACK),)
    assert when(room, Decline(WHITE, "rematch"), 1) == (OfferCancelled(1, "rematch", WHITE),)
    assert refused(room, accept(WHITE, "rematch"), 1) is Code.NO_SUCH_OFFER


def test_a_rematch_is_offered_three_times_a_game_by_each():
    room = finished()
    for _ in range(3):
        room = given(room, offered(WHITE, "rematch"), declined(BLACK, "rematch"))
    assert refused(room, offer(WHITE, "rematch"), 1) is Code.RATE_LIMITED
    room = given(room, offered(BLACK, "rematch"), accepted(WHITE, "rematch"), moves("f3 e5 g4 Qh4"))
    assert when(room, offer(WHITE, "rematch"), 1) == (OfferMade(1, "rematch", WHITE),)


def test_limits_start_anew_in_a_rematch():
    room = given(
        playing(), offered(WHITE, "draw"), declined(BLACK, "draw"), moves("f3 Qh4 g3 Qxg3 hxg3 a6"),
        did(PlayMove(WHITE, "a2a3"), at_ms=0), offered(BLACK, "draw"), accepted(WHITE, "draw"),
        offered(WHITE, "rematch"), accepted(BLACK, "rematch"),
    )
    assert when(room, offer(BLACK, "draw"), 1) == (OfferMade(1, "draw", BLACK),)


def test_from_a_position_the_rematch_starts_there_too():
    room = given(started(fen=FROM_BLACK), offered(WHITE, "draw"), accepted(BLACK, "draw"))
    room = given(room, offered(WHITE, "rematch"), accepted(BLACK, "rematch"))
    assert room.game.initial_fen == FROM_BLACK and room.game.turn == BLACK


# Options

@pytest.mark.parametrize(("kind", "option"), [
    ("draw", "draw_offers"), ("takeback", "takebacks"), ("rematch", "rematch"),
])
def test_a_room_can_do_without_each_kind_of_offer(kind, option):
    room = (finished if kind == "rematch" else playing)(**{option: False})
    for command in (offer(WHITE, kind), accept(WHITE, kind), Decline(WHITE, kind)):
        assert refused(room, command, 1) is Code.NOT_ALLOWED


def test_without_draw_offers_none_comes_with_a_move():
    assert len(when(playing(draw_offers=False), PlayMove(WHITE, "g1f3", offer_draw=True), 1)) == 1


def test_all_offers_end_with_the_game():
    room = given(started(), moves("f3 e5 g4"), offered(WHITE, "draw"), offered(WHITE, "takeback"), moves("Qh4"))
    assert (room.offers.draw, room.offers.takeback) == (None, None)
