"""Fills a database with finished games, straight through the store: copies of games that were really played in it.

    python -m game_server.bench.fill DATABASE FROM TO ROOM…

adds the copies number FROM to TO-1 of what was played in the ROOMs. No server may be running on DATABASE. About 1 ms a
game. It says "filled:" and how many.
"""

import asyncio
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from game_server.core.events import GameEnded, GameStarted, RoomOpened
from game_server.core.ids import GameId, RoomId
from game_server.store.log import Append, EventLog, FinishedGame, StreamId
from game_server.store.sql import open_log

PREFIX: Final = "room:"
LONG_AGO_MS: Final = 10 * 86_400_000    # when they ended, as the list of games has it: what is young is looked at twice
TOGETHER: Final = 100       # rooms under way at once, which the store commits together


@dataclass(frozen=True, slots=True)
class Original:
    """A room in which one game was played to its end."""

    events: tuple[Any, ...]
    finished: FinishedGame

    @classmethod
    async def read(cls, log: EventLog, room_id: str) -> "Original":
        recalled = await log.recall(PREFIX + room_id)
        assert recalled is not None, f"{room_id} is in the database"
        events = tuple(recorded.event for recorded in recalled.history.recorded)
        started = next(event for event in events if isinstance(event, GameStarted))
        finished = await log.finished_game(started.game_id)
        assert finished is not None, f"the game of {room_id} is finished"
        return cls(events, finished)

    def copy(self, number: int) -> Append:
        room_id, game_id = f"copy-{number}", GameId(f"copy{number:09d}")
        stream = StreamId(PREFIX + room_id)
        events: list[Any] = []
        for event in self.events:
            if isinstance(event, RoomOpened):
                event = replace(event, room_id=RoomId(room_id))
            elif isinstance(event, GameStarted):
                event = replace(event, game_id=game_id)
            events.append(event)
        ended_ms = next(event.at_ms for event in events if isinstance(event, GameEnded)) - LONG_AGO_MS + number
        row = replace(self.finished, game_id=game_id, stream=stream, is_public=True, ended_ms=ended_ms)
        return Append(stream, 0, tuple(events), is_open=False, finished=(row,))


async def fill(database: str, first: int, end: int, rooms: Sequence[str]) -> None:
    log = await open_log(f"sqlite:///{database}", synchronous="OFF")
    try:
        originals = [await Original.read(log, room) for room in rooms]
        for begin in range(first, end, TOGETHER):
            numbers = range(begin, min(begin + TOGETHER, end))
            await asyncio.gather(*(log.append(originals[n % len(originals)].copy(n)) for n in numbers))
    finally:
        await log.close()


def main(database: str, first: str, end: str, *rooms: str) -> None:
    asyncio.run(fill(database, int(first), int(end), rooms))
    print(f"filled: {int(end) - int(first)}")


if __name__ == "__main__":
    main(*sys.argv[1:])
