"""A player that needs nobody: a mover in a seat, answering the opponent's offers, from the first move to the last.

    async with Engine(EngineSpec("stockfish")) as mover, join(url) as seat:
        await play(seat, mover)
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any, Final

from game_server.client.endings import ClientError, GameEnded
from game_server.client.mover import Decision, Mover
from game_server.client.seat import Seat, Turn
from game_server.client.view import RoomView
from game_server.core.events import OfferKind
from game_server.core.ids import opponent
from game_server.core.refusals import Refused

logger = logging.getLogger("tabiya.bot")

ANSWER_PAUSE_S: Final = 0.5
GONE_S: Final = 5.0     # an opponent who has been gone for so long after a game will not ask for another


@dataclass(frozen=True, slots=True)
class Habits:
    """`rematches`: how many it accepts (a negative number: all); after a game it waits `rematch_wait_s` to be asked."""

    takebacks: bool = True
    rematches: int = 0
    rematch_wait_s: float = 60


async def play(
    seat: Seat, mover: Mover, habits: Habits | None = None, on_game: Callable[[RoomView], None] | None = None
) -> list[RoomView]:
    """Plays the present game, or the next if there was none, and then rematches as far as `habits` go: how each ended.

    `on_game` is told of each as it ends.

    Raises Ended if the seat is lost in another way than by the end of a game; what `mover` raises.
    """
    habits = habits or Habits()
    played: list[RoomView] = []
    async with beside(answer_offers(seat, habits)):
        while not played or await _is_asked_again(seat, habits, len(played)):
            if played or seat.view.status != "finished":    # else it was over before we got here
                async for turn in seat.turns():
                    await take(turn, mover)
            if not seat.view.game_id or seat.view.result is None:   # the room closed before there was a game
                break
            played.append(seat.view)
            if on_game is not None:
                on_game(seat.view)
            logger.info("room %s: %s (%s)", seat.view.room_id, seat.view.result, seat.view.reason)
    return played


async def _is_asked_again(seat: Seat, habits: Habits, played: int) -> bool:
    """Whether there is another game: the opponent offers a rematch, and it is accepted."""
    if 0 <= habits.rematches < played:
        return False
    try:
        async with asyncio.timeout(habits.rematch_wait_s):
            while not (seat.view.is_playing or stands(seat, "rematch")):
                if is_alone(seat):
                    async with asyncio.timeout(GONE_S):
                        await seat.until(lambda: not is_alone(seat))
                await seat.until(lambda: seat.view.is_playing or stands(seat, "rematch") or is_alone(seat))
            if not seat.view.is_playing:
                await seat.accept("rematch")
            await seat.until(lambda: seat.view.is_playing)
    except (TimeoutError, GameEnded, Refused):
        return False
    return True


def is_alone(seat: Seat) -> bool:
    """Whether the opponent has no connection."""
    return seat.opponent is None or not seat.opponent.connected


def is_left(seat: Seat) -> bool:
    """Whether the opponent is gone in the middle of a game."""
    return seat.view.is_playing and is_alone(seat)


async def stays_left(seat: Seat, for_s: float) -> bool:
    """Whether the opponent is gone for as long as that, from now on."""
    try:
        async with asyncio.timeout(for_s):
            await seat.until(lambda: not is_left(seat))
    except TimeoutError:
        return True
    return False


async def take(turn: Turn, mover: Mover) -> None:
    """Plays one turn, unless it passes while the mover thinks."""
    decision = await _decided(turn, mover)
    if decision is None:
        return
    seat = turn.seat
    if decision.instead is not None:
        try:
            match decision.instead:
                case "resign":
                    await seat.resign()
                case "accept_draw":
                    await seat.accept("draw")
                case "claim_draw":
                    await seat.claim_draw()
        except (Refused, GameEnded):    # the offer is gone, or this room's rules do not have it
            logger.debug("room %s: %s was refused", seat.view.room_id, decision.instead)
        else:
            return
    await turn.play(decision.uci, offer_draw=decision.offer_draw)


async def _decided(turn: Turn, mover: Mover) -> Decision | None:
    choosing, passing = asyncio.ensure_future(mover.choose(turn)), asyncio.ensure_future(turn.passed())
    try:
        await asyncio.wait({choosing, passing}, return_when=asyncio.FIRST_COMPLETED)
        return choosing.result() if choosing.done() else None
    finally:
        choosing.cancel()
        passing.cancel()
        await asyncio.gather(choosing, passing, return_exceptions=True)


def stands(seat: Seat, kind: OfferKind) -> bool:
    """Whether the opponent's offer of that kind stands."""
    return bool(getattr(seat.view.offers, kind) == opponent(seat.color))


async def answer_offers(seat: Seat, habits: Habits) -> None:
    """Accepts or declines takebacks as they come. Draws are the mover's to judge; rematches come after the game."""
    with suppress(ClientError):
        while True:
            await seat.until(lambda: stands(seat, "takeback"))
            with suppress(Refused):     # withdrawn, or overtaken by a move
                await (seat.accept("takeback") if habits.takebacks else seat.decline("takeback"))
            await asyncio.sleep(ANSWER_PAUSE_S)


@asynccontextmanager
async def beside(work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Does `work` for as long as the block lasts."""
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
