"""Playing the computer: what is asked over HTTP, and the answers."""

from typing import Annotated, Final

from pydantic import Field

from game_server.core.ids import Color
from game_server.wire.parts import Model, RequestBody

LEVELS: Final = 8
Level = Annotated[int, Field(ge=1, le=LEVELS)]


class Full(Exception):  # noqa: N818
    """As many engines play as may."""


class NoEngine(Exception):  # noqa: N818
    """There is no engine, or it does not start; the message says what to do."""


class ComputerRequest(RequestBody):
    """Lets the computer take the free seat."""

    level: Level = Field(3, description=f"1 (a beginner) to {LEVELS} (the engine's full strength for a second a move).")


class ComputerTicket(Model):
    """The seat that the computer has taken. The game starts as with any other opponent."""

    level: int
    name: str
    color: Color
    player_id: str


class ComputerOffer(Model):
    """Whether one can play the computer here. `engine` null: no engine was found, and `reason` says what to do."""

    engine: str | None
    levels: list[int]
    playing: int = Field(
        description="Games against the computer that are being played now; not those without a clock that rest."
    )
    at_most: int = Field(description="How many may be.")
    reason: str | None
