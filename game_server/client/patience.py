"""When to come back, and when to give up."""

import random
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a server may be away: at first, and later on; and how long to wait between attempts."""

    first_s: float = 15
    later_s: float = 900
    least_s: float = 0.1
    most_s: float = 10

    def pause_s(self, attempt: int) -> float:
        """Before attempt number `attempt` (from 1) since the last good connection: doubling, with full jitter.

        The jitter keeps a thousand bots from coming back to a restarted server at one moment.
        """
        return random.uniform(self.least_s / 2, min(self.most_s, self.least_s * 2 ** min(attempt, 16)))
