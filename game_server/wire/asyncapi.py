"""The AsyncAPI 3.1 description of the sockets and streams, from the models that parse and make their messages."""

from typing import Any, Final

from game_server.wire.schema import document

_UNIONS: Final = ("ServerMessage", "ClientMessage")
_LOBBY: Final = "RoomFrame"
_PLAYER_ONLY: Final = ("WelcomeFrame", "AckFrame", "ErrorFrame", "PongFrame")
_SPECTATOR_ONLY: Final = "CostFrame"
_ASK_COST: Final = "With the query parameter `cost=on` it also tells this connection what it costs (`cost`)."
_TOO_MUCH: Final = (
    "Too many messages are refused (`rate_limited`), a flood is closed with 4002, which is final; legal moves are "
    "always played. At a limit of connections or rooms it is closed with 1013: come back with back-off."
)
_CROWDED: Final = (
    "At a limit of connections it answers 429 (those of one address) or 503 (the room or the server is full), with "
    "`Retry-After`."
)
_ROOM_ID: Final = {"roomId": {"description": "1 to 64 letters, digits, - and _"}}


def asyncapi(version: str) -> dict[str, Any]:
    """The whole document."""
    schemas = document()["$defs"]
    frames = sorted(name for name in schemas if name.endswith("Frame") and name != _LOBBY)
    wishes = sorted(name for name in schemas if name.endswith("Message") and name not in _UNIONS)
    feed = [name for name in frames if name not in _PLAYER_ONLY]
    played = [name for name in frames if name != _SPECTATOR_ONLY]
    return {
        "asyncapi": "3.1.0",
        "info": {
            "title": "Tabiya",
            "version": version,
            "description": "A chess server you run yourself: rooms over WebSocket, watched over SSE or WebSocket.",
            "license": {"name": "GPL-3.0-or-later"},
        },
        "defaultContentType": "application/json",
        "channels": {
            "game": _channel("/ws/game/{roomId}", f"A player's WebSocket. {_TOO_MUCH}", played + wishes),
            "watch": _channel("/ws/watch/{roomId}", f"A spectator's WebSocket. {_ASK_COST} {_TOO_MUCH}", feed),
            "spectate": _channel(
                "/sse/game/{roomId}", f"A spectator's server-sent events. {_ASK_COST} {_CROWDED}", feed
            ),
            "lobby": _channel("/sse/rooms", f"All public rooms, as server-sent events. {_CROWDED}", [_LOBBY]),
        },
        "operations": {
            "play": _operation("receive", "game", wishes),
            "tell": _operation("send", "game", played),
            "show": _operation("send", "watch", feed),
            "stream": _operation("send", "spectate", feed),
            "announce": _operation("send", "lobby", [_LOBBY]),
        },
        "components": {
            "messages": {name: _message(name, schemas[name]) for name in [*frames, _LOBBY, *wishes]},
            "schemas": _moved(schemas),
        },
    }



def _channel(address: str, description: str, names: list[str]) -> dict[str, Any]:
    return {
        "address": address,
        "description": description,
        "parameters": _ROOM_ID if "{roomId}" in address else {},
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in names},
    }


def _operation(action: str, channel: str, names: list[str]) -> dict[str, Any]:
    return {
        "action": action,
        "channel": {"$ref": f"#/channels/{channel}"},
        "messages": [{"$ref": f"#/channels/{channel}/messages/{name}"} for name in names],
    }


def _message(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    kind = schema["properties"]["type"]["const"]
    return {"name": kind, "title": name, "payload": {"$ref": f"#/components/schemas/{name}"}}


def _moved(node: Any) -> Any:
    """JSON Schema as it is written within an AsyncAPI document: other references, and no OpenAPI discriminators."""
    if isinstance(node, dict):
        return {key: _moved(value) for key, value in node.items() if key != "discriminator"}
    if isinstance(node, list):
        return [_moved(item) for item in node]
    return node.replace("#/$defs/", "#/components/schemas/") if isinstance(node, str) else node
