"""The questions asked beside the log, and the small facts kept there, in SQL that every dialect speaks."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any, Final

from game_server.core.ids import GameId, PlayerId
from game_server.core.refusals import Code
from game_server.store.codec import decode
from game_server.store.dialect import Connection, fetch_many
from game_server.store.log import (
    Answer,
    Cause,
    FinishedGame,
    GameQuery,
    History,
    Recalled,
    Recorded,
    StreamId,
    Version,
    WorkerId,
)

WORKER_ROW_LIVES_MS: Final = 86_400_000  # after that nobody asks when a dead worker was last alive

_GAME: Final = """SELECT game_id, name, life, first, last, white_id, white_name, white_is_bot, black_id, black_name,
    black_is_bot, variant, time_control, result, reason, plies, started_ms, ended_ms, game.is_public
    FROM game JOIN stream ON stream.id = game.stream_id"""


def history(connection: Connection, stream: StreamId, after: Version) -> History:
    """Answers are read first: an event that comes between is one more fact, an answer would speak of unseen events.

    Both are asked for before either is fetched, which on PostgreSQL is one round trip.
    """
    answers = connection.execute(
        """SELECT player_id, command_id, version, code, message FROM answer
        WHERE stream_id = (SELECT id FROM stream WHERE name = ? AND life = ?) ORDER BY version, player_id, number""",
        stream,
    )
    events = connection.execute(
        """SELECT version, kind, at_ms, body, player_id, command_id FROM event
        WHERE stream_id = (SELECT id FROM stream WHERE name = ? AND life = ?) AND version > ? ORDER BY version""",
        (*stream, after),
    )
    remembered = [_answer(*answer) for answer in answers.fetchall()]
    recorded = [
        Recorded(
            version, decode(kind, at_ms, body), None if command_id is None else Cause(PlayerId(player_id), command_id)
        )
        for version, kind, at_ms, body, player_id, command_id in events.fetchall()
    ]
    return History(recorded, remembered)


def _answer(player_id: str, command_id: str, version: Version, code: str | None, message: str) -> Answer:
    return Answer(Cause(PlayerId(player_id), command_id), version, None if code is None else Code(code), message)


def recall(connection: Connection, name: str) -> Recalled | None:
    (life,) = connection.execute("SELECT MAX(life) FROM stream WHERE name = ?", (name,)).fetchone()
    if life is None:
        return None
    stream = StreamId(name, life)
    read = history(connection, stream, 0)
    if not read.recorded:
        return None
    return Recalled(stream, read, outages(connection, read.recorded[-1].event.at_ms))


def openings(connection: Connection, streams: Collection[StreamId]) -> dict[StreamId, Any]:
    statement = """SELECT name, life, kind, at_ms, body FROM stream JOIN event ON event.stream_id = stream.id
        WHERE event.version = 1 AND name IN ({rows})"""
    names = sorted({stream.name for stream in streams})
    found = fetch_many(connection, statement, "?", [(name,) for name in names])
    return {
        stream: decode(kind, at_ms, body)
        for name, life, kind, at_ms, body in found
        if (stream := StreamId(name, life)) in streams
    }


def heads(connection: Connection, names: Sequence[str]) -> dict[str, tuple[StreamId, Version]]:
    statement = "SELECT name, life, version FROM stream WHERE name IN ({rows})"
    found = sorted(fetch_many(connection, statement, "?", [(name,) for name in names]))
    return {name: (StreamId(name, life), version) for name, life, version in found}


def overdue(connection: Connection, now_ms: int, limit: int) -> list[StreamId]:
    rows = connection.execute(
        "SELECT name, life FROM stream WHERE deadline_ms <= ? ORDER BY deadline_ms, id LIMIT ?", (now_ms, limit)
    ).fetchall()
    return [StreamId(*row) for row in rows]


def public_streams(connection: Connection, limit: int) -> list[StreamId]:
    rows = connection.execute(
        "SELECT name, life FROM stream WHERE is_open = 1 AND is_public = 1 ORDER BY id DESC LIMIT ?", (limit,)
    ).fetchall()
    return [StreamId(*row) for row in rows]


def finished_game(connection: Connection, game_id: GameId) -> FinishedGame | None:
    row = connection.execute(f"{_GAME} WHERE game_id = ?", (game_id,)).fetchone()
    return None if row is None else _finished(row)


def finished_games(connection: Connection, query: GameQuery) -> list[FinishedGame]:
    wanted, parameters = ["game.is_public = 1"], list[Any]()
    if query.before is not None:
        wanted.append("(ended_ms, game_id) < (?, ?)")
        parameters += query.before
    if query.name is not None:
        wanted.append(r"(white_folded LIKE ? ESCAPE '\' OR black_folded LIKE ? ESCAPE '\')")
        parameters += [_containing(query.name.casefold())] * 2
    if query.result is not None:
        wanted.append("result = ?")
        parameters.append(query.result)
    rows = connection.execute(
        f"{_GAME} WHERE {' AND '.join(wanted)} ORDER BY ended_ms DESC, game_id DESC LIMIT ?",
        (*parameters, query.limit),
    ).fetchall()
    return [_finished(row) for row in rows]


def games_of(
    connection: Connection, player_id: PlayerId, limit: int, before_ms: int | None, *, only_public: bool
) -> list[FinishedGame]:
    wanted, parameters = "(white_id = ? OR black_id = ?)", [player_id, player_id, *([before_ms] if before_ms else [])]
    wanted += " AND ended_ms < ?" if before_ms else ""
    wanted += " AND game.is_public = 1" if only_public else ""
    rows = connection.execute(
        f"{_GAME} WHERE {wanted} ORDER BY ended_ms DESC, game_id DESC LIMIT ?", (*parameters, limit)
    ).fetchall()
    return [_finished(row) for row in rows]


def _containing(text: str) -> str:
    """The LIKE pattern for what contains `text`."""
    for special in "\\%_":
        text = text.replace(special, "\\" + special)
    return f"%{text}%"


def _finished(row: Sequence[Any]) -> FinishedGame:
    """Columns as in _GAME, which are FinishedGame's fields in their order, the stream in two."""
    game_id, name, life, *rest = row
    game = FinishedGame(game_id, StreamId(name, life), *rest)
    return replace(
        game,
        white_is_bot=bool(game.white_is_bot),
        black_is_bot=bool(game.black_is_bot),
        is_public=bool(game.is_public),
    )


def renew(connection: Connection, worker: WorkerId, now_ms: int) -> None:
    connection.execute(
        """INSERT INTO worker (worker_id, alive_ms) VALUES (?, ?)
        ON CONFLICT (worker_id) DO UPDATE SET alive_ms = excluded.alive_ms
        WHERE excluded.alive_ms > worker.alive_ms""",
        (worker, now_ms),
    )
    connection.execute("DELETE FROM worker WHERE alive_ms < ?", (now_ms - WORKER_ROW_LIVES_MS,))


def last_alive(connection: Connection) -> int | None:
    (alive_ms,) = connection.execute("SELECT MAX(alive_ms) FROM worker").fetchone()
    return None if alive_ms is None else int(alive_ms)


def alive_after(connection: Connection, after_ms: int) -> dict[WorkerId, int]:
    rows = connection.execute("SELECT worker_id, alive_ms FROM worker WHERE alive_ms > ?", (after_ms,)).fetchall()
    return {WorkerId(worker_id): alive_ms for worker_id, alive_ms in rows}


def note_outage(connection: Connection, from_ms: int, until_ms: int) -> None:
    connection.execute(
        "INSERT INTO outage (from_ms, until_ms) VALUES (?, ?) ON CONFLICT DO NOTHING", (from_ms, until_ms)
    )


def outages(connection: Connection, after_ms: int) -> list[tuple[int, int]]:
    rows = connection.execute(
        "SELECT from_ms, until_ms FROM outage WHERE until_ms > ? ORDER BY until_ms, from_ms", (after_ms,)
    ).fetchall()
    return [(from_ms, until_ms) for from_ms, until_ms in rows]

