"""The web client's pages, and the security headers of everything this server sends to a browser."""

import gzip
import html
import re
from functools import lru_cache
from pathlib import Path
from typing import Final

from fastapi import APIRouter
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.routing import BaseRoute, Match, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from game_server.http.edge import edge_of
from game_server.http.headers import GUARDS
from game_server.http.rooms import TheEdge

_PACKAGED: Final = Path(__file__).parent / "static"
_CHECKOUT: Final = Path(__file__).parents[2] / "web_client" / "dist"
_ORIGIN_META: Final = '<meta name="tabiya-origin" content="">'
_MISSING: Final = (
    "<!doctype html><title>Tabiya</title><p>The web client has not been built: install the package with "
    "<code>pip install .</code>, which builds it."
)
_LOOKS: Final = re.compile(
    r'<link rel="(?:icon|stylesheet)"[^>]*>|<meta name="(?:color|theme|viewport)[^>]*>|<script +src="[^>]*></script>'
)
_COMPRESSED: Final = (".js", ".css", ".svg")
CSP: Final = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self' ws: wss:; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors {ancestors}"
)

READ: Final = ["GET", "HEAD"]       # FastAPI's `get` leaves the latter out (RFC 9110, 9.1: every server has both)

router = APIRouter(include_in_schema=False)


def static_folder() -> Path:
    """Where the built client is: in the installed package, else in the checkout."""
    return _PACKAGED if _PACKAGED.is_dir() else _CHECKOUT


def page(origin: str | None) -> str:
    """The client's one page; `origin` tells it which address to put into invitations."""
    index = static_folder() / "index.html"
    return _filled(index, index.stat().st_mtime_ns, origin) if index.is_file() else _MISSING


def looks() -> str:
    """The parts of the client's page that make another one look like it: its styles and the choice of light or dark."""
    return "".join(_LOOKS.findall(page(None)))


@lru_cache(maxsize=2)
def _filled(index: Path, _built_ns: int, origin: str | None) -> str:
    filled = _ORIGIN_META.replace('content=""', f'content="{html.escape(origin or "")}"')
    return index.read_text("utf-8").replace(_ORIGIN_META, filled)


@router.api_route("/", methods=READ)
@router.api_route("/wall", methods=READ)
@router.api_route("/room/{room_id}", methods=READ)
@router.api_route("/game/{game_id}", methods=READ)
@router.api_route("/embed/{room_id}", methods=READ)
@router.api_route("/compare", methods=READ)
@router.api_route("/compare/{room_id}", methods=READ)
async def client(edge: TheEdge) -> HTMLResponse:
    return HTMLResponse(page(edge.options.origin), headers={"Cache-Control": "no-cache", "Vary": "Accept"})


class Navigation(Route):
    """A page at the address of a list for programs: it matches only who asks for a page, as a browser's address bar
    does (RFC 9110, 12.5.1)."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        match, child = super().matches(scope)
        if match is Match.FULL and "text/html" not in Headers(scope=scope).get("accept", ""):
            return Match.NONE, {}
        return match if match is Match.FULL else Match.NONE, child


async def _archive(request: Request) -> Response:
    return await client(edge_of(request.scope))


def navigations() -> list[BaseRoute]:
    """To be put before the routes whose addresses they share."""
    return [Navigation("/games", _archive, methods=["GET"])]


@router.api_route("/favicon.ico", methods=READ)
async def icon() -> Response:
    """For what a browser opens besides the client's pages, which name their icon themselves."""
    found = next((static_folder() / "assets").glob("icon-*.svg"), None)
    return FileResponse(found, media_type="image/svg+xml") if found else Response(status_code=404)


def assets() -> StaticFiles:
    """The client's files, named by their content and so cached for ever."""
    return _Immutable(directory=static_folder() / "assets", check_dir=False)


class _Immutable(StaticFiles):
    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        asked = Headers(scope=scope)
        is_plain = response.status_code != 200 or "range" in asked or Path(path).suffix not in _COMPRESSED
        if is_plain or "gzip" not in asked.get("accept-encoding", ""):
            return response
        assert isinstance(response, FileResponse) and response.stat_result is not None
        packed = _gzipped(Path(response.path), response.stat_result.st_mtime_ns)
        headers = {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
        return Response(packed, media_type=response.media_type, headers=headers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def cached(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] == 200:
                MutableHeaders(scope=message)["Cache-Control"] = "public, max-age=31536000, immutable"
            await send(message)

        await super().__call__(scope, receive, cached)


class NotFound:
    """What the server answers at an address it does not know: people get the client's page for that, programs `other`.

    Who asks for `text/html` by name is a browser that goes there. Plain ASGI, for the router's `default`.
    """

    def __init__(self, other: ASGIApp) -> None:
        self._other = other

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_person = scope["type"] == "http" and "text/html" in Headers(scope=scope).get("accept", "")
        answer = HTMLResponse(page(None), status_code=404) if is_person else self._other
        await answer(scope, receive, send)


@lru_cache(maxsize=32)
def _gzipped(file: Path, _built_ns: int) -> bytes:
    return gzip.compress(file.read_bytes())


class SecurityHeaders:
    """Adds to every HTTP response what keeps a browser from doing more with it than we mean. Plain ASGI."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        ancestors = "*" if scope["path"].startswith("/embed/") else "'none'"

        async def secured(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in GUARDS:
                    headers[name.decode()] = value.decode()
                if headers.get("content-type", "").startswith("text/html"):
                    headers["Content-Security-Policy"] = CSP.format(ancestors=ancestors)
            await send(message)

        await self._app(scope, receive, secured)
