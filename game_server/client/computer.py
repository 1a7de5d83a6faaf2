"""One of the server's own engines at the table: an ordinary client of the server that runs it."""

import logging
import shlex
import shutil
import ssl
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Final, Protocol

from game_server.client.address import address
from game_server.client.bot import Habits, beside, play
from game_server.client.endings import ClientError
from game_server.client.engine import Engine, EngineFault, EngineSpec, Pace
from game_server.client.levels import STRENGTHS, Borrowed, Strength
from game_server.client.mover import UNTIL_MATE
from game_server.client.patience import Patience
from game_server.client.seat import Seat
from game_server.core.clock import parse_time_control
from game_server.core.refusals import Refused
from game_server.engines import Places, find_engine
from game_server.wire.computer import NoEngine

logger = logging.getLogger("tabiya.computer")

WAITS_S: Final = 86_400     # for who has left a game without a clock: an evening's break, or a night's
HABITS: Final = Habits(rematches=-1, rematch_wait_s=90, claim_after_s=WAITS_S)
PATIENCE: Final = Patience(first_s=60, later_s=60, most_s=2)    # the server is this process


class Games(Protocol):
    """The games that are being played, for whoever runs the server next. Never raises: a game goes on without."""

    async def note(self, room_id: str, level: int, token: str) -> None: ...

    async def forget(self, room_id: str) -> None: ...


@dataclass(frozen=True, slots=True)
class House:
    """Whose engines they are: the `command` that starts one, the places there are, and the server to play on.

    An engine that is not asked for `idle_s` in a game without a clock is let go until it is. `spawn` runs a game in the
    background, to its end or the server's.
    """

    command: str
    places: Places
    idle_s: float
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

    def sit(self, room_id: str, token: str) -> None:
        """Plays the seat that `token` opens, in the background."""
        self._house.spawn(self._play(room_id, token))

    async def dismiss(self) -> None:
        """Ends it without a game."""
        await self._mover.__aexit__()

    async def _play(self, room_id: str, token: str) -> None:
        """One seat to its end. What goes wrong is the end of this player, not of the server."""
        games = self._house.games
        seat = Seat(address(self._house.url, room_id), token=token, tls=self._house.tls, patience=PATIENCE)
        try:
            await games.note(room_id, self.level, token)
            async with self._mover, seat, beside(self._mover.rest(parse_time_control(seat.view.options.time))):
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
