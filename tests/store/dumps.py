"""Databases that earlier versions wrote, as dumps of real games under tests/store/golden.

schema_N.sql was written by the last version that had schema N. A new migration needs a dump of the schema before it:
play with the server, `sqlite3 tabiya.db .dump`, and put `PRAGMA application_id` first.
"""

import sqlite3
from pathlib import Path

GOLDEN = Path(__file__).parent / "golden"
DUMPS = {int(path.stem.removeprefix("schema_")): path for path in GOLDEN.glob("schema_*.sql")}


def loaded(schema: int, path: Path) -> Path:
    """The database of that schema, at `path`, as it was."""
    connection = sqlite3.connect(path)
    connection.executescript(DUMPS[schema].read_text("utf-8"))
    connection.close()
    return path
