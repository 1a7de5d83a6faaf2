"""Small texts that outlive the process."""

from pathlib import Path

from game_server.store.notes import Notes
from game_server.store.sql import open_log


async def test_notes_are_kept_replaced_found_by_their_beginning_and_dropped(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'notes.db'}"
    log = await open_log(url)
    notes = Notes(log)
    await notes.keep("computer/a", "1")
    await notes.keep("computer/a", "2")
    await notes.keep("computer/b", "3")
    await notes.keep("other", "4")
    await notes.drop("computer/b")
    await log.close()
    log = await open_log(url)
    assert await Notes(log).under("computer/") == {"computer/a": "2"}
    assert set(await Notes(log).under("")) == {"computer/a", "other"}   # and not the schema's number
    await log.close()
