"""What clients send over `/ws/game`: one closed union, parsed once at the edge.

Unknown fields are ignored; nothing is coerced. A text that cannot be read raises Refused by name.
"""

import unicodedata
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from pydantic_core import from_json

from game_server.core.events import ChatRoom, OfferKind
from game_server.core.refusals import Code, Refused

MAX_ADD_TIME_MS: Final = 60_000
MAX_CHAT_CHARS: Final = 280
MAX_NAME_CHARS: Final = 32
MAX_ID_CHARS: Final = 64


def plain_name(text: str) -> str:
    """`text` in NFC, if it can be shown as a name: 1 to 32 printable characters, not only spaces. Raises ValueError."""
    text = unicodedata.normalize("NFC", text)
    if not (1 <= len(text) <= MAX_NAME_CHARS and text.isprintable() and text.strip()):
        raise ValueError(f"a name has 1 to {MAX_NAME_CHARS} printable characters")
    return text


def plain_chat(text: str) -> str:
    """`text` in NFC, if it can be said: 1 to 280 characters without control characters, not only spaces.

    Raises ValueError.
    """
    text = unicodedata.normalize("NFC", text)
    if not (1 <= len(text) <= MAX_CHAT_CHARS and text.strip()):
        raise ValueError(f"a chat text has 1 to {MAX_CHAT_CHARS} characters, not only spaces")
    if any(unicodedata.category(character) in ("Cc", "Cs") for character in text):
        raise ValueError("a chat text has no control characters")
    return text


class _Message(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True, extra="ignore", allow_inf_nan=False, defer_build=True)

    id: Annotated[str, Field(max_length=MAX_ID_CHARS)] | None = Field(
        None, description="Asks for an `ack` or `error` with it; a repeated one is answered as before."
    )


class MoveMessage(_Message):
    """Plays a move."""

    type: Literal["move"]
    uci: str = Field(
        description="`e2e4`, `e7e8q`; castling as the king's two-square move, king-takes-rook in chess960."
    )
    ply: int | None = Field(None, description="The move's number in this game, from 1; makes resending harmless.")
    offer_draw: bool = Field(False, description="Offers a draw with the move, or accepts the one that stands.")


class ResignMessage(_Message):
    """Gives the game up; counts from its start."""

    type: Literal["resign"]


class AbortMessage(_Message):
    """Ends the game without a result, before both sides have moved."""

    type: Literal["abort"]


class OfferMessage(_Message):
    """Offers, or accepts what the opponent has offered."""

    type: Literal["offer"]
    kind: OfferKind


class AcceptMessage(_Message):
    """Accepts what the opponent has offered."""

    type: Literal["accept"]
    kind: OfferKind


class DeclineMessage(_Message):
    """Declines the opponent's offer, or withdraws one's own."""

    type: Literal["decline"]
    kind: OfferKind


class ClaimMessage(_Message):
    """Claims a draw by repetition or fifty moves, or against an absent opponent (then also the victory)."""

    type: Literal["claim"]
    kind: Literal["draw", "victory"]
    uci: str | None = Field(None, description="The intended move, under FIDE rules.")


class AddTimeMessage(_Message):
    """Gives the opponent time."""

    type: Literal["add_time"]
    ms: int = Field(15_000, ge=1, le=MAX_ADD_TIME_MS)


class ChatMessage(_Message):
    """Says something to the room."""

    type: Literal["chat"]
    text: Annotated[str, AfterValidator(plain_chat)] = Field(
        json_schema_extra={"minLength": 1, "maxLength": MAX_CHAT_CHARS}
    )
    room: ChatRoom = "player"


class SyncMessage(_Message):
    """Asks for `state`."""

    type: Literal["sync"]


class PingMessage(_Message):
    """Asks for `pong`; `t` comes back as it is."""

    type: Literal["ping"]
    t: int | float | Annotated[str, Field(max_length=64)] | None = None


CommandMessage = (
    MoveMessage
    | ResignMessage
    | AbortMessage
    | OfferMessage
    | AcceptMessage
    | DeclineMessage
    | ClaimMessage
    | AddTimeMessage
    | ChatMessage
)
ClientMessage = Annotated[CommandMessage | SyncMessage | PingMessage, Field(discriminator="type")]
client_message: Final[TypeAdapter[ClientMessage]] = TypeAdapter(ClientMessage)


class Unreadable(Refused):
    """A message that could not be read; `command_id` is its id if that much could be."""

    def __init__(self, code: Code, message: str, command_id: str | None) -> None:
        super().__init__(code, message)
        self.command_id = command_id


def parse(text: str) -> ClientMessage:
    """The message that `text` holds. Cost: about 3 µs.

    Raises Unreadable: UNKNOWN_TYPE for an object with a `type` that does not exist, else BAD_MESSAGE.
    """
    try:
        return client_message.validate_json(text)
    except ValidationError as invalid:
        error = invalid.errors(include_url=False, include_context=False)[0]
        value = _as_object(text)
        is_unknown = error["type"] == "union_tag_invalid" and isinstance(value.get("type"), str)
        code = Code.UNKNOWN_TYPE if is_unknown else Code.BAD_MESSAGE
        command_id = value.get("id")
        is_id = isinstance(command_id, str) and len(command_id) <= MAX_ID_CHARS
        raise Unreadable(code, _sentence(error), command_id if is_id else None) from None


def _as_object(text: str) -> dict[str, Any]:
    try:
        value = from_json(text)
    except (ValueError, TypeError):     # TypeError: a lone surrogate in the text itself
        return {}
    return value if isinstance(value, dict) else {}


def _sentence(error: Any) -> str:
    """What is wrong, and where; never more of the input than its place."""
    if error["type"] == "union_tag_invalid":
        return "type is one of " + ", ".join(TYPES)
    if error["type"] == "union_tag_not_found":
        return "a message is a JSON object with a type"
    place = ".".join(str(part) for part in error["loc"][1:])
    reason = str(error["msg"]).removeprefix("Value error, ")
    return f"{place}: {reason}" if place else reason


TYPES: Final = ("move", "resign", "abort", "offer", "accept", "decline", "claim", "add_time", "chat", "sync", "ping")
