"""`tabiya backup`, `check` and `restore`, as processes, beside a server that is being played on."""

import asyncio
import random
import sqlite3
from pathlib import Path
from typing import Final

from game_server.command_line import main
from tests.system.conftest import Starter
from tests.system.process import Server, tabiya
from tests.system.tables import play, two_players

PATIENCE_S: Final = 60
SLOWEST_S: Final = 2      # on a machine that does other things, too


async def upkeep(server: Server, *words: str) -> tuple[int, str, str]:
    """The exit status of a command on the server's database, and what it says on both streams."""
    url = f"sqlite:///{server.database}"
    return await asyncio.to_thread(tabiya, *words, "--database-url", url, timeout_s=PATIENCE_S)


def found_in(path: Path) -> int:
    """The exit status of `tabiya check FILE`, in this process."""
    return main(["check", str(path)])


def moves_in(path: Path) -> int:
    connection = sqlite3.connect(path)
    (count,) = connection.execute("SELECT COUNT(*) FROM event WHERE kind = 'move_played'").fetchone()
    connection.close()
    return int(count)


async def test_a_game_is_backed_up_and_restored_while_it_is_played(starter: Starter, tmp_path: Path) -> None:
    server = starter().start()
    copy = tmp_path / "copy.db"
    async with two_players(server, time="90+30") as (white, black):
        await play(white, black, "e2e4", "e7e5")
        assert await upkeep(server, "check") == (0, "", "1 rooms and accounts checked\n")
        status, said, _ = await upkeep(server, "backup", str(copy))
        assert (status, str(copy) in said) == (0, True)
        await play(white, black, "g1f3", "b8c6")
        status, _, complaint = await upkeep(server, "restore", str(copy))
        assert (status, f"process {server.pid}" in complaint) == (1, True), complaint
        await play(white, black, "f1b5", "a7a6")
        status, took_s = await asyncio.to_thread(server.stop)
        assert (status, took_s < 3) == (0, True)
        status, said, complaint = await upkeep(server, "restore", str(copy))
        assert status == 0, complaint
        await asyncio.to_thread(server.start)
        for player in (white, black):    # what they were shown after the backup is gone: they are told the whole room
            player.fault = None
    (aside,) = server.database.parent.glob("games.db.before-*")
    assert str(aside) in said
    assert (moves_in(copy), moves_in(aside)) == (2, 6)
    assert await asyncio.to_thread(found_in, server.database) == 0


async def test_backups_under_load_are_whole_and_hold_nobody_up(starter: Starter, tmp_path: Path) -> None:
    server = starter("--rate-limits", "off").start()
    counts: list[int] = []
    tables = [asyncio.create_task(random_games(server, number)) for number in range(3)]
    while len(counts) < 2:
        copy = tmp_path / f"{len(counts)}.db"
        status, _, complaint = await upkeep(server, "backup", str(copy))
        assert status == 0, complaint
        counts.append(moves_in(copy))
    assert (await upkeep(server, "check"))[:2] == (0, "")
    for number in range(2):
        assert await asyncio.to_thread(found_in, tmp_path / f"{number}.db") == 0
    assert not [table.exception() for table in tables if table.done()]
    for table in tables:
        table.cancel()
    await asyncio.gather(*tables, return_exceptions=True)
    assert 0 < counts[0] < counts[1] <= moves_in(server.database)


async def random_games(server: Server, seed: int) -> None:
    """Plays until it is cancelled; a move that takes longer than SLOWEST_S to be seen by both ends it."""
    chance = random.Random(seed)
    while True:
        async with two_players(server, time="90+30") as (white, black):
            while white.ply < 80 and not white.board.is_game_over():
                async with asyncio.timeout(SLOWEST_S):
                    await play(white, black, chance.choice(list(white.board.legal_moves)).uci())
