"""Keeps secrets out of the logs of the server below us.

A seat's token may come in the query (`?token=`) or as a subprotocol (`token.<token>`). uvicorn writes the query to its
access and WebSocket logs, and whole scopes to its trace log. So the protocols take both out of the scope (`veil`), and
the outermost ASGI application gives them back (`unveiled`). Per request, because HTTP requests are pipelined.
Header values are never logged: uvicorn's trace log leaves them out, and websockets' debug log is switched off.
"""

from collections.abc import Coroutine, MutableMapping
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from uvicorn._types import ASGI3Application, ASGIReceiveCallable, ASGISendCallable, Scope, WWWScope

VEILED = "tabiya.veiled"
UNVEILED = "tabiya.unveiled"     # in the app's own copy of a scope


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

    def outermost(
        scope: "Scope", receive: "ASGIReceiveCallable", send: "ASGISendCallable"
    ) -> Coroutine[Any, Any, None]:
        """No coroutine itself: it would stay on the stack of a connection as long as that lasts."""
        if scope["type"] != "lifespan":
            own: Any = scope.copy()
            veiled: Veiled = own["extensions"].pop(VEILED)
            own[UNVEILED], own["query_string"] = True, veiled.query_string
            if own["type"] == "websocket":
                own["subprotocols"] = veiled.subprotocols
            scope = own
        return cast(Coroutine[Any, Any, None], app(scope, receive, send))

    return outermost


def forget(scope: MutableMapping[str, Any]) -> None:
    """Empties `scope`, if it is the app's own copy, and the request's headers, which the server's shares: for a
    connection that lasts, once it has begun. They would be kept as long as it lasts, 1.4 KB with a browser's headers.
    """
    if UNVEILED in scope:
        scope["headers"].clear()
        scope.clear()
