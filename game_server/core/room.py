"""The state of a room: what its events add up to.

Plain frozen values and questions about them. How they change stands in `evolve`, what may happen in `decide`.
"""

from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

from game_server.core import clock
from game_server.core.clock import Clock
from game_server.core.events import ChatRoom, CloseReason, OfferKind, Reason, Result
from game_server.core.ids import BLACK, COLORS, WHITE, Color, Epoch, GameId, PlayerId, RoomId, TokenHash
from game_server.core.options import Options, Policy
from game_server.core.position import Position, start_position

Status = Literal["waiting", "playing", "finished", "closed"]
CHAT_KEPT = 50


@dataclass(frozen=True, slots=True)
class Seat:
    player_id: PlayerId
    token_hash: TokenHash
    name: str
    is_bot: bool
    by_socket: bool


class Absence(NamedTuple):
    """A seat without a connection since `lost_ms`; `until_ms` is when that has consequences, None for never."""

    lost_ms: int
    policy: Policy
    until_ms: int | None


@dataclass(frozen=True, slots=True)
class Said:
    """A line of chat, with the name its speaker had: colours change, and seats are freed."""

    at_ms: int
    by: Color
    name: str
    room: ChatRoom
    text: str


class Ply(NamedTuple):
    """A move that stands, and both clocks after it (None in an unlimited game). The texts are interned: there are few
    thousand, and many games.
    """

    uci: str
    san: str
    white_ms: int | None
    black_ms: int | None


class Game(NamedTuple):
    """A game that is being played or has ended (then `result` and `reason` are set).

    `moved_ms` is when the latest move was made, or the game started; `first_version` the version of that start.
    `draw_offered_ply` and `takeback_offered_ply` have, by colour, the ply at which it was last offered.
    """

    id: GameId
    white: PlayerId
    black: PlayerId
    initial_fen: str
    position: Position
    plies: tuple[Ply, ...]
    clock: Clock | None
    started_ms: int
    moved_ms: int
    first_version: int
    result: Result | None = None
    reason: Reason | None = None
    draw_offered_ply: tuple[tuple[Color, int], ...] = ()
    takeback_offered_ply: tuple[tuple[Color, int], ...] = ()

    @property
    def ply(self) -> int:
        return len(self.plies)

    @property
    def turn(self) -> Color:
        return self.position.turn

    @property
    def both_have_moved(self) -> bool:
        return len(self.plies) >= 2

    @property
    def winner(self) -> Color | None:
        return winner_of(self.result)

    def position_at(self, ply: int) -> Position:
        """The position after `ply` moves. Replays the game when its board is asked for: cost about 1 µs a move."""
        position = start_position("chess960" if self.position.board.chess960 else "standard", self.initial_fen)
        return position.after(*(played.uci for played in self.plies[:ply]))


class Offers(NamedTuple):
    """The colour whose offer stands, for each kind."""

    draw: Color | None = None
    takeback: Color | None = None
    rematch: Color | None = None

    def by(self, kind: OfferKind) -> Color | None:
        match kind:
            case "draw":
                return self.draw
            case "takeback":
                return self.takeback
            case "rematch":
                return self.rematch


NO_OFFERS: Final = Offers()


class Room(NamedTuple):
    """A room as of `version` events. `score` counts half points by player; `rematches_asked` the offers since the last
    game ended; `outage_ms` is the end of the latest outage that was repaid."""

    room_id: RoomId
    epoch: Epoch
    options: Options
    version: int
    at_ms: int
    opened_ms: int
    status: Status = "waiting"
    white: Seat | None = None
    black: Seat | None = None
    away_white: Absence | None = None
    away_black: Absence | None = None
    game: Game | None = None
    offers: Offers = NO_OFFERS
    rematches_asked: tuple[Color, ...] = ()
    score: tuple[tuple[PlayerId, int], ...] = ()
    chat: tuple[Said, ...] = ()
    ended_ms: int = 0
    closed_reason: CloseReason | None = None
    outage_ms: int = 0

    def seat(self, color: Color) -> Seat | None:
        return self.white if color == WHITE else self.black

    def away(self, color: Color) -> Absence | None:
        return self.away_white if color == WHITE else self.away_black

    def color_of(self, token_hash: TokenHash) -> Color | None:
        """The seat that the secret with this hash opens."""
        for color in COLORS:
            seat = self.seat(color)
            if seat is not None and seat.token_hash == token_hash:
                return color
        return None

    @property
    def is_empty(self) -> bool:
        """Nobody holds a seat, or who does is away."""
        return all(self.seat(color) is None or self.away(color) is not None for color in COLORS)

    def half_points(self, player_id: PlayerId) -> int:
        return dict(self.score).get(player_id, 0)


def winner_of(result: Result | None) -> Color | None:
    return {"1-0": WHITE, "0-1": BLACK}.get(result or "*")  # type: ignore[return-value]


def won_by(color: Color) -> Result:
    return "1-0" if color == WHITE else "0-1"


def clock_now(game: Game, now_ms: int) -> tuple[int, int] | None:
    """Both sides' remaining time at `now_ms`, never less than zero; None in an unlimited game."""
    if game.clock is None:
        return None
    white_ms = clock.remaining_ms(game.clock, WHITE, now_ms)
    black_ms = clock.remaining_ms(game.clock, BLACK, now_ms)
    return max(0, white_ms), max(0, black_ms)
