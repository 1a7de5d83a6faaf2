"""Storage that fails under a running server: what cannot be kept is refused, and nothing that was acknowledged is lost.

What software can test of a power cut is here, in `kills` (a process that dies at any moment) and in
tests/store/test_crash; that an acknowledged commit is on the disk is SQLite's `synchronous=FULL`.
"""

import asyncio
import contextlib
import os
import resource
import sqlite3
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import httpx

from tests.system.process import Server, tabiya
from tests.system.tables import play, two_players
from tests.trust.finding import Finding, NotTried, Size
from tests.trust.lives import folder, started

SMALL: Final = "4m"
FULL_WITHIN_S: Final = 10


@contextmanager
def small_disk() -> Iterator[Path]:
    """A file system of its own that is soon full. Raises NotTried where it cannot be made."""
    with folder() as home:
        disk = home / "small"
        disk.mkdir()
        mount = ["mount", "-t", "tmpfs", "-o", f"size={SMALL}", "tmpfs", str(disk)]
        if subprocess.run(mount, capture_output=True, check=False).returncode != 0:
            raise NotTried("only root may mount a small file system")
        try:
            yield disk
        finally:
            subprocess.run(["umount", "-l", str(disk)], check=True)


def fill(disk: Path) -> Path:
    """A file that takes all the space that is left."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while file.write(b"\0" * 4_096):
            pass
    assert os.statvfs(disk).f_bavail == 0
    return filler


async def asked(server: Server, path: str) -> Any:
    async with httpx.AsyncClient(base_url=server.url, trust_env=False) as http:
        return await http.get(path)


async def readiness(server: Server) -> int:
    assert (await asked(server, "/healthz")).status_code == 200
    return int((await asked(server, "/readyz")).status_code)


async def played(server: Server, room_id: str) -> list[str]:
    return [move["uci"] for move in (await asked(server, f"/rooms/{room_id}")).json()["moves"]]


async def checked(database: Path) -> tuple[int, str]:
    """What `tabiya check` says."""
    return (await asyncio.to_thread(tabiya, "check", "--database-url", f"sqlite:///{database}"))[:2]


async def full_disk(_: Size) -> AsyncIterator[Finding]:
    with small_disk() as disk:
        async with (
            started("--rate-limits", "off", database=disk / "games.db") as server,
            two_players(server) as (white, black),
        ):
            await play(white, black, "e2e4", "e7e5")
            filler = fill(disk)
            said: list[str] = []
            while (answer := await white.do(type="chat", text=f"{len(said)} {'x' * 260}"))["type"] == "ack":
                said.append(f"{len(said)} {'x' * 260}")
                assert len(said) < 10_000, "the disk is full"
            assert answer["code"] == "try_again"
            async with asyncio.timeout(FULL_WITHIN_S):
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
            state = (await asked(server, f"/rooms/{white.room_id}")).json()
            await asyncio.to_thread(server.stop)
            whole = await checked(server.database) == (0, "")
        moves, lines = [move["uci"] for move in state["moves"]], [line["text"] for line in state["chat"]]
        yield Finding(
            "the disk is full",
            "what cannot be kept is refused; the game goes on when there is space, and nothing is lost",
            f"{len(said)} lines kept, then `try_again` and 503 on /readyz; the refused move went through when sent "
            f"again; {len(moves)} moves and {len(lines)} lines (the last 50) there after `kill -9`",
            is_kept=whole and moves == ["e2e4", "e7e5", "g1f3", "b8c6", "f1b5"] and lines == said[-50:],
        )


async def failing_disk(_: Size) -> AsyncIterator[Finding]:
    """Writes beyond what the log has now fail with EFBIG, which SQLite reports as an I/O error."""
    async with started("--rate-limits", "off") as server, two_players(server) as (white, black):
        await play(white, black, "e2e4", "e7e5")
        wal_bytes = Path(f"{server.database}-wal").stat().st_size
        resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (wal_bytes, resource.RLIM_INFINITY))
        while server.process.poll() is None:
            await white.send(type="chat", text="x" * 280)
            await asyncio.sleep(0.01)
        status = server.wait()
        acknowledged = sum('"ack"' in text for text in white.answers.values())
        assert "stopping: the database cannot be written any more" in server.log
        server.clear_log()
        await asyncio.to_thread(server.start)
        await play(white, black, "g1f3")
        await white.until(lambda: not white.pending)
        moves = await played(server, white.room_id)
        await asyncio.to_thread(server.stop)
        whole = await checked(server.database) == (0, "")
    yield Finding(
        "the disk fails a write (an I/O error)",
        "the process says so and ends rather than guess; what was acknowledged is there when it is started again",
        f"exit status {status} ({'EX_IOERR' if status == os.EX_IOERR else 'unexpected'}), {acknowledged} answers "
        f"before; {len(moves)} of 3 moves there afterwards, `tabiya check` finds nothing",
        is_kept=whole and status == os.EX_IOERR and moves == ["e2e4", "e7e5", "g1f3"],
    )


async def read_only_file(_: Size) -> AsyncIterator[Finding]:
    with small_disk() as disk:
        database = disk / "games.db"
        async with started(database=database) as server:
            async with two_players(server, room_id="played") as (white, black):
                await play(white, black, "e2e4", "e7e5")
            assert (await asyncio.to_thread(server.stop))[0] == 0
            before = database.read_bytes()
            subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True, capture_output=True)
            status, _said, errors = await asyncio.to_thread(
                tabiya, "serve", "--port", str(server.port), "--database-url", f"sqlite:///{database}"
            )
            is_untouched = database.read_bytes() == before
            subprocess.run(["mount", "-o", "remount,rw", str(disk)], check=True, capture_output=True)
            await asyncio.to_thread(server.start)
            moves = await played(server, "played")
        yield Finding(
            "the database's file system is read-only",
            "the server does not start, says why, and changes nothing",
            f"exit status {status}: “{errors.strip().splitlines()[-1].replace(str(disk), '…')}”; "
            f"{len(moves)} of 2 moves there when it is writable again",
            is_kept=status == 1 and "Traceback" not in errors and is_untouched and moves == ["e2e4", "e7e5"],
        )


async def damaged_page(_: Size) -> AsyncIterator[Finding]:
    async with started() as server:
        async with two_players(server, room_id="played") as (white, black):
            await play(white, black, "f2f3", "e7e5", "g2g4", "d8h4")
            await white.first("game_over")
        await asyncio.to_thread(server.stop)
        damage(server.database, "event")
        await asyncio.to_thread(server.start)
        answer = await asked(server, "/rooms/played")
        assert (await asked(server, "/healthz")).json() == {"status": "ok"}
        is_logged = "the store is unavailable: database disk image is malformed" in server.log
        status, found = await checked(server.database)
        server.end()
        server.clear_log()
    yield Finding(
        "a page of the database is overwritten",
        "said to be damaged, never shown as something else",
        f"{answer.status_code} for the room, “database disk image is malformed” in the log; "
        f"`tabiya check` ends with status {status} and names it",
        is_kept=answer.status_code == 503 and is_logged and status == 1 and "malformed" in found,
    )


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
