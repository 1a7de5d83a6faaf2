"""Who chooses the moves, and with which manners: when to resign, and what to think of a draw.

Pure but for the random mover's dice.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal, Protocol, Self

from game_server.client.seat import Turn

Instead = Literal["resign", "accept_draw", "claim_draw"]
MATE_CP: Final = 10_000


@dataclass(frozen=True, slots=True)
class Decision:
    """A move, and whether to offer a draw with it; or what to do `instead`, if the server lets us."""

    uci: str
    offer_draw: bool = False
    instead: Instead | None = None


class Mover(Protocol):
    """Chooses the moves of one player: an engine, or a few lines of Python. `async with` it."""

    async def __aenter__(self) -> Self: ...

    async def __aexit__(self, *_: object) -> None: ...

    async def choose(self, turn: Turn) -> Decision:
        """What to do in this position. Cancelled when the turn has passed (a takeback, the end of the game)."""


class RandomMover:
    """Plays any legal move, each as likely as the others."""

    def __init__(self, seed: int | None = None) -> None:
        self._dice = random.Random(seed)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        pass

    async def choose(self, turn: Turn) -> Decision:
        return Decision(self._dice.choice(turn.legal_moves))


@dataclass(frozen=True, slots=True)
class Manners:
    """When an engine gives up or agrees to a draw. Scores are centipawns from its own side, one for each of its turns.

    It resigns when it was worse than `-resign_cp` for `resign_turns` turns (None: plays until mate). From ply
    `draw_ply` on, it accepts a draw when it was within `draw_cp` for `draw_turns` turns, and offers one when that has
    held twice as long (`draw_cp` None: neither). A draw by repetition is claimed by who is not clearly better.
    """

    resign_cp: int | None = 900
    resign_turns: int = 4
    draw_cp: int | None = 20
    draw_turns: int = 4
    draw_ply: int = 70

    def resigns(self, scores: Sequence[int]) -> bool:
        """
        >>> Manners().resigns([-950, -1200, -1500, -10000])
        True
        """
        if self.resign_cp is None:
            return False
        latest = scores[-self.resign_turns :]
        return len(latest) == self.resign_turns and max(latest) <= -self.resign_cp

    def accepts_draw(self, scores: Sequence[int], ply: int) -> bool:
        """Also when it is worse by then: a draw is better than that."""
        if self.draw_cp is None or ply < self.draw_ply:
            return False
        latest = scores[-self.draw_turns :]
        return len(latest) == self.draw_turns and max(latest) <= self.draw_cp

    def offers_draw(self, scores: Sequence[int], ply: int) -> bool:
        if self.draw_cp is None or ply < self.draw_ply:
            return False
        latest = scores[-2 * self.draw_turns :]
        return len(latest) == 2 * self.draw_turns and max(abs(score) for score in latest) <= self.draw_cp

    def claims_draw(self, scores: Sequence[int]) -> bool:
        """`scores` ends with that of the position that has stood three times."""
        return self.draw_cp is not None and scores[-1] <= max(self.draw_cp, 50)

    def decision(
        self, uci: str, scores: Sequence[int], ply: int, *, draw_is_offered: bool, may_claim: bool
    ) -> Decision:
        """What to do, given the move that the engine would play."""
        instead: Instead | None = None
        if may_claim and self.claims_draw(scores):
            instead = "claim_draw"
        elif draw_is_offered and self.accepts_draw(scores, ply):
            instead = "accept_draw"
        elif self.resigns(scores):
            instead = "resign"
        return Decision(uci, self.offers_draw(scores, ply), instead)


UNTIL_MATE: Final = Manners(resign_cp=None)
