"""The server's own engines: ordinary clients of the server that runs them, at most so many at once.

Each keeps a note of its seat, so that after a restart of the server it comes back to its game like anybody else.
"""

import asyncio
import json
import logging
import shlex
import shutil
import ssl
from typing import Final, Protocol

from game_server.client.address import address
from game_server.client.bot import Habits, beside, play
from game_server.client.endings import ClientError
from game_server.client.engine import Engine, EngineFault, EngineSpec, Pace, find_engine
from game_server.client.levels import STRENGTHS, Borrowed, Places, Strength
from game_server.client.mover import UNTIL_MATE
from game_server.client.patience import Patience
from game_server.client.seat import Seat
from game_server.core.clock import parse_time_control
from game_server.core.refusals import Refused
from game_server.wire.computer import Full, NoEngine

logger = logging.getLogger("tabiya.computer")

HABITS: Final = Habits(rematches=-1, rematch_wait_s=90)
RETRY_S: Final = 0.5
PATIENCE: Final = Patience(first_s=60, later_s=60, most_s=2)    # the server is this process


class Notes(Protocol):
    """What outlives the process."""

    async def keep(self, name: str, text: str) -> None: ...

    async def drop(self, name: str) -> None: ...

    async def under(self, beginning: str) -> dict[str, str]: ...


def here(scheme: str, host: str, port: int) -> tuple[str, ssl.SSLContext | None]:
    """How this process reaches itself: the address, and the trust in its own certificate, whatever name that has."""
    if host in ("0.0.0.0", "::"):   # noqa: S104 - compared, not listened on
        host = "127.0.0.1" if host == "0.0.0.0" else "::1"  # noqa: S104
    url = f"{scheme}://{f'[{host}]' if ':' in host else host}:{port}"
    if scheme == "http":
        return url, None
    tls = ssl.create_default_context()
    tls.check_hostname, tls.verify_mode = False, ssl.CERT_NONE
    return url, tls


class Computers:
    """The engines of one server; `run` them. `url` is where this server serves, `tls` how to trust it; an engine that
    is not asked for `idle_s` in a game without a clock is let go until it is.
    """

    def __init__(
        self,
        command: str | None,
        at_most: int,
        idle_s: float,
        url: str,
        notes: Notes,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.places = Places(at_most)
        self.idle_s = idle_s
        self.missing = ""
        self.engine: str | None = None
        self._command = command or "stockfish"
        self._url = url
        self._notes = notes
        self._tls = tls
        self._tasks: asyncio.TaskGroup | None = None
        try:
            self.engine = find_engine(self._command)[0].rpartition("/")[2].capitalize() if at_most else None
            self.missing = "" if at_most else "who runs this server has switched the computer off (max_engines 0)"
        except EngineFault as fault:
            self.missing = str(fault)

    @property
    def at_most(self) -> int:
        return self.places.at_most

    @property
    def playing(self) -> int:
        """How many engines are running, or about to."""
        return self.places.taken

    async def run(self) -> None:
        """Plays until cancelled; first of all the games that were being played when the server ended."""
        async with asyncio.TaskGroup() as self._tasks:
            if self.engine is not None:
                self._tasks.create_task(self._come_back())
            await asyncio.Event().wait()

    async def _come_back(self) -> None:
        for name, text in (await self._noted()).items():
            note = json.loads(text)
            player = Player(self, int(note["level"]), has_place=False)      # until it has to move
            self.start(player, name.removeprefix("computer/"), str(note["token"]))

    async def _noted(self) -> dict[str, str]:
        """The notes that an earlier life has left, as soon as the store can be asked."""
        while True:
            try:
                return await self._notes.under("computer/")
            except Exception as error:  # noqa: BLE001 - the store's own, which a client does not know
                logger.warning("the computer does not know its games yet: %s", error)
                await asyncio.sleep(RETRY_S)

    async def ready(self, level: int) -> "Player":
        """An engine of that level that has started. Raises Full or NoEngine."""
        if self.engine is None:
            raise NoEngine(self.missing)
        if not self.places.take():
            raise Full
        player = Player(self, level)
        try:
            await player.mover.__aenter__()
        except BaseException as fault:
            player.mover.give_back()
            if isinstance(fault, EngineFault):
                raise NoEngine(str(fault)) from None
            raise
        return player

    def spec(self, strength: Strength) -> EngineSpec:
        words = find_engine(self._command)
        command = shlex.join(["nice", "-n", "10", *words] if shutil.which("nice") else words)   # the server comes first
        pace = Pace(move_s=strength.move_s, most_s=strength.move_s, depth=strength.depth)
        return EngineSpec(command, skill=strength.skill, is_strict=False, pace=pace, manners=UNTIL_MATE)

    def start(self, player: "Player", room_id: str, token: str) -> None:
        assert self._tasks is not None, "it runs"
        self._tasks.create_task(self._play(player, room_id, token), name=f"computer in {room_id}")

    async def _play(self, player: "Player", room_id: str, token: str) -> None:
        """One seat to its end. What goes wrong is the end of this player, not of the server."""
        note = f"computer/{room_id}"
        seat = Seat(address(self._url, room_id), token=token, tls=self._tls, patience=PATIENCE)
        try:
            await self._note(note, json.dumps({"level": player.level, "token": token}))
            async with player.mover, seat, beside(player.mover.rest(parse_time_control(seat.view.options.time))):
                try:
                    await play(seat, player.mover, HABITS)
                except EngineFault:
                    await seat.resign()
                    raise
            await self._note(note, None)
        except (ClientError, Refused) as error:
            logger.warning("room %s: the computer has left: %s", room_id, error)
            await self._note(note, None)
        except Exception:
            logger.exception("room %s: the computer failed", room_id)
        finally:
            player.mover.give_back()

    async def _note(self, name: str, text: str | None) -> None:
        """Keeps or drops a note; without one the game goes on, only a restart of the server would be its end."""
        try:
            await (self._notes.drop(name) if text is None else self._notes.keep(name, text))
        except Exception as error:  # noqa: BLE001 - the store's own, which a client does not know
            logger.warning("%s could not be noted: %s", name, error)


class Player:
    """An engine of one level, from its start to the end of its games."""

    def __init__(self, computers: Computers, level: int, *, has_place: bool = True) -> None:
        strength = STRENGTHS[level - 1]
        self.level = level
        self.name = f"{computers.engine} level {level}"
        engine = Engine(computers.spec(strength))
        self.mover = Borrowed(engine, strength.blunders, computers.places, computers.idle_s, has_place=has_place)
        self._computers = computers

    def sit(self, room_id: str, token: str) -> None:
        self._computers.start(self, room_id, token)

    async def dismiss(self) -> None:
        await self.mover.__aexit__()
