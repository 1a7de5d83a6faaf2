"""Storage that fails under a running server: what cannot be kept is refused, and nothing that was acknowledged is lost.

What software can test of a power cut is in test_kill (a process that dies at any moment) and in tests/store/test_crash
(a write error ends the process); that an acknowledged commit is on the disk is SQLite's `synchronous=FULL`.
"""

import asyncio
import contextlib
import os
import sqlite3
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.system.conftest import Starter
from tests.system.process import Server, tabiya
from tests.system.tables import play, two_players

SMALL = "4m"


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own that is soon full."""
    folder = tmp_path / "small"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={SMALL}", "tmpfs", str(folder)], capture_output=True, check=False
    )
    if mounted.returncode != 0:
        pytest.skip("only root may mount a small file system")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(folder: Path) -> Path:
    """A file that takes all the space that is left."""
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while file.write(b"\0" * 4_096):
            pass
    assert os.statvfs(folder).f_bavail == 0
    return filler


async def readiness(server: Server) -> int:
    async with httpx.AsyncClient(trust_env=False) as http:
        assert (await http.get(f"{server.url}/healthz")).status_code == 200
        return (await http.get(f"{server.url}/readyz")).status_code


async def test_a_full_disk_refuses_what_it_cannot_keep_and_the_game_goes_on_when_there_is_space(
    starter: Starter, small_disk: Path
) -> None:
    server = starter("--rate-limits", "off")
    server.database = small_disk / "games.db"
    await asyncio.to_thread(server.start)
    async with two_players(server) as (white, black):
        await play(white, black, "e2e4", "e7e5")
        filler = fill(small_disk)
        said: list[str] = []
        while (answer := await white.do(type="chat", text=f"{len(said)} {'x' * 260}"))["type"] == "ack":
            said.append(f"{len(said)} {'x' * 260}")
            assert len(said) < 10_000, "the disk is full"
        assert answer["code"] == "try_again"
        async with asyncio.timeout(10):
            while await readiness(server) != 503:   # the last pages that are free take a few small writes
                pass
        refused = await white.do(type="move", uci="g1f3", ply=3)
        assert (refused["type"], refused["code"]) == ("error", "try_again")
        assert white.ply == black.ply == 2
        assert "database or disk is full" in server.log
        filler.unlink()
        del white.answers[refused["id"]]        # `try_again` is the one answer that is not remembered
        assert (await white.do(type="move", uci="g1f3", ply=3, id=refused["id"]))["type"] == "ack"
        await play(white, black, "b8c6")
        assert await readiness(server) == 200
        await asyncio.to_thread(server.kill)
        await asyncio.to_thread(server.start)
        await play(white, black, "f1b5")
        async with httpx.AsyncClient(trust_env=False) as http:
            state = (await http.get(f"{server.url}/rooms/{white.room_id}")).json()
    assert [move["uci"] for move in state["moves"]] == ["e2e4", "e7e5", "g1f3", "b8c6", "f1b5"]
    assert [line["text"] for line in state["chat"]] == said[-50:]
    await asyncio.to_thread(server.stop)
    assert tabiya("check", "--database-url", f"sqlite:///{server.database}")[:2] == (0, "")


async def test_a_page_that_is_damaged_is_said_to_be_and_never_shown_as_something_else(starter: Starter) -> None:
    server = starter().start()
    async with two_players(server, room_id="played") as (white, black):
        await play(white, black, "f2f3", "e7e5", "g2g4", "d8h4")
        await white.first("game_over")
    await asyncio.to_thread(server.stop)
    damage(server.database, "event")
    async with httpx.AsyncClient(base_url=server.url, trust_env=False) as http:
        await asyncio.to_thread(server.start)
        assert (await http.get("/rooms/played")).status_code == 503
        assert (await http.get("/healthz")).json() == {"status": "ok"}
    assert "GET /rooms/played: the store is unavailable: database disk image is malformed" in server.log
    status, found, _ = await asyncio.to_thread(tabiya, "check", "--database-url", f"sqlite:///{server.database}")
    assert (status, "malformed" in found) == (1, True)
    server.end()
    server.clear_log()


def damage(database: Path, table: str) -> None:
    """Overwrites the first page of a table."""
    connection = sqlite3.connect(database)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    (page_bytes,) = connection.execute("PRAGMA page_size").fetchone()
    (root,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (table,)).fetchone()
    connection.close()
    with database.open("r+b") as file:
        file.seek((root - 1) * page_bytes)
        file.write(b"\xff" * page_bytes)
