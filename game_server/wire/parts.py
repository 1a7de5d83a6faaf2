"""What frames and documents are made of: players, clocks, options, moves.

Durations and instants are integer milliseconds unless a name ends in `_s`; instants are Unix time.
"""

from pydantic import BaseModel, ConfigDict, Field

from game_server.core.events import ChatRoom
from game_server.core.ids import Color
from game_server.core.options import Policy, Rules


class Model(BaseModel):
    """Built when it is first used: many are there for their schema alone, and a server's start need not wait."""

    model_config = ConfigDict(
        frozen=True, extra="ignore", json_schema_serialization_defaults_required=True, defer_build=True
    )


class RequestBody(BaseModel):
    """What is asked in a body, read strictly: nothing is converted, and what is unknown is refused."""

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid")


class ClockTimes(Model):
    """Remaining time as of the frame's `at`; in correspondence the time for this move."""

    white: int = Field(description="ms")
    black: int = Field(description="ms")
    running: Color | None = Field(description="Whose clock runs; null before both have moved.")


class Score(Model):
    """Points in this room of the players who have these colours now; a draw is half a point."""

    white: float
    black: float


class Player(Model):
    """Who holds a seat."""

    player_id: str
    name: str
    connected: bool
    bot: bool


class RoomOptions(Model):
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


class PlayedMove(Model):
    uci: str
    san: str


class StandingOffers(Model):
    """The offering colour, for each kind."""

    draw: Color | None
    takeback: Color | None
    rematch: Color | None


class ChatLine(Model):
    at: int
    by: Color
    name: str
    room: ChatRoom
    text: str
