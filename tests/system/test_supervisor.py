"""What watches over the workers, with processes that do nothing but live."""

import multiprocessing
import signal
import time
from collections.abc import Iterator
from multiprocessing.connection import Connection
from typing import Any

import pytest

from game_server.supervisor import Supervisor

SPAWN = multiprocessing.get_context("spawn")


def live(ready: Connection) -> None:
    ready.send_bytes(b"ready")
    time.sleep(60)


class Watched:
    """A supervisor of two such processes; `made` has all that it started, by their numbers."""

    def __init__(self) -> None:
        self.made: list[tuple[int, Any]] = []
        self.supervisor = Supervisor(self._make, 2, lambda: None)

    def _make(self, slot: int, ready: Connection) -> Any:
        process = SPAWN.Process(target=live, args=(ready,))
        self.made.append((slot, process))
        return process

    def watch_until_made(self, count: int) -> None:
        until_s = time.monotonic() + 30
        while len(self.made) < count:
            assert time.monotonic() < until_s, self.made
            self.supervisor._look()


@pytest.fixture
def watched() -> Iterator[Watched]:
    watched = Watched()
    assert watched.supervisor._begin()
    yield watched
    watched.supervisor._stop_all()
    assert all(process.exitcode is not None for _, process in watched.made)


def test_workers_are_replaced_in_turn_also_if_one_of_them_is_dead_just_then(watched: Watched) -> None:
    _, first = watched.made[0]
    first.kill()
    first.join()
    watched.supervisor._note_replace(signal.SIGHUP, None)
    watched.watch_until_made(5)
    assert [slot for slot, _ in watched.made] == [0, 1, 0, 0, 1]
