"""Several outages that a room has not looked at are repaid as one."""

import pytest

from game_server.core.commands import NoteOutage
from game_server.rooms.outages import together

AT = 1_000      # the room's latest event


@pytest.mark.parametrize(
    ("outages", "owed"),
    [
        # from, until of each         as one
        ([], None),
        ([(1_200, 1_500)], (1_200, 1_500)),
        ([(400, 900)], None),                               # before the room's latest event
        ([(900, 1_300)], (1_000, 1_300)),
        ([(1_200, 1_500), (2_000, 2_700)], (1_700, 2_700)),
        ([(2_000, 2_700), (1_200, 1_500)], (1_700, 2_700)),
        ([(1_200, 1_500), (1_400, 1_600)], (1_200, 1_600)),     # each moment counts once
        ([(1_200, 1_500), (1_300, 1_400)], (1_200, 1_500)),
        ([(1_200, 1_500), (1_200, 1_500)], (1_200, 1_500)),
        ([(400, 900), (1_200, 1_500)], (1_200, 1_500)),
    ],
)
def test_outages_together_last_as_long_as_each_took_from_the_room(outages, owed):
    repaid = together([NoteOutage(*outage) for outage in outages], AT)
    assert repaid == (NoteOutage(*owed) if owed else None)
