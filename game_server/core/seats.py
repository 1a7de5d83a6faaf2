"""Who sits where: taking a seat, the start of a game, leaving and coming back.

A seat whose player has gone is away, which is a fact of the log, because from it follow the loss of the seat before the
start, and the forfeit or the claim afterwards (see `consequences`).
"""

from game_server.core import board
from game_server.core.commands import LeaveSeat, NoteAway, NoteBack, TakeSeat
from game_server.core.events import Event, GameStarted, PlayerAway, PlayerBack, SeatFreed, SeatTaken
from game_server.core.ids import BLACK, COLORS, WHITE, Color, GameId, PlayerId, opponent
from game_server.core.position import STANDARD_FEN
from game_server.core.refusals import Code, Refused
from game_server.core.room import Room, Status


def take_seat(room: Room, command: TakeSeat, now_ms: int) -> tuple[Event, ...]:
    """The wished seat if it is free, else the other one; with both taken the game starts. Nothing for a secret that
    holds a seat already: nobody plays against himself with it.

    Raises Refused(SEATS_TAKEN).
    """
    if room.color_of(command.token_hash) is not None:
        return ()
    free = [color for color in COLORS if room.seat(color) is None]
    if not free or room.status != "waiting":
        raise Refused(Code.SEATS_TAKEN, "both seats are taken: watch instead")
    wish = command.wish or COLORS[command.chance & 1]
    color = wish if wish in free else free[0]
    taken = SeatTaken(
        now_ms, color, command.player_id, command.token_hash, command.name, command.is_bot, command.by_socket
    )
    other = room.seat(opponent(color))
    if other is None:
        return (taken,)
    white, black = (command.player_id, other.player_id) if color == WHITE else (other.player_id, command.player_id)
    return taken, *started(room, white, black, command.game_id, command.chance >> 1, now_ms)


def leave_seat(room: Room, command: LeaveSeat, now_ms: int) -> tuple[Event, ...]:
    """The seat, free again; nothing if nobody sits there, or if the game has started."""
    if room.status != "waiting" or room.seat(command.color) is None:
        return ()
    return (SeatFreed(now_ms, command.color),)


def started(
    room: Room, white: PlayerId, black: PlayerId, game_id: GameId, chance: int, now_ms: int
) -> tuple[Event, ...]:
    """The start of a game; `chance` draws a chess960 position.

    A player who is away at that moment is said to be away again, with a new grace period.
    """
    fen = room.options.fen
    if fen is None:
        fen = board.chess960_fen(chance % 960) if room.options.variant == "chess960" else STANDARD_FEN
    events: list[Event] = [GameStarted(now_ms, game_id, white, black, fen)]
    for seat, absence in ((room.white, room.away_white), (room.black, room.away_black)):
        if seat is not None and absence is not None:
            color: Color = WHITE if seat.player_id == white else BLACK
            until_ms = _until_ms(room, "playing", now_ms, on_purpose=False)
            events.append(PlayerAway(now_ms, color, absence.lost_ms, room.options.on_disconnect, until_ms))
    return tuple(events)


def note_away(room: Room, command: NoteAway, now_ms: int) -> tuple[Event, ...]:
    """That the seat is away; nothing if it is known, or if nobody sits there."""
    color = command.color
    if room.status == "closed" or room.seat(color) is None or room.away(color) is not None:
        return ()
    lost_ms = min(command.lost_ms, now_ms)
    until_ms = _until_ms(room, room.status, lost_ms, on_purpose=command.on_purpose)
    return (PlayerAway(now_ms, color, lost_ms, room.options.on_disconnect, until_ms),)


def note_back(room: Room, command: NoteBack, now_ms: int) -> tuple[Event, ...]:
    """That the player is back. Nobody's grace ran while both were away: the other's moment is put off by that time."""
    color, other = command.color, opponent(command.color)
    mine, theirs = room.away(color), room.away(other)
    if room.status == "closed" or mine is None:
        return ()
    back = PlayerBack(now_ms, color)
    if room.status != "playing" or theirs is None or theirs.until_ms is None:
        return (back,)
    put_off_ms = now_ms - max(mine.lost_ms, theirs.lost_ms)
    return back, PlayerAway(now_ms, other, theirs.lost_ms, theirs.policy, theirs.until_ms + max(0, put_off_ms))


def _until_ms(room: Room, status: Status, from_ms: int, *, on_purpose: bool) -> int | None:
    """When an absence that counts from `from_ms` has consequences in a room of that status."""
    grace_ms = room.options.away_grace_ms(on_purpose=on_purpose)
    if grace_ms is None or status == "finished" or (status == "playing" and room.options.on_disconnect == "none"):
        return None
    return from_ms + grace_ms


def is_absent_alone(room: Room, color: Color) -> bool:
    """`color` is away and the opponent is not: only then does an absence cost anything."""
    return room.away(color) is not None and room.away(opponent(color)) is None
