"""The examples in the client's docstrings are so."""

import doctest
from types import ModuleType

import pytest

from game_server import engines
from game_server.client import address, elo, endings, mover, online, openings

MODULES = [address, elo, endings, engines, mover, online, openings]


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__)
def test_examples(module: ModuleType) -> None:
    failed, tried = doctest.testmod(module, optionflags=doctest.ELLIPSIS | doctest.IGNORE_EXCEPTION_DETAIL)
    assert (failed, tried > 0) == (0, True)
