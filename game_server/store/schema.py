"""The tables, as the migration that makes them.

`{identity}` is a number the database draws, `{key}` text compared byte by byte; truth values are 0 and 1. A statement
here is for ever: a change is a new migration (migrations.py).

`event` has no clustered key on purpose: rows lie in the order of writing, so that a commit for fifty rooms touches a
few pages and not fifty.
"""

from typing import Final

META: Final = "CREATE TABLE IF NOT EXISTS meta (name {key} PRIMARY KEY, value TEXT NOT NULL)"

FIRST: Final[tuple[str, ...]] = (
    """CREATE TABLE stream (
        id {identity},
        name {key} NOT NULL,
        life INTEGER NOT NULL,
        version INTEGER NOT NULL,
        deadline_ms BIGINT,
        is_open SMALLINT NOT NULL,
        is_public SMALLINT NOT NULL,
        UNIQUE (name, life)
    )""",
    "CREATE INDEX stream_deadline ON stream (deadline_ms) WHERE deadline_ms IS NOT NULL",
    "CREATE INDEX stream_public ON stream (id) WHERE is_open = 1 AND is_public = 1",
    """CREATE TABLE event (
        stream_id BIGINT NOT NULL,
        version INTEGER NOT NULL,
        at_ms BIGINT NOT NULL,
        kind {key} NOT NULL,
        body TEXT NOT NULL,
        player_id {key},
        command_id {key},
        PRIMARY KEY (stream_id, version)
    )""",
    """CREATE TABLE answer (
        stream_id BIGINT NOT NULL,
        player_id {key} NOT NULL,
        number INTEGER NOT NULL,
        command_id {key} NOT NULL,
        version INTEGER NOT NULL,
        code {key},
        message TEXT NOT NULL,
        PRIMARY KEY (stream_id, player_id, number),
        UNIQUE (stream_id, player_id, command_id)
    )""",
    """CREATE TABLE game (
        game_id {key} PRIMARY KEY,
        stream_id BIGINT NOT NULL,
        first INTEGER NOT NULL,
        last INTEGER NOT NULL,
        white_id {key} NOT NULL,
        white_name TEXT NOT NULL,
        white_folded {key} NOT NULL,
        white_is_bot SMALLINT NOT NULL,
        black_id {key} NOT NULL,
        black_name TEXT NOT NULL,
        black_folded {key} NOT NULL,
        black_is_bot SMALLINT NOT NULL,
        variant {key} NOT NULL,
        time_control {key} NOT NULL,
        result {key} NOT NULL,
        reason {key} NOT NULL,
        plies INTEGER NOT NULL,
        started_ms BIGINT NOT NULL,
        ended_ms BIGINT NOT NULL,
        is_public SMALLINT NOT NULL
    )""",
    "CREATE INDEX game_newest ON game (ended_ms, game_id) WHERE is_public = 1",
    "CREATE TABLE worker (worker_id {key} PRIMARY KEY, alive_ms BIGINT NOT NULL)",
    "CREATE TABLE outage (from_ms BIGINT NOT NULL, until_ms BIGINT NOT NULL, PRIMARY KEY (until_ms, from_ms))",
)

ACCOUNTS: Final[tuple[str, ...]] = (
    "CREATE TABLE account (id {key} PRIMARY KEY, name TEXT NOT NULL, title {key}, created_ms BIGINT NOT NULL)",
    """CREATE TABLE token (
        token_hash {key} PRIMARY KEY,
        account_id {key} NOT NULL REFERENCES account (id),
        scopes TEXT NOT NULL,
        created_ms BIGINT NOT NULL
    )""",
    "CREATE INDEX token_account ON token (account_id)",
    "CREATE INDEX game_white ON game (white_id, ended_ms)",
    "CREATE INDEX game_black ON game (black_id, ended_ms)",
)
