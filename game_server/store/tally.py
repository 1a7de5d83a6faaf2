"""What a store has done since it was opened."""

from collections import defaultdict
from dataclasses import dataclass, field

from game_server.measures import FAST_S, POWERS_OF_TWO, Histogram


@dataclass(slots=True)
class Tally:
    """`events` by their class, counted once they are durable; how long each commit took, and how much was in it."""

    events: defaultdict[type, int] = field(default_factory=lambda: defaultdict(int))
    commit_s: Histogram = field(default_factory=lambda: Histogram(FAST_S))
    batch: Histogram = field(default_factory=lambda: Histogram(POWERS_OF_TWO))

    def committed(self, jobs: int, took_s: float) -> None:
        self.commit_s.observe(took_s)
        self.batch.observe(jobs)
