"""One application for all tests of a module; the guests of each test leave at its end."""

import itertools

import pytest
from table import Club

_numbers = itertools.count(1)


@pytest.fixture(scope="module")
def shared_club(tmp_path_factory):
    with Club(tmp_path_factory.mktemp("club")) as club:
        yield club


@pytest.fixture
def club(shared_club):
    yield shared_club
    shared_club.all_leave()


@pytest.fixture
def room_id():
    """One that no other test uses."""
    return f"room-{next(_numbers)}"
