"""A match between two movers on a running server: games in pairs, one opening and both colours, live for anyone.

Each table is one room: a rematch swaps the colours, so whoever watches sees all of its games and the score.
"""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Final

from game_server.client.address import Address, room_address
from game_server.client.bot import Habits, play
from game_server.client.elo import Score
from game_server.client.endings import ClientError
from game_server.client.mover import Mover
from game_server.client.openings import Opening, WithOpening
from game_server.client.rooms import create_room, game_pgn
from game_server.client.seat import Seat
from game_server.client.view import RoomView
from game_server.core.ids import BLACK, WHITE, Color, opponent
from game_server.wire.documents import RoomTicket

NO_REMATCH: Final = Habits(takebacks=False)
ATTEMPTS: Final = 3     # at a game that ends without a result (the server stopped, a bot was lost)


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be played. `names` and `movers` are the first player's and the second's; a mover is made per table."""

    server: Address
    names: tuple[str, str]
    movers: tuple[Callable[[], Mover], Callable[[], Mover]]
    games: int
    openings: list[Opening]
    time: str
    variant: str = "standard"
    is_public: bool = True
    concurrency: int = 1


@dataclass(frozen=True, slots=True)
class Played:
    """A finished game: its number (from 1), the first player's colour in it, and how it ended."""

    number: int
    first: Color
    result: str
    reason: str
    plies: int
    pgn: str


@dataclass(slots=True)
class Report:
    """Where a match tells how it goes; `score` is the first player's, so far."""

    on_table: Callable[[str], None]
    on_game: Callable[[Played, Score], None]
    score: Score = field(default_factory=Score)

    def note(self, played: Played) -> None:
        is_win = played.result == ("1-0" if played.first == WHITE else "0-1")
        is_draw = played.result == "1/2-1/2"
        score = self.score
        self.score = Score(score.wins + is_win, score.draws + is_draw, score.losses + (not is_win and not is_draw))
        self.on_game(played, self.score)


async def play_match(plan: Plan, report: Report) -> Score:
    """The first player's score. Raises Unreachable, Refused, EngineFault … as soon as a game cannot be played."""
    pairs = iter(range(0, plan.games, 2))
    tables = min(plan.concurrency, (plan.games + 1) // 2)
    try:
        async with asyncio.TaskGroup() as group:
            for _ in range(tables):
                group.create_task(_at_table(plan, pairs, report))
    except ExceptionGroup as failed:
        raise failed.exceptions[0] from None
    return report.score


async def _at_table(plan: Plan, pairs: Iterator[int], report: Report) -> None:
    async with Table(plan, report) as table:
        for pair in pairs:
            opening = plan.openings[pair // 2 % len(plan.openings)]
            for number in range(pair, min(pair + 2, plan.games)):
                report.note(await table.game(number + 1, WHITE if number == pair else BLACK, opening))


class Table:
    """Two movers, and the room in which they play one game after another."""

    def __init__(self, plan: Plan, report: Report) -> None:
        self._plan = plan
        self._report = report
        self._movers = tuple(WithOpening(make()) for make in plan.movers)
        self._engines = AsyncExitStack()
        self._room = AsyncExitStack()
        self._seats: tuple[Seat, Seat] | None = None
        self._fen: str | None = None

    async def __aenter__(self) -> "Table":
        for mover in self._movers:
            await self._engines.enter_async_context(mover)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._room.aclose()
        await self._engines.aclose()

    async def game(self, number: int, first: Color, opening: Opening) -> Played:
        """Game `number`, with the first player as `first`. Raises ClientError if it will not come to a result."""
        for mover in self._movers:
            mover.opening = opening
        for _ in range(ATTEMPTS):
            seats = await self._seated(first, opening.fen)
            views = await self._played(seats)
            if views and views[-1].game_id is not None and views[-1].result not in (None, "*"):
                view = views[-1]
                pgn = await game_pgn(self._plan.server, str(view.game_id))
                pgn = pgn.replace('[Round "-"]', f'[Round "{number}"]', 1)
                return Played(number, first, str(view.result), str(view.reason), view.ply, pgn)
            await self._leave()
        raise ClientError(f"game {number} was begun {ATTEMPTS} times and never came to a result")

    async def _played(self, seats: tuple[Seat, Seat]) -> list[RoomView]:
        """How the game ended, once it has for both players."""
        try:
            async with asyncio.TaskGroup() as group:
                ends = [
                    group.create_task(play(seat, mover, NO_REMATCH))
                    for seat, mover in zip(seats, self._movers, strict=True)
                ]
        except ExceptionGroup as failed:
            raise failed.exceptions[0] from None
        return ends[0].result()

    async def _seated(self, first: Color, fen: str | None) -> tuple[Seat, Seat]:
        """Both players at a board that is set up: by a rematch if the room allows it, else in a new room."""
        if self._seats is not None:
            one, other = self._seats
            is_kept = not (one.is_over or other.is_over) and one.color == opponent(first) and fen == self._fen
            if is_kept and one.view.status == "finished":
                await one.offer("rematch")
                await other.until(lambda: other.view.offers.rematch is not None)
                await other.accept("rematch")
                for seat in self._seats:
                    await seat.until(lambda seat=seat: seat.view.is_playing)    # type: ignore[misc]
                return self._seats
            await self._leave()
        plan = self._plan
        ticket: RoomTicket = await create_room(
            plan.server.origin,
            time=plan.time,
            variant=plan.variant,
            fen=fen,
            color=first,
            name=plan.names[0],
            public=plan.is_public,
        )
        place = room_address(plan.server.origin, ticket.room_id)
        one = await self._room.enter_async_context(Seat(place, token=ticket.token))
        self._report.on_table(place.page)
        other = await self._room.enter_async_context(Seat(place, wishes={"name": plan.names[1]}))
        self._seats, self._fen = (one, other), fen
        return self._seats

    async def _leave(self) -> None:
        self._seats = None
        await self._room.aclose()
