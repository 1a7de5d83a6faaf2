"""`GET /sse/rooms`: all public rooms, for a lobby and a wall of live boards.

The first events are the rooms that are open, each once; then one for each that changes. A reconnect begins anew.
"""

from http import HTTPStatus

from starlette.types import Receive, Scope, Send

from game_server.http.edge import edge_of
from game_server.http.problems import problem
from game_server.http.sse import SseSession, head_only
from game_server.http.veil import forget
from game_server.rooms.frame import Frame
from game_server.store.log import Unavailable


class LobbyStream(SseSession):
    """One listener in the lobby."""

    def greeting(self) -> list[Frame]:
        return self._edge.lobby.everything()


class RoomsFeed:
    """The ASGI application behind the route."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        edge = edge_of(scope)
        if scope["method"] == "HEAD":
            await head_only(send)
            return
        if edge.is_draining:
            await problem(HTTPStatus.SERVICE_UNAVAILABLE, "the server restarts: come back")(scope, receive, send)
            return
        try:
            await edge.lobby.open()
        except Unavailable:
            await problem(HTTPStatus.SERVICE_UNAVAILABLE, "the store is unavailable: come back")(scope, receive, send)
            return
        lobby = edge.lobby
        stream = LobbyStream(edge, lobby, lobby.spectators, scope, receive, send)
        forget(scope)
        await stream.run(None)
