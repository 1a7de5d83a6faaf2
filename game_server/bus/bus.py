"""What a bus promises, which is little: it makes workers quick to notice each other, and decides nothing.

A worker that hears nothing is late, by the poll of its open rooms (rooms.neighbours), and not wrong. Every
implementation passes the same contract suite (tests/bus).
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple, Protocol

BEAT_S: Final = 0.25        # how often a worker says that it lives
SIGHT_MS: Final = 1_000     # who has not heard himself for so long hears nobody
LOBBY: Final = "lobby"      # who attends this wants the hints of all public rooms


class Hint(NamedTuple):
    """The stream `name`, in its life `life`, has reached `version`."""

    name: str
    life: int
    version: int
    is_public: bool = False


class Attendance(NamedTuple):
    """Who is at one worker: players by the moment (Unix ms) of their newest arrival, and how many others listen."""

    players: Mapping[str, int] = {}
    others: int = 0


class Seen(NamedTuple):
    """`attendance` as another worker last told it."""

    worker: str
    attendance: Attendance


def _nothing(*_: object) -> None:
    """Nobody listens."""


@dataclass(slots=True)
class Ears:
    """What is called, in the event loop, and must not wait: `hint`; `attendance` of a name has changed elsewhere;
    `end`: a worker has said that it stops, at a moment (Unix ms).
    """

    hint: Callable[[Hint], None] = field(default=_nothing)
    attendance: Callable[[str], None] = field(default=_nothing)
    end: Callable[[str, int], None] = field(default=_nothing)


class Bus(Protocol):
    """Guarantees, to be kept by every implementation. No method raises, and only `run` and `leave` wait."""

    ears: Ears

    @property
    def worker(self) -> str:
        """As whom the others know this worker: unique among all, also over time."""

    @property
    def is_alone(self) -> bool:
        """No other worker can serve this store: there is nothing to poll and nothing to verify."""

    def tell(self, hint: Hint) -> None:
        """Lets those workers know at which somebody attends the name, and for a public room those at which somebody
        attends LOBBY. Of several hints about one name only the newest need arrive, or none.
        Cost: nothing if nobody does; else a share of one pipelined PUBLISH.
        """

    def attend(self, name: str, attendance: Attendance) -> None:
        """Lets all workers know who is here. It stands, renewed, until it is replaced or this worker ends.

        `Attendance()` says that nobody is.
        """

    def elsewhere(self, name: str) -> Iterable[Seen]:
        """Who attends `name` at other workers, as far as is known here: an absence proves nothing (`sighted_ms`)."""

    def attended(self, worker: str) -> Iterable[tuple[str, Attendance]]:
        """All that `worker` has told."""

    def names(self, prefix: str) -> Iterable[str]:
        """The names that begin so and are attended at other workers."""

    def alive_ms(self, worker: str) -> int:
        """The latest moment (by that worker's clock) at which it said that it lives; 0 if never."""

    def vouch(self, worker: str, alive_ms: int) -> None:
        """It is known from elsewhere that `worker` lived at that moment. Nothing if it was never heard of."""

    def workers(self) -> Iterable[str]:
        """The other workers that have been heard of and neither ended nor were forgotten."""

    def forget(self, worker: str) -> None:
        """It is known to be dead: what it told is void. If it speaks again, it is heard again."""

    def sighted_ms(self) -> int | None:
        """Since when this worker has heard everything without a break; None if it hears nothing now."""

    async def run(self) -> None:
        """Serves until cancelled, whatever becomes of what is between the workers."""

    async def leave(self) -> None:
        """Tells the others that this worker ends now; what it does afterwards is not told. Takes at most a moment."""
