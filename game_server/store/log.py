"""What a store promises. Every implementation passes the same contract suite (tests/store).

It happened if and only if it is in the log. A stream is an append-only list of events numbered 1, 2, 3 …; the only
authority over it is `append` at an expected version. All else here is derived in the same transaction, or beside it.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple, NewType, Protocol

from game_server.core.account_events import AccountEvent
from game_server.core.events import Event, Reason, Result
from game_server.core.ids import GameId, PlayerId
from game_server.core.refusals import Code
from game_server.store.book import AccountBook
from game_server.store.tally import Tally

Version = int
REMEMBERED: Final = 100  # answers a player, the latest ones (PROTOCOL.md, Client → server)
WorkerId = NewType("WorkerId", str)


class StreamId(NamedTuple):
    """`name` says whose log it is (`room:<id>`); a name that is opened anew begins a new life, counted from 1."""

    name: str
    life: int = 1


class Conflict(Exception):  # noqa: N818 - a race, always handled in one place (LiveRoom)
    """The stream is at version `actual`, not at the expected one; nothing was written."""

    def __init__(self, actual: Version) -> None:
        super().__init__(actual)
        self.actual = actual


class Unavailable(Exception):  # noqa: N818
    """The store cannot answer now, and nothing is known to have been written: try again."""


class Cause(NamedTuple):
    """Who asked for it, and under which id."""

    player_id: PlayerId
    command_id: str


class Recorded(NamedTuple):
    """An event with its place; `cause` if a command with an id caused it (all events of one command have the same)."""

    version: Version
    event: Any  # an Event in a room's stream, an AccountEvent in an account's
    cause: Cause | None = None


class Answer(NamedTuple):
    """How a command with an id was answered that caused no event: with an ack at `version`, or a refusal (`code`)."""

    cause: Cause
    version: Version
    code: Code | None = None
    message: str = ""


@dataclass(frozen=True, slots=True)
class FinishedGame:
    """The row of a game that has ended: where its events are (`first` to `last`), and what lists and searches show."""

    game_id: GameId
    stream: StreamId
    first: Version
    last: Version
    white_id: PlayerId
    white_name: str
    white_is_bot: bool
    black_id: PlayerId
    black_name: str
    black_is_bot: bool
    variant: str
    time_control: str
    result: Result
    reason: Reason
    plies: int
    started_ms: int
    ended_ms: int
    is_public: bool


class Append(NamedTuple):
    """What is written together or not at all.

    `deadline_ms` is the stream's deadline from now on (None: none); `is_open` says that the stream may still grow,
    `is_public` that the lobby may show it. With no events it only verifies `expected`, which must not be 0 then, and
    stores `answer`.
    """

    stream: StreamId
    expected: Version
    events: tuple[Event, ...] | tuple[AccountEvent, ...]
    deadline_ms: int | None = None
    is_open: bool = True
    is_public: bool = False
    cause: Cause | None = None
    answer: Answer | None = None
    finished: tuple[FinishedGame, ...] = ()


class History(NamedTuple):
    """A stream as read: what was recorded after a version, and the remembered answers that left no event."""

    recorded: Sequence[Recorded]
    answers: Sequence[Answer] = ()


class Recalled(NamedTuple):
    """What it takes to have a stream at hand again: all of it, and the outages (from, until; Unix ms, oldest first)
    that ended after its last event.
    """

    stream: StreamId
    history: History
    outages: Sequence[tuple[int, int]]


class GameQuery(NamedTuple):
    """Which finished games: public ones, newest first, ended before `before` (the `ended_ms` and id of the last one
    seen), of a player whose name contains `name` (case-insensitively), with this `result`."""

    limit: int = 20
    before: tuple[int, str] | None = None
    name: str | None = None
    result: Result | None = None


class EventLog(AccountBook, Protocol):
    """Guarantees, to be kept by every implementation.

    Every method may raise Unavailable. A cancelled call may still take effect. `tally` counts what was done.
    """

    tally: Tally

    @property
    def is_at_work(self) -> bool:
        """Whether a thread is writing or reading for somebody who waits: then it needs the interpreter's lock."""

    async def append(self, append: Append) -> Version:
        """The stream's new version, once everything in `append` is durable; all or none.

        Raises Conflict(actual) if the stream is not at `append.expected` (0: does not exist yet). Appends to different
        streams never conflict; of several to one stream at one version exactly one succeeds. Appends that wait
        together are committed together, and each is answered for itself.
        An outcome that is unknown (connection lost) is resolved inside: the same append is retried until it succeeds or
        conflicts, and its own cause is recognised in the log.
        Cost: one group commit, about 0.5 ms.
        """

    async def read(self, stream: StreamId, after: Version = 0) -> History:
        """What was recorded after version `after`, in order, and the last 100 answers per player; empty if nothing was.
        Sees every append that was answered before.
        """

    async def recall(self, name: str) -> Recalled | None:
        """The newest life of the streams called `name`; None if there never was one. Sees every append that was
        answered before. Cost: about 1 ms for a game of 80 plies.
        """

    async def openings(self, streams: Collection[StreamId]) -> dict[StreamId, Any]:
        """The first event of each of `streams` that there are."""

    async def heads(self, names: Sequence[str]) -> dict[str, tuple[StreamId, Version]]:
        """The newest life of each of the streams called `names`, and its version; those that there are.
        Sees every append that was answered before.
        """

    async def overdue(self, now_ms: int, limit: int) -> list[StreamId]:
        """Up to `limit` streams whose stored deadline is `now_ms` or earlier, the earliest first."""

    async def public_streams(self, limit: int) -> list[StreamId]:
        """Streams that are open and public, newest first."""

    async def finished_game(self, game_id: GameId) -> FinishedGame | None:
        """The row of a finished game."""

    async def finished_games(self, query: GameQuery) -> list[FinishedGame]:
        """Finished games, newest first; among those that ended at one moment, by descending id."""

    async def renew(self, worker: WorkerId, now_ms: int) -> None:
        """Notes that `worker` was alive at `now_ms`."""

    async def last_alive(self) -> int | None:
        """The latest moment at which any worker was alive; None before the first."""

    async def alive_after(self, after_ms: int) -> dict[WorkerId, int]:
        """The workers that were alive after `after_ms`, each with the latest such moment that it noted."""

    async def time_ms(self) -> int:
        """The present in Unix ms by the database's clock, at some moment of this call: it serves to set others by."""

    async def note_outage(self, from_ms: int, until_ms: int) -> None:
        """Notes that nobody was served from `from_ms` until `until_ms`."""

    async def ready(self) -> None:
        """Returns if the store can write. Raises Unavailable with the reason."""

    async def close(self) -> None:
        """Writes what was accepted, then closes. Nothing may be called afterwards."""
