"""Real server processes. A test fails if its server's log tells of a bug of ours."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.system.process import Server

Starter = Callable[..., Server]


@pytest.fixture
def starter(tmp_path: Path) -> Iterator[Starter]:
    """Makes servers that a test may kill and start again: `starter(*options)`, not yet started."""
    made: list[Server] = []

    def make(*options: str, scheme: str = "http") -> Server:
        folder = tmp_path / str(len(made))
        folder.mkdir()
        made.append(Server(folder, *options, scheme=scheme))
        return made[-1]

    yield make
    for server in made:
        server.end()
    for server in made:
        assert not server.faults(), server.faults()[0]


@pytest.fixture(scope="module")
def module_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(tmp_path_factory.mktemp("server"), "--log-level", "debug", "--flicker-s", "0.2").start()
    yield server
    status, took_s = server.stop()
    assert (status, took_s < 2) == (0, True), (status, took_s, server.log[-2_000:])
    server.end()


@pytest.fixture
def server(module_server: Server) -> Iterator[Server]:
    """A running server that the tests of a module share; each has rooms of its own."""
    since = len(module_server.log)
    yield module_server
    assert module_server.process.poll() is None, module_server.log[-3_000:]
    assert not module_server.faults(since), module_server.faults(since)[0]
