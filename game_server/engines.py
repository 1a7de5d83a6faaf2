"""UCI engines on this machine: where one is found, and how many may run at once."""

import asyncio
import shlex
import shutil
from pathlib import Path
from typing import Final, NamedTuple

ELSEWHERE: Final = ("/usr/games", "/usr/local/bin", "/opt/homebrew/bin")     # Debian's /usr/games is not on every PATH
INSTALL: Final = (
    "install Stockfish (Debian, Ubuntu: apt install stockfish; macOS: brew install stockfish; others: "
    "stockfishchess.org/download), or give the path of any UCI engine"
)


class NotInstalled(LookupError):  # noqa: N818
    """There is no such engine; the message says what to install."""


def find_engine(command: str) -> list[str]:
    """The words of the command that starts the engine. Raises NotInstalled.

    >>> find_engine("no-such-engine")
    Traceback (most recent call last):
    game_server.engines.NotInstalled: no engine 'no-such-engine' found: install Stockfish ...
    """
    words = shlex.split(command)
    name = words[0] if words else command
    found = shutil.which(name) or shutil.which(name, path=":".join(ELSEWHERE))
    if found is None:
        raise NotInstalled(f"no engine {name!r} found: {INSTALL}")
    return [str(Path(found).absolute()), *words[1:]]


class Noted(NamedTuple):
    """A game that an engine plays, as it is noted; `left_ms`: since when (Unix ms) its opponent is gone, if so."""

    room_id: str
    level: int
    token: str
    left_ms: int | None = None


class Places:
    """At most so many engines at once: `take` or `wait_for` a place, and `give` it back."""

    def __init__(self, at_most: int) -> None:
        self.at_most = at_most
        self.taken = 0
        self._freed = asyncio.Event()

    def take(self) -> bool:
        """Whether there was a place, which is taken now."""
        if self.taken >= self.at_most:
            return False
        self.taken += 1
        return True

    async def wait_for(self) -> None:
        """Takes a place as soon as there is one."""
        while not self.take():
            self._freed.clear()
            await self._freed.wait()

    def give(self) -> None:
        self.taken -= 1
        self._freed.set()
