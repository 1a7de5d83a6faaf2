"""Everything that is stored, stream by stream, as it stands in the tables: what `tabiya check` looks at.

Works beside running servers, without a transaction: what is read first is never newer than what it is compared with.
In SQL that every dialect speaks.
"""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Final, Protocol, TypeVar

from game_server.store.dialect import Connection, Row
from game_server.store.log import StreamId, Version

T = TypeVar("T")
PAGE: Final = 500

# What a question must find nothing of, and how it is said. Each row has what it is about in its first column.
STRAYS: Final = (
    (
        "an event of no stream, or beyond its stream's version",
        """SELECT event.stream_id, event.version FROM event LEFT JOIN stream ON stream.id = event.stream_id
        WHERE stream.id IS NULL OR event.version > stream.version OR event.version < 1""",
    ),
    (
        "an answer of no stream",
        """SELECT answer.stream_id FROM answer LEFT JOIN stream ON stream.id = answer.stream_id
        WHERE stream.id IS NULL""",
    ),
    (
        "a finished game that is not where its row says",
        """SELECT game.game_id FROM game
        LEFT JOIN event ON event.stream_id = game.stream_id AND event.version = game.last
        WHERE event.kind IS NULL OR SUBSTR(event.kind, 1, 10) <> 'game_ended'""",
    ),
    (
        "a game's end with two rows",
        "SELECT MIN(game_id), stream_id, last FROM game GROUP BY stream_id, last HAVING COUNT(*) > 1",
    ),
    (
        "a token of no account",
        """SELECT token.account_id FROM token LEFT JOIN account ON account.id = token.account_id
        WHERE account.id IS NULL""",
    ),
)


class Store(Protocol):
    """As much of a store as can be asked anything."""

    async def query(self, query: Callable[[Connection], T]) -> T: ...


@dataclass(frozen=True, slots=True)
class Stored:
    """A stream's row, its events up to that row's version, and its answers, undecoded.

    `events` are (version, kind, at_ms, body, player_id, command_id), `answers` (player_id, number, command_id, version,
    code). `ceiling` is the stream's version after all this was read: no answer may speak of a later one.
    """

    stream: StreamId
    version: Version
    deadline_ms: int | None
    is_open: bool
    is_public: bool
    events: list[Row]
    answers: list[Row]
    ceiling: Version


async def count(store: Store) -> int:
    """How many streams there are."""
    return await store.query(lambda connection: int(connection.execute("SELECT COUNT(*) FROM stream").fetchone()[0]))


async def streams(store: Store) -> AsyncIterator[int]:
    """The id of every stream, oldest first; of those that begin meanwhile perhaps not all. Raises Unavailable."""
    last = 0
    while True:
        ids = await store.query(lambda connection, after=last: _page(connection, after))  # type: ignore[misc]
        for stream_id in ids:
            yield stream_id
        if not ids:
            return
        last = ids[-1]


def _page(connection: Connection, after: int) -> list[int]:
    rows = connection.execute("SELECT id FROM stream WHERE id > ? ORDER BY id LIMIT ?", (after, PAGE)).fetchall()
    return [int(stream_id) for (stream_id,) in rows]


async def stored(store: Store, stream_id: int) -> Stored:
    """What there is of a stream. Raises Unavailable."""
    return await store.query(lambda connection: _stored(connection, stream_id))


def _stored(connection: Connection, stream_id: int) -> Stored:
    name, life, version, deadline_ms, is_open, is_public = connection.execute(
        "SELECT name, life, version, deadline_ms, is_open, is_public FROM stream WHERE id = ?", (stream_id,)
    ).fetchone()
    events = connection.execute(
        """SELECT version, kind, at_ms, body, player_id, command_id FROM event WHERE stream_id = ? AND version <= ?
        ORDER BY version""",
        (stream_id, version),
    ).fetchall()
    answers = connection.execute(
        """SELECT player_id, number, command_id, version, code FROM answer WHERE stream_id = ?
        ORDER BY player_id, number""",
        (stream_id,),
    ).fetchall()
    (ceiling,) = connection.execute("SELECT version FROM stream WHERE id = ?", (stream_id,)).fetchone()
    return Stored(
        StreamId(name, life), version, deadline_ms, bool(is_open), bool(is_public), events, answers, ceiling
    )


async def strays(store: Store, sentence: str, question: str) -> list[str]:
    """What one of STRAYS finds, in sentences. Raises Unavailable."""
    rows = await store.query(lambda connection: connection.execute(question).fetchall())
    return [f"{sentence}: {' '.join(str(value) for value in row)}" for row in rows]
