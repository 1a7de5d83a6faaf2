"""What a match says about playing strength.

The logistic Elo model; the error bars are those of the mean score (its variance from wins, draws and losses), at 95 %.
"""

import math
from dataclasses import dataclass
from typing import Final

Z_95: Final = 1.959964


@dataclass(frozen=True, slots=True)
class Score:
    """The games of a match, as its first player sees them."""

    wins: int = 0
    draws: int = 0
    losses: int = 0

    @property
    def games(self) -> int:
        return self.wins + self.draws + self.losses

    @property
    def points(self) -> float:
        return self.wins + self.draws / 2

    @property
    def error(self) -> float:
        """By how much the share of points may be off (95 %)."""
        mean = self.points / self.games
        squares = self.wins * (1 - mean) ** 2 + self.draws * (0.5 - mean) ** 2 + self.losses * mean**2
        return Z_95 * math.sqrt(squares) / self.games

    def __str__(self) -> str:
        """
        >>> print(Score(6, 2, 2))
        7 - 3 (+6 =2 -2), Elo difference +147 ± 269 (95 %)
        >>> print(Score())
        no games
        """
        if self.games == 0:
            return "no games"
        points = f"{self.points:g} - {self.games - self.points:g} (+{self.wins} ={self.draws} -{self.losses})"
        mean, error = self.points / self.games, self.error
        return f"{points}, Elo difference {_elo(mean)}{_range(mean, error)}"


def elo_difference(share: float) -> float:
    """The difference in Elo at which a player can expect this share of the points; infinite at 0 and 1.

    >>> round(elo_difference(0.75))
    191
    """
    if share <= 0:
        return -math.inf
    return math.inf if share >= 1 else 400 * math.log10(share / (1 - share))


def _elo(share: float) -> str:
    difference = elo_difference(share)
    if math.isinf(difference):
        return "unknown: one side won every game" if difference > 0 else "unknown: one side lost every game"
    return f"{difference:+.0f}"


def _range(mean: float, error: float) -> str:
    """Error bars in words; symmetric ones as ±."""
    low, high = elo_difference(mean - error), elo_difference(mean + error)
    if math.isinf(elo_difference(mean)):
        return ""
    if error == 0:
        return " (the games were all alike: no error bars)"
    if math.isinf(low) or math.isinf(high):
        left = "less than any number" if math.isinf(low) else f"{low:+.0f}"
        right = "more than any number" if math.isinf(high) else f"{high:+.0f}"
        return f", between {left} and {right}"
    return f" ± {(high - low) / 2:.0f} (95 %)"
