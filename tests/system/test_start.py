"""A server that cannot start says why, in one line, and its exit status is not 0."""

import signal
import sqlite3
import time

import pytest

from tests.system.conftest import Starter
from tests.system.process import Server


def refusal(server: Server) -> str:
    """What a server says that does not start."""
    server.begin()
    status = server.wait()
    assert status not in (0, None)
    assert "Traceback" not in server.log
    assert len(server.log.splitlines()) == 1, server.log
    return server.log


def test_a_second_server_on_the_same_database_is_refused(starter: Starter) -> None:
    first, second = starter().start(), starter()
    second.database = first.database
    said = refusal(second)
    assert said.startswith("tabiya: cannot start: ")
    assert str(first.pid) in said
    assert str(first.database) in said
    first.stop()
    second.start()      # it is free again


def test_a_killed_server_holds_its_database_no_longer(starter: Starter) -> None:
    server = starter().start()
    server.kill()
    server.start()


def test_a_port_that_is_in_use_is_named(starter: Starter) -> None:
    first, second = starter().start(), starter()
    second.port = first.port
    said = refusal(second)
    assert str(first.port) in said
    assert "in use" in said


@pytest.mark.parametrize(
    ("options", "word"),
    [
        (("--ssl-certfile", "nothing.pem", "--ssl-keyfile", "nothing.pem"), "nothing.pem"),
        (("--ssl-certfile", __file__, "--ssl-keyfile", __file__), "certificate"),
        (("--host", "192.0.2.1"), "192.0.2.1"),
        (("--workers", "2"), "PostgreSQL"),
        (("--database-url", "sqlite:////nowhere/games.db"), "/nowhere/games.db"),
    ],
    ids=["no certificate", "no such certificate", "not our address", "workers", "no such folder"],
)
def test_what_is_wrong_is_named(starter: Starter, options: tuple[str, ...], word: str) -> None:
    assert word in refusal(starter(*options))


def test_another_programs_database_is_left_alone(starter: Starter) -> None:
    server = starter()
    with sqlite3.connect(server.database) as other:
        other.execute("CREATE TABLE theirs (x)")
    other.close()
    assert "another program" in refusal(server)


def test_ctrl_c_during_the_start_ends_it_quietly(starter: Starter) -> None:
    server = starter()
    server.begin()
    while not server.database.exists() and server.process.poll() is None:
        time.sleep(0.001)
    server.send(signal.SIGINT)
    assert server.wait() == 0
    assert server.log == ""
