"""The Lichess API at the root of this origin: one more edge over the same rooms.

Which routes there are; what they do stands in the modules named here. Longer paths come before shorter ones with a
parameter in their place.
"""

import re
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any, Final

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route, Router
from starlette.types import ASGIApp, Receive, Scope, Send

from game_server.http import lichess_actions as actions
from game_server.http import lichess_challenges as challenges
from game_server.http import lichess_docs
from game_server.http import lichess_exports as exports
from game_server.http import lichess_tv as tv
from game_server.http import lichess_users as users
from game_server.http.admission import Admitted
from game_server.http.edge import Edge
from game_server.http.lichess_computer import create_ai
from game_server.http.lichess_door import ApiError, Endpoint, Handler, WithoutSlash, nothing_here, refusal
from game_server.http.lichess_events import stream_events
from game_server.http.lichess_games import stream_game
from game_server.http.lichess_seek import seek
from game_server.http.limits import Limited
from game_server.http.problems import allowed

_GET: Final[dict[str, Handler]] = {
    "/account": users.account,
    "/account/playing": users.playing,
    "/bot/game/stream/{id}": stream_game,
    "/bot/game/{id}/chat": actions.read_chat,
    "/bot/online": users.bots_online,
    "/board/game/stream/{id}": stream_game,
    "/board/game/{id}/chat": actions.read_chat,
    "/challenge": challenges.list_challenges,
    "/challenge/{id}/show": challenges.show,
    "/games/user/{user}": exports.export_games,
    "/stream/event": stream_events,
    "/stream/game/{id}": tv.stream_game,
    "/tv/channels": tv.channels,
    "/tv/feed": tv.feed,
    "/tv/{channel}/feed": tv.feed,
    "/user/{user}": users.user,
    "/users/status": users.users_status,
}
_PLAY: Final[dict[str, Handler]] = {
    "move/{uci}": actions.move,
    "abort": actions.abort,
    "resign": actions.resign,
    "draw/{accept}": actions.draw,
    "takeback/{accept}": actions.takeback,
    "claim-victory": actions.claim_victory,
    "claim-draw": actions.claim_draw,
    "berserk": actions.berserk,
    "chat": actions.say,
}
_POST: Final[dict[str, Handler]] = {
    "/token/test": users.test_tokens,
    "/bot/account/upgrade": users.upgrade,
    **{f"/{kind}/game/{{id}}/{action}": handler for kind in ("bot", "board") for action, handler in _PLAY.items()},
    "/board/seek": seek,
    "/challenge/ai": create_ai,
    "/challenge/open": challenges.create_open,
    "/challenge/{id}/accept": challenges.accept,
    "/challenge/{id}/decline": challenges.decline,
    "/challenge/{id}/cancel": challenges.cancel,
    "/challenge/{user}": challenges.create,
    "/round/{id}/add-time/{seconds}": actions.add_time,
    "/users": users.users,
}
_DELETE: Final[dict[str, Handler]] = {"/token": users.revoke_token}


_STREAMS: Final = frozenset((stream_game, stream_events, tv.stream_game, tv.feed))
_EXPORT: Final = "/game/export/{id}"


def install(app: FastAPI) -> None:
    """Gives `app` `/api/…` and `/game/export/…`, which must come before the web client's routes, and describes them in
    `/openapi.json`.
    """
    inner: list[BaseRoute] = [_route(method, path, handler) for method, path, handler in _routes()]
    api = Router(inner, redirect_slashes=False, default=nothing_here)
    mount = Mount("/api", WithoutSlash(_Answering(api)))
    mount.path_regex = re.compile(mount.path_regex.pattern, re.DOTALL)      # else a path with a line break goes by it
    app.router.routes.append(mount)
    app.router.routes.append(Route(_EXPORT, Endpoint(exports.export_game), methods=["GET"]))
    described = app.openapi

    def openapi() -> dict[str, Any]:
        document = described()
        document["paths"].update(operations())
        document.setdefault("components", {}).setdefault("securitySchemes", {}).update(lichess_docs.SECURITY)
        return document

    app.openapi = openapi   # type: ignore[method-assign]


def _route(method: str, path: str, handler: Handler) -> Route:
    app: ASGIApp = Endpoint(handler)
    if handler in _STREAMS or handler is seek:
        app = Admitted(app, _refused, is_player=handler is stream_game)
    route = Route(path, app, methods=[method])
    if handler in _STREAMS:     # a client takes the head for all of it, and sends its next request on that connection
        route.methods = {method}
    return route


def _refused(_: Edge, limited: Limited) -> Response:
    return refusal(limited).response()


def operations() -> dict[str, dict[str, Any]]:
    """The description of all routes, by path and method."""
    whole = [(method, f"/api{path}", handler) for method, path, handler in _routes()]
    return lichess_docs.paths([*whole, ("GET", _EXPORT, exports.export_game)])


def _routes() -> Iterator[tuple[str, str, Handler]]:
    for method, handlers in (("GET", _GET), ("POST", _POST), ("DELETE", _DELETE)):
        for path, handler in handlers.items():
            yield method, path, handler


class _Answering:
    """The API's router; what it refuses itself, a method, is refused in JSON too."""

    def __init__(self, router: Router) -> None:
        self._router = router

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self._router(scope, receive, send)
        except HTTPException as error:
            response = ApiError(error.status_code, error.detail).response()
            response.headers.update(error.headers or {})
            if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
                response.headers["Allow"] = allowed(self._router.routes, scope)
            await response(scope, receive, send)
