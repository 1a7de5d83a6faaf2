"""Errors over HTTP, as RFC 9457 problem documents."""

import logging
from collections.abc import Iterable, Sequence
from http import HTTPStatus
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Match, Mount
from starlette.types import Scope

from game_server.core.refusals import Code, Refused
from game_server.http.connection import Closed
from game_server.http.edge import Edge, edge_of
from game_server.http.headers import GUARDS
from game_server.http.limits import Limited
from game_server.store.log import Unavailable
from game_server.wire.close import CloseCode

logger = logging.getLogger("tabiya.http")

METHODS: Final = ("DELETE", "GET", "HEAD", "PATCH", "POST", "PUT")
MEDIA_TYPE = "application/problem+json"
_REFUSED_STATUS = {
    Code.BAD_MESSAGE: HTTPStatus.UNPROCESSABLE_ENTITY,
    Code.SEATS_TAKEN: HTTPStatus.CONFLICT,
    Code.RATE_LIMITED: HTTPStatus.TOO_MANY_REQUESTS,
    Code.TRY_AGAIN: HTTPStatus.SERVICE_UNAVAILABLE,
}
_RETRY_AFTER_S = {HTTPStatus.SERVICE_UNAVAILABLE: 1, HTTPStatus.TOO_MANY_REQUESTS: 10}   # where nothing says better
_CLOSED_STATUS = {
    CloseCode.NO_ROOM: HTTPStatus.NOT_FOUND,
    CloseCode.BAD_TOKEN: HTTPStatus.UNAUTHORIZED,
    CloseCode.SEATS_TAKEN: HTTPStatus.CONFLICT,
}

_SCHEMA: dict[str, Any] = {
    "type": "object",
    "title": "Problem",
    "description": "RFC 9457; `code` is a refusal's, `errors` says what is wrong with which field.",
    "properties": {
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"at": {"type": "string"}, "message": {"type": "string"}},
                "required": ["at", "message"],
            },
        },
    },
    "required": ["title", "status", "detail"],
}

RETRY_AFTER: dict[str, Any] = {
    "Retry-After": {"description": "in how many seconds to ask again", "schema": {"type": "integer"}}
}


def problem(status: int, detail: str, retry_after_s: int | None = None, **extra: Any) -> JSONResponse:
    """A problem document; its type is the status itself (`about:blank`)."""
    body = {"title": HTTPStatus(status).phrase, "status": int(status), "detail": detail, **extra}
    if retry_after_s is None and status in _RETRY_AFTER_S:
        retry_after_s = _RETRY_AFTER_S[HTTPStatus(status)]
    headers = {name.decode(): value.decode() for name, value in GUARDS}
    if retry_after_s is not None:
        headers["Retry-After"] = str(retry_after_s)
    return JSONResponse(body, status, headers, MEDIA_TYPE)


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """For a route's `responses`: it may answer with these, as problem documents."""
    content = {MEDIA_TYPE: {"schema": _SCHEMA}}
    return {
        status: {"description": HTTPStatus(status).phrase, "content": content}
        | ({"headers": RETRY_AFTER} if status in _RETRY_AFTER_S else {})
        for status in statuses
    }


def limited_answer(edge: Edge, limited: Limited) -> Response:
    """How a limit answers over HTTP; the refusal is counted."""
    edge.refusals[limited.code] += 1
    return problem(limited.status, limited.message, limited.retry_after_s, code=limited.code.value)


def allowed(routes: Iterable[BaseRoute], scope: Scope) -> str:
    """What `Allow` says of the path in `scope`: the methods of all `routes` that have it (RFC 9110, 10.2.1), where a
    framework's 405 names those of one.
    """
    own = [route for route in routes if not isinstance(route, Mount)]
    asked = [(method, {**scope, "method": method}) for method in METHODS]
    return ", ".join(method for method, each in asked if any(route.matches(each)[0] is Match.FULL for route in own))


def install(app: FastAPI) -> None:
    """Makes `app` answer every error with a problem document."""

    @app.exception_handler(Limited)
    async def limited(request: Request, error: Limited) -> Response:
        return limited_answer(edge_of(request.scope), error)

    @app.exception_handler(Refused)
    async def refused(request: Request, error: Refused) -> Response:
        edge_of(request.scope).refusals[error.code] += 1
        return problem(_REFUSED_STATUS.get(error.code, HTTPStatus.CONFLICT), error.message, code=error.code.value)

    @app.exception_handler(Closed)
    async def closed(_: Request, error: Closed) -> Response:
        return problem(_CLOSED_STATUS.get(error.code, HTTPStatus.SERVICE_UNAVAILABLE), error.reason)

    @app.exception_handler(Unavailable)
    async def unavailable(request: Request, error: Unavailable) -> Response:
        logger.warning("%s %s: the store is unavailable: %s", request.method, request.scope["path"], error)
        return problem(HTTPStatus.SERVICE_UNAVAILABLE, "the server cannot reach its store now: try again")

    @app.exception_handler(HTTPException)
    async def other(request: Request, error: HTTPException) -> Response:
        response = problem(error.status_code, error.detail)
        response.headers.update(error.headers or {})
        if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
            response.headers["Allow"] = allowed(app.router.routes, request.scope) or response.headers.get("Allow", "")
        return response

    @app.exception_handler(RequestValidationError)
    async def invalid(_: Request, error: RequestValidationError) -> Response:
        faults = [{"at": _place(fault["loc"]), "message": _sentence(fault["msg"])} for fault in error.errors()]
        detail = "; ".join(f"{fault['at']}: {fault['message']}" for fault in faults)
        return problem(HTTPStatus.UNPROCESSABLE_ENTITY, detail, errors=faults)


def _place(location: Sequence[object]) -> str:
    """Which field it is, without `body` or `query` before its name."""
    return ".".join(str(part) for part in location[1:] or location)


def _sentence(message: str) -> str:
    return message.removeprefix("Value error, ")
