"""Who is let in at all: streams, as many as may be open; and requests that call this server by one of its names."""

from collections.abc import Callable
from http import HTTPStatus
from ipaddress import ip_address
from typing import Final

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from game_server.http.edge import Edge, edge_of
from game_server.http.limits import Limited, address_of
from game_server.http.problems import limited_answer, problem

PROBES: Final = ("/healthz", "/readyz")     # load balancers call these by an address


class Admitted:
    """`app`, a stream that counts as an open connection; `refused` makes the answer for one too many."""

    def __init__(
        self,
        app: ASGIApp,
        refused: Callable[[Edge, Limited], Response] = limited_answer,
        *,
        is_player: bool = False,
    ) -> None:
        self._app = app
        self._refused = refused
        self._is_player = is_player

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        edge, address = edge_of(scope), address_of(scope)
        try:
            edge.limits.enter(address, is_player=self._is_player)
        except Limited as limited:
            await self._refused(edge, limited)(scope, receive, send)
            return
        try:
            await self._app(scope, receive, send)
        finally:
            edge.limits.leave(address)


class KnownHosts:
    """`app` for requests whose Host is one of `hosts`, on any port; all others get 400, WebSockets before accepting.

    This machine may call itself by its own address, as the server does that plays against people. A page cannot make
    a browser do so under its own name (DNS rebinding).
    """

    def __init__(self, app: ASGIApp, hosts: frozenset[str]) -> None:
        self._app = app
        self._hosts = hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan" or scope["path"] in PROBES or self._is_known(scope):
            await self._app(scope, receive, send)
            return
        if scope["type"] == "websocket":
            await receive()
        await problem(HTTPStatus.BAD_REQUEST, "this server does not go by that name (Host)")(scope, receive, send)

    def _is_known(self, scope: Scope) -> bool:
        given = Headers(scope=scope).getlist("host")
        if len(given) != 1:
            return False
        host = host_of(given[0])
        return host in self._hosts or _is_own(host, scope)


def _is_own(host: str, scope: Scope) -> bool:
    client = scope.get("client")
    try:
        return client is not None and ip_address(host) == ip_address(client[0])
    except ValueError:
        return False


def host_of(authority: str) -> str:
    """The host in `HOST:PORT`, in lower case, without the brackets of an IPv6 address and the root's dot."""
    host, _, port = authority.rpartition(":")
    if not host or not port.isascii() or not (port.isdigit() or not port):
        host = authority
    return host.lower().removeprefix("[").removesuffix("]").removesuffix(".")
