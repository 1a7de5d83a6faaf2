"""What the server sends: one closed union of frames, the same over WebSocket, SSE and any feed to come.

A frame with `v` is one event of the room's log and the same JSON text, byte for byte, for everyone.
"""

from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from game_server.core.events import ChatRoom, CloseReason, OfferKind, Reason, Result
from game_server.core.ids import Color
from game_server.core.options import Policy, Rules
from game_server.core.refusals import Code
from game_server.core.room import Status

PROTOCOL: Final = 1


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", json_schema_serialization_defaults_required=True)


class ClockTimes(_Model):
    """Remaining time as of the frame's `at`; in correspondence the time for this move."""

    white: int = Field(description="ms")
    black: int = Field(description="ms")
    running: Color | None = Field(description="Whose clock runs; null before both have moved.")


class Score(_Model):
    """Points in this room of the players who have these colours now; a draw is half a point."""

    white: float
    black: float


class Player(_Model):
    """Who holds a seat."""

    player_id: str
    name: str
    connected: bool
    bot: bool


class RoomOptions(_Model):
    """A room's options, complete. Times in seconds; `grace_s` null means never, `first_move_s` null no limit."""

    time: str
    variant: str
    fen: str | None
    rules: Rules
    on_disconnect: Policy
    grace_s: float | None
    flicker_s: float
    linger_s: float
    first_move_s: float | None
    lag_compensation: bool
    chat: bool
    takebacks: bool
    draw_offers: bool
    rematch: bool
    public: bool
    spectator_delay_s: float


class PlayedMove(_Model):
    uci: str
    san: str


class StandingOffers(_Model):
    """The offering colour, for each kind."""

    draw: Color | None
    takeback: Color | None
    rematch: Color | None


class ChatLine(_Model):
    at: int
    by: Color
    name: str
    room: ChatRoom
    text: str


class WelcomeFrame(_Model):
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


class StateFrame(_Model):
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


class _EventFrame(_Model):
    v: int = Field(description="The room's version after this event.")
    at: int = Field(description="The server's time of the event, Unix ms.")


class RoomOpenedFrame(_EventFrame):
    type: Literal["room_opened"] = "room_opened"
    room_id: str
    epoch: str
    options: RoomOptions


class PlayerJoinedFrame(_EventFrame):
    """A seat is taken."""

    type: Literal["player_joined"] = "player_joined"
    color: Color
    player_id: str
    name: str
    bot: bool


class PlayerLeftFrame(_EventFrame):
    """A seat is freed before the start."""

    type: Literal["player_left"] = "player_left"
    color: Color
    player_id: str
    name: str
    bot: bool


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


class PresenceFrame(_Model):
    """Who is connected; at most once a second, the newest replaces older ones."""

    type: Literal["presence"] = "presence"
    white: bool
    black: bool
    spectators: int


class AckFrame(_Model):
    """The command was carried out; all frames that it caused came before."""

    type: Literal["ack"] = "ack"
    id: str
    v: int


class ErrorFrame(_Model):
    """A command was refused; the connection stays open."""

    type: Literal["error"] = "error"
    code: Code
    message: str
    id: str | None = None


class PongFrame(_Model):
    type: Literal["pong"] = "pong"
    t: Any = None
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
FeedFrame = Annotated[StateFrame | EventFrame | PresenceFrame, Field(discriminator="type")]
ServerMessage = Annotated[
    WelcomeFrame | StateFrame | EventFrame | PresenceFrame | AckFrame | ErrorFrame | PongFrame,
    Field(discriminator="type"),
]
server_message: Final[TypeAdapter[ServerMessage]] = TypeAdapter(ServerMessage)


class RoomListing(_Model):
    """A public room as the lobby and the wall of live boards show it; `GET /rooms` and the `room` event."""

    room_id: str
    status: Status
    white: Player | None
    black: Player | None
    time_control: str
    variant: str
    fen: str
    last_move: str | None
    clock: ClockTimes | None
    spectators: int


class SeatTicket(_Model):
    """A seat that was taken over HTTP; its player connects with the token."""

    token: str
    color: Color
    player_id: str


class RoomTicket(SeatTicket):
    """A room that was created, and its creator's seat. `url` is the page to send to the opponent."""

    room_id: str
    epoch: str
    url: str
    options: RoomOptions


class GamePlayer(_Model):
    """Who played a finished game."""

    player_id: str
    name: str
    bot: bool


class GameSummary(_Model):
    """A finished game as lists show it."""

    game_id: str
    room_id: str
    white: GamePlayer
    black: GamePlayer
    variant: str
    time_control: str
    result: Result
    winner: Color | None
    reason: Reason
    plies: int
    started_at: int
    ended_at: int
    pgn_url: str


class GameDocument(GameSummary):
    """A finished game, whole."""

    initial_fen: str
    fen: str
    moves: list[PlayedMove]


class RoomPage(_Model):
    """Public rooms; `next` is the next page's URL."""

    items: list[RoomListing]
    next: str | None


class GamePage(_Model):
    """Finished games, newest first; `next` is the next page's URL."""

    items: list[GameSummary]
    next: str | None


class Health(_Model):
    status: str
