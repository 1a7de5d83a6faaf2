"""What may happen: the state machine of a room, in one `match` that reads like a table of contents.

Long rules stand beside it: seats, moves and claims (`play`), offers, and what time alone causes (`consequences`).
"""

from typing import assert_never

from game_server.core import offers, play, seats
from game_server.core.clock import MAX_REMAINING_MS
from game_server.core.commands import (
    Abort,
    Accept,
    AddTime,
    CheckTime,
    Claim,
    Command,
    Decline,
    LeaveSeat,
    NoteAway,
    NoteBack,
    NoteOutage,
    Offer,
    OpenRoom,
    PlayMove,
    Resign,
    Say,
    TakeSeat,
)
from game_server.core.consequences import late_consequences, repaid
from game_server.core.events import ChatSaid, Event, RoomOpened, TimeGiven
from game_server.core.ids import opponent
from game_server.core.refusals import Code, Refused
from game_server.core.room import Room


def decide(room: Room | None, command: Command, now_ms: int) -> tuple[Event, ...]:
    """The events `command` causes in `room`, oldest first; none if it changes nothing.

    Time is checked before anything anyone says: if time alone has caused something by `now_ms`, that and only that is
    returned, and the caller must append it and ask again. `now_ms` must not precede `room.at_ms`.
    Raises Refused if it is not allowed. Deterministic; does not read a clock.
    """
    if isinstance(command, OpenRoom):
        opened = RoomOpened(now_ms, command.room_id, command.epoch, command.options)
        return (opened,) if room is None else ()
    assert room is not None, "a log begins with room_opened"
    if isinstance(command, NoteOutage):  # before time is checked: an outage is no one's time
        return repaid(room, command, now_ms)
    is_occupied = not isinstance(command, CheckTime) or command.is_occupied
    if due := late_consequences(room, now_ms, is_occupied=is_occupied):
        return due

    match command:
        case PlayMove():
            return play.play(room, command, now_ms)
        case TakeSeat():
            return seats.take_seat(room, command, now_ms)
        case LeaveSeat():
            return seats.leave_seat(room, command, now_ms)
        case Resign():
            return play.resign(room, command, now_ms)
        case Abort():
            return play.abort(room, command, now_ms)
        case Claim():
            return play.claim(room, command, now_ms)
        case Offer():
            return offers.offer(room, command, now_ms)
        case Accept():
            return offers.accept(room, command, now_ms)
        case Decline():
            return offers.decline(room, command, now_ms)
        case AddTime():
            return _time_given(room, command, now_ms)
        case Say():
            return _said(room, command, now_ms)
        case NoteAway():
            return seats.note_away(room, command, now_ms)
        case NoteBack():
            return seats.note_back(room, command, now_ms)
        case CheckTime():
            return ()
        case _:
            assert_never(command)


def _time_given(room: Room, command: AddTime, now_ms: int) -> tuple[Event, ...]:
    game, receiver = play.game_on(room), opponent(command.color)
    if game.clock is None or not room.options.time.is_timed:
        raise Refused(Code.NOT_ALLOWED, "time can be given only in a game with a running clock")
    if game.clock.of(receiver) + command.ms > MAX_REMAINING_MS:
        raise Refused(Code.NOT_ALLOWED, "the opponent has time enough")
    return (TimeGiven(now_ms, command.color, command.ms),)


def _said(room: Room, command: Say, now_ms: int) -> tuple[Event, ...]:
    if not room.options.chat:
        raise Refused(Code.NOT_ALLOWED, "this room has no chat")
    if room.status == "closed":
        raise Refused(Code.GAME_OVER, "the room has closed")
    if room.seat(command.color) is None:  # it was freed while the message was on its way
        raise Refused(Code.NOT_ALLOWED, "players speak, and this seat is free again")
    return (ChatSaid(now_ms, command.color, command.room, command.text),)
