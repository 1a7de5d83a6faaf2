"""Copies of a database: whole, as of one moment, and never half in anybody's way."""

import os
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from game_server.store import copies
from game_server.store.copies import CannotCopy
from game_server.store.sqlite import InUse
from tests.store.conftest import opened
from tests.store.examples import opening, saying, texts

ROOT = Path(__file__).parents[2]


@pytest.fixture
def path(tmp_path):
    return tmp_path / "t.db"


def silently(done, total):
    assert 0 <= done <= total


def accepted(path):
    assert path.is_file()


async def filled(path, *words, synchronous="OFF"):
    async with opened(f"sqlite:///{path}", synchronous=synchronous) as log:
        version = await log.append(opening())
        for word in words:
            version = await log.append(saying(word, version))


async def said_in(path):
    async with opened(f"sqlite:///{path}", exclusive=False) as log:
        return await texts(log)


async def test_a_copy_has_what_the_database_has_and_is_one_file(path, tmp_path):
    await filled(path, "one", "two")
    copy = tmp_path / "copies" / "b.db"
    copy.parent.mkdir()
    told = []
    copies.backup(path, copy, overwrite=False, progress=lambda *numbers: told.append(numbers))
    assert [each.name for each in copy.parent.iterdir()] == ["b.db"]
    assert told[-1][0] == told[-1][1] > 0
    assert copy.stat().st_mode == path.stat().st_mode
    assert await said_in(copy) == ["one", "two"]


async def test_a_copy_made_while_the_server_writes_is_of_one_moment(path, tmp_path):
    """Every commit would start SQLite's own copying anew; ours ends, and has all of the stream up to a point."""
    await filled(path, *("x" * 2_000 for _ in range(2_000)))
    stop, written = threading.Event(), [2_000]

    def write():
        connection = sqlite3.connect(path, isolation_level=None, timeout=5)
        while not stop.is_set():
            n = written[-1] + 1
            connection.execute("BEGIN IMMEDIATE")
            connection.execute(
                "INSERT INTO event VALUES (1, ?, 0, 'chat_said', ?, NULL, NULL)",
                (n + 1, f'{{"by":"white","room":"player","text":"{n}"}}'),
            )
            connection.execute("UPDATE stream SET version = ?", (n + 1,))
            connection.commit()
            written.append(n)
        connection.close()

    writing = threading.Thread(target=write)
    writing.start()
    before = written[-1]
    steps = []
    try:
        copies.duplicate(path, tmp_path / "b.db", lambda done, total: steps.append((done, written[-1])))
    finally:
        stop.set()
        writing.join()
    assert len(steps) > 1
    assert steps[-1][1] > steps[0][1], "it was written to meanwhile"
    connection = sqlite3.connect(tmp_path / "b.db")
    (version,) = connection.execute("SELECT version FROM stream").fetchone()
    events = connection.execute("SELECT COUNT(*), MAX(version) FROM event").fetchone()
    connection.close()
    assert events == (version, version)
    assert before <= version <= written[-1] + 1


async def test_what_stands_only_in_the_write_ahead_log_is_copied_too(path, tmp_path):
    with subprocess.Popen(
        [sys.executable, "-m", "tests.store.appender", str(path)], stdout=subprocess.PIPE, cwd=ROOT
    ) as process:
        for _ in range(100):
            process.stdout.readline()
        process.kill()
        acknowledged = process.stdout.read()
    assert Path(f"{path}-wal").stat().st_size > 0
    copies.backup(path, tmp_path / "b.db", overwrite=False, progress=silently)
    connection = sqlite3.connect(tmp_path / "b.db")
    versions = dict(connection.execute("SELECT name, version FROM stream").fetchall())
    connection.close()
    for line in acknowledged[: acknowledged.rfind(b"\n")].split(b"\n")[1:]:
        number, version = map(int, line.split())
        assert versions[f"room:{number}"] >= version


async def test_a_file_that_exists_is_replaced_only_on_demand(path, tmp_path):
    await filled(path, "new")
    copy = tmp_path / "b.db"
    copy.write_text("something else")
    with pytest.raises(CannotCopy, match="exists already"):
        copies.backup(path, copy, overwrite=False, progress=silently)
    assert copy.read_text() == "something else"
    copies.backup(path, copy, overwrite=True, progress=silently)
    assert await said_in(copy) == ["new"]


async def test_a_database_is_never_copied_onto_itself(path):
    await filled(path, "one")
    for copying in (
        lambda: copies.backup(path, path, overwrite=True, progress=silently),
        lambda: copies.restore(path, path, verify=accepted, progress=silently),
    ):
        with pytest.raises(CannotCopy):
            copying()
    assert await said_in(path) == ["one"]


@pytest.mark.parametrize("content", [None, b"not a database, but long enough for one" * 30, b""])
async def test_what_is_no_database_of_ours_is_not_copied(path, tmp_path, content):
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(CannotCopy, match=r"no database|not a database"):
        copies.backup(path, tmp_path / "b.db", overwrite=False, progress=silently)
    assert {each.name for each in tmp_path.iterdir()} <= {"t.db"}


async def test_a_disk_that_is_full_leaves_nothing_behind(path, tmp_path):
    await filled(path, *("x" * 2_000 for _ in range(200)))
    program = f"""
import pathlib, resource, sys
from game_server.store import copies
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
try:
    copies.backup(pathlib.Path({str(path)!r}), pathlib.Path({str(tmp_path / "b.db")!r}), overwrite=False,
                  progress=lambda *_: None)
except copies.CannotCopy as error:
    sys.exit(f"refused: {{error}}")
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT, timeout=30)
    assert done.stderr.startswith("refused: "), done.stderr
    assert [each.name for each in tmp_path.iterdir() if "b.db" in each.name] == []


# --- restoring


async def test_what_is_restored_is_what_was_copied_and_the_earlier_database_is_kept(path, tmp_path):
    await filled(path, "one")
    copies.backup(path, tmp_path / "b.db", overwrite=False, progress=silently)
    async with opened(f"sqlite:///{path}") as log:
        await log.append(saying("two", 2))
    aside = copies.restore(tmp_path / "b.db", path, verify=accepted, progress=silently)
    assert await said_in(path) == ["one"]
    assert await said_in(aside) == ["one", "two"]
    assert await said_in(tmp_path / "b.db") == ["one"]


async def test_restoring_needs_no_earlier_database(path, tmp_path):
    await filled(path, "one")
    assert copies.restore(path, tmp_path / "new.db", verify=accepted, progress=silently) is None
    assert await said_in(tmp_path / "new.db") == ["one"]


async def test_the_write_ahead_log_of_a_killed_server_is_kept_with_its_database(path, tmp_path):
    await filled(tmp_path / "b.db", "one")
    with subprocess.Popen(
        [sys.executable, "-m", "tests.store.appender", str(path)], stdout=subprocess.PIPE, cwd=ROOT
    ) as process:
        lines = [process.stdout.readline() for _ in range(100)]
        process.kill()
        process.stdout.read()
    aside = copies.restore(tmp_path / "b.db", path, verify=accepted, progress=silently)
    assert await said_in(path) == ["one"]
    assert not Path(f"{path}-wal").exists() or Path(f"{path}-wal").stat().st_size == 0
    async with opened(f"sqlite:///{aside}") as log:
        streams = await log.query(lambda c: dict(c.execute("SELECT name, version FROM stream").fetchall()))
    for line in lines:
        number, version = map(int, line.split())
        assert streams[f"room:{number}"] >= version


async def test_nothing_is_restored_under_a_running_server(path, tmp_path):
    await filled(tmp_path / "b.db", "one")
    async with opened(f"sqlite:///{path}") as log:
        await log.append(opening())
        with pytest.raises(InUse, match=f"process {os.getpid()}"):
            copies.restore(tmp_path / "b.db", path, verify=accepted, progress=silently)
        assert await log.append(saying("still here", 1)) == 2


async def test_what_is_not_verified_is_not_restored(path, tmp_path):
    await filled(path, "old")
    await filled(tmp_path / "b.db", "new")
    before = {each.name for each in tmp_path.iterdir()}

    def refused(copy):
        assert copy not in (path, tmp_path / "b.db")
        raise CannotCopy("no good")

    with pytest.raises(CannotCopy, match="no good"):
        copies.restore(tmp_path / "b.db", path, verify=refused, progress=silently)
    assert await said_in(path) == ["old"]
    assert {each.name for each in tmp_path.iterdir()} - before <= {"t.db-shm", "t.db-wal", "b.db-shm", "b.db-wal"}


async def test_a_damaged_database_is_kept_as_it_is(path, tmp_path):
    await filled(tmp_path / "b.db", "one")
    path.write_bytes(b"ruins " * 1_000)
    aside = copies.restore(tmp_path / "b.db", path, verify=accepted, progress=silently)
    assert aside.read_bytes() == b"ruins " * 1_000
    assert await said_in(path) == ["one"]
