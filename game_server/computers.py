"""The server's own engines: ordinary clients of the server that runs them, at most so many at once.

What they are made of (`client.computer`) is loaded when somebody first plays one: no start need wait for it.
"""

import asyncio
import json
import logging
import ssl
from importlib import import_module
from typing import TYPE_CHECKING, Final

from game_server.engines import Noted, NotInstalled, Places, find_engine
from game_server.store.notes import Notes
from game_server.wire.computer import Full, NoEngine

if TYPE_CHECKING:
    from game_server.client.computer import Player

logger = logging.getLogger("tabiya.computer")

RETRY_S: Final = 0.5
NOTED_UNDER: Final = "computer/"


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


class Games:
    """The games that engines play, noted in the store: after a restart they come back to them like anybody else.

    A game goes on without its note; only a restart of the server would be its end.
    """

    def __init__(self, notes: Notes) -> None:
        self._notes = notes

    async def note(self, game: Noted) -> None:
        note = {"level": game.level, "token": game.token, "left_ms": game.left_ms}
        try:
            await self._notes.keep(f"{NOTED_UNDER}{game.room_id}", json.dumps(note))
        except Exception as error:  # noqa: BLE001 - whatever it is, the game goes on
            logger.warning("the computer's game in %s could not be noted: %s", game.room_id, error)

    async def forget(self, room_id: str) -> None:
        try:
            await self._notes.drop(f"{NOTED_UNDER}{room_id}")
        except Exception as error:  # noqa: BLE001
            logger.warning("the computer's game in %s is still noted: %s", room_id, error)

    async def left(self) -> list[Noted]:
        """Those that an earlier life has left, as soon as the store can be asked."""
        while True:
            try:
                notes = await self._notes.under(NOTED_UNDER)
                break
            except Exception as error:  # noqa: BLE001 - a server that plays without it is better than none
                logger.warning("the computer does not know its games yet: %s", error)
                await asyncio.sleep(RETRY_S)
        found = ((name.removeprefix(NOTED_UNDER), json.loads(text)) for name, text in notes.items())
        return [Noted(room_id, int(note["level"]), str(note["token"]), note.get("left_ms")) for room_id, note in found]


class Computers:
    """The engines of one server; `run` them. `url` is where this server serves, `tls` how to trust it; an engine that
    is not asked for `idle_s` in a game without a clock is let go until it is, and a game whose opponent has been gone
    for `waits_s` is claimed.
    """

    def __init__(
        self,
        command: str | None,
        at_most: int,
        idle_s: float,
        waits_s: float,
        url: str,
        notes: Notes,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.missing = ""
        self.engine: str | None = None
        self._command = command or "stockfish"
        self._places = Places(at_most)
        self._games = Games(notes)
        self._idle_s = idle_s
        self._waits_s = waits_s
        self._url = url
        self._tls = tls
        self._tasks: asyncio.TaskGroup | None = None
        try:
            self.engine = find_engine(self._command)[0].rpartition("/")[2].capitalize() if at_most else None
            self.missing = "" if at_most else "who runs this server has switched the computer off (max_engines 0)"
        except NotInstalled as missing:
            self.missing = str(missing)

    @property
    def at_most(self) -> int:
        return self._places.at_most

    @property
    def playing(self) -> int:
        """How many engines are running, or about to."""
        return self._places.taken

    async def run(self) -> None:
        """Plays until cancelled; first of all the games that were being played when the server ended."""
        async with asyncio.TaskGroup() as self._tasks:
            if self.engine is not None:
                self._tasks.create_task(self._come_back())
            await asyncio.Event().wait()

    async def _come_back(self) -> None:
        for game in await self._games.left():
            try:
                player = await self._player(game.level, has_place=False)      # a place, when it has to move
                player.sit(game.room_id, game.token, game.left_ms)
            except Exception as error:  # noqa: BLE001
                logger.warning("room %s: the computer cannot come back: %s", game.room_id, error)

    async def ready(self, level: int) -> "Player":
        """An engine of that level that has started. Raises Full or NoEngine."""
        if self.engine is None:
            raise NoEngine(self.missing)
        if not self._places.take():
            raise Full
        try:
            player = await self._player(level, has_place=True)
        except BaseException:
            self._places.give()
            raise
        await player.start()
        return player

    async def _player(self, level: int, *, has_place: bool) -> "Player":
        """Raises NoEngine if it is not there any more."""
        assert self._tasks is not None, "it runs"
        module = await asyncio.to_thread(import_module, "game_server.client.computer")      # 60 ms, the first time
        spawn = self._tasks.create_task
        waits = self._idle_s, self._waits_s
        house = module.House(self._command, self._places, *waits, self._url, self._tls, self._games, spawn)
        try:
            player: Player = module.Player(house, self.engine, level, has_place=has_place)
        except NotInstalled as missing:
            raise NoEngine(str(missing)) from None
        return player
