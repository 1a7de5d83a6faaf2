"""The protocol's own description: one JSON Schema document, complete and the same every time."""

import json
import subprocess
import sys

import pytest

from game_server.wire.inbound import TYPES
from game_server.wire.schema import document

DOCUMENT = document()


def nodes(node):
    yield node
    children = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    for child in children:
        yield from nodes(child)


def variants(name):
    """The `type` of each message in a union."""
    references = DOCUMENT["$defs"][name]["oneOf"]
    definitions = [DOCUMENT["$defs"][reference["$ref"].rpartition("/")[2]] for reference in references]
    return [definition["properties"]["type"]["const"] for definition in definitions]


def test_it_says_what_it_is():
    assert DOCUMENT["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert {"$ref": "#/$defs/ServerMessage"} in DOCUMENT["anyOf"]
    assert {"$ref": "#/$defs/ClientMessage"} in DOCUMENT["anyOf"]


def test_every_reference_leads_somewhere():
    references = [node["$ref"] for node in nodes(DOCUMENT) if isinstance(node, dict) and "$ref" in node]
    assert references
    for reference in references:
        prefix, _, name = reference.rpartition("/")
        assert prefix == "#/$defs" and name in DOCUMENT["$defs"]


def test_it_has_every_message_of_both_directions():
    assert set(variants("ClientMessage")) == set(TYPES)
    assert set(variants("ServerMessage")) == {
        *("welcome", "state", "room_opened", "player_joined", "player_left", "game_started", "move", "takeback"),
        *("offer", "offer_cancelled", "player_disconnected", "player_reconnected", "clock", "game_over", "chat"),
        *("room_closed", "presence", "ack", "error", "pong"),
    }


def test_what_the_server_always_sends_is_required():
    frame = DOCUMENT["$defs"]["MoveFrame"]
    assert set(frame["required"]) == set(frame["properties"])


def test_properties_have_no_titles_which_would_become_types():
    schemas = [node for node in nodes(DOCUMENT["$defs"]) if isinstance(node, dict)]
    assert not any(isinstance(node.get("title"), str) for node in schemas)


def test_it_is_the_same_every_time():
    assert json.dumps(document()) == json.dumps(DOCUMENT)
    printed = subprocess.run(
        [sys.executable, "-m", "game_server.wire.schema"], capture_output=True, text=True, check=True
    ).stdout
    assert json.loads(printed) == DOCUMENT


def test_it_is_a_valid_json_schema():
    jsonschema = pytest.importorskip("jsonschema", reason="needs jsonschema")
    jsonschema.Draft202012Validator.check_schema(DOCUMENT)
