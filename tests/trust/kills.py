"""`kill -9` at any moment of a server on SQLite, while games are played as fast as it goes.

The seed is printed; TABIYA_SEED repeats its choices (not the moments: those are the machine's).
"""

import asyncio
import os
import random
import shutil
import sqlite3
import sys
import time
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tests.system.cluster import tally
from tests.system.movers import AT_ONCE, Resumes, Table, playing
from tests.system.process import Server, tabiya
from tests.trust.finding import Finding, Size
from tests.trust.lives import folder, started

TABLES: Final = 4
ONE_IN: Final = 8           # so many are followed by one before the server is ready again
HIT_SHARE: Final = 2 / 3    # of the kills that must hit a move that is sent and not answered
SENT_WITHIN_S: Final = 0.5
PLAYED_BETWEEN: Final = 2   # moves at every table before the next kill
PROMISED: Final = "every move anyone was shown is in the record in its place, once; every game has one end; all play on"


def seed() -> int:
    chosen = int(os.environ.get("TABIYA_SEED", random.randrange(1_000_000)))
    print(f"TABIYA_SEED={chosen}", file=sys.stderr)
    return chosen


@dataclass
class Kills:
    """What the kills of one server hit."""

    server: Server
    tables: list[Table]
    chance: random.Random
    done: int = 0
    hit: int = 0
    in_flight: int = 0
    of_these_stored: int = 0
    starts_s: list[float] = field(default_factory=list)

    async def sent(self) -> list[str]:
        """What has not been answered yet; waits a little until there is something."""
        until_s = time.monotonic() + SENT_WITHIN_S
        while True:
            in_flight = [command_id for table in self.tables for command_id in table.in_flight()]
            if in_flight or time.monotonic() > until_s:
                return in_flight
            await asyncio.sleep(0)

    async def one(self, copies: Path) -> None:
        """At any moment, and the server starts again; now and then it is killed while it does."""
        await asyncio.gather(*(table.play_on(PLAYED_BETWEEN) for table in self.tables))
        await asyncio.sleep(self.chance.uniform(0, 0.15))
        in_flight = await self.sent()
        self.server.kill()
        self.done += 1
        self.hit += bool(in_flight)
        self.in_flight += len(in_flight)
        self.of_these_stored += stored(self.server.database, in_flight, copies)
        if self.done % ONE_IN == 0:
            self.server.begin()
            await asyncio.sleep(self.chance.uniform(0.2, 1.5))
            self.server.kill()
            self.done += 1
        began_s = time.monotonic()
        await asyncio.to_thread(self.server.start)
        self.starts_s.append(time.monotonic() - began_s)
        await asyncio.gather(*(table.check() for table in self.tables))


def stored(database: Path, command_ids: Iterable[str], copies: Path) -> int:
    """How many of these commands the dead server's database has; looked up in a copy, or that would mend it."""
    copy = copies / "copy.db"
    for suffix in ("", "-wal"):
        if Path(f"{database}{suffix}").exists():
            shutil.copy(f"{database}{suffix}", f"{copy}{suffix}")
    connection = sqlite3.connect(copy)
    found = connection.execute("SELECT command_id FROM event WHERE command_id IS NOT NULL").fetchall()
    connection.close()
    for suffix in ("", "-wal", "-shm"):
        Path(f"{copy}{suffix}").unlink(missing_ok=True)
    return len({command_id for (command_id,) in found} & set(command_ids))


async def kills(size: Size) -> AsyncIterator[Finding]:
    chosen, resumes = seed(), Resumes()
    wanted = size.of(10, 200)
    async with started("--rate-limits", "off") as server:
        tables = [Table([server], n, resumes, random.Random(chosen + n), AT_ONCE) for n in range(TABLES)]
        killing = Kills(server, tables, random.Random(chosen))
        with folder() as copies:
            async with playing(tables):
                while killing.done < wanted:
                    await killing.one(copies)
                await asyncio.gather(*(table.play_on(PLAYED_BETWEEN) for table in tables))
        status, _ = await asyncio.to_thread(server.stop)
        checked, faults, _ = await asyncio.to_thread(tabiya, "check", "--database-url", f"sqlite:///{server.database}")
    moves, games = sum(table.made() for table in tables), sum(table.games for table in tables)
    broken = [line for table in tables for line in table.broken]
    assert not broken, broken[0]
    yield Finding(
        f"{killing.done} × `kill -9` under load, SQLite",
        PROMISED,
        f"{killing.hit} kills hit {killing.in_flight} moves in flight, of which {killing.of_these_stored} were stored; "
        f"{games} games, {tally(tables, moves, resumes)}; back in {max(killing.starts_s):.1f} s at most",
        is_kept=(status, checked, faults) == (0, 0, "") and killing.hit >= HIT_SHARE * killing.done,
    )
