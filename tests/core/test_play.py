"""Moves in turn and their repetition, resignation, abort, chat: who may do what, and when."""

import pytest

from game_server.core.commands import Abort, OpenRoom, PlayMove, Resign, Say
from game_server.core.decide import decide
from game_server.core.events import ChatSaid, GameEnded, MovePlayed, RoomClosed, RoomOpened
from game_server.core.evolve import evolve
from game_server.core.ids import BLACK, WHITE
from game_server.core.refusals import Code
from game_server.core.room import CHAT_KEPT, Said
from tests.core.rooms import (
    accepted,
    did,
    given,
    gone,
    moves,
    offered,
    opened,
    options,
    refused,
    settled,
    started,
    take_seat,
    when,
    white,
)


def test_a_move_is_told_with_its_ply_and_notation():
    room = given(started(), white("e2e4", at_ms=3))
    assert when(room, PlayMove(BLACK, "g8f6", lag_ms=30), 5) == (
        MovePlayed(5, 2, BLACK, "g8f6", "Nf6", None, 30, 0),
    )


def test_players_move_in_turn():
    assert refused(started(), PlayMove(BLACK, "e7e5"), 1) is Code.NOT_YOUR_TURN
    assert refused(given(started(), moves("e4")), PlayMove(WHITE, "d2d4"), 1) is Code.NOT_YOUR_TURN


def test_from_a_position_with_black_to_move_black_begins():
    room = started(fen="4k3/4p3/8/8/8/8/4P3/4K3 b - - 0 1")
    assert refused(room, PlayMove(WHITE, "e2e4"), 1) is Code.NOT_YOUR_TURN
    assert when(room, PlayMove(BLACK, "e7e5", ply=1), 1)[0].ply == 1
    assert when(given(room, moves("e5")), PlayMove(WHITE, "e2e4", ply=2), 1)[0].ply == 2


# The idempotent ply: after 1. e4 e5 2. Nf3, what White or Black sends with which ply, and the answer.
RESENT = {
    "the next ply": (BLACK, "b8c6", 4, "played"),
    "no ply at all": (BLACK, "b8c6", None, "played"),
    "one's last move again": (WHITE, "g1f3", 3, "ack"),
    "one's first move again": (WHITE, "e2e4", 1, "ack"),
    "the opponent's move as one's own": (BLACK, "g1f3", 3, Code.STALE_PLY),
    "another move at a ply that is played": (WHITE, "g1h3", 3, Code.STALE_PLY),
    "the last move again without a ply": (WHITE, "g1f3", None, Code.NOT_YOUR_TURN),
    "a ply too far": (WHITE, "f1c4", 5, Code.STALE_PLY),
    "a ply far too far": (BLACK, "b8c6", 10**12, Code.STALE_PLY),
    "ply nought": (BLACK, "b8c6", 0, Code.STALE_PLY),
    "a negative ply": (BLACK, "b8c6", -1, Code.STALE_PLY),
    "the next ply, out of turn": (WHITE, "f1c4", 4, Code.NOT_YOUR_TURN),
    "the next ply, illegal": (BLACK, "b8c7", 4, Code.ILLEGAL_MOVE),
    "an illegal move at a ply that is played": (WHITE, "e2e5", 3, Code.STALE_PLY),
}


@pytest.mark.parametrize(("by", "uci", "ply", "answer"), RESENT.values(), ids=RESENT)
def test_resending_is_harmless_with_a_ply(by, uci, ply, answer):
    room = given(started(), moves("e4 e5 Nf3"))
    command = PlayMove(by, uci, ply=ply)
    if isinstance(answer, Code):
        assert refused(room, command, 1) is answer
    else:
        assert len(when(room, command, 1)) == (answer == "played")


def test_the_move_that_ended_the_game_is_still_acknowledged_when_sent_again():
    room = given(started(), moves("f3 e5 g4 Qh4"))
    assert when(room, PlayMove(BLACK, "d8h4", ply=4), 1) == ()
    assert when(settled(room, 10**9), PlayMove(BLACK, "d8h4", ply=4), 10**9) == ()
    assert refused(room, PlayMove(BLACK, "d8g5", ply=4), 1) is Code.STALE_PLY
    assert refused(room, PlayMove(WHITE, "a2a3", ply=5), 1) is Code.GAME_OVER


def test_a_move_that_was_taken_back_does_not_stand():
    room = given(started(), moves("e4 e5"), offered(BLACK, "takeback"), accepted(WHITE, "takeback"))
    assert when(room, PlayMove(BLACK, "e7e5", ply=2), 1)[0].ply == 2       # plays it again: it is the next ply
    room = given(room, moves("c5"))
    assert refused(room, PlayMove(BLACK, "e7e5", ply=2), 1) is Code.STALE_PLY


def test_a_move_of_the_last_game_is_stale_in_the_next():
    room = given(started(), moves("f3 e5 g4 Qh4"), offered(WHITE, "rematch"), accepted(BLACK, "rematch"))
    assert refused(room, PlayMove(WHITE, "d8h4", ply=4), 1) is Code.STALE_PLY


def test_a_promotion_is_sent_again_with_its_piece():
    room = given(started(fen="8/P6k/8/8/8/8/8/K7 w - - 0 1"), moves("a8=R"))
    assert when(room, PlayMove(WHITE, "a7a8r", ply=1), 1) == ()
    assert refused(room, PlayMove(WHITE, "a7a8q", ply=1), 1) is Code.STALE_PLY


@pytest.mark.parametrize(("by", "result"), [(WHITE, "0-1"), (BLACK, "1-0")])
@pytest.mark.parametrize("sans", ["", "e4", "e4 e5"])
def test_resignation_counts_from_the_start_in_and_out_of_turn(by, result, sans):
    room = given(started(), moves(sans))
    assert when(room, Resign(by), 4) == (GameEnded(4, result, "resignation"),)


@pytest.mark.parametrize(("sans", "is_possible"), [("", True), ("e4", True), ("e4 e5", False)])
@pytest.mark.parametrize("by", [WHITE, BLACK])
def test_a_game_is_aborted_only_before_both_have_moved(sans, is_possible, by):
    room = given(started(), moves(sans))
    if is_possible:
        assert when(room, Abort(by), 4) == (GameEnded(4, "*", "aborted"),)
    else:
        assert refused(room, Abort(by), 4) is Code.NOT_ALLOWED


def test_after_a_takeback_to_the_first_move_a_game_can_be_aborted_again():
    room = given(started(), moves("e4 e5"), offered(BLACK, "takeback"), accepted(WHITE, "takeback"))
    assert when(room, Abort(WHITE), 4) == (GameEnded(4, "*", "aborted"),)


def test_the_winner():
    assert given(started(), did(Resign(BLACK), at_ms=1)).game.winner == WHITE
    assert given(started(), did(Abort(BLACK), at_ms=1)).game.winner is None


# Chat

def test_players_chat_before_during_and_after_the_game():
    waiting = given(opened(), did(take_seat(WHITE), at_ms=0))
    for room in (waiting, started(), given(started(), did(Resign(WHITE), at_ms=0))):
        assert when(room, Say(WHITE, "player", "hello"), 1) == (ChatSaid(1, WHITE, "player", "hello"),)


def test_nobody_chats_in_a_closed_room_or_where_there_is_no_chat():
    assert refused(started(chat=False), Say(WHITE, "player", "hello"), 1) is Code.NOT_ALLOWED
    closed = settled(given(started(), did(Resign(WHITE), at_ms=0)), 10**9)
    assert refused(closed, Say(WHITE, "player", "hello"), 10**9) is Code.GAME_OVER


def test_who_has_lost_the_seat_cannot_speak_from_it():
    room = settled(given(opened(), did(take_seat(WHITE), at_ms=0), gone(WHITE, at_ms=0)), 10**6)
    assert refused(room, Say(WHITE, "player", "hello"), 10**6) is Code.NOT_ALLOWED


def test_what_was_said_keeps_its_speakers_name():
    room = given(started(), did(Say(WHITE, "spectator", "hello"), at_ms=1), moves("f3 e5 g4 Qh4", at_ms=2))
    room = given(room, offered(WHITE, "rematch", at_ms=3), accepted(BLACK, "rematch", at_ms=3))
    room = given(room, did(Say(WHITE, "player", "hi"), at_ms=4))
    assert room.chat == (Said(1, WHITE, "Anna", "spectator", "hello"), Said(4, WHITE, "Boris", "player", "hi"))


def test_the_latest_fifty_lines_are_kept():
    room = given(started(), *(did(Say(WHITE, "player", str(line)), at_ms=1) for line in range(CHAT_KEPT + 7)))
    assert [said.text for said in room.chat] == [str(line) for line in range(7, CHAT_KEPT + 7)]


# Rooms

def test_a_room_is_opened_once():
    command = OpenRoom("room", "epoch", options("5+3"))
    (event,) = decide(None, command, 7)
    assert event == RoomOpened(7, "room", "epoch", options("5+3"))
    room = evolve(None, event)
    assert (room.version, room.status, room.opened_ms, room.at_ms) == (1, "waiting", 7, 7)
    assert decide(room, command, 8) == ()


def test_in_a_room_that_closed_before_any_game_there_is_no_game_to_come():
    room = evolve(opened(), RoomClosed(600_000, "idle"))
    assert refused(room, PlayMove(WHITE, "e2e4"), 600_000) is Code.GAME_OVER
    assert refused(room, take_seat(WHITE), 600_000) is Code.SEATS_TAKEN
