"""The ASGI application, with a short way to what lives longer than a request."""

from typing import Final

from fastapi import FastAPI
from starlette.routing import Match, Route, WebSocketRoute
from starlette.types import Receive, Scope, Send

LASTING: Final = ("/ws/", "/sse/")


class Application(FastAPI):
    """FastAPI, whose layers every request passes; sockets and event streams go past them to their own routes.

    Each layer would stay on the stack of a connection as long as it lasts (8 KB in all), and some take part in every
    send (1 µs). What is served here must see to its own errors and headers.
    """

    lasting: tuple[Route | WebSocketRoute, ...] = ()

    def add_lasting(self, *routes: Route | WebSocketRoute) -> None:
        """Also routes like others: a wrong method is answered there."""
        self.lasting += routes
        self.router.routes.extend(routes)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "lifespan" and scope["path"].startswith(LASTING):
            for route in self.lasting:
                match, found = route.matches(scope)
                if match is Match.FULL:
                    scope.update(found, app=self)
                    await route.app(scope, receive, send)
                    return
        await super().__call__(scope, receive, send)
