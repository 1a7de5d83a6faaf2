"""Which of a room's values is shown at which moment."""

import pytest

from game_server.core.options import Options
from game_server.core.room import Room
from game_server.rooms.past import Past

DELAY_MS = 1_000


def room(version, at_ms, delay_ms=DELAY_MS):
    return Room("r", "e", Options(spectator_delay_ms=delay_ms), version, at_ms, 0)


def past(*at_ms):
    """Of a room with events at these moments."""
    found = Past.of(room(1, at_ms[0]))
    for version, each_ms in enumerate(at_ms[1:], start=2):
        found.add(room(version, each_ms))
    return found


@pytest.mark.parametrize(("now_ms", "version"), [
    # events at 0, 100, 100, 250
    (0, 1),         # the opening at once
    (999, 1),
    (1_099, 1),
    (1_100, 3),     # two of one moment together
    (1_249, 3),
    (1_250, 4),
    (9_999, 4),
])
def test_the_newest_value_that_is_as_old_as_the_delay_is_shown(now_ms, version):
    assert past(0, 100, 100, 250).at(now_ms).version == version


@pytest.mark.parametrize(("version", "following"), [(1, 2), (2, 3), (3, None)])
def test_what_follows(version, following):
    after = past(0, 100, 250).after(version)
    assert (after and after.version) == following


@pytest.mark.parametrize(("at_ms", "kept"), [
    ((0,), [1]),
    ((0, 10, 20), [1, 2, 3]),
    ((0, 10, 1_009), [1, 2, 3]),        # at 1,009 it is still the opening that is shown
    ((0, 10, 1_010), [2, 3]),
    ((0, 10, 20, 1_020), [3, 4]),
    ((0, 10, 20, 9_000), [3, 4]),
    ((0, 1_000, 2_000, 3_000), [3, 4]),
])
def test_what_can_never_be_shown_again_is_forgotten(at_ms, kept):
    found = past(*at_ms)
    assert found.first.version == kept[0]
    assert len(found) == len(kept)


def test_a_room_without_a_delay_keeps_nothing():
    assert Past.of(room(1, 0, delay_ms=0)) is None
