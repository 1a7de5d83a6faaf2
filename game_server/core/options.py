"""What the people who open a room may choose, and what follows from what they leave open.

Rules: first-move limits and grace follow lichess's constants, by speed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from game_server.core.clock import UNLIMITED, Speed, TimeControl

Rules = Literal["lichess", "fide"]
Policy = Literal["forfeit", "claim", "none"]

LONGEST_SPECTATOR_DELAY_MS: Final = 900_000
GOODBYE_GRACE_MS: Final = 10_000  # who leaves on purpose is waited for no longer than this
GRACE_MS: Final[dict[Speed, int | None]] = {
    "ultra-bullet": 20_000,
    "bullet": 20_000,
    "blitz": 40_000,
    "rapid": 80_000,
    "unlimited": 80_000,
    "classical": 120_000,
    "correspondence": None,
}
FIRST_MOVE_MS: Final[dict[Speed, int | None]] = {
    "ultra-bullet": 15_000,
    "bullet": 20_000,
    "blitz": 25_000,
    "rapid": 30_000,
    "classical": 35_000,
    "unlimited": None,
    "correspondence": None,
}


@dataclass(frozen=True, slots=True)
class Options:
    """A room's options, complete: the edge has filled in the server's defaults.

    `fen` is the start position of every game, None for the variant's own. `grace_ms` None means never; `first_move_ms`
    None means no limit. `idle_ms`: how long a room that nobody is in waits for players.
    """

    time: TimeControl = UNLIMITED
    variant: str = "standard"
    fen: str | None = None
    rules: Rules = "lichess"
    on_disconnect: Policy = "forfeit"
    grace_ms: int | None = GRACE_MS["unlimited"]
    goodbye_grace_ms: int = GOODBYE_GRACE_MS
    flicker_ms: int = 2_000
    linger_ms: int = 300_000
    first_move_ms: int | None = None
    idle_ms: int = 600_000
    lag_compensation: bool = True
    chat: bool = True
    takebacks: bool = True
    draw_offers: bool = True
    rematch: bool = True
    public: bool = False
    spectator_delay_ms: int = 0

    def away_grace_ms(self, *, on_purpose: bool) -> int | None:
        """How long a seat is held for somebody who has gone; None for ever."""
        if self.grace_ms is None:
            return None
        return min(self.grace_ms, self.goodbye_grace_ms) if on_purpose else self.grace_ms


@dataclass(frozen=True, slots=True)
class Defaults:
    """What a server fills in where the people who open a room say nothing."""

    grace_ms: Mapping[Speed, int | None] = field(default_factory=lambda: GRACE_MS)
    goodbye_grace_ms: int = GOODBYE_GRACE_MS
    first_move_ms: Mapping[Speed, int | None] = field(default_factory=lambda: FIRST_MOVE_MS)
    on_disconnect: Policy = "forfeit"
    flicker_ms: int = 2_000
    linger_ms: int = 300_000
    idle_ms: int = 600_000              # a waiting room made by a connection
    invited_idle_ms: int = 1_209_600_000    # one made by `POST /rooms`, whose link is on its way to somebody
