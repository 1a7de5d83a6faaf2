"""A database of every earlier schema is upgraded, and everything in it is there and adds up."""

import sqlite3
from pathlib import Path

import pytest

from game_server.core.events import MovePlayed
from game_server.store.log import GameQuery, StreamId
from game_server.store.migrations import MIGRATIONS, OlderSchema
from game_server.store.reading import Reading
from game_server.upkeep import faults
from tests.store.conftest import opened
from tests.store.dumps import DUMPS, loaded

WRITTEN = {  # games that have ended, moves, accounts
    1: (["0-1 checkmate", "0-1 resignation", "* aborted", "1/2-1/2 agreement", "1-0 checkmate"], 27, 0),
    2: (["0-1 checkmate", "0-1 resignation", "* aborted", "1/2-1/2 agreement", "1-0 checkmate"], 28, 2),
}


def moves_in(path: Path) -> list[tuple[str, int, str]]:
    connection = sqlite3.connect(path)
    question = """SELECT name, event.version, body FROM event JOIN stream ON id = stream_id
        WHERE kind LIKE 'move_played%' ORDER BY 1, 2"""
    rows = connection.execute(question).fetchall()
    connection.close()
    return rows


def test_every_earlier_schema_has_its_dump():
    assert set(range(1, len(MIGRATIONS))) <= set(DUMPS)
    assert set(DUMPS) == set(WRITTEN)


@pytest.mark.parametrize("schema", sorted(DUMPS))
async def test_a_database_of_every_schema_is_upgraded_and_all_of_it_adds_up(schema, tmp_path):
    path = loaded(schema, tmp_path / "t.db")
    written = moves_in(path)
    endings, moves, accounts = WRITTEN[schema]
    async with opened(f"sqlite:///{path}") as log:
        assert [fault async for fault in faults(log, is_sqlite=True)] == []
        rows = await log.query(lambda connection: connection.execute("SELECT game_id FROM game").fetchall())
        games = [await log.finished_game(game_id) for (game_id,) in rows]
        assert sorted(f"{game.result} {game.reason}" for game in games) == sorted(endings)
        public = await log.finished_games(GameQuery(name="anna"))
        assert [(game.white_name, game.black_name, game.plies) for game in public] == [("Anna", "Boris", 4)]
        recorded = [each async for each in moves_of(log, {name for name, _, _ in written})]
        assert len(recorded) == len(written) == moves
        (count,) = await log.query(lambda connection: connection.execute("SELECT COUNT(*) FROM account").fetchone())
        assert count == accounts
    assert moves_in(path) == written


async def moves_of(log, names):
    for name in names:
        for recorded in (await log.read(StreamId(name))).recorded:
            if isinstance(recorded.event, MovePlayed):
                yield recorded.event


@pytest.mark.parametrize("schema", [schema for schema in sorted(DUMPS) if schema < len(MIGRATIONS)])
def test_an_older_database_is_not_upgraded_by_looking_at_it(schema, tmp_path):
    path = loaded(schema, tmp_path / "t.db")
    with pytest.raises(OlderSchema, match="start the server once"):
        Reading(path)
