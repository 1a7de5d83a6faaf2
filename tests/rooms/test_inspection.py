"""What is wrong in a store is found, whatever it is, and named; nothing is found in what the server has written."""

import sqlite3

import pytest

from game_server.core.events import OfferMade
from game_server.rooms import inspection
from game_server.store import survey
from game_server.store.log import Append
from game_server.store.reading import Reading
from game_server.upkeep import faults
from tests.rooms.worker import Worker, play
from tests.store.conftest import opened
from tests.store.dumps import loaded

ROOM = "room FTK89lCUziAb"


async def found_in(path):
    store = Reading(path)
    found = [fault async for fault in faults(store, is_sqlite=True)]
    await store.close()
    return found


@pytest.fixture
async def path(tmp_path, intact=[]):  # noqa: B006 - made once
    """Real games and accounts, in today's schema."""
    path = tmp_path / "t.db"
    if not intact:
        async with opened(f"sqlite:///{loaded(2, path)}"):
            pass
        assert await found_in(path) == []
        intact.append(path.read_bytes())
    path.write_bytes(intact[0])
    return path


def event(version, assignments, stream=1):
    return f"UPDATE event SET {assignments} WHERE stream_id = {stream} AND version = {version}"


DAMAGES = {
    "an event is gone": ("DELETE FROM event WHERE stream_id = 1 AND version = 7", f"{ROOM}: version 7 is missing"),
    "the last event is gone": ("DELETE FROM event WHERE stream_id = 1 AND version = 18", f"{ROOM}: version 18 is miss"),
    "all events are gone": ("DELETE FROM event WHERE stream_id = 1", f"{ROOM}: version 1 is missing"),
    "an event too many": ("UPDATE stream SET version = 17 WHERE id = 1", "beyond its stream's version: 1 18"),
    "two events swapped": (event(10, "version = 99") + ";" + event(11, "version = 10") + ";" + event(99, "version=11"),
                           f"{ROOM}: version 10: move_played: ply 1 is white's"),
    "a move that is not legal": (event(6, """body = '[1,"w","e2e5","e5",300000,0,0]'"""), "'e2e5' is not legal"),
    "another legal move": (event(11, """body = '[2,"b","d7d6","d6",300000,0,0]'"""), "'d8h4' is not legal"),
    "a move by the opponent": (event(6, "player_id = 'xkph4q5oRA'"), "version 6: move_played: asked for by xkph4q5oRA"),
    "a torn body": (event(9, "body = '{\"ply\":'"), f"{ROOM}: version 9: unreadable takeback_agreed"),
    "a kind nobody knows": (event(9, "kind = 'wish_granted'"), "no event is called 'wish_granted'"),
    "a field that is missing": (event(14, """body = '{"by":"white"}'"""), f"{ROOM}: version 14: unreadable time_given"),
    "time that runs backwards": (event(8, "at_ms = 1"), "version 8: offer_made: it is dated"),
    "a takeback of more than there was": (event(9, """body = '{"ply":8}'"""), "no ply 8 to go back to"),
    "another result": (event(17, """body = '{"result":"1-0","reason":"checkmate"}'"""), "not 1-0 by checkmate"),
    "a game without its row": ("DELETE FROM game WHERE game_id = 'AEnf8rHv9uDn'", "game AEnf8rHv9uDn has no row"),
    "a row with another result": ("UPDATE game SET result = '1-0' WHERE game_id = 'AEnf8rHv9uDn'", "wrong in result"),
    "a row with other names": ("UPDATE game SET white_name = 'x', plies = 5 WHERE game_id = 'AEnf8rHv9uDn'",
                               "the row of game AEnf8rHv9uDn is wrong in white_name, plies"),
    "a row of no game": ("UPDATE game SET last = 3 WHERE game_id = 'AEnf8rHv9uDn'", "not where its row says: AE"),
    "two rows of one game": ("INSERT INTO game SELECT 'zz', " + "stream_id, first, last, white_id, white_name, "
                             "white_folded, white_is_bot, black_id, black_name, black_folded, black_is_bot, variant, "
                             "time_control, result, reason, plies, started_ms, ended_ms, is_public FROM game LIMIT 1",
                             "a game's end with two rows"),
    "a closed room in the lobby": ("UPDATE stream SET is_open = 1, is_public = 1 WHERE id = 1", "row says otherwise"),
    "an open room without a deadline": ("UPDATE stream SET deadline_ms = NULL WHERE id = 4", "never be looked at"),
    "a closed room with a deadline": ("UPDATE stream SET deadline_ms = 5 WHERE id = 1", "still has a deadline"),
    "a room under another's name": ("UPDATE stream SET name = 'room:other' WHERE id = 1",
                                    "room other: its log is that of room FTK89lCUziAb"),
    "a stream of another kind": ("UPDATE stream SET name = 'boom' WHERE id = 1", "boom: no stream is called so"),
    "a stream that is gone": ("DELETE FROM stream WHERE id = 1", "an event of no stream"),
    "an answer of no stream": ("UPDATE answer SET stream_id = 99", "an answer of no stream: 99"),
    "an answer from the future": ("UPDATE answer SET version = 19", "speaks of version 19"),
    "an answer that says nothing": ("UPDATE answer SET code = 'perhaps'", "no known code: perhaps"),
    "a token of nobody": ("DELETE FROM account WHERE id = 'anna'", "a token of no account"),
    "an account that is gone": ("DELETE FROM token; DELETE FROM account WHERE id = 'anna'",
                                "account anna: there is no such account"),
    "an account's event is gone": ("DELETE FROM event WHERE stream_id = 7 AND version = 2", "account anna: version 2"),
    "a room's event in an account": (event(2, "kind = 'chat_said', body = '{\"by\":\"white\",\"room\":\"player\","
                                           "\"text\":\"x\"}'", 7), "account anna: version 2: chat_said does not fold"),
    "a challenge for ever": ("UPDATE stream SET deadline_ms = NULL WHERE id = 7", "would not expire"),
}


@pytest.mark.parametrize(("damage", "sentence"), DAMAGES.values(), ids=DAMAGES)
async def test_every_damage_is_found(path, damage, sentence):
    connection = sqlite3.connect(path)
    connection.executescript(f"BEGIN; {damage}; COMMIT")
    connection.close()
    found = await found_in(path)
    assert any(sentence in fault for fault in found), found


async def test_a_page_that_was_overwritten_is_found_and_the_rest_is_still_looked_at(path):
    connection = sqlite3.connect(path)
    (page_bytes,) = connection.execute("PRAGMA page_size").fetchone()
    (root,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'answer'").fetchone()
    connection.execute("UPDATE token SET account_id = 'nobody'")
    connection.commit()
    connection.close()
    with path.open("r+b") as file:
        file.seek((root - 1) * page_bytes)
        file.write(b"\xff" * page_bytes)
    found = await found_in(path)
    for sentence in ("the file ", "stream 1 cannot be read: database disk image", "a token of no account"):
        assert any(sentence in fault for fault in found), found


async def test_whoever_plays_on_while_it_is_looked_at_is_no_fault(tmp_path):
    async with opened(f"sqlite:///{tmp_path}/t.db", synchronous="OFF") as log:
        live = await Worker(log).game("r")
        (stream_id,) = [each async for each in survey.streams(log)]

        class Meanwhile:
            """The same log; between its questions a move is made."""

            async def finished_game(self, game_id):
                return await log.finished_game(game_id)

            async def account(self, account_id):
                return await log.account(account_id)

        await play(live, "f2f3", "e7e5", "g2g4")
        stored = await survey.stored(log, stream_id)
        await play(live, "d8h4")
        assert await inspection.faults(Meanwhile(), stored) == []
        assert await inspection.faults(log, await survey.stored(log, stream_id)) == []


async def test_an_event_that_no_room_could_have_decided_is_found(tmp_path):
    async with opened(f"sqlite:///{tmp_path}/t.db", synchronous="OFF") as log:
        live = await Worker(log).game("r")
        forged = OfferMade(live.room.at_ms, "rematch", "white")
        await log.append(Append(live.stream, live.version, (forged,), deadline_ms=1))
        (stream_id,) = [each async for each in survey.streams(log)]
        assert await inspection.faults(log, await survey.stored(log, stream_id)) == [
            f"room r: version {live.version + 1}: offer_made: there is no finished game"
        ]
