"""The protocol's own description, generated from the models that parse and make the messages.

`python -m game_server.wire.schema` prints one JSON Schema document: `$defs` of every message, and the unions
ServerMessage and ClientMessage. The TypeScript types are made of it (web_client, `npm run types`).
"""

import json
import sys
from typing import Any, Literal

from pydantic import TypeAdapter

from game_server.wire import documents, inbound, outbound
from game_server.wire.computer import ComputerOffer

DOCUMENTS = (
    documents.RoomFrame,
    documents.RoomListing,
    documents.RoomTicket,
    documents.GameDocument,
    documents.GamePage,
    outbound.CostFrame,
    ComputerOffer,
)


def document() -> dict[str, Any]:
    """The messages of both directions, and the documents that the pages read over HTTP, as one JSON Schema document."""
    adapters: list[tuple[str, Literal["serialization", "validation"], TypeAdapter[Any]]] = [
        ("ServerMessage", "serialization", TypeAdapter[Any](outbound.ServerMessage)),
        ("ClientMessage", "validation", TypeAdapter[Any](inbound.ClientMessage)),
        *((model.__name__, "serialization", TypeAdapter[Any](model)) for model in DOCUMENTS),
    ]
    keys, schema = TypeAdapter.json_schemas(adapters, ref_template="#/$defs/{model}")
    definitions: dict[str, Any] = dict(schema.get("$defs", {}))
    definitions["ServerMessage"] = keys["ServerMessage", "serialization"]
    definitions["ClientMessage"] = keys["ClientMessage", "validation"]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "TabiyaProtocol",
        "anyOf": [{"$ref": f"#/$defs/{name}"} for name, _, _ in adapters],
        "$defs": _untitled(definitions),
    }


def _untitled(node: Any) -> Any:
    """`node` without the titles pydantic gives to properties, which would become types of their own."""
    if isinstance(node, dict):
        return {key: _untitled(value) for key, value in node.items() if key != "title" or not isinstance(value, str)}
    return [_untitled(item) for item in node] if isinstance(node, list) else node


if __name__ == "__main__":
    json.dump(document(), sys.stdout, indent=2, sort_keys=True)
    sys.stdout.write("\n")
