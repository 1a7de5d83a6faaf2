"""What time alone causes, and when: the only source of timers.

A deadline is a function of the state, never a countdown: whoever has the room open may act on it, and the log lets it
happen once. Events are dated by the clock, not by the moment at which somebody looked.

Rules: FIDE Laws of Chess (2023) 6.9 (flag fall); lichess's limits for the first moves and for absence.
"""

from collections.abc import Callable
from functools import partial
from operator import itemgetter
from typing import Final

from game_server.core import board, clock
from game_server.core.commands import NoteOutage
from game_server.core.events import CloseReason, Event, GameEnded, OutageRepaid, RoomClosed, SeatFreed
from game_server.core.evolve import evolve
from game_server.core.ids import COLORS, Color, opponent
from game_server.core.room import Game, Room, won_by
from game_server.core.seats import is_absent_alone

DESERTED_MS: Final = 86_400_000  # an unlimited game that both have left for so long is aborted
LONGEST_OUTAGE_MS: Final = 86_400_000  # more than this is not given back

# The moment, and what it brings to the room; only then worked out.
Consequence = tuple[int, Callable[[Room, int], tuple[Event, ...]]]


def deadline(room: Room, *, is_occupied: bool = False) -> int | None:
    """The earliest moment (Unix, ms) at which time alone changes something; None if it never will.

    `is_occupied` says that somebody is in the room, so that it does not close for being idle; while a game is being
    played it makes no difference. Cost: about 1 µs.
    """
    due = _next(room, is_occupied)
    return due[0] if due else None


def late_consequences(room: Room, now_ms: int, *, is_occupied: bool = False) -> tuple[Event, ...]:
    """Everything that time has caused in `room` up to `now_ms`, oldest first."""
    events: list[Event] = []
    while (due := _next(room, is_occupied)) is not None and due[0] <= now_ms:
        at_ms, consequence = due
        for event in consequence(room, at_ms):
            events.append(event)
            room = evolve(room, event)
    return tuple(events)


def _next(room: Room, is_occupied: bool) -> Consequence | None:
    match room.status:
        case "waiting":
            candidates = _while_waiting(room, is_occupied)
        case "playing":
            candidates = _while_playing(room, _played(room))
        case "finished":
            candidates = _after_the_game(room)
        case "closed":
            return None
    if not candidates:
        return None
    at_ms, consequence = candidates[0] if len(candidates) == 1 else min(candidates, key=itemgetter(0))
    return max(at_ms, room.at_ms), consequence


def _played(room: Room) -> Game:
    assert room.game is not None, "a room without a game is not being played in"
    return room.game


def _while_waiting(room: Room, is_occupied: bool) -> list[Consequence]:
    candidates: list[Consequence] = []
    for color in COLORS:
        absence = room.away(color)
        if absence is not None and absence.until_ms is not None:
            candidates.append((absence.until_ms, partial(_freed, color)))
    seats = [(room.seat(color), room.away(color)) for color in COLORS]
    if not is_occupied and all(seat is None or away is not None or not seat.by_socket for seat, away in seats):
        candidates.append((room.at_ms + room.options.idle_ms, partial(_closed, "idle")))
    return candidates


def _while_playing(room: Room, game: Game) -> list[Consequence]:
    candidates: list[Consequence] = []
    if game.clock is not None and (flag_ms := clock.flag_at_ms(game.clock)) is not None:
        candidates.append((flag_ms, _fallen))
    if len(game.plies) < 2 and room.options.first_move_ms is not None:
        candidates.append((game.moved_ms + room.options.first_move_ms, _aborted))
    if room.away_white is None and room.away_black is None:
        return candidates
    for color in COLORS:
        absence = room.away(color)
        if absence is None or absence.until_ms is None or not is_absent_alone(room, color):
            continue
        if room.options.on_disconnect == "forfeit":
            candidates.append((absence.until_ms, partial(_abandoned, color)))
    if room.options.time.is_unlimited and room.away_white is not None and room.away_black is not None:
        candidates.append((max(room.away_white.lost_ms, room.away_black.lost_ms) + DESERTED_MS, _aborted))
    return candidates


def _after_the_game(room: Room) -> list[Consequence]:
    lingers: Consequence = room.ended_ms + room.options.linger_ms, partial(_closed, "linger")
    if room.away_white is not None and room.away_black is not None:
        return [(room.at_ms, partial(_closed, "left")), lingers]
    return [lingers]


def _freed(color: Color, _room: Room, at_ms: int) -> tuple[Event, ...]:
    return (SeatFreed(at_ms, color),)


def _closed(reason: CloseReason, _room: Room, at_ms: int) -> tuple[Event, ...]:
    return (RoomClosed(at_ms, reason),)


def _aborted(_room: Room, at_ms: int) -> tuple[Event, ...]:
    return (GameEnded(at_ms, "*", "aborted"),)


def _fallen(room: Room, at_ms: int) -> tuple[Event, ...]:
    """How the game ends when the flag of the side to move has fallen."""
    game = _played(room)
    winner = opponent(game.turn)
    if board.can_mate(game.position, winner):
        return (GameEnded(at_ms, won_by(winner), "timeout"),)
    return (GameEnded(at_ms, "1/2-1/2", "timeout_insufficient_material"),)


def _abandoned(color: Color, room: Room, at_ms: int) -> tuple[Event, ...]:
    if not _played(room).both_have_moved:
        return GameEnded(at_ms, "*", "aborted"), RoomClosed(at_ms, "aborted")
    return GameEnded(at_ms, won_by(opponent(color)), "abandonment"), RoomClosed(at_ms, "abandonment")


def repaid(room: Room, command: NoteOutage, now_ms: int) -> tuple[Event, ...]:
    """The outage as the time it took from this room: each moment once, at most LONGEST_OUTAGE_MS; nothing if nothing
    was counting down.
    """
    from_ms = max(command.from_ms, counted_from_ms(room), room.outage_ms, command.until_ms - LONGEST_OUTAGE_MS)
    until_ms = min(command.until_ms, now_ms)
    if until_ms <= from_ms or not _counts_down(room):
        return ()
    return (OutageRepaid(now_ms, from_ms, until_ms),)


def counted_from_ms(room: Room) -> int:
    """Since when time has been counted in `room`: an outage before that cost nothing.

    In a game, since the latest move. What others did meanwhile (a line of chat; a worker that notes an absence) is no
    sign that the player to move was served.
    """
    return room.game.moved_ms if room.status == "playing" and room.game is not None else room.at_ms


def _counts_down(room: Room) -> bool:
    if any((absence := room.away(color)) is not None and absence.until_ms is not None for color in COLORS):
        return room.status in ("waiting", "playing")
    if room.status != "playing" or room.game is None:
        return False
    runs = room.game.clock is not None and room.game.clock.running is not None
    return runs or (not room.game.both_have_moved and room.options.first_move_ms is not None)
