"""The API's own description: `/docs` for people, `/asyncapi.json` for programs (`/openapi.json` is FastAPI's).

Plain HTML made here, because the usual viewers load their assets from elsewhere or need inline script.
"""

import html
from functools import cache
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, JSONResponse

from game_server.wire.asyncapi import asyncapi

router = APIRouter(include_in_schema=False)


@router.get("/asyncapi.json")
async def asyncapi_json(request: Request) -> JSONResponse:
    return JSONResponse(asyncapi(request.app.version))


@router.get("/docs")
async def docs(request: Request) -> HTMLResponse:
    return HTMLResponse(_page(request.app.version, _operations(request.app.openapi()), _channels(request.app.version)))


def _operations(openapi: dict[str, Any]) -> str:
    rows = [
        f"<tr><td><code>{method.upper()} {html.escape(path)}</code><td>{html.escape(operation.get('description', ''))}"
        for path, methods in openapi["paths"].items()
        for method, operation in methods.items()
    ]
    return f"<table>{''.join(rows)}</table>"


@cache
def _channels(version: str) -> str:
    document = asyncapi(version)
    schemas = document["components"]["schemas"]
    parts: list[str] = []
    for channel in document["channels"].values():
        parts.append(f"<h3><code>{html.escape(channel['address'])}</code></h3><p>{html.escape(channel['description'])}")
        parts.append("<p>" + ", ".join(f'<a href="#{name}">{name}</a>' for name in channel["messages"]))
    parts.extend(_schema(name, schema) for name, schema in schemas.items() if "properties" in schema)
    return "".join(parts)


def _schema(name: str, schema: dict[str, Any]) -> str:
    rows = [
        f"<tr><td><code>{html.escape(field)}</code><td>{html.escape(_kind(kind))}"
        f"<td>{html.escape(kind.get('description', ''))}"
        for field, kind in schema["properties"].items()
    ]
    about = html.escape(schema.get("description", ""))
    return f'<h3 id="{name}">{name}</h3><p>{about}<table>{"".join(rows)}</table>'


def _kind(kind: dict[str, Any]) -> str:
    """A field's type in a few words."""
    if "$ref" in kind:
        return str(kind["$ref"]).rpartition("/")[2]
    if "anyOf" in kind:
        return " or ".join(_kind(option) for option in kind["anyOf"])
    if "const" in kind:
        return repr(kind["const"])
    if "enum" in kind:
        return " | ".join(str(value) for value in kind["enum"])
    if kind.get("type") == "array":
        return f"list of {_kind(kind.get('items', {}))}"
    return str(kind.get("type", "any"))


def _page(version: str, operations: str, channels: str) -> str:
    return (
        "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width'>"
        f"<title>Tabiya's API</title><h1>Tabiya's API, version {html.escape(version)}</h1>"
        "<p>For programs: <a href=/openapi.json>openapi.json</a>, <a href=/asyncapi.json>asyncapi.json</a>."
        f"<h2>HTTP</h2>{operations}<h2>WebSockets and streams</h2>{channels}"
    )
