"""`tabiya backup FILE`, `tabiya restore FILE`, `tabiya check`: what who runs a server does beside it."""

import argparse
import asyncio
import os
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final

from game_server.rooms import inspection
from game_server.store import copies, survey
from game_server.store.copies import CannotCopy
from game_server.store.dialect import CannotOpen
from game_server.store.log import Unavailable
from game_server.store.reading import Reading
from game_server.store.sql import SQLITE_URL, SqlLog, open_log
from game_server.tokens import DATABASE_URL

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]

EXIT_WRONG: Final = 1
EXIT_USAGE: Final = 2
TOLD_EVERY_S: Final = 1.0
MOST_TOLD: Final = 100
INTEGRITY: Final = "PRAGMA integrity_check(20)"
DUMP: Final = "pg_dump --format=custom --file=FILE"
LOAD: Final = "pg_restore --clean --if-exists --dbname=NAME FILE"


class Wrong(Exception):  # noqa: N818
    """What `check` finds in a file that was to be restored."""


def add_arguments(commands: "Commands") -> None:
    backup = commands.add_parser(
        "backup",
        help="copy the database to a file, also while the server runs",
        description="Copies the SQLite database, as it is at one moment, to FILE. Works beside a running server. FILE "
        f"appears when it is complete. (PostgreSQL has tools of its own: {DUMP}.)",
    )
    backup.add_argument("file", metavar="FILE", type=Path)
    backup.add_argument("--force", action="store_true", help="replace FILE if it exists")
    restore = commands.add_parser(
        "restore",
        help="put a backup in the database's place",
        description="Checks the backup FILE as `tabiya check` does, then puts it in the database's place; the earlier "
        f"database is kept beside it. Stop the server first. (PostgreSQL has tools of its own: {LOAD}.)",
    )
    restore.add_argument("file", metavar="FILE", type=Path)
    check = commands.add_parser(
        "check",
        help="verify everything that is stored",
        description="Plays every stored game again: that each log has no gap and adds up, that every move is legal, "
        "and that lists and searches show what happened. Changes nothing; works beside a running server. Exit status 1 "
        "if something is wrong, with a list on standard output.",
    )
    check.add_argument("file", metavar="FILE", type=Path, nargs="?", help="a backup, instead of the database")
    for parser in (backup, restore, check):
        parser.add_argument(
            "--database-url",
            default=os.environ.get("TABIYA_DATABASE_URL", DATABASE_URL),
            metavar="TEXT",
            help=f"where everything is kept, as the server has it (default: {DATABASE_URL})",
        )


def run(command: str, database_url: str, file: Path | None, *, force: bool = False) -> int:
    """Carries `command` out; the exit status."""
    try:
        if command == "check":
            return _check(f"{SQLITE_URL}{file}" if file is not None else database_url)
        database = _sqlite_file(command, database_url)
        assert file is not None, "the parser asks for it"
        if command == "backup":
            copies.backup(database, file, overwrite=force, progress=_Teller("copied", "pages"))
            print(f"{database} is copied to {file} ({file.stat().st_size:,} bytes)")
        else:
            _restore(file, database)
    except _Usage as usage:
        print(f"tabiya: {usage}", file=sys.stderr)
        return EXIT_USAGE
    except Wrong as wrong:
        print(f"tabiya: nothing is changed: {file} is damaged: {wrong}", file=sys.stderr)
        return EXIT_WRONG
    except (CannotCopy, CannotOpen, Unavailable) as error:
        print(f"tabiya: {error}", file=sys.stderr)
        return EXIT_WRONG
    return 0


class _Usage(Exception):  # noqa: N818
    pass


def _sqlite_file(command: str, url: str) -> Path:
    if not url.startswith(SQLITE_URL):
        tool = DUMP if command == "backup" else LOAD
        raise _Usage(f"{command} is for SQLite; PostgreSQL has tools of its own: {tool}")
    return Path(url.removeprefix(SQLITE_URL))


def _check(url: str) -> int:
    found = asyncio.run(_checked(url))
    if found:
        print(f"tabiya: {found} faults", file=sys.stderr)
    return EXIT_WRONG if found else 0


async def _checked(url: str) -> int:
    if url.startswith(SQLITE_URL):
        return await _collected(Reading(Path(url.removeprefix(SQLITE_URL))), print, is_sqlite=True)
    return await _collected(await open_log(url, exclusive=False), print, is_sqlite=False)


def _restore(file: Path, database: Path) -> None:
    aside = copies.restore(file, database, verify=_verify, progress=_Teller("copied", "pages"))
    print(f"{database} is what {file} has")
    if aside is not None:
        print(f"the earlier database is kept as {aside}")


def _verify(copy: Path) -> None:
    """Upgrades `copy` if need be. Raises CannotOpen or Wrong."""

    async def upgraded(told: list[str]) -> int:
        return await _collected(await open_log(f"{SQLITE_URL}{copy}"), told.append, is_sqlite=True)

    told: list[str] = []
    if asyncio.run(upgraded(told)):
        raise Wrong("; ".join(told[:3]))


async def _collected(store: SqlLog | Reading, tell: Callable[[str], None], *, is_sqlite: bool) -> int:
    """How many faults there are in `store`, which is closed then; the first ones are told."""
    found = 0
    try:
        async for fault in faults(store, is_sqlite=is_sqlite):
            found += 1
            if found <= MOST_TOLD:
                tell(fault)
    finally:
        await store.close()
    return found


async def faults(store: SqlLog | Reading, *, is_sqlite: bool) -> AsyncIterator[str]:
    """Everything that is wrong in `store`, in sentences. Raises Unavailable if not even its streams can be listed."""
    if is_sqlite:
        for fault in await _or_why(_damages(store), "the file"):
            yield fault
    for sentence, question in survey.STRAYS:
        for fault in await _or_why(survey.strays(store, sentence, question), "a table"):
            yield fault
    teller, total, done = _Teller("checked", "streams"), await survey.count(store), 0
    async for stream_id in survey.streams(store):
        for fault in await _or_why(_stream_faults(store, stream_id), f"stream {stream_id}"):
            yield fault
        done += 1
        teller(done, max(total, done))
    print(f"{done:,} rooms and accounts checked", file=sys.stderr)


async def _or_why(asking: Awaitable[list[str]], what: str) -> list[str]:
    """The faults that are found; that `what` cannot be asked for them is one."""
    try:
        return await asking
    except Unavailable as unreadable:
        return [f"{what} cannot be read: {unreadable}"]


async def _damages(store: SqlLog | Reading) -> list[str]:
    verdicts = await store.query(lambda connection: connection.execute(INTEGRITY).fetchall())
    return [f"the file is damaged: {verdict}" for (verdict,) in verdicts if verdict != "ok"]


async def _stream_faults(store: SqlLog | Reading, stream_id: int) -> list[str]:
    return await inspection.faults(store, await survey.stored(store, stream_id))


class _Teller:
    """Says how far it is, on standard error, once a second."""

    def __init__(self, verb: str, unit: str) -> None:
        self._verb, self._unit = verb, unit
        self._due_s = time.monotonic() + TOLD_EVERY_S

    def __call__(self, done: int, total: int) -> None:
        if time.monotonic() >= self._due_s:
            self._due_s = time.monotonic() + TOLD_EVERY_S
            print(f"{self._verb} {done:,} of {total:,} {self._unit}", file=sys.stderr)
