"""Numbers about the running server that cost next to nothing to keep: they are added up where something happens, and
made into anything else only when somebody asks.
"""

from bisect import bisect_left
from typing import Any, Final

Value = Any     # a number; of a histogram its bounds, the counts between them and the total of all values
Sample = tuple[dict[str, str], Value]
Family = tuple[str, str, str, list[Sample]]     # name, type, help, samples: as they stand in JSON, too

FAST_S: Final = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)
POWERS_OF_TWO: Final = tuple(float(1 << exponent) for exponent in range(10))


class Histogram:
    """How often a value was at most each of `bounds` and above the one before; the last count is of all above.

    Must be written by one thread; whoever reads it meanwhile may miss the latest value. Cost: 0.2 µs.
    """

    __slots__ = ("bounds", "counts", "total")

    def __init__(self, bounds: tuple[float, ...]) -> None:
        self.bounds = bounds
        self.counts = [0] * (len(bounds) + 1)
        self.total = 0.0

    def observe(self, value: float) -> None:
        self.counts[bisect_left(self.bounds, value)] += 1
        self.total += value
