"""What the server sends: one closed union of frames, the same over WebSocket, SSE and any feed to come.

A frame with `v` is one event of the room's log and the same JSON text, byte for byte, for everyone.
"""

from typing import Annotated, Any, Final, Literal

from pydantic import ConfigDict, Field, TypeAdapter

from game_server.core.events import ChatRoom, CloseReason, OfferKind, Reason, Result
from game_server.core.ids import Color
from game_server.core.options import Policy
from game_server.core.refusals import Code
from game_server.core.room import Status
from game_server.wire.parts import (
    ChatLine,
    ClockTimes,
    Model,
    PlayedMove,
    Player,
    RoomOptions,
    Score,
    StandingOffers,
)

PROTOCOL: Final = 1


class WelcomeFrame(Model):
    """First on every accepted player connection."""

    type: Literal["welcome"] = "welcome"
    protocol: Literal[1] = 1
    room_id: str
    epoch: str
    player_id: str
    color: Color
    token: str | None = Field(None, description="The seat's secret, only if the server has just issued it.")
    server_time: int
    heartbeat_s: float


class StateFrame(Model):
    """The whole room. `at` and `clock` are those of the moment of sending."""

    type: Literal["state"] = "state"
    v: int
    epoch: str
    at: int
    room_id: str
    options: RoomOptions
    game_id: str | None
    status: Status
    variant: str
    initial_fen: str
    fen: str
    turn: Color
    ply: int
    moves: list[PlayedMove]
    white: Player | None
    black: Player | None
    time_control: str
    clock: ClockTimes | None
    offers: StandingOffers
    result: Result | None
    winner: Color | None
    reason: Reason | None
    check: bool
    score: Score
    spectators: int
    chat: list[ChatLine]


class _EventFrame(Model):
    v: int = Field(description="The room's version after this event.")
    at: int = Field(description="The server's time of the event, Unix ms.")


class RoomOpenedFrame(_EventFrame):
    type: Literal["room_opened"] = "room_opened"
    room_id: str
    epoch: str
    options: RoomOptions


class _SeatFrame(_EventFrame):
    color: Color
    player_id: str
    name: str
    bot: bool


class PlayerJoinedFrame(_SeatFrame):
    """A seat is taken."""

    type: Literal["player_joined"] = "player_joined"


class PlayerLeftFrame(_SeatFrame):
    """A seat is freed before the start."""

    type: Literal["player_left"] = "player_left"


class GameStartedFrame(_EventFrame):
    """Both seats are taken, or a rematch was agreed."""

    type: Literal["game_started"] = "game_started"
    game_id: str
    white: Player
    black: Player
    variant: str
    fen: str
    clock: ClockTimes | None
    score: Score


class MoveFrame(_EventFrame):
    """A move was accepted; `fen` and `clock` are those after it."""

    type: Literal["move"] = "move"
    ply: int
    color: Color
    uci: str
    san: str
    fen: str
    check: bool
    clock: ClockTimes | None
    lag_ms: int
    given_back_ms: int


class TakebackFrame(_EventFrame):
    """A takeback was agreed; `ply` is the current one now."""

    type: Literal["takeback"] = "takeback"
    ply: int
    fen: str
    clock: ClockTimes | None


class OfferFrame(_EventFrame):
    type: Literal["offer"] = "offer"
    kind: OfferKind
    by: Color


class OfferCancelledFrame(_EventFrame):
    """Declined, withdrawn or overtaken; `by` is who declined, withdrew or moved."""

    type: Literal["offer_cancelled"] = "offer_cancelled"
    kind: OfferKind
    by: Color


class PlayerDisconnectedFrame(_EventFrame):
    """A seat has had no connection for a moment; `forfeit_at` is when that forfeits or may be claimed."""

    type: Literal["player_disconnected"] = "player_disconnected"
    color: Color
    policy: Policy
    forfeit_at: int | None


class PlayerReconnectedFrame(_EventFrame):
    type: Literal["player_reconnected"] = "player_reconnected"
    color: Color


class ClockFrame(_EventFrame):
    """Time was given by the opponent, or an outage of the server was given back."""

    type: Literal["clock"] = "clock"
    clock: ClockTimes | None
    reason: Literal["given", "outage"]


class GameOverFrame(_EventFrame):
    type: Literal["game_over"] = "game_over"
    game_id: str
    result: Result
    winner: Color | None
    reason: Reason
    clock: ClockTimes | None
    score: Score
    pgn_url: str


class ChatFrame(_EventFrame):
    type: Literal["chat"] = "chat"
    by: Color
    name: str
    room: ChatRoom
    text: str


class RoomClosedFrame(_EventFrame):
    type: Literal["room_closed"] = "room_closed"
    reason: CloseReason


class PresenceFrame(Model):
    """Who is connected; at most once a second, the newest replaces older ones."""

    type: Literal["presence"] = "presence"
    white: bool
    black: bool
    spectators: int


class AckFrame(Model):
    """The command was carried out; all frames that it caused came before."""

    type: Literal["ack"] = "ack"
    id: str
    v: int


class ErrorFrame(Model):
    """A command was refused; the connection stays open."""

    type: Literal["error"] = "error"
    code: Code
    message: str
    id: str | None = None


class PongFrame(Model):
    """`server_time` is that of what is shown: to spectators of a room with a delay so much earlier."""

    type: Literal["pong"] = "pong"
    t: Any = None
    server_time: int


class CostFrame(Model):
    """What this very connection has cost so far, without these frames; only for spectators who ask with `cost=on`.

    Not versioned, about once a second while it grows. Bytes as the server counts them: handshake, frame headers and
    heartbeats, or response head and chunk framing, are in it; TLS and TCP/IP are not.
    """

    type: Literal["cost"] = "cost"
    sent_bytes: int
    received_bytes: int
    server_time: int


EventFrame = Annotated[
    RoomOpenedFrame
    | PlayerJoinedFrame
    | PlayerLeftFrame
    | GameStartedFrame
    | MoveFrame
    | TakebackFrame
    | OfferFrame
    | OfferCancelledFrame
    | PlayerDisconnectedFrame
    | PlayerReconnectedFrame
    | ClockFrame
    | GameOverFrame
    | ChatFrame
    | RoomClosedFrame,
    Field(discriminator="type"),
]
ServerMessage = Annotated[
    WelcomeFrame | StateFrame | EventFrame | PresenceFrame | AckFrame | ErrorFrame | PongFrame,
    Field(discriminator="type"),
]
server_message: Final[TypeAdapter[ServerMessage]] = TypeAdapter(ServerMessage, config=ConfigDict(defer_build=True))
