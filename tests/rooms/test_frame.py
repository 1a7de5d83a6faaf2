"""A frame in the forms in which it travels."""

import pytest
from websockets.frames import Frame as Message
from websockets.frames import Opcode
from websockets.streams import StreamReader

from game_server.rooms.frame import KEEP_ALIVE, Frame


def read(message):
    """What websockets makes of it."""
    stream = StreamReader()
    stream.feed_data(message)
    stream.feed_eof()
    try:
        next(Message.parse(stream.read_exact, mask=False))
    except StopIteration as done:
        return done.value
    raise AssertionError("it is not whole")


@pytest.mark.parametrize("length", [0, 1, 125, 126, 65_535, 65_536])
def test_a_frame_is_one_whole_text_message_whatever_its_length(length):
    text = "x" * length
    frame = Frame("move", text, "e:3")
    message = read(frame.message)
    assert (message.opcode, message.fin, message.data) == (Opcode.TEXT, True, text.encode())
    assert frame.text == text


def test_what_is_not_ascii_is_measured_in_bytes():
    frame = Frame("chat", "é" * 100)
    assert read(frame.message).data == ("é" * 100).encode()
    assert frame.text == "é" * 100


def test_a_server_sent_event_is_one_chunk_of_its_response():
    assert Frame("move", "{}").chunk == b"16\r\nevent: move\ndata: {}\n\n\r\n"


def test_a_frame_as_a_server_sent_event():
    assert Frame("move", '{"v":3}', "e:3").sse == b'id: e:3\nevent: move\ndata: {"v":3}\n\n'


def test_presence_has_no_position_to_come_back_to():
    assert Frame("presence", "{}").sse == b"event: presence\ndata: {}\n\n"


def test_what_keeps_a_stream_alive_is_a_comment():
    assert KEEP_ALIVE.sse == b":\n\n"
