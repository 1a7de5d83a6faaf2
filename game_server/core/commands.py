"""What anyone may wish of a room: the closed vocabulary that `decide` answers.

Imperative. Whoever speaks for a seat has been identified before: `color` is a fact here, not a claim. `game_id` and
`chance` (a random integer, 0 <= chance < 2**32) are drawn by the caller for whatever the command may start.
"""

from dataclasses import dataclass
from typing import Literal, NamedTuple

from game_server.core.events import ChatRoom, OfferKind
from game_server.core.ids import Color, Epoch, GameId, PlayerId, RoomId, TokenHash
from game_server.core.options import Options

ClaimKind = Literal["draw", "victory"]


@dataclass(frozen=True, slots=True)
class OpenRoom:
    room_id: RoomId
    epoch: Epoch
    options: Options


@dataclass(frozen=True, slots=True)
class TakeSeat:
    """`wish` is granted if free; None leaves it to chance."""

    wish: Color | None
    player_id: PlayerId
    token_hash: TokenHash
    name: str
    is_bot: bool
    by_socket: bool
    game_id: GameId
    chance: int


@dataclass(frozen=True, slots=True)
class LeaveSeat:
    """Gives the seat back before the game has started."""

    color: Color


class PlayMove(NamedTuple):
    """`ply` None plays in whatever position there is; `lag_ms` is the mover's measured round trip, 0 if unknown."""

    color: Color
    uci: str
    ply: int | None = None
    offer_draw: bool = False
    lag_ms: int = 0


@dataclass(frozen=True, slots=True)
class Resign:
    color: Color


@dataclass(frozen=True, slots=True)
class Abort:
    color: Color


@dataclass(frozen=True, slots=True)
class Offer:
    """Also accepts, if the opponent has offered the same."""

    color: Color
    kind: OfferKind
    game_id: GameId
    chance: int


@dataclass(frozen=True, slots=True)
class Accept:
    color: Color
    kind: OfferKind
    game_id: GameId
    chance: int


@dataclass(frozen=True, slots=True)
class Decline:
    """Of one's own offer: withdraws it."""

    color: Color
    kind: OfferKind


@dataclass(frozen=True, slots=True)
class Claim:
    """`uci` names the intended move under FIDE rules (9.2.1, 9.3.1)."""

    color: Color
    kind: ClaimKind
    uci: str | None = None


@dataclass(frozen=True, slots=True)
class AddTime:
    color: Color
    ms: int


@dataclass(frozen=True, slots=True)
class Say:
    color: Color
    room: ChatRoom
    text: str


@dataclass(frozen=True, slots=True)
class NoteAway:
    """`color`'s seat has had no connection since `lost_ms`; `on_purpose` if its player closed it or said goodbye."""

    color: Color
    lost_ms: int
    on_purpose: bool


@dataclass(frozen=True, slots=True)
class NoteBack:
    color: Color


@dataclass(frozen=True, slots=True)
class NoteOutage:
    """Nobody could reach the server from `from_ms` until `until_ms`."""

    from_ms: int
    until_ms: int


@dataclass(frozen=True, slots=True)
class CheckTime:
    """Do what time alone has caused. `is_occupied`: somebody is in the room, so that it does not close as idle."""

    is_occupied: bool = False


Command = (
    OpenRoom
    | TakeSeat
    | LeaveSeat
    | PlayMove
    | Resign
    | Abort
    | Offer
    | Accept
    | Decline
    | Claim
    | AddTime
    | Say
    | NoteAway
    | NoteBack
    | NoteOutage
    | CheckTime
)
