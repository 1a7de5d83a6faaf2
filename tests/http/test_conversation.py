"""What a peer sends is read the same, however the network has cut it, and whether or not it could be read in one go."""

import struct
from itertools import pairwise

from hypothesis import example, given
from hypothesis import strategies as st
from websockets.frames import Frame, Opcode
from websockets.http11 import Request

from game_server.http.conversation import Conversation

MAX_BYTES = 200
HANDSHAKE = (
    b"GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
MASK = b"\x00\x00\x00\x00"    # so that payloads stand on the wire as they are


def frame(first, payload, *, masked=True, wide=False):
    """One frame; `wide` writes a short length in two bytes, which RFC 6455 forbids and some do."""
    length = len(payload)
    bit = 0x80 if masked else 0
    head = struct.pack("!BBH", first, bit | 126, length) if wide or length > 125 else bytes((first, bit | length))
    if not masked:
        return head + payload
    return head + MASK + payload


texts = st.text(max_size=40).map(str.encode)
ordinary = st.builds(frame, st.just(0x81), texts)
other = st.one_of(
    st.builds(frame, st.sampled_from([0x89, 0x8A]), st.binary(max_size=20)),                # ping, pong
    st.builds(lambda one, two: frame(0x01, one) + frame(0x80, two), texts, texts),          # two fragments
    st.builds(lambda one, two, ping: frame(0x01, one) + frame(0x89, ping) + frame(0x80, two), texts, texts, texts),
    st.builds(lambda text: frame(0x81, text, wide=True), texts),
    st.builds(frame, st.just(0x82), st.binary(max_size=20)),
)
wrong = st.one_of(
    st.just(frame(0x01, b"begun") + frame(0x81, b"another")),       # no continuation
    st.just(frame(0x81, b"unmasked", masked=False)),
    st.just(frame(0xC1, b"compressed")),
    st.just(frame(0x81, b"\xff\xfe")),
    st.just(frame(0x81, b"x" * (MAX_BYTES + 1))),
    st.just(frame(0x88, struct.pack("!H", 1000))),
)
streams = st.lists(st.one_of(ordinary, ordinary, other, wrong), max_size=8)


def opened():
    conversation = Conversation(MAX_BYTES)
    conversation.receive_data(HANDSHAKE)
    request, = conversation.events_received()
    assert isinstance(request, Request)
    conversation.send_response(conversation.accept(request))
    conversation.data_to_send()
    return conversation


def heard(chunks, *, in_one_go):
    """The messages, and how it stands in the end."""
    conversation, messages, fragments = opened(), [], []
    for chunk in chunks:
        text = conversation.whole_text(chunk) if in_one_go else None
        if text is not None:
            messages.append(text.encode())
            continue
        conversation.receive_data(chunk)
        for event in conversation.events_received():
            assert isinstance(event, Frame)
            if event.opcode in (Opcode.TEXT, Opcode.BINARY, Opcode.CONT):
                fragments.append(bytes(event.data))
                if event.fin:
                    messages.append(b"".join(fragments))
                    fragments = []
        if conversation.parser_exc is not None:
            break
    return messages, conversation.state, conversation.close_sent, conversation.frames


@given(streams, st.lists(st.integers(0, 400), max_size=6))
@example([frame(0x81, b"one"), frame(0x81, b"two")], [2])                       # a header alone
@example([frame(0x01, b"begun"), frame(0x81, b"whole")], [])                    # in the middle of a message
@example([frame(0x81, frame(0x81, b"inner"))], [6])                             # what looks like a frame inside one
@example([frame(0x88, struct.pack("!H", 1000)), frame(0x81, b"after the end")], [])
def test_what_can_be_read_in_one_go_is_read_as_ever(stream, cuts):
    pieces, begins = [], 0
    for each in stream:     # one to a chunk, as it mostly is, but for the cuts
        ends = begins + len(each)
        at = [0, *sorted(cut - begins for cut in cuts if begins < cut < ends), len(each)]
        pieces += [each[a:b] for a, b in pairwise(at)]
        begins = ends
    assert heard(pieces, in_one_go=True) == heard(pieces, in_one_go=False)


def test_an_ordinary_message_is_read_in_one_go():
    conversation = opened()
    assert conversation.whole_text(frame(0x81, b'{"type":"sync"}')) == '{"type":"sync"}'
    conversation.receive_data(frame(0x89, b"ping"))
    assert conversation.whole_text(b"\x81\x83\x01\x02\x03\x04" + b"`ff") == "ade"
    conversation.receive_data(frame(0x81, b"cut")[:3])
    assert conversation.whole_text(frame(0x81, b"x")) is None
