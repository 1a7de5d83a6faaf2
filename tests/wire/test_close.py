"""Close codes: what is final, and reasons that fit into a close frame."""

import pytest

from game_server.wire.close import MAX_REASON_BYTES, CloseCode, fitting


def test_the_codes_of_the_protocol():
    assert {int(code) for code in CloseCode} == {
        *(1000, 1001, 1005, 1006, 1007, 1008, 1009, 1011, 1012, 1013),
        *(4000, 4001, 4002, 4003, 4004, 4005, 4006, 4007, 4010, 4500, 4501),
    }


@pytest.mark.parametrize(("reason", "sent"), [
    ("", ""),
    ("1-0 checkmate", "1-0 checkmate"),
    ("x" * 123, "x" * 123),
    ("x" * 124, "x" * 123),
    ("é" * 100, "é" * 61),                  # never half a character
    ("♞" * 100, "♞" * 41),
    ("x" + "😀" * 40, "x" + "😀" * 30),
])
def test_a_reason_is_cut_to_what_a_close_frame_holds(reason, sent):
    assert fitting(reason) == sent
    assert len(fitting(reason).encode()) <= MAX_REASON_BYTES
