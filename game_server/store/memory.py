"""The log in memory: for the tests of other layers, and as the shortest way to say what a log is.

Nothing outlives the object; a restart, to a test, is a new room over the same log. `interfere` lets a test slip in what
a second worker or a broken disk would do.
"""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

from game_server.core.ids import GameId, PlayerId
from game_server.store.log import (
    REMEMBERED,
    Answer,
    Append,
    Conflict,
    FinishedGame,
    GameQuery,
    History,
    Recalled,
    Recorded,
    StreamId,
    Unavailable,
    Version,
    WorkerId,
)
from game_server.store.memory_accounts import MemoryAccounts
from game_server.store.tally import Tally

Interference = Callable[[Append], Awaitable[None]]


@dataclass(slots=True)
class _Stream:
    recorded: list[Recorded] = field(default_factory=list)
    answers: dict[PlayerId, deque[Answer]] = field(default_factory=dict)
    deadline_ms: int | None = None
    is_open: bool = True
    is_public: bool = False

    @property
    def version(self) -> Version:
        return len(self.recorded)


class MemoryLog(MemoryAccounts):
    """An EventLog; its promises, but for durability, are written there.

    `interfere`, if set, is awaited before each append takes effect, with the append; it may append to the log itself
    (which is not interfered with) to make a conflict, or raise Unavailable. What it raises, the append raises.
    """

    is_at_work = False

    def __init__(self, interfere: Interference | None = None) -> None:
        super().__init__()
        self.tally = Tally()
        self.interfere = interfere
        self._is_interfering = False
        self._is_closed = False
        self._streams: dict[StreamId, _Stream] = {}  # in the order of their beginning
        self._games: dict[GameId, FinishedGame] = {}
        self._alive_ms: dict[WorkerId, int] = {}
        self._outages: set[tuple[int, int]] = set()

    async def append(self, append: Append) -> Version:
        assert append.events or append.expected, "an append without events needs a stream"
        await self.ready()
        if self.interfere is not None and not self._is_interfering:
            self._is_interfering = True
            try:
                await self.interfere(append)
            finally:
                self._is_interfering = False
        version = self._commit(append)
        for event in append.events:
            self.tally.events[type(event)] += 1
        await asyncio.sleep(0)  # others run between a commit and its answer, as with a real store
        return version

    def _commit(self, append: Append) -> Version:
        stream = self._streams.get(append.stream) or _Stream()
        if stream.version != append.expected:
            raise Conflict(stream.version)
        if append.events:
            self._streams[append.stream] = stream
            stream.recorded += [
                Recorded(version, event, append.cause)
                for version, event in enumerate(append.events, start=stream.version + 1)
            ]
            stream.deadline_ms, stream.is_open, stream.is_public = (
                append.deadline_ms,
                append.is_open,
                append.is_public,
            )
        if append.answer is not None:
            answers = stream.answers.setdefault(append.answer.cause.player_id, deque(maxlen=REMEMBERED))
            if all(answer.cause != append.answer.cause for answer in answers):
                answers.append(append.answer)
        for game in append.finished:
            self._games.setdefault(game.game_id, game)
        return stream.version

    async def read(self, stream: StreamId, after: Version = 0) -> History:
        await self.ready()
        found = self._streams.get(stream)
        if found is None:
            return History((), ())
        answers = [answer for player in sorted(found.answers) for answer in found.answers[player]]
        return History(found.recorded[after:], sorted(answers, key=lambda answer: answer.version))

    async def recall(self, name: str) -> Recalled | None:
        await self.ready()
        stream = max((stream for stream in self._streams if stream.name == name), default=None)
        if stream is None:
            return None
        history = await self.read(stream)
        after_ms = history.recorded[-1].event.at_ms
        outages = sorted((outage for outage in self._outages if outage[1] > after_ms), key=lambda outage: outage[::-1])
        return Recalled(stream, history, outages)

    async def openings(self, streams: Collection[StreamId]) -> dict[StreamId, Any]:
        await self.ready()
        return {stream: self._streams[stream].recorded[0].event for stream in streams if stream in self._streams}

    async def heads(self, names: Sequence[str]) -> dict[str, tuple[StreamId, Version]]:
        await self.ready()
        lives = sorted(stream for stream in self._streams if stream.name in set(names))
        return {stream.name: (stream, self._streams[stream].version) for stream in lives}

    async def overdue(self, now_ms: int, limit: int) -> list[StreamId]:
        await self.ready()
        due = [
            (stream.deadline_ms, name)
            for name, stream in self._streams.items()
            if stream.deadline_ms is not None and stream.deadline_ms <= now_ms
        ]
        return [name for _, name in sorted(due, key=lambda each: each[0])[:limit]]

    async def public_streams(self, limit: int) -> list[StreamId]:
        await self.ready()
        shown = [name for name, stream in self._streams.items() if stream.is_open and stream.is_public]
        return shown[::-1][:limit]

    async def finished_game(self, game_id: GameId) -> FinishedGame | None:
        await self.ready()
        return self._games.get(game_id)

    async def finished_games(self, query: GameQuery) -> list[FinishedGame]:
        await self.ready()
        games = [game for game in self._games.values() if _is_wanted(game, query)]
        return sorted(games, key=_newest, reverse=True)[: query.limit]

    async def renew(self, worker: WorkerId, now_ms: int) -> None:
        await self.ready()
        self._alive_ms[worker] = max(now_ms, self._alive_ms.get(worker, now_ms))

    async def last_alive(self) -> int | None:
        await self.ready()
        return max(self._alive_ms.values(), default=None)

    async def alive_after(self, after_ms: int) -> dict[WorkerId, int]:
        await self.ready()
        return {worker: alive_ms for worker, alive_ms in self._alive_ms.items() if alive_ms > after_ms}

    async def time_ms(self) -> int:
        await self.ready()
        return time.time_ns() // 1_000_000

    async def note_outage(self, from_ms: int, until_ms: int) -> None:
        await self.ready()
        self._outages.add((from_ms, until_ms))

    async def ready(self) -> None:
        await asyncio.sleep(0)
        if self._is_closed:
            raise Unavailable("the store is closed")

    async def close(self) -> None:
        self._is_closed = True


def _newest(game: FinishedGame) -> tuple[int, str]:
    return game.ended_ms, game.game_id


def _is_wanted(game: FinishedGame, query: GameQuery) -> bool:
    name = (query.name or "").casefold()
    return (
        game.is_public
        and (query.before is None or _newest(game) < query.before)
        and (name in game.white_name.casefold() or name in game.black_name.casefold())
        and query.result in (None, game.result)
    )
