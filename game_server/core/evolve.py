"""How a room changes: `evolve`, total over its events, and `fold`.

Nothing is refused here: what is in the log happened. Cost: about 4 µs for a move, and the board's when it is asked for.
"""

from collections.abc import Iterable, Sequence
from functools import reduce
from itertools import groupby
from sys import intern
from typing import assert_never, cast

from game_server.core import clock
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
from game_server.core.ids import COLORS, WHITE, Color, PlayerId, opponent
from game_server.core.position import start_position
from game_server.core.room import CHAT_KEPT, NO_OFFERS, Absence, Game, Ply, Room, Said, Seat


def opened(event: RoomOpened) -> Room:
    """The room that `event`, always the first of its log, makes."""
    return Room(event.room_id, event.epoch, event.options, version=1, at_ms=event.at_ms, opened_ms=event.at_ms)


def fold(room: Room | None, events: Iterable[Event]) -> Room | None:
    """`room` after all of `events`; None stands for the room before it was opened.

    Moves that follow one another are made together, at a quarter of the cost.
    """
    for is_move, run in groupby(events, lambda event: isinstance(event, MovePlayed)):
        if is_move and room is not None:
            room = _moved(room, cast(list[MovePlayed], list(run)))
        else:
            room = reduce(evolve, run, room)
    return room


def evolve(room: Room | None, event: Event) -> Room:
    """`room` after `event`."""
    if isinstance(event, RoomOpened):
        return opened(event)
    assert room is not None, "a log begins with room_opened"
    if isinstance(event, MovePlayed):
        return _moved(room, (event,))
    version, at_ms = room.version + 1, max(room.at_ms, event.at_ms)
    match event:
        case SeatTaken(color=color):
            seat = Seat(event.player_id, event.token_hash, event.name, event.is_bot, event.by_socket)
            return _seated(room._replace(version=version, at_ms=at_ms), color, seat, None)
        case SeatFreed(color=color):
            return _seated(room._replace(version=version, at_ms=at_ms), color, None, None)
        case GameStarted():
            return _started(room._replace(version=version, at_ms=at_ms), event)
        case OfferMade(kind=kind, by=by):
            return _offered(room._replace(version=version, at_ms=at_ms), kind, by)
        case OfferCancelled(kind=kind):
            return room._replace(version=version, at_ms=at_ms, offers=room.offers._replace(**{kind: None}))
        case TakebackAgreed(ply=ply):
            return room._replace(
                version=version, at_ms=at_ms, game=_taken_back(room, ply, event.at_ms), offers=NO_OFFERS
            )
        case PlayerAway(color=color):
            absence = Absence(event.lost_ms, event.policy, event.until_ms)
            return _seated(room._replace(version=version, at_ms=at_ms), color, room.seat(color), absence)
        case PlayerBack(color=color):
            return _seated(room._replace(version=version, at_ms=at_ms), color, room.seat(color), None)
        case TimeGiven(by=by, ms=ms):
            return room._replace(version=version, at_ms=at_ms, game=_time_given(room, opponent(by), ms))
        case OutageRepaid():
            return _repaid(room._replace(version=version, at_ms=at_ms), event)
        case ChatSaid():
            return room._replace(version=version, at_ms=at_ms, chat=(*room.chat, _said(room, event))[-CHAT_KEPT:])
        case GameEnded():
            return _ended(room._replace(version=version, at_ms=at_ms), event)
        case RoomClosed(reason=reason):
            return room._replace(version=version, at_ms=at_ms, status="closed", offers=NO_OFFERS, closed_reason=reason)
        case _:
            assert_never(event)


def _seated(room: Room, color: Color, seat: Seat | None, absence: Absence | None) -> Room:
    if color == WHITE:
        return room._replace(white=seat, away_white=absence)
    return room._replace(black=seat, away_black=absence)


def _started(room: Room, event: GameStarted) -> Room:
    """A new game; where it is a rematch, the players have changed seats."""
    assert room.white is not None and room.black is not None
    position = start_position(room.options.variant, event.fen)
    control = room.options.time
    standing = clock.fresh_clock(control, event.at_ms, compensate=room.options.lag_compensation)
    game = Game(
        id=event.game_id,
        white=event.white,
        black=event.black,
        initial_fen=event.fen,
        position=position,
        plies=(),
        clock=standing,
        started_ms=event.at_ms,
        moved_ms=event.at_ms,
        first_version=room.version,
    )
    room = room._replace(status="playing", game=game, offers=NO_OFFERS, rematches_asked=())
    if room.white is not None and room.white.player_id != event.white:
        room = room._replace(white=room.black, black=room.white, away_white=room.away_black, away_black=room.away_white)
    return room


def _moved(room: Room, moves: Sequence[MovePlayed]) -> Room:
    """`room` after `moves`, between which nothing else happened."""
    game, control = room.game, room.options.time
    assert game is not None
    gain_ms = control.lag_gain_ms if room.options.lag_compensation and control.is_timed else 0
    plies, standing, at_ms = list[Ply](), game.clock, room.at_ms
    for moved_ms, ply, color, uci, san, left_ms, lag_ms, given_ms in moves:
        if standing is not None:
            standing = None if left_ms is None else clock.after_move(
                standing, color, moved_ms, left_ms=left_ms, lag_ms=lag_ms, given_ms=given_ms, gain_ms=gain_ms,
                starts=ply >= 2,
            )  # fmt: skip
        white_ms, black_ms = (standing.white_ms, standing.black_ms) if standing else (None, None)
        plies.append(Ply(intern(uci), intern(san), white_ms, black_ms))
        if moved_ms > at_ms:
            at_ms = moved_ms
    position = game.position.after(*[each.uci for each in plies])
    game = game._replace(position=position, plies=(*game.plies, *plies), clock=standing, moved_ms=moves[-1].at_ms)
    return room._replace(version=room.version + len(moves), at_ms=at_ms, game=game)


def _offered(room: Room, kind: str, by: Color) -> Room:
    offers = room.offers._replace(**{kind: by})
    if kind == "rematch":
        return room._replace(offers=offers, rematches_asked=(*room.rematches_asked, by))
    game = room.game
    assert game is not None
    if kind == "draw":
        asked = tuple(pair for pair in game.draw_offered_ply if pair[0] != by)
        return room._replace(offers=offers, game=game._replace(draw_offered_ply=(*asked, (by, game.ply))))
    asked = tuple(pair for pair in game.takeback_offered_ply if pair[0] != by)
    return room._replace(offers=offers, game=game._replace(takeback_offered_ply=(*asked, (by, game.ply))))


def _taken_back(room: Room, ply: int, now_ms: int) -> Game:
    game = room.game
    assert game is not None
    plies, position, running = game.plies[:ply], game.position_at(ply), game.clock
    if running is not None:
        start_ms = room.options.time.start_ms
        white_ms, black_ms = (plies[-1].white_ms, plies[-1].black_ms) if plies else (start_ms, start_ms)
        assert white_ms is not None and black_ms is not None
        running = clock.reset(running, white_ms, black_ms, position.turn if ply >= 2 else None, now_ms)
    return game._replace(
                position=position, plies=plies, clock=running, moved_ms=now_ms, takeback_offered_ply=()
    )


def _time_given(room: Room, color: Color, ms: int) -> Game:
    game = room.game
    assert game is not None and game.clock is not None
    return game._replace(clock=clock.with_added(game.clock, color, ms))


def _repaid(room: Room, event: OutageRepaid) -> Room:
    """Everything that was counting down stood still from `from_ms` until `until_ms`."""
    lost_ms = event.until_ms - event.from_ms
    game = room.game
    if game is not None and game.result is None:
        running = game.clock and clock.held_up(game.clock, lost_ms)
        game = game._replace(clock=running, moved_ms=game.moved_ms + lost_ms)
    room = room._replace(game=game, outage_ms=event.until_ms)
    for color in COLORS:
        absence = room.away(color)
        if absence is not None:
            until_ms = absence.until_ms and absence.until_ms + lost_ms
            absence = absence._replace(lost_ms=absence.lost_ms + lost_ms, until_ms=until_ms)
            room = _seated(room, color, room.seat(color), absence)
    return room


def _said(room: Room, event: ChatSaid) -> Said:
    seat = room.seat(event.by)
    assert seat is not None, "only who holds a seat speaks"
    return Said(event.at_ms, event.by, seat.name, event.room, event.text)


def _ended(room: Room, event: GameEnded) -> Room:
    game = room.game
    assert game is not None
    half_points = {"1-0": (2, 0), "0-1": (0, 2), "1/2-1/2": (1, 1), "*": (0, 0)}[event.result]
    score: dict[PlayerId, int] = dict(room.score)
    for player_id, points in zip((game.white, game.black), half_points, strict=True):
        score[player_id] = score.get(player_id, 0) + points
    standing = game.clock and clock.stopped(game.clock, event.at_ms)
    return room._replace(
        status="finished",
        game=game._replace(clock=standing, result=event.result, reason=event.reason),
        offers=NO_OFFERS,
        score=tuple(score.items()),
        ended_ms=event.at_ms,
    )
