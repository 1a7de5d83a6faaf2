"""What a client knows of a room: the server's frames, added up.

Pure: a view is a value, a frame gives a new one. It decides nothing; the server's word is what it holds.
"""

from dataclasses import dataclass, replace
from functools import cached_property

from game_server.core import board
from game_server.core.events import Reason, Result
from game_server.core.ids import BLACK, WHITE, Color
from game_server.core.position import STANDARD_FEN, start_position
from game_server.core.room import Status
from game_server.wire import outbound as out
from game_server.wire import parts

NO_OFFERS = parts.StandingOffers(draw=None, takeback=None, rematch=None)


@dataclass(frozen=True)
class RoomView:
    """A room as of version `v`.

    `position_v` is the version that brought the present position, or its turn, about: whoever thinks about a position
    compares it. `clock` is as of `clock_at_ms`, the server's time.
    """

    room_id: str
    epoch: str
    v: int
    options: parts.RoomOptions
    status: Status
    game_id: str | None
    initial_fen: str
    fen: str
    moves: tuple[parts.PlayedMove, ...]
    white: parts.Player | None
    black: parts.Player | None
    clock: parts.ClockTimes | None
    clock_at_ms: int
    offers: parts.StandingOffers
    result: Result | None
    winner: Color | None
    reason: Reason | None
    score: parts.Score
    position_v: int

    @property
    def variant(self) -> str:
        return self.options.variant

    @property
    def ply(self) -> int:
        """How many moves have been played in this game."""
        return len(self.moves)

    @property
    def turn(self) -> Color:
        return BLACK if self.fen.split()[1] == "b" else WHITE

    @property
    def is_playing(self) -> bool:
        return self.status == "playing"

    @cached_property
    def legal_moves(self) -> tuple[str, ...]:
        """Every move the side to move may play, in UCI; none before the game and after it."""
        if not self.is_playing:
            return ()
        return tuple(board.legal_moves(start_position(self.variant, self.fen)))

    def player(self, color: Color) -> parts.Player | None:
        return self.white if color == WHITE else self.black

    def color_of(self, player_id: str) -> Color | None:
        """The colour that this player has now; rematches swap colours."""
        if self.white is not None and self.white.player_id == player_id:
            return WHITE
        if self.black is not None and self.black.player_id == player_id:
            return BLACK
        return None


def first_view(state: out.StateFrame, before: RoomView | None = None) -> RoomView:
    """The room as `state` shows it; `before` is what was known until then, to tell whether the position is another."""
    moves = tuple(state.moves)
    is_same = (
        before is not None
        and (before.epoch, before.game_id, before.moves, before.status)
        == (state.epoch, state.game_id, moves, state.status)
    )
    return RoomView(
        room_id=state.room_id,
        epoch=state.epoch,
        v=state.v,
        options=state.options,
        status=state.status,
        game_id=state.game_id,
        initial_fen=state.initial_fen,
        fen=state.fen,
        moves=moves,
        white=state.white,
        black=state.black,
        clock=state.clock,
        clock_at_ms=state.at,
        offers=state.offers,
        result=state.result,
        winner=state.winner,
        reason=state.reason,
        score=state.score,
        position_v=before.position_v if before is not None and is_same else state.v,
    )


def opened_view(frame: out.RoomOpenedFrame) -> RoomView:
    """A room at its beginning, for who follows it from there (`since=epoch:0`)."""
    fen = frame.options.fen or STANDARD_FEN
    score = parts.Score(white=0, black=0)
    return RoomView(
        frame.room_id, frame.epoch, frame.v, frame.options, "waiting", None, fen, fen, (), None, None, None, frame.at,
        NO_OFFERS, None, None, None, score, frame.v,
    )  # fmt: skip


def seen(view: RoomView, frame: out.EventFrame) -> RoomView:
    """`view` after the event that `frame` tells of; `frame.v` must be the next version."""
    view = replace(view, v=frame.v)
    match frame:
        case out.PlayerJoinedFrame(color=color):
            player = parts.Player(player_id=frame.player_id, name=frame.name, connected=True, bot=frame.bot)
            return _seated(view, color, player)
        case out.PlayerLeftFrame(color=color):
            return _seated(view, color, None)
        case out.PlayerDisconnectedFrame(color=color):
            return _connected(view, color, is_connected=False)
        case out.PlayerReconnectedFrame(color=color):
            return _connected(view, color, is_connected=True)
        case out.GameStartedFrame():
            return _started(view, frame)
        case out.MoveFrame():
            return _moved(view, frame)
        case out.TakebackFrame(ply=ply, fen=fen):
            view = replace(view, moves=view.moves[:ply], fen=fen, offers=NO_OFFERS, position_v=frame.v)
            return _timed(view, frame.clock, frame.at)
        case out.OfferFrame(kind=kind, by=by):
            return replace(view, offers=view.offers.model_copy(update={kind: by}))
        case out.OfferCancelledFrame(kind=kind):
            return replace(view, offers=view.offers.model_copy(update={kind: None}))
        case out.ClockFrame(clock=clock):
            return _timed(view, clock, frame.at)
        case out.GameOverFrame(result=result, winner=winner, reason=reason, score=score):
            view = replace(
                view, status="finished", result=result, winner=winner, reason=reason, score=score, offers=NO_OFFERS
            )
            return _timed(view, frame.clock, frame.at)
        case out.RoomClosedFrame():
            return replace(view, status="closed", offers=NO_OFFERS)
        case _:     # what changes nothing that a view shows: room_opened again, chat
            return view


def present(view: RoomView, frame: out.PresenceFrame) -> RoomView:
    """`view` with who is connected now."""
    sides: tuple[tuple[Color, bool], ...] = ((WHITE, frame.white), (BLACK, frame.black))
    for color, is_connected in sides:
        view = _connected(view, color, is_connected=is_connected)
    return view


def _seated(view: RoomView, color: Color, player: parts.Player | None) -> RoomView:
    return replace(view, white=player) if color == WHITE else replace(view, black=player)


def _connected(view: RoomView, color: Color, *, is_connected: bool) -> RoomView:
    player = view.player(color)
    if player is None or player.connected == is_connected:
        return view
    return _seated(view, color, player.model_copy(update={"connected": is_connected}))


def _timed(view: RoomView, clock: parts.ClockTimes | None, at_ms: int) -> RoomView:
    return replace(view, clock=clock, clock_at_ms=at_ms)


def _started(view: RoomView, frame: out.GameStartedFrame) -> RoomView:
    return replace(
        view,
        status="playing",
        game_id=frame.game_id,
        initial_fen=frame.fen,
        fen=frame.fen,
        moves=(),
        white=frame.white,
        black=frame.black,
        clock=frame.clock,
        clock_at_ms=frame.at,
        offers=NO_OFFERS,
        result=None,
        winner=None,
        reason=None,
        score=frame.score,
        position_v=frame.v,
    )


def _moved(view: RoomView, frame: out.MoveFrame) -> RoomView:
    moves = (*view.moves[: frame.ply - 1], parts.PlayedMove(uci=frame.uci, san=frame.san))
    return _timed(replace(view, moves=moves, fen=frame.fen, position_v=frame.v), frame.clock, frame.at)


def remaining_ms(view: RoomView, color: Color, now_ms: int) -> int | None:
    """What `color`'s clock shows at `now_ms`, by the server's time; None in an unlimited game."""
    if view.clock is None:
        return None
    left_ms = view.clock.white if color == WHITE else view.clock.black
    return max(0, left_ms - (now_ms - view.clock_at_ms if view.clock.running == color else 0))
