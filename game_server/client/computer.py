"""One of the server's own engines at the table: an ordinary client of the server that runs it."""

import logging
import shlex
import shutil
import ssl
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final, Protocol

from game_server.client.address import address
from game_server.client.bot import GONE_S, Habits, beside, is_left, play, stays_left
from game_server.client.endings import ClientError
from game_server.client.engine import Engine, EngineFault, EngineSpec, Pace
from game_server.client.levels import STRENGTHS, Borrowed, Strength
from game_server.client.mover import UNTIL_MATE
from game_server.client.patience import Patience
from game_server.client.seat import Seat
from game_server.core.clock import parse_time_control
from game_server.core.refusals import Refused
from game_server.engines import Noted, Places, find_engine
from game_server.wire.computer import NoEngine

logger = logging.getLogger("tabiya.computer")

HABITS: Final = Habits(rematches=-1, rematch_wait_s=90)
LOOK_S: Final = 20      # how often it looks whether who has left has been gone for long enough
LONGEST_LOOK_S: Final = 86_400      # a claim that is refused is stored: they become rare
PATIENCE: Final = Patience(first_s=60, later_s=60, most_s=2)    # the server is this process


class Games(Protocol):
    """The games that are being played, for whoever runs the server next. Never raises: a game goes on without."""

    async def note(self, game: Noted) -> None: ...

    async def forget(self, room_id: str) -> None: ...


@dataclass(frozen=True, slots=True)
class House:
    """Whose engines they are: the `command` that starts one, the places there are, and the server to play on.

    In a game without a clock an engine that is not asked for `idle_s`, or whose opponent is gone, is let go until it
    is; one whose opponent has been gone for `waits_s` is claimed. `spawn` runs a game in the background, to its end or
    the server's.
    """

    command: str
    places: Places
    idle_s: float
    waits_s: float
    url: str
    tls: ssl.SSLContext | None
    games: Games
    spawn: Callable[[Coroutine[Any, Any, None]], object]

    def spec(self, strength: Strength) -> EngineSpec:
        words = find_engine(self.command)
        command = shlex.join(["nice", "-n", "10", *words] if shutil.which("nice") else words)   # the server comes first
        pace = Pace(move_s=strength.move_s, most_s=strength.move_s, depth=strength.depth)
        return EngineSpec(command, skill=strength.skill, is_strict=False, pace=pace, manners=UNTIL_MATE)


class Player:
    """An engine called `engine` of one level, from its start to the end of its games. Raises NotInstalled."""

    def __init__(self, house: House, engine: str, level: int, *, has_place: bool = True) -> None:
        strength = STRENGTHS[level - 1]
        self.level = level
        self.name = f"{engine} level {level}"
        self._house = house
        self._mover = Borrowed(
            Engine(house.spec(strength)), strength.blunders, house.places, house.idle_s, has_place=has_place
        )

    async def start(self) -> None:
        """Starts the engine, whose place is taken; gives that back if it does not start. Raises NoEngine."""
        try:
            await self._mover.__aenter__()
        except BaseException as fault:
            self._mover.give_back()
            if isinstance(fault, EngineFault):
                raise NoEngine(str(fault)) from None
            raise

    def sit(self, room_id: str, token: str, left_ms: int | None = None) -> None:
        """Plays the seat that `token` opens, in the background. `left_ms`: see Noted."""
        self._house.spawn(self._play(Noted(room_id, self.level, token, left_ms)))

    async def dismiss(self) -> None:
        """Ends it without a game."""
        await self._mover.__aexit__()

    async def _play(self, game: Noted) -> None:
        """One seat to its end. What goes wrong is the end of this player, not of the server."""
        games, room_id = self._house.games, game.room_id
        seat = Seat(address(self._house.url, room_id), token=game.token, tls=self._house.tls, patience=PATIENCE)
        try:
            await games.note(game)
            async with self._mover, seat, beside(self._wait(seat, game)):
                try:
                    await play(seat, self._mover, HABITS)
                except EngineFault:
                    await seat.resign()
                    raise
            await games.forget(room_id)
        except (ClientError, Refused) as error:
            logger.warning("room %s: the computer has left: %s", room_id, error)
            await games.forget(room_id)
        except Exception:
            logger.exception("room %s: the computer failed", room_id)
        finally:
            self._mover.give_back()

    async def _wait(self, seat: Seat, game: Noted) -> None:
        """What it does without a clock while nobody asks it to move."""
        time = parse_time_control(seat.view.options.time)
        if time.is_unlimited or time.is_correspondence:
            async with beside(self._await_return(seat, game)):
                await self._mover.rest()

    async def _await_return(self, seat: Seat, game: Noted) -> None:
        """Frees the engine for others while the opponent is gone; in the end claims the game, if its rules let it."""
        while True:
            if not is_left(seat):
                game = await self._noted(game, None)
                await seat.until(lambda: is_left(seat))
            left_ms = seat.now_ms() if game.left_ms is None else game.left_ms
            game = await self._noted(game, left_ms)
            look_s = GONE_S
            while await stays_left(seat, look_s):
                await self._mover.let_go()
                is_long = seat.now_ms() - left_ms >= self._house.waits_s * 1_000
                if is_long:
                    with suppress(Refused):
                        await seat.claim_victory()
                look_s = min(2 * look_s, LONGEST_LOOK_S) if is_long else LOOK_S

    async def _noted(self, game: Noted, left_ms: int | None) -> Noted:
        """`game` with `left_ms`, noted if that is news."""
        if game.left_ms != left_ms:
            game = game._replace(left_ms=left_ms)
            await self._house.games.note(game)
        return game
