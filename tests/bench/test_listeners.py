"""What listeners count as missing, doubled and out of order."""

import json

import pytest

from game_server.bench.listeners import PollingSpectator, Spectator
from game_server.bench.tally import Tally


def move(version: int, **more: object) -> bytes:
    return json.dumps({"v": version, "type": "move", "ply": version, **more}, separators=(",", ":")).encode()


def state(version: int) -> bytes:
    return json.dumps({"type": "state", "v": version, "status": "playing"}, separators=(",", ":")).encode()


PRESENCE = b'{"type":"presence","white":true,"black":true,"spectators":1}'
ACK = b'{"type":"ack","id":"1","v":9}'
TYPE_FIRST = b'{"type":"move","at":1,"v":4,"ply":4}'

HEARD = {
    #  heard after a state at version 3                 missing doubled out of order
    "everything once": ([move(4), move(5), move(6)], (0, 0, 0)),
    "one is left out": ([move(4), move(6)], (1, 0, 0)),
    "one comes twice": ([move(4), move(4), move(5)], (0, 1, 0)),
    "two are swapped": ([move(5), move(4), move(6)], (1, 0, 1)),
    "an old one comes again": ([move(4), move(5), move(3)], (0, 0, 1)),
    "what has no version of its own does not count": ([move(4), PRESENCE, ACK, move(5)], (0, 0, 0)),
    "a version that stands elsewhere in the frame": ([TYPE_FIRST, move(5)], (0, 0, 0)),
    "a state that skips events hides nothing": ([move(4), state(8), move(9)], (4, 0, 0)),
}


@pytest.mark.parametrize(("frames", "faults"), HEARD.values(), ids=HEARD)
def test_every_version_is_heard_once_and_in_order(frames: list[bytes], faults: tuple[int, int, int]):
    tally = Tally()
    spectator = Spectator({}, tally, lambda: None)
    for text in (state(3), *frames):
        spectator.hear(text)
    assert (tally.missing, tally.doubled, tally.disordered) == faults


def test_a_delay_is_timed_from_the_sending_of_the_move_and_only_while_it_is_measured():
    tally = Tally()
    spectator = Spectator({4: 0.0, 5: 0.0}, tally, lambda: None)
    spectator.hear(state(3))
    spectator.hear(move(4))
    assert list(tally.delays_s) == []
    tally.is_measuring = True
    spectator.hear(move(5))
    spectator.hear(move(6))     # nobody knows when it was sent
    assert len(tally.delays_s) == 1


def test_who_polls_has_every_event_that_the_state_tells_of():
    tally = Tally(is_measuring=True)
    spectator = PollingSpectator({5: 0.0, 6: 0.0}, tally, lambda: None)
    spectator.hear(state(4))
    spectator.hear(state(6))
    assert (tally.events, len(tally.delays_s), tally.faults) == (2, 2, 0)
