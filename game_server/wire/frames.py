"""What a room's events look like on the wire.

Pure: the same event in the same room gives the same text on every worker and after every restart, which is what lets a
position in the list of frames survive both.
"""

from typing import assert_never

from game_server.core.clock import remaining_ms
from game_server.core.events import (
    ChatSaid,
    Event,
    GameEnded,
    GameStarted,
    MovePlayed,
    OfferCancelled,
    OfferMade,
    OutageRepaid,
    PlayerAway,
    PlayerBack,
    RoomClosed,
    RoomOpened,
    SeatFreed,
    SeatTaken,
    TakebackAgreed,
    TimeGiven,
)
from game_server.core.ids import BLACK, WHITE, Color, opponent
from game_server.core.room import Game, Room, Seat, winner_of
from game_server.wire import outbound as out
from game_server.wire.snapshot import clock_times, player, room_options, score


def event_text(before: Room | None, event: Event, after: Room) -> tuple[str, str]:
    """The type and the JSON text of the frame of `event`.

    Moves are written by hand, in a quarter of the time their model takes; nothing in them needs escaping.
    """
    if type(event) is MovePlayed:
        return "move", _move_text(event, after)
    frame = event_frame(before, event, after)
    return frame.type, frame.model_dump_json()


def event_frame(before: Room | None, event: Event, after: Room) -> out.EventFrame:
    """The frame of `event`, which took the room from `before` to `after`."""
    v, at = after.version, event.at_ms
    match event:
        case MovePlayed():
            return _move(event, after)
        case RoomOpened(room_id=room_id, epoch=epoch, options=options):
            return out.RoomOpenedFrame(v=v, at=at, room_id=room_id, epoch=epoch, options=room_options(options))
        case SeatTaken(color=color, player_id=player_id, name=name, is_bot=is_bot):
            return out.PlayerJoinedFrame(v=v, at=at, color=color, player_id=player_id, name=name, bot=is_bot)
        case SeatFreed(color=color):
            seat = _held(before, color)
            return out.PlayerLeftFrame(
                v=v, at=at, color=color, player_id=seat.player_id, name=seat.name, bot=seat.is_bot
            )
        case GameStarted():
            return _started(event, after)
        case OfferMade(kind=kind, by=by):
            return out.OfferFrame(v=v, at=at, kind=kind, by=by)
        case OfferCancelled(kind=kind, by=by):
            return out.OfferCancelledFrame(v=v, at=at, kind=kind, by=by)
        case TakebackAgreed(ply=ply):
            game = _game(after)
            return out.TakebackFrame(v=v, at=at, ply=ply, fen=game.position.fen, clock=clock_times(game.clock, at))
        case PlayerAway(color=color, policy=policy):
            return out.PlayerDisconnectedFrame(
                v=v, at=at, color=color, policy=policy, forfeit_at=_forfeit_at(event, after)
            )
        case PlayerBack(color=color):
            return out.PlayerReconnectedFrame(v=v, at=at, color=color)
        case TimeGiven():
            return out.ClockFrame(v=v, at=at, clock=clock_times(_game(after).clock, at), reason="given")
        case OutageRepaid():
            standing = after.game.clock if after.game else None
            return out.ClockFrame(v=v, at=at, clock=clock_times(standing, at), reason="outage")
        case ChatSaid(by=by, room=room, text=text):
            return out.ChatFrame(v=v, at=at, by=by, name=_held(after, by).name, room=room, text=text)
        case GameEnded():
            return _over(event, after)
        case RoomClosed(reason=reason):
            return out.RoomClosedFrame(v=v, at=at, reason=reason)
        case _:
            assert_never(event)


def _held(room: Room | None, color: Color) -> Seat:
    seat = room.seat(color) if room else None
    assert seat is not None, "only who holds a seat leaves it or speaks"
    return seat


def _game(room: Room) -> Game:
    assert room.game is not None, "there is no such event without a game"
    return room.game


def _move(event: MovePlayed, after: Room) -> out.MoveFrame:
    game = _game(after)
    position = game.position
    return out.MoveFrame(
        v=after.version,
        at=event.at_ms,
        ply=event.ply,
        color=event.color,
        uci=event.uci,
        san=event.san,
        fen=position.fen,
        check=position.is_check,
        clock=clock_times(game.clock, event.at_ms),
        lag_ms=event.lag_ms,
        given_back_ms=event.given_ms,
    )


def _move_text(event: MovePlayed, after: Room) -> str:
    """What `_move(event, after).model_dump_json()` returns."""
    game, at_ms = _game(after), event.at_ms
    position, clock = game.position, "null"
    if (standing := game.clock) is not None:
        white_ms, black_ms = max(0, remaining_ms(standing, WHITE, at_ms)), max(0, remaining_ms(standing, BLACK, at_ms))
        running = f'"{standing.running}"' if standing.running else "null"
        clock = f'{{"white":{white_ms},"black":{black_ms},"running":{running}}}'
    return (
        f'{{"v":{after.version},"at":{at_ms},"type":"move","ply":{event.ply},"color":"{event.color}",'
        f'"uci":"{event.uci}","san":"{event.san}","fen":"{position.fen}",'
        f'"check":{"true" if position.is_check else "false"},"clock":{clock},'
        f'"lag_ms":{event.lag_ms},"given_back_ms":{event.given_ms}}}'
    )


def _started(event: GameStarted, after: Room) -> out.GameStartedFrame:
    """Here a player counts as connected unless the log says that it is away."""
    game = _game(after)
    return out.GameStartedFrame(
        v=after.version,
        at=event.at_ms,
        game_id=event.game_id,
        white=player(_held(after, WHITE), after.away_white is None),
        black=player(_held(after, BLACK), after.away_black is None),
        variant=after.options.variant,
        fen=game.initial_fen,
        clock=clock_times(game.clock, event.at_ms),
        score=score(after),
    )


def _over(event: GameEnded, after: Room) -> out.GameOverFrame:
    game = _game(after)
    return out.GameOverFrame(
        v=after.version,
        at=event.at_ms,
        game_id=game.id,
        result=event.result,
        winner=winner_of(event.result),
        reason=event.reason,
        clock=clock_times(game.clock, event.at_ms),
        score=score(after),
        pgn_url=f"/games/{game.id}/pgn",
    )


def _forfeit_at(event: PlayerAway, after: Room) -> int | None:
    """Only while the game is on, and only while the opponent is there, does an absence cost anything."""
    if after.status != "playing" or after.away(opponent(event.color)) is not None:
        return None
    return event.until_ms
