"""The edge of the Lichess API: what comes in as bytes and how it is answered, whatever the route.

Bodies may be JSON, a form, raw text without a content type, or nothing; errors are `{"error": …}` with Lichess's
statuses, and nothing that a client sends gives anything else.
"""

import asyncio
import json
import logging
import re
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import parse_qsl

from starlette.datastructures import Headers, QueryParams
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from game_server.core.refusals import Code, Refused
from game_server.http import account_auth as auth
from game_server.http.account_auth import Me
from game_server.http.connection import Closed
from game_server.http.edge import edge_of
from game_server.http.limits import Limited
from game_server.store.log import Unavailable
from game_server.wire.lichess_challenges import texts

logger = logging.getLogger("tabiya.lichess")

BODY_S: Final = 10
MAX_BODY_BYTES: Final = 65_536
OK: Final = {"ok": True}
_BOUNDARY: Final = re.compile(r'boundary="?([^\s";,]+)', re.IGNORECASE)
_FIELD: Final = re.compile(rb'^content-disposition:[^\r\n]*?[;\s]name="?([^";\r\n]*)', re.IGNORECASE | re.MULTILINE)
_STATUS: Final = {Code.RATE_LIMITED: 429, Code.TRY_AGAIN: 503, Code.NO_SUCH_OFFER: 404}


class ApiError(Exception):
    """Answered with `status` and `{"error": message}`."""

    def __init__(self, status: int, message: str, retry_after_s: int | None = None) -> None:
        super().__init__(status, message)
        self.status = status
        self.message = message
        self.retry_after_s = retry_after_s

    def response(self) -> Response:
        headers = {"Retry-After": str(self.retry_after_s)} if self.retry_after_s is not None else None
        return JSONResponse({"error": self.message}, self.status, headers)


class Call:
    """One request: who asks, what for, with which body."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.scope = scope
        self.receive = receive
        self.send = send
        self.edge = edge_of(scope)
        self.headers = Headers(scope=scope)
        self.query = QueryParams(scope["query_string"])
        self.path: dict[str, str] = scope.get("path_params", {})

    @property
    def origin(self) -> str:
        """How this client reaches the server."""
        return str(Request(self.scope).base_url).rstrip("/").removesuffix("/api")

    async def me(self, *scopes: str) -> Me:
        """Who asks, with a token good for all of `scopes`. Raises ApiError (401 or 403) or Unavailable."""
        me = await self.maybe_me()
        if me is None:
            is_silent = auth.bearer(self.headers) is None
            raise ApiError(HTTPStatus.UNAUTHORIZED, "Missing authorization header" if is_silent else "No such token")
        for scope in scopes:
            if scope not in me.token.scopes:
                raise ApiError(HTTPStatus.FORBIDDEN, f"Missing scope: {scope}")
        return me

    async def maybe_me(self) -> Me | None:
        return await auth.identified(self.edge, self.headers)

    async def raw(self) -> bytes:
        """The body. Raises ApiError if it is too long or does not come."""
        body = b""
        try:
            async with asyncio.timeout(BODY_S):
                async for chunk in Request(self.scope, self.receive).stream():
                    body += chunk
                    if len(body) > MAX_BODY_BYTES:
                        raise ApiError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "The body is too long")
        except TimeoutError:
            raise ApiError(HTTPStatus.REQUEST_TIMEOUT, "The body did not come") from None
        return body

    async def body(self) -> dict[str, str]:
        """What was sent in the query and the body, as texts by dotted keys; nulls are left out."""
        return {**dict(self.query), **parsed(await self.raw(), self.headers.get("content-type", ""))}


def parsed(body: bytes, content_type: str) -> dict[str, str]:
    """A body as texts by dotted keys. What says that it is JSON must be an object; else anything goes.

    Raises ApiError.
    """
    if content_type.lower().startswith("multipart/form-data"):
        return _parts(body, content_type)
    text = body.decode("utf-8-sig", errors="replace")
    says_json = "json" in content_type.lower()
    if says_json or text.lstrip().startswith("{"):
        try:
            value: Any = json.loads(text or "{}")
        except (ValueError, RecursionError):
            value = None
        if isinstance(value, dict):
            return texts(value)
        if says_json:
            raise ApiError(HTTPStatus.BAD_REQUEST, "The body is no JSON object")
    try:
        return dict(parse_qsl(text, max_num_fields=100))
    except ValueError:
        return {}


def _parts(body: bytes, content_type: str) -> dict[str, str]:
    """The fields of a form with parts (RFC 7578), as some programs send it; a part is a text, whatever it says it is.

    Linear in the body's length. Python's parser of e-mail is not: it also reads what is nested.
    """
    boundary = _BOUNDARY.search(content_type)
    fields: dict[str, str] = {}
    for part in body.split(b"--" + boundary[1].encode("latin-1", "replace"))[1:] if boundary else ():
        head, _, value = part.partition(b"\r\n\r\n")
        if (named := _FIELD.search(head)) is not None:
            fields[named[1].decode(errors="replace")] = value.removesuffix(b"\r\n").decode(errors="replace")
    return fields


Handler = Callable[[Call], Awaitable[Any]]


class Endpoint:
    """`handler` as an ASGI application: it returns JSON or a Response, or None if it has answered itself."""

    def __init__(self, handler: Handler) -> None:
        self._handler = handler

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            answer = await self._handler(Call(scope, receive, send))
        except ClientDisconnect:
            return
        except Exception as error:  # noqa: BLE001 - the boundary: an answer in JSON, always
            if isinstance(error, Refused):
                edge_of(scope).refusals[error.code] += 1
            answer = refusal(error).response()
        if answer is not None:
            response = answer if isinstance(answer, Response) else JSONResponse(answer)
            await response(scope, receive, send)


def refusal(error: Exception) -> ApiError:
    """How `error` is answered."""
    match error:
        case ApiError():
            return error
        case Limited(message=message, retry_after_s=retry_after_s):
            return ApiError(HTTPStatus.TOO_MANY_REQUESTS, message, retry_after_s)   # 503: clients ask again at once
        case Refused(code=code, message=message):
            retry_s = 10 if code in (Code.RATE_LIMITED, Code.TRY_AGAIN) else None
            return ApiError(_STATUS.get(code, HTTPStatus.BAD_REQUEST), message, retry_s)
        case Closed(reason=reason):
            return ApiError(HTTPStatus.NOT_FOUND, reason)
        case Unavailable():
            return ApiError(HTTPStatus.SERVICE_UNAVAILABLE, "The server cannot reach its store now", 1)
        case _:
            logger.exception("a request of the Lichess API failed", exc_info=error)
            return ApiError(HTTPStatus.INTERNAL_SERVER_ERROR, "This is a bug of the server")


class WithoutSlash:
    """`app`, for which a path with a slash at its end is the same path without."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"].endswith("/"):
            scope = {**scope, "path": scope["path"].rstrip("/")}
        await self._app(scope, receive, send)


async def nothing_here(scope: Scope, receive: Receive, send: Send) -> None:
    """For paths that are no route."""
    await ApiError(HTTPStatus.NOT_FOUND, "Not found").response()(scope, receive, send)
