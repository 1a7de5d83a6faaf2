"""Copies of an SQLite database: made while a server works with it, and put in its place while none does.

A copy is one file without a write-ahead log, whatever state the original was in: SQLite's backup API reads it as of one
moment (https://sqlite.org/backup.html). Nothing here knows what is in the tables.
"""

import contextlib
import os
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final
from urllib.parse import quote

from game_server.store.sqlite import BUSY_TIMEOUT_MS, is_ours, locked

PAGES_A_STEP: Final = 1_024
Progress = Callable[[int, int], None]  # pages done, pages in all


class CannotCopy(Exception):  # noqa: N818
    """No copy was made, and nothing was changed; the message says why, in a sentence."""


def backup(database: Path, copy: Path, *, overwrite: bool, progress: Progress) -> None:
    """Copies `database`, as it is at one moment, to the file `copy`, which appears when it is complete and on the disk.

    Works beside a running server, which is not held up: its write-ahead log only grows meanwhile. Raises CannotCopy.
    """
    if copy.exists() and (not overwrite or copy.is_dir() or copy.samefile(database)):
        raise CannotCopy(f"{copy} exists already" + ("" if overwrite else ": --force replaces it"))
    partial = copy.with_name(f".{copy.name}.{os.getpid()}.partial")
    with _cleared(partial):
        duplicate(database, partial, progress)
        try:
            if overwrite:
                partial.replace(copy)
            else:
                os.link(partial, copy)      # fails where there is a file by now
        except OSError as error:
            raise CannotCopy(f"{copy}: {error.strerror}") from error
    _sync(copy.parent)


def duplicate(database: Path, copy: Path, progress: Progress) -> None:
    """Makes `copy`, which must not exist, one whole file with what `database` has now. Raises CannotCopy."""
    with contextlib.closing(_source(database)) as source:
        try:
            copy.touch(0o600, exist_ok=False)
            shutil.copymode(database, copy)
            with contextlib.closing(sqlite3.connect(copy, isolation_level=None)) as target:
                source.execute("BEGIN")     # one moment: without it every commit of the server would start us anew
                source.execute("SELECT COUNT(*) FROM sqlite_master").fetchone()
                source.backup(target, pages=PAGES_A_STEP, progress=lambda _, left, total: progress(total - left, total))
                (verdict,) = target.execute("PRAGMA quick_check(1)").fetchone()
            if verdict != "ok":
                raise CannotCopy(f"{database} is damaged: {verdict}")
            _made_whole(copy)
        except sqlite3.Error as error:
            raise CannotCopy(f"{database} cannot be copied to {copy.parent}: {error}") from error
        except OSError as error:
            raise CannotCopy(f"{error.filename or copy}: {error.strerror}") from error


def _made_whole(database: Path) -> None:
    """Has all of `database`, which nobody else has open, in its one file, and that on the disk."""
    with contextlib.closing(sqlite3.connect(database)) as connection:
        (mode,) = connection.execute("PRAGMA journal_mode = DELETE").fetchone()
        assert mode == "delete", "nobody else has it open"
    _sync(database)


def _source(database: Path) -> sqlite3.Connection:
    """`database`, which is one of ours, for reading. Raises CannotCopy."""
    if not database.is_file():
        raise CannotCopy(f"there is no database {database}")
    connection: sqlite3.Connection | None = None
    try:
        connection = sqlite3.connect(
            f"file:{quote(str(database))}?mode=ro", uri=True, timeout=BUSY_TIMEOUT_MS / 1_000, isolation_level=None
        )
        if is_ours(connection):
            return connection
    except sqlite3.Error as error:
        if connection is not None:
            connection.close()
        raise CannotCopy(f"{database} cannot be read: {error}") from error
    connection.close()
    raise CannotCopy(f"{database} is no database of tabiya")


def restore(copy: Path, database: Path, *, verify: Callable[[Path], None], progress: Progress) -> Path | None:
    """Puts what `copy` has in the place of `database`; where the earlier database is now, if there was one.

    `verify` is called with a duplicate of `copy`, which it may upgrade; what it raises is raised, and nothing has
    changed then. At every moment `database` is the one or the other. Raises CannotCopy; InUse while a server has it.
    """
    if not copy.is_file():
        raise CannotCopy(f"there is no file {copy}")
    if database.exists() and copy.samefile(database):
        raise CannotCopy(f"{copy} is the database itself")
    owner = (database if database.exists() else database.parent).stat()
    with locked(str(database)):
        _give(Path(f"{database}.lock"), owner)
        fresh = database.with_name(f".{database.name}.{os.getpid()}.restoring")
        with _cleared(fresh):
            duplicate(copy, fresh, progress)
            verify(fresh)
            _give(fresh, owner)
            try:
                _made_whole(fresh)
                aside = _kept_aside(database) if database.exists() else None
                fresh.replace(database)
            except OSError as error:
                raise CannotCopy(f"{error.filename or database}: {error.strerror}") from error
            except sqlite3.Error as error:
                raise CannotCopy(f"{fresh}: {error}") from error
        _sync(database.parent)
        return aside


def _kept_aside(database: Path) -> Path:
    """A second name for `database`, all that it has in that one file; a damaged one's write-ahead log beside it."""
    stamp = time.strftime("%Y%m%d-%H%M%S", time.gmtime())
    aside = database.with_name(f"{database.name}.before-{stamp}")
    with contextlib.suppress(sqlite3.Error), contextlib.closing(sqlite3.connect(database)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()    # and closing removes the log
    os.link(database, aside)
    for suffix in ("-wal", "-shm"):
        with contextlib.suppress(FileNotFoundError):
            Path(f"{database}{suffix}").replace(f"{aside}{suffix}")
    return aside


def _give(path: Path, owner: os.stat_result) -> None:
    """Makes `path` the server's: root may restore, and the server need not be root."""
    if hasattr(os, "chown"):
        with contextlib.suppress(OSError):
            os.chown(path, owner.st_uid, owner.st_gid)


@contextlib.contextmanager
def _cleared(path: Path) -> Iterator[None]:
    """Leaves nothing at `path`, whatever happens."""
    try:
        yield
    finally:
        for suffix in ("", "-wal", "-shm", "-journal", ".lock"):
            Path(f"{path}{suffix}").unlink(missing_ok=True)


def _sync(path: Path) -> None:
    """Waits until `path`, a file or a directory, is on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


