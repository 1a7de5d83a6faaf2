"""Keeps secrets out of the logs of the server below us.

A seat's token may come in the query (`?token=`) or as a subprotocol (`token.<token>`). uvicorn writes the query to its
access and WebSocket logs, and whole scopes to its trace log. So the protocols take both out of the scope (`veil`), and
the outermost ASGI application gives them back (`unveiled`). Per request, because HTTP requests are pipelined.
Header values are never logged: uvicorn's trace log leaves them out, and websockets' debug log is switched off.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from uvicorn._types import ASGI3Application, ASGIReceiveCallable, ASGISendCallable, Scope, WWWScope

VEILED = "tabiya.veiled"


class Veiled:
    """What was taken out of one scope; its `repr` says nothing."""

    __slots__ = ("query_string", "subprotocols")

    def __init__(self, query_string: bytes, subprotocols: list[str]) -> None:
        self.query_string = query_string
        self.subprotocols = subprotocols

    def __repr__(self) -> str:
        return "<veiled>"


def veil(scope: "WWWScope") -> None:
    """Takes the query and the subprotocols out of `scope`, which must have `extensions`."""
    extensions: dict[str, Any] = scope.setdefault("extensions", {})
    subprotocols: list[str] = []
    if scope["type"] == "websocket":
        subprotocols, scope["subprotocols"] = scope["subprotocols"], []     # type: ignore[assignment]
    extensions[VEILED] = Veiled(scope["query_string"], subprotocols)
    scope["query_string"] = b""


def unveiled(app: "ASGI3Application") -> "ASGI3Application":
    """`app`, seeing scopes as the peer sent them. The server's own copy stays veiled: it logs after the app has run."""

    async def outermost(scope: "Scope", receive: "ASGIReceiveCallable", send: "ASGISendCallable") -> None:
        if scope["type"] != "lifespan":
            scope = scope.copy()
            extensions: dict[str, Any] = dict(scope.get("extensions") or {})
            veiled: Veiled = extensions.pop(VEILED)
            scope["extensions"] = extensions
            scope["query_string"] = veiled.query_string
            if scope["type"] == "websocket":
                scope["subprotocols"] = veiled.subprotocols
        await app(scope, receive, send)

    return outermost
