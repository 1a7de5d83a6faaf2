"""The ASGI application, with a short way to what lives longer than a request."""

from collections.abc import Coroutine
from typing import Any, Final, cast

from fastapi import FastAPI
from starlette.routing import Match, Route, WebSocketRoute
from starlette.types import Receive, Scope, Send

from game_server.http.edge import Edge
from game_server.http.pace import is_move, refused_for_its_pace, tried

LASTING: Final = ("/ws/", "/sse/")


class Application(FastAPI):
    """FastAPI, whose layers every request passes; sockets and event streams go past them to their own routes.

    Each layer would stay on the stack of a connection as long as it lasts (8 KB in all), and some take part in every
    send (1 µs). What is served here must see to its own errors and headers. Who asks too fast is refused before.
    """

    lasting: tuple[Route | WebSocketRoute, ...] = ()

    def add_lasting(self, *routes: Route | WebSocketRoute) -> None:
        """Also routes like others: a wrong method is answered there."""
        self.lasting += routes
        self.router.routes.extend(routes)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.entrance(scope, receive, send)

    def entrance(self, scope: Scope, receive: Receive, send: Send) -> Coroutine[Any, Any, None]:
        """What a server should call instead: no layer itself, it is gone before anything is awaited."""
        if scope["type"] == "http":
            edge: Edge = self.state.edge
            if (refusal := refused_for_its_pace(edge, scope)) is not None:
                return refusal(scope, receive, send)
            if is_move(scope):
                return tried(super().__call__, edge, scope, receive, send)
        if scope["type"] != "lifespan" and scope["path"].startswith(LASTING):
            for route in self.lasting:
                match, found = route.matches(scope)
                if match is Match.FULL:
                    scope.update(found, app=self)
                    return cast(Coroutine[Any, Any, None], route.app(scope, receive, send))
        return super().__call__(scope, receive, send)
