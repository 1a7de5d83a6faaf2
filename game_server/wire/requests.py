"""What is asked for over HTTP, or in the query of a socket: a room with options, a seat."""

from typing import Annotated, Final, Literal

from pydantic import AfterValidator, Field

from game_server.core.board import checked_fen, checked_variant
from game_server.core.clock import parse_time_control
from game_server.core.ids import Color
from game_server.core.options import LONGEST_SPECTATOR_DELAY_MS, Defaults, Options, Policy, Rules
from game_server.core.refusals import Code, Refused
from game_server.wire.inbound import MAX_NAME_CHARS, plain_name
from game_server.wire.parts import RequestBody

MAX_OPTION_S: Final = 86_400
ROOM_ID_PATTERN: Final = r"^[A-Za-z0-9_-]{1,64}$"
TOKEN_PATTERN: Final = r"^[A-Za-z0-9_-]{22,64}$"
ACCOUNT_TOKEN_PREFIX: Final = "acct_"    # by which nobody takes it for a seat's
ANONYMOUS: Final = "Anonymous"

Seconds = Annotated[float, Field(ge=0, le=MAX_OPTION_S, allow_inf_nan=False)]
Delay = Annotated[float, Field(ge=0, le=LONGEST_SPECTATOR_DELAY_MS / 1_000, allow_inf_nan=False)]
Name = Annotated[
    str, AfterValidator(plain_name), Field(json_schema_extra={"minLength": 1, "maxLength": MAX_NAME_CHARS})
]


class SeatRequest(RequestBody):
    """A seat, wished for without a socket."""

    color: Literal["white", "black", "random"] = "random"
    name: Name | None = None
    token: Annotated[str, Field(pattern=TOKEN_PATTERN)] | None = Field(
        None,
        description="The newcomer's own secret, of at least 128 random bits; else the server issues one. "
        "Not needed with an account: who sends its token or cookie sits down as that.",
    )

    @property
    def wish(self) -> Color | None:
        return None if self.color == "random" else self.color


class RoomRequest(SeatRequest):
    """A room, and the seat of who asks for it. What is left out is as the server's defaults have it."""

    time: str = Field("unlimited", description="`5+3` (minutes + seconds), `3d` (days per move) or `unlimited`.")
    variant: str = "standard"
    fen: str | None = Field(None, description="Start position.")
    public: bool = Field(False, description="Shown in the lobby; else known by its link only.")
    rules: Rules = "lichess"
    on_disconnect: Policy | None = None
    grace_s: Seconds | None = None
    flicker_s: Seconds | None = None
    linger_s: Seconds | None = None
    first_move_s: Seconds | None = None
    lag_compensation: bool = True
    chat: bool = True
    takebacks: bool = True
    draw_offers: bool = True
    rematch: bool = True
    spectator_delay_s: Delay = Field(0, description="So late is what all but the players are shown: feeds, lists, PGN.")

    def options(self, defaults: Defaults, *, idle_ms: int) -> Options:
        """The complete options. Raises Refused(BAD_MESSAGE) with a sentence that says what would be right."""
        time = parse_time_control(self.time)
        variant = checked_variant(self.variant)
        return Options(
            time=time,
            variant=variant,
            fen=checked_fen(variant, self.fen, self.rules) if self.fen else None,
            rules=self.rules,
            on_disconnect=self.on_disconnect or defaults.on_disconnect,
            grace_ms=_ms(self.grace_s, defaults.grace_ms[time.speed]),
            goodbye_grace_ms=defaults.goodbye_grace_ms,
            flicker_ms=_ms(self.flicker_s, defaults.flicker_ms) or 0,
            linger_ms=_ms(self.linger_s, defaults.linger_ms) or 0,
            first_move_ms=_ms(self.first_move_s, defaults.first_move_ms[time.speed]),
            idle_ms=idle_ms,
            lag_compensation=self.lag_compensation,
            chat=self.chat,
            takebacks=self.takebacks,
            draw_offers=self.draw_offers,
            rematch=self.rematch,
            public=self.public,
            spectator_delay_ms=round(self.spectator_delay_s * 1_000),
        )


def _ms(seconds: float | None, default_ms: int | None) -> int | None:
    return default_ms if seconds is None else round(seconds * 1_000)


def newcomer_name(text: str | None) -> str:
    """The name of who joins by a query. Raises Refused(BAD_MESSAGE)."""
    if text is None:
        return ANONYMOUS
    try:
        return plain_name(text)
    except ValueError as error:
        raise Refused(Code.BAD_MESSAGE, str(error)) from None


def color_wish(text: str | None) -> Color | None:
    """The colour that a query's `color` asks for; None for no matter which. Raises Refused(BAD_MESSAGE)."""
    match text:
        case "white" | "black":
            return text
        case None | "random":
            return None
        case _:
            raise Refused(Code.BAD_MESSAGE, "color is white, black or random")
