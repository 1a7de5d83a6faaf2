"""How appends become rows: a whole batch in a handful of statements, each append accepted or refused for itself.

The streams' rows are locked in the order of their names, so that two workers cannot wait for each other; whoever has
the lock compares versions here, and nothing is left to a constraint to refuse.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

from game_server.store.codec import encode
from game_server.store.dialect import Connection, Dialect, Row, fetch_many, write_many
from game_server.store.log import REMEMBERED, Answer, Append, Conflict, FinishedGame, Version

BEGIN_STREAMS: Final = """INSERT INTO stream (name, life, version, is_open, is_public) VALUES {rows}
    ON CONFLICT DO NOTHING"""
LOCKED: Final = "id, name, life, version"
LOCK_STREAMS: Final = """SELECT {columns} FROM (VALUES {rows}) AS v CROSS JOIN stream
    WHERE name = v.column1 AND life = v.column2"""  # CROSS keeps SQLite from scanning all streams, which IN makes it do
MOVE_STREAMS: Final = """UPDATE stream
    SET version = v.column2, deadline_ms = v.column3, is_open = v.column4, is_public = v.column5
    FROM (VALUES {rows}) AS v WHERE stream.id = v.column1"""
MOVE_STREAMS_ROW: Final = (
    "(CAST(? AS BIGINT), CAST(? AS INTEGER), CAST(? AS BIGINT), CAST(? AS SMALLINT), CAST(? AS SMALLINT))"
)
ADD_EVENTS: Final = """INSERT INTO event (stream_id, version, at_ms, kind, body, player_id, command_id)
    VALUES {rows}"""
CAUSE_AT: Final = "SELECT player_id, command_id FROM event WHERE stream_id = ? AND version = ?"
ADD_ANSWER: Final = """INSERT INTO answer (stream_id, player_id, number, command_id, version, code, message)
    SELECT CAST(? AS BIGINT), ?, COALESCE(MAX(number), 0) + 1, ?, CAST(? AS INTEGER), ?, ?
    FROM answer WHERE stream_id = ? AND player_id = ?
    ON CONFLICT DO NOTHING"""
FORGET_ANSWERS: Final = """DELETE FROM answer WHERE stream_id = ? AND player_id = ? AND number <= (
    SELECT MAX(number) FROM answer WHERE stream_id = ? AND player_id = ?) - ?"""
ADD_GAMES: Final = """INSERT INTO game (game_id, stream_id, first, last,
    white_id, white_name, white_folded, white_is_bot, black_id, black_name, black_folded, black_is_bot,
    variant, time_control, result, reason, plies, started_ms, ended_ms, is_public)
    VALUES {rows} ON CONFLICT DO NOTHING"""


StreamKey = tuple[str, int]  # a StreamId, or what equals one


class Encoded(NamedTuple):
    """An append, its events ready to be stored: (version, at_ms, kind, body, player_id, command_id) of each."""

    append: Append
    events: list[Row]


def encoded(append: Append) -> Encoded:
    version = append.expected
    player_id, command_id = (append.cause.player_id, append.cause.command_id) if append.cause else (None, None)
    rows: list[Row] = []
    for event in append.events:
        version += 1
        kind, body = encode(event)
        rows.append((version, event.at_ms, kind, body, player_id, command_id))
    return Encoded(append, rows)


def write_appends(
    connection: Connection, dialect: Dialect, batch: Sequence[Encoded], *, is_doubtful: bool
) -> list[Version | Conflict]:
    """The new version, or the conflict, of each append in `batch`; in the order given, which is also that of writing.

    Must run inside a transaction. `is_doubtful`: what is found in the log with an append's own cause is that append.
    """
    places = _locked(connection, dialect, batch)
    outcomes: list[Version | Conflict] = []
    moved: dict[StreamKey, Row] = {}
    events: list[Row] = []
    games: list[Row] = []
    for append, rows in batch:
        stream_id, version = places.get(append.stream, (0, 0))
        if version != append.expected or not stream_id:
            outcomes.append(_refused(connection, append, stream_id, version, is_doubtful=is_doubtful))
            continue
        if rows:
            version += len(rows)
            places[append.stream] = stream_id, version
            flags = int(append.is_open), int(append.is_public)
            moved[append.stream] = (stream_id, version, append.deadline_ms, *flags)
            events += [(stream_id, *row) for row in rows]
        if append.answer is not None:
            _remember(connection, stream_id, append.answer)
        if append.finished:
            games += [_game_row(stream_id, game) for game in append.finished]
        outcomes.append(version)
    write_many(connection, MOVE_STREAMS, MOVE_STREAMS_ROW, list(moved.values()))
    write_many(connection, ADD_EVENTS, "(?, ?, ?, ?, ?, ?, ?)", events)
    write_many(connection, ADD_GAMES, f"({', '.join('?' * 20)})", games)
    return outcomes


def _locked(connection: Connection, dialect: Dialect, batch: Sequence[Encoded]) -> dict[StreamKey, tuple[int, Version]]:
    """The ids and versions of the streams of `batch`, locked; those that begin with it exist now, at version 0."""
    begun = sorted({append.stream for append, _ in batch if append.expected == 0})
    write_many(connection, BEGIN_STREAMS, "(?, ?, 0, 1, 0)", begun)
    streams = sorted({append.stream for append, _ in batch})
    lock = LOCK_STREAMS.replace("{columns}", dialect.gathered(LOCKED)) + dialect.locking
    found = dialect.scattered(fetch_many(connection, lock, "(?, CAST(? AS INTEGER))", streams))
    return {(name, life): (stream_id, version) for stream_id, name, life, version in found}


def _refused(
    connection: Connection, append: Append, stream_id: int, version: Version, *, is_doubtful: bool
) -> Version | Conflict:
    if is_doubtful and append.cause is not None and append.events:
        row = connection.execute(CAUSE_AT, (stream_id, append.expected + 1)).fetchone()
        if row is not None and tuple(row) == (append.cause.player_id, append.cause.command_id):
            return append.expected + len(append.events)
    return Conflict(version)


def _remember(connection: Connection, stream_id: int, answer: Answer) -> None:
    """Notes `answer`, and forgets all but the player's last ones."""
    player = (stream_id, answer.cause.player_id)
    connection.execute(
        ADD_ANSWER, (*player, answer.cause.command_id, answer.version, answer.code, answer.message, *player)
    )
    connection.execute(FORGET_ANSWERS, (*player, *player, REMEMBERED))


def _game_row(stream_id: int, game: FinishedGame) -> Row:
    return (
        game.game_id,
        stream_id,
        game.first,
        game.last,
        game.white_id,
        game.white_name,
        game.white_name.casefold(),
        int(game.white_is_bot),
        game.black_id,
        game.black_name,
        game.black_name.casefold(),
        int(game.black_is_bot),
        game.variant,
        game.time_control,
        game.result,
        game.reason,
        game.plies,
        game.started_ms,
        game.ended_ms,
        int(game.is_public),
    )
