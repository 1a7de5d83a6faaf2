"""What has happened in a room: the closed vocabulary of its log.

Events are facts: past tense, immutable, for ever. Each becomes exactly one frame and raises the room's version by one.
`at_ms` is the server's time of the event (Unix, ms). Names and fields are stored: a change needs an upcaster in
store/codec.py and a new line in the golden file.
"""

from dataclasses import dataclass
from typing import Literal, NamedTuple

from game_server.core.ids import Color, Epoch, GameId, PlayerId, RoomId, TokenHash
from game_server.core.options import Options, Policy

OfferKind = Literal["draw", "takeback", "rematch"]
Result = Literal["1-0", "0-1", "1/2-1/2", "*"]
Reason = Literal[
    "checkmate",
    "stalemate",
    "insufficient_material",
    "threefold_repetition",
    "fivefold_repetition",
    "fifty_moves",
    "seventyfive_moves",
    "agreement",
    "resignation",
    "timeout",
    "timeout_insufficient_material",
    "abandonment",
    "aborted",
    "variant_end",
]
CloseReason = Literal["abandonment", "aborted", "left", "linger", "idle"]
ChatRoom = Literal["player", "spectator"]


@dataclass(frozen=True, slots=True)
class RoomOpened:
    at_ms: int
    room_id: RoomId
    epoch: Epoch
    options: Options


@dataclass(frozen=True, slots=True)
class SeatTaken:
    """`by_socket` is False for a seat taken over HTTP, which is held without a connection."""

    at_ms: int
    color: Color
    player_id: PlayerId
    token_hash: TokenHash
    name: str
    is_bot: bool
    by_socket: bool


@dataclass(frozen=True, slots=True)
class SeatFreed:
    """The seat's player stayed away before the game had started."""

    at_ms: int
    color: Color


@dataclass(frozen=True, slots=True)
class GameStarted:
    """A first game or a rematch, from `fen`; the clock stands until both sides have moved."""

    at_ms: int
    game_id: GameId
    white: PlayerId
    black: PlayerId
    fen: str


class MovePlayed(NamedTuple):
    """`color` played `uci` as its game's `ply`-th move, counted from 1. A tuple, which is made in a quarter of a frozen
    dataclass's time: four fifths of all events are moves.

    `left_ms` is what the mover's clock shows afterwards (None in an unlimited game), `lag_ms` the measured round trip
    and `given_ms` the part of it that was given back.
    """

    at_ms: int
    ply: int
    color: Color
    uci: str
    san: str
    left_ms: int | None
    lag_ms: int
    given_ms: int


@dataclass(frozen=True, slots=True)
class OfferMade:
    at_ms: int
    kind: OfferKind
    by: Color


@dataclass(frozen=True, slots=True)
class OfferCancelled:
    """Declined, withdrawn or overtaken; `by` is who declined, withdrew or moved."""

    at_ms: int
    kind: OfferKind
    by: Color


@dataclass(frozen=True, slots=True)
class TakebackAgreed:
    """The game stands again as after `ply` moves; its clocks as they were then."""

    at_ms: int
    ply: int


@dataclass(frozen=True, slots=True)
class PlayerAway:
    """A seat has had no connection since `lost_ms`. `until_ms` is when that has consequences: a forfeit, a claim, or,
    before the start, the loss of the seat; None for never. Said again when the moment changes.
    """

    at_ms: int
    color: Color
    lost_ms: int
    policy: Policy
    until_ms: int | None


@dataclass(frozen=True, slots=True)
class PlayerBack:
    at_ms: int
    color: Color


@dataclass(frozen=True, slots=True)
class TimeGiven:
    """`by` gave the opponent `ms` more."""

    at_ms: int
    by: Color
    ms: int


@dataclass(frozen=True, slots=True)
class OutageRepaid:
    """The server was down or stood still from `from_ms` until `until_ms`: that was not the players' time."""

    at_ms: int
    from_ms: int
    until_ms: int


@dataclass(frozen=True, slots=True)
class ChatSaid:
    at_ms: int
    by: Color
    room: ChatRoom
    text: str


@dataclass(frozen=True, slots=True)
class GameEnded:
    """`at_ms` is when it ended by the clock, even if nobody looked until later."""

    at_ms: int
    result: Result
    reason: Reason


@dataclass(frozen=True, slots=True)
class RoomClosed:
    at_ms: int
    reason: CloseReason


Event = (
    RoomOpened
    | SeatTaken
    | SeatFreed
    | GameStarted
    | MovePlayed
    | OfferMade
    | OfferCancelled
    | TakebackAgreed
    | PlayerAway
    | PlayerBack
    | TimeGiven
    | OutageRepaid
    | ChatSaid
    | GameEnded
    | RoomClosed
)
