"""How often is too often: for each of many keys the instants of late, in a window that slides.

Nothing here knows what time it is, or what is counted: callers pass `now_ms`, which must not run backwards.
"""

from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Final

MOST_KEYS: Final = 100_000      # 25 MB at one instant each; who has so many addresses escapes a limit for each anyway


@dataclass(frozen=True, slots=True)
class Rate:
    """At most `limit` in any `per_ms`; 0: no limit."""

    limit: int
    per_ms: int


class Rates:
    """What every key (an address, a seat, an account) has done within one `rate`. What was refused does not count, so
    that who waits as long as it was told is served.

    Exact: a window of fixed beginnings, or a bucket that fills again, lets twice as much through at the worst moment.
    Forgets who has done nothing for a window, and beyond `most_keys` who has asked for the longest time. Cost: 1 µs.
    """

    def __init__(self, rate: Rate, most_keys: int = MOST_KEYS) -> None:
        self.rate = rate
        self._most_keys = most_keys
        self._instants: OrderedDict[Hashable, list[int]] = OrderedDict()    # who asked last is the last

    def __len__(self) -> int:
        return len(self._instants)

    def take(self, key: Hashable, now_ms: int) -> int:
        """0 if once more is within the rate, and then it counts; else in how many ms it will be."""
        if not self.rate.limit:
            return 0
        instants = self._instants.setdefault(key, [])
        self._instants.move_to_end(key)
        wait_ms = self._wait_ms(instants, now_ms)
        if not wait_ms:
            instants.append(now_ms)
        self._forget(now_ms)
        return wait_ms

    def wait_ms(self, key: Hashable, now_ms: int) -> int:
        """What `take` would return; nothing is counted."""
        instants = self._instants.get(key)
        return self._wait_ms(instants, now_ms) if instants is not None and self.rate.limit else 0

    def _wait_ms(self, instants: list[int], now_ms: int) -> int:
        del instants[: bisect_right(instants, now_ms - self.rate.per_ms)]
        return instants[0] + self.rate.per_ms - now_ms if len(instants) >= self.rate.limit else 0

    def _forget(self, now_ms: int) -> None:
        """Two at most: each call adds one, so that the table shrinks, and nobody waits for it."""
        for _ in range(2):
            key, instants = next(iter(self._instants.items()))
            is_past = not instants or instants[-1] <= now_ms - self.rate.per_ms
            if not is_past and len(self._instants) <= self._most_keys:
                return
            del self._instants[key]
            if not self._instants:
                return
