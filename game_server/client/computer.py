"""The server's own engines: ordinary clients of the server that runs them, at most so many at once.

Each keeps a note of its seat, so that after a restart of the server it comes back to its game like anybody else.
"""

import asyncio
import json
import logging
import random
import shlex
import shutil
import ssl
from dataclasses import dataclass
from typing import Final, Protocol, Self

from game_server.client.address import address
from game_server.client.bot import Habits, play
from game_server.client.endings import ClientError
from game_server.client.engine import Engine, EngineFault, EngineSpec, Pace, find_engine
from game_server.client.mover import UNTIL_MATE, Decision
from game_server.client.patience import Patience
from game_server.client.seat import Seat, Turn
from game_server.core.refusals import Refused
from game_server.wire.computer import Full, NoEngine

logger = logging.getLogger("tabiya.computer")

HABITS: Final = Habits(rematches=-1, rematch_wait_s=90)
PATIENCE: Final = Patience(first_s=60, later_s=60, most_s=2)    # the server is this process
UNHURRIED_MS: Final = 60_000    # with more than that on its clock it does not answer at once: people look up
PAUSE_S: Final = (0.2, 0.6)


@dataclass(frozen=True, slots=True)
class Strength:
    """A level: the engine's Skill Level, how deep and how long it may search, and how often it plays just any move.

    Skill, depth and time follow lichess's levels as far as Stockfish has them: its own beginners need negative skills.
    """

    skill: int
    depth: int
    move_s: float
    blunders: float = 0.0


STRENGTHS: Final = (
    Strength(0, 1, 0.05, 0.30),
    Strength(0, 2, 0.10, 0.12),
    Strength(2, 3, 0.15, 0.04),
    Strength(4, 5, 0.20),
    Strength(7, 6, 0.30),
    Strength(11, 8, 0.40),
    Strength(16, 13, 0.50),
    Strength(20, 22, 1.00),
)


class Notes(Protocol):
    """What outlives the process."""

    async def keep(self, name: str, text: str) -> None: ...

    async def drop(self, name: str) -> None: ...

    async def under(self, beginning: str) -> dict[str, str]: ...


class Weakened:
    """An engine as an opponent for people: in no hurry, and at low levels with moves that it did not think about."""

    def __init__(self, engine: Engine, blunders: float) -> None:
        self.engine = engine
        self._blunders = blunders

    async def __aenter__(self) -> Self:
        await self.engine.__aenter__()
        return self

    async def __aexit__(self, *exception: object) -> None:
        await self.engine.__aexit__(*exception)

    async def choose(self, turn: Turn) -> Decision:
        left_ms = turn.remaining_ms
        if left_ms is None or left_ms > UNHURRIED_MS:
            await asyncio.sleep(random.uniform(*PAUSE_S))
        if random.random() < self._blunders:
            return Decision(random.choice(turn.legal_moves))
        return await self.engine.choose(turn)


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
    """The engines of one server; `run` them. `url` is where this server serves, `tls` how to trust it."""

    def __init__(
        self,
        command: str | None,
        at_most: int,
        url: str,
        notes: Notes,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.at_most = at_most
        self.playing = 0
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

    async def run(self) -> None:
        """Plays until cancelled; first of all the games that were being played when the server ended."""
        async with asyncio.TaskGroup() as self._tasks:
            if self.engine is not None:
                self._tasks.create_task(self._come_back())
            await asyncio.Event().wait()

    async def _come_back(self) -> None:
        for name, text in (await self._notes.under("computer/")).items():
            note = json.loads(text)
            player = Player(self, int(note["level"]))
            self.playing += 1
            self.start(player, name.removeprefix("computer/"), str(note["token"]))

    async def ready(self, level: int) -> "Player":
        """An engine of that level that has started. Raises Full or NoEngine."""
        if self.engine is None:
            raise NoEngine(self.missing)
        if self.playing >= self.at_most:
            raise Full
        self.playing += 1
        player = Player(self, level)
        try:
            await player.mover.__aenter__()
        except BaseException as fault:
            self.playing -= 1
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
            async with player.mover, seat:
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
            self.playing -= 1


    async def _note(self, name: str, text: str | None) -> None:
        """Keeps or drops a note; without one the game goes on, only a restart of the server would be its end."""
        try:
            await (self._notes.drop(name) if text is None else self._notes.keep(name, text))
        except Exception as error:  # noqa: BLE001 - the store's own, which a client does not know
            logger.warning("%s could not be noted: %s", name, error)


class Player:
    """An engine of one level, from its start to the end of its games."""

    def __init__(self, computers: Computers, level: int) -> None:
        strength = STRENGTHS[level - 1]
        self.level = level
        self.name = f"{computers.engine} level {level}"
        self.mover = Weakened(Engine(computers.spec(strength)), strength.blunders)
        self._computers = computers

    def sit(self, room_id: str, token: str) -> None:
        self._computers.start(self, room_id, token)

    async def dismiss(self) -> None:
        self._computers.playing -= 1
        await self.mover.__aexit__()
