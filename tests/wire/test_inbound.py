"""What clients may send, and how what cannot be read is answered."""

import json

import pytest

from game_server.core.refusals import Code
from game_server.wire import inbound
from game_server.wire.inbound import TYPES, Unreadable, parse, plain_chat, plain_name

GOOD = {
    "move": ({"type": "move", "uci": "e2e4"}, {"ply": None, "offer_draw": False, "id": None}),
    "move, all fields": (
        {"type": "move", "uci": "e7e8q", "ply": 9, "offer_draw": True, "id": "a1"},
        {"uci": "e7e8q", "ply": 9, "offer_draw": True, "id": "a1"},
    ),
    "move, whatever text": ({"type": "move", "uci": "castle!"}, {"uci": "castle!"}),
    "resign": ({"type": "resign"}, {}),
    "abort": ({"type": "abort", "id": ""}, {"id": ""}),
    "offer": ({"type": "offer", "kind": "draw"}, {"kind": "draw"}),
    "accept": ({"type": "accept", "kind": "takeback"}, {"kind": "takeback"}),
    "decline": ({"type": "decline", "kind": "rematch"}, {"kind": "rematch"}),
    "claim": ({"type": "claim", "kind": "victory"}, {"kind": "victory", "uci": None}),
    "claim with a move": ({"type": "claim", "kind": "draw", "uci": "f6g8"}, {"uci": "f6g8"}),
    "add_time": ({"type": "add_time"}, {"ms": 15_000}),
    "add_time, the most": ({"type": "add_time", "ms": 60_000}, {"ms": 60_000}),
    "chat": ({"type": "chat", "text": "hello"}, {"text": "hello", "room": "player"}),
    "chat to spectators": ({"type": "chat", "text": "hé 👋", "room": "spectator"}, {"room": "spectator"}),
    "chat in NFC": ({"type": "chat", "text": "e\u0301" * 280}, {"text": "é" * 280}),
    "sync": ({"type": "sync", "id": "x" * 64}, {"id": "x" * 64}),
    "ping": ({"type": "ping", "t": 12345}, {"t": 12345}),
    "ping with a fraction": ({"type": "ping", "t": 1.5}, {"t": 1.5}),
    "ping with a text": ({"type": "ping", "t": "now"}, {"t": "now"}),
    "ping without a time": ({"type": "ping"}, {"t": None}),
    "unknown fields": ({"type": "resign", "color": "black", "x": {"y": [1]}}, {}),
    "id null": ({"type": "resign", "id": None}, {"id": None}),
}


@pytest.mark.parametrize(("message", "fields"), GOOD.values(), ids=GOOD)
def test_messages_that_can_be_read(message, fields):
    parsed = parse(json.dumps(message))
    assert parsed.type == message["type"]
    assert {name: getattr(parsed, name) for name in fields} == fields


def test_every_type_has_a_message_that_can_be_read():
    assert {message["type"] for message, _ in GOOD.values()} == set(TYPES)


BAD, UNKNOWN = Code.BAD_MESSAGE, Code.UNKNOWN_TYPE
MOVE = '{"type": "move", "uci": "e2e4", '
HOSTILE = {
    "nothing": ("", BAD),
    "a word": ("hello", BAD),
    "half an object": ('{"type": "resign"', BAD),
    "two objects": ('{"type": "resign"}{"type": "resign"}', BAD),
    "a list": ('["resign"]', BAD),
    "a string": ('"resign"', BAD),
    "a number": ("1", BAD),
    "null": ("null", BAD),
    "an empty object": ("{}", BAD),
    "no type": ('{"uci": "e2e4"}', BAD),
    "an unknown type": ('{"type": "castle"}', UNKNOWN),
    "a type in capitals": ('{"type": "MOVE", "uci": "e2e4"}', UNKNOWN),
    "an empty type": ('{"type": ""}', UNKNOWN),
    "a server's type": ('{"type": "game_over"}', UNKNOWN),
    "a long type": (json.dumps({"type": "x" * 8_000}), UNKNOWN),
    "a type that is a number": ('{"type": 1}', BAD),
    "a type that is null": ('{"type": null}', BAD),
    "a type that is a list": ('{"type": ["move"]}', BAD),
    "a type that is an object": ('{"type": {}}', BAD),
    "a move without uci": ('{"type": "move"}', BAD),
    "uci as a number": ('{"type": "move", "uci": 4}', BAD),
    "uci as null": ('{"type": "move", "uci": null}', BAD),
    "ply as a text": (MOVE + '"ply": "1"}', BAD),
    "ply as a fraction": (MOVE + '"ply": 1.5}', BAD),
    "ply as a float": (MOVE + '"ply": 1.0}', BAD),
    "ply as a truth": (MOVE + '"ply": true}', BAD),
    "a ply of 5,000 digits": (MOVE + '"ply": ' + "9" * 5_000 + "}", BAD),
    "offer_draw as a number": (MOVE + '"offer_draw": 1}', BAD),
    "offer_draw as a text": (MOVE + '"offer_draw": "yes"}', BAD),
    "id as a number": (MOVE + '"id": 1}', BAD),
    "a long id": (MOVE + f'"id": "{"x" * 65}"}}', BAD),
    "an offer without a kind": ('{"type": "offer"}', BAD),
    "an offer of a truce": ('{"type": "offer", "kind": "truce"}', BAD),
    "a claim of a takeback": ('{"type": "claim", "kind": "takeback"}', BAD),
    "no time at all": ('{"type": "add_time", "ms": 0}', BAD),
    "less than no time": ('{"type": "add_time", "ms": -1}', BAD),
    "too much time": ('{"type": "add_time", "ms": 60001}', BAD),
    "infinite time": ('{"type": "add_time", "ms": Infinity}', BAD),
    "no number of time": ('{"type": "add_time", "ms": NaN}', BAD),
    "chat without text": ('{"type": "chat"}', BAD),
    "empty chat": ('{"type": "chat", "text": ""}', BAD),
    "chat of spaces": ('{"type": "chat", "text": " \\u3000 "}', BAD),
    "chat too long": (json.dumps({"type": "chat", "text": "x" * 281}), BAD),
    "chat with a bell": ('{"type": "chat", "text": "a\\u0007"}', BAD),
    "chat with a new line": ('{"type": "chat", "text": "a\\nb"}', BAD),
    "chat with a NUL": ('{"type": "chat", "text": "a\\u0000b"}', BAD),
    "chat to nobody": ('{"type": "chat", "text": "a", "room": "all"}', BAD),
    "a lone surrogate": ('{"type": "chat", "text": "\\ud800"}', BAD),
    "a lone surrogate in the type": ('{"type": "\\ud800"}', BAD),
    "a lone surrogate in a field nobody reads": ('{"type": "resign", "x": "\\udfff"}', BAD),
    "a ping with an object": ('{"type": "ping", "t": {}}', BAD),
    "a ping with a truth": ('{"type": "ping", "t": true}', BAD),
    "a ping with a long text": (json.dumps({"type": "ping", "t": "x" * 65}), BAD),
    "a ping with infinity": ('{"type": "ping", "t": 1e999}', BAD),
    "deep lists": ("[" * 4_000 + "]" * 4_000, BAD),
    "deep objects": ('{"a":' * 1_500 + "1" + "}" * 1_500, BAD),
    "deep in a field": ('{"type": "resign", "x": ' + "[" * 4_000 + "]" * 4_000 + "}", BAD),
    "a byte order mark": ('\ufeff{"type": "resign"}', BAD),
    "a trailing comma": ('{"type": "resign",}', BAD),
    "single quotes": ("{'type': 'resign'}", BAD),
    "control characters": ('{"type": "res\x01ign"}', BAD),
}


@pytest.mark.parametrize(("text", "code"), HOSTILE.values(), ids=HOSTILE)
def test_what_cannot_be_read_is_refused_by_name(text, code):
    with pytest.raises(Unreadable) as refusal:
        parse(text)
    assert refusal.value.code is code
    assert 0 < len(refusal.value.message) < 300
    refusal.value.message.encode()      # it will be sent


IDS = {
    "of a bad field": ('{"type": "move", "uci": 4, "id": "a"}', "a"),
    "of an unknown type": ('{"type": "castle", "id": "a"}', "a"),
    "of no type": ('{"id": "a"}', "a"),
    "that is none": ('{"type": "castle", "id": 5}', None),
    "that is too long": (json.dumps({"type": "castle", "id": "x" * 65}), None),
    "in something else": ('["id", "a"]', None),
    "in nonsense": ('{"id": "a"', None),
}


@pytest.mark.parametrize(("text", "command_id"), IDS.values(), ids=IDS)
def test_a_refusal_bears_the_id_if_that_much_could_be_read(text, command_id):
    with pytest.raises(Unreadable) as refusal:
        parse(text)
    assert refusal.value.command_id == command_id


@pytest.mark.parametrize(("text", "sentence"), [
    ('{"type": "move", "uci": 4}', "uci: Input should be a valid string"),
    ('{"type": "castle"}', "type is one of " + ", ".join(TYPES)),
    ("{}", "a message is a JSON object with a type"),
    ('{"type": "chat", "text": ""}', "text: a chat text has 1 to 280 characters, not only spaces"),
])
def test_refusals_say_what_would_be_right(text, sentence):
    with pytest.raises(Unreadable) as refusal:
        parse(text)
    assert refusal.value.message == sentence


def test_a_refusal_repeats_nothing_of_what_was_sent():
    with pytest.raises(Unreadable) as refusal:
        parse('{"type": "offer", "kind": "hunter2"}')
    assert "hunter2" not in refusal.value.message


NAMES = {
    "plain": ("Anna", "Anna"),
    "one character": ("é", "é"),
    "in NFC": ("Rene\u0301", "René"),
    "thirty-two characters after NFC": ("e\u0301" * 32, "é" * 32),
    "with spaces and signs": ("Dr. O'Neil \"x\" <b>", "Dr. O'Neil \"x\" <b>"),
    "other scripts": ("Ψυχή 象棋", "Ψυχή 象棋"),
    "an emoji": ("♞", "♞"),
    "empty": ("", None),
    "spaces": ("   ", None),
    "too long": ("x" * 33, None),
    "a new line": ("a\nb", None),
    "a tab": ("a\tb", None),
    "a right-to-left override": ("a\u202eb", None),
    "a zero-width space": ("\u200b", None),
    "a NUL": ("a\x00", None),
    "a lone surrogate": ("\ud800", None),
}


@pytest.mark.parametrize(("text", "name"), NAMES.values(), ids=NAMES)
def test_names(text, name):
    if name is None:
        with pytest.raises(ValueError, match="printable"):
            plain_name(text)
    else:
        assert plain_name(text) == name


def test_chat_is_counted_in_code_points_after_nfc():
    assert plain_chat("e\u0301" * 280) == "é" * 280
    with pytest.raises(ValueError, match="280"):
        plain_chat("é" * 281)


def test_the_types_are_those_of_the_union():
    schema = inbound.client_message.json_schema()
    assert set(schema["discriminator"]["mapping"]) == set(TYPES)
