"""`tabiya backup`, `check` and `restore` as who runs a server meets them: what they say, and their exit status."""

import sqlite3

import pytest

from game_server.command_line import main
from tests.store.dumps import DUMPS, loaded


@pytest.fixture
def database(tmp_path):
    """Real games, as an earlier version has left them."""
    return loaded(1, tmp_path / "t.db")


@pytest.fixture
def said(capsys, tmp_path):
    """Carries a command out on the database: its exit status, and what it says."""

    def carry_out(*words, database="t.db"):
        status = main([*map(str, words), "--database-url", f"sqlite:///{tmp_path / database}"])
        return status, *capsys.readouterr()

    return carry_out


def changed(path, statement):
    connection = sqlite3.connect(path)
    connection.execute(statement)
    connection.commit()
    connection.close()
    return path


def test_a_backup_is_made_checked_and_restored(database, tmp_path, said):
    copy = tmp_path / "copy.db"
    assert said("backup", copy) == (0, f"{database} is copied to {copy} ({copy.stat().st_size:,} bytes)\n", "")
    before = copy.read_bytes()
    status, _, complaint = said("backup", copy)
    assert (status, "--force" in complaint) == (1, True)
    changed(database, "DELETE FROM outage")
    assert said("backup", copy, "--force")[0] == 0
    assert copy.read_bytes() != before
    status, told, _ = said("restore", copy)
    (aside,) = tmp_path.glob("t.db.before-*")
    assert (status, told) == (0, f"{database} is what {copy} has\nthe earlier database is kept as {aside}\n")


def test_an_older_backup_is_upgraded_on_its_way(database, tmp_path, said):
    status, _, complaint = said("check")
    assert (status, "start the server once" in complaint) == (1, True)
    assert said("restore", database, database="new.db")[0] == 0
    assert said("check", database="new.db") == (0, "", "6 rooms and accounts checked\n")
    assert len(DUMPS) >= 2


def test_what_is_damaged_is_listed_and_is_not_restored(database, tmp_path, said):
    assert said("restore", database, database="new.db")[0] == 0
    damaged = changed(database.with_name("new.db"), "UPDATE event SET at_ms = 5 WHERE stream_id < 3 AND version = 4")
    status, found, complaint = said("check", damaged)
    assert (status, complaint.splitlines()[-1]) == (1, "tabiya: 2 faults")
    for line in found.splitlines():
        assert "version 4: game_started: it is dated" in line
    status, told, complaint = said("restore", damaged)
    assert (status, told) == (1, "")
    assert f"nothing is changed: {damaged} is damaged: room " in complaint
    assert not list(tmp_path.glob("t.db.before-*"))


def test_a_backup_of_a_newer_version_is_refused(database, tmp_path, said):
    newer = tmp_path / "newer.db"
    assert said("backup", newer)[0] == 0
    changed(newer, "UPDATE meta SET value = '999' WHERE name = 'schema'")
    before = database.read_bytes()
    for command in ("restore", "check"):
        status, told, complaint = said(command, newer)
        assert (status, told, "schema 999" in complaint) == (1, "", True), complaint
    assert database.read_bytes() == before


@pytest.mark.parametrize("command", ["check", "backup", "restore"])
def test_nothing_is_made_where_there_is_nothing(command, tmp_path, said):
    words = ["check"] if command == "check" else [command, tmp_path / "copy.db"]
    status, told, complaint = said(*words)
    assert (status, told) == (1, "")
    assert complaint.startswith("tabiya: there is no ")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("command", ["backup", "restore"])
def test_postgresql_is_left_to_its_own_tools(command, capsys):
    assert main([command, "copy.db", "--database-url", "postgresql://user:secret@localhost/chess"]) == 2
    complaint = capsys.readouterr().err
    assert ("pg_dump" if command == "backup" else "pg_restore") in complaint
    assert "secret" not in complaint
