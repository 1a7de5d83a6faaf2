"""What a WebSocket's connection writes by hand."""

from hypothesis import example, given
from hypothesis import strategies as st

from game_server.http.connection import ack_frame
from game_server.wire.outbound import AckFrame


@given(st.text(max_size=64), st.integers(0, 10**9))
@example('"\\/\b\f\n\r\t\x00\x1f\x7f\u2028é😀', 1)
def test_an_ack_is_what_its_model_writes(command_id: str, version: int):
    frame = ack_frame(command_id, version)
    assert (frame.kind, frame.position) == ("ack", None)
    assert frame.text == AckFrame(id=command_id, v=version).model_dump_json()
