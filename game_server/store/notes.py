"""Small texts by name, kept beside the log: what a restarted server needs to go on and no game depends on."""

import hashlib
from typing import Final

from game_server.store.dialect import Connection
from game_server.store.sql import SqlLog

PREFIX: Final = "note:"     # the schema's number stands in the same table


class Notes:
    """Notes in the database of `log`. Every method may raise Unavailable."""

    def __init__(self, log: SqlLog, owner: str = "") -> None:
        """What one `owner` keeps, no other sees."""
        self._log = log
        self._prefix = PREFIX + (hashlib.sha256(owner.encode()).hexdigest()[:16] + ":" if owner else "")

    async def keep(self, name: str, text: str) -> None:
        """Returns once it is durable; replaces what was kept under that name."""

        def write(connection: Connection) -> None:
            connection.execute(
                "INSERT INTO meta (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                (self._prefix + name, text),
            )

        await self._log.write(write)

    async def drop(self, name: str) -> None:
        def write(connection: Connection) -> None:
            connection.execute("DELETE FROM meta WHERE name = ?", (self._prefix + name,))

        await self._log.write(write)

    async def under(self, beginning: str) -> dict[str, str]:
        """All whose name begins so. `beginning` must not contain % or _."""
        rows = await self._log.query(
            lambda connection: connection.execute(
                "SELECT name, value FROM meta WHERE name LIKE ? ORDER BY name", (f"{self._prefix}{beginning}%",)
            ).fetchall()
        )
        return {str(name).removeprefix(self._prefix): str(text) for name, text in rows}
