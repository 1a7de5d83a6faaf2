"""The API's own description: `/docs` for people, `/asyncapi.json` for programs (`/openapi.json` is FastAPI's).

Plain HTML made here, because the usual viewers load their assets from elsewhere or need inline script.
"""

import html
import re
from functools import cache
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, JSONResponse

from game_server.http import pages
from game_server.wire.asyncapi import asyncapi

router = APIRouter(include_in_schema=False)
_QUOTED = re.compile("`+([^`]+)`+")
_CODE = r"<code>\1</code>"


@router.api_route("/asyncapi.json", methods=pages.READ)
async def asyncapi_json(request: Request) -> JSONResponse:
    return JSONResponse(asyncapi(request.app.version))


@router.api_route("/docs", methods=pages.READ)
async def docs(request: Request) -> HTMLResponse:
    version = request.app.version
    return HTMLResponse(_page(version, _operations(request.app.openapi()), _channels(version), _messages(version)))


def _operations(openapi: dict[str, Any]) -> str:
    rows = [
        f'<tr><th scope="row"><code>{method.upper()} {_address(path)}</code></th>'
        f"<td>{_prose(operation.get('description', ''))}</td></tr>"
        for path, methods in openapi["paths"].items()
        for method, operation in methods.items()
    ]
    return _table("Every route, and what it does", ("Route", "What it does"), rows)


@cache
def _channels(version: str) -> str:
    document = asyncapi(version)
    titles = {name: message["name"] for name, message in document["components"]["messages"].items()}
    parts: list[str] = []
    for channel in document["channels"].values():
        links = (f'<li><a href="#{name}"><code>{titles[name]}</code></a></li>' for name in channel["messages"])
        parts.append(
            f"<h3><code>{_address(channel['address'])}</code></h3>{_prose(channel['description'])}"
            f'<ul class="docs-kinds">{"".join(links)}</ul>'
        )
    return "".join(parts)


@cache
def _messages(version: str) -> str:
    schemas = asyncapi(version)["components"]["schemas"]
    return "".join(
        _schema(name, schema) for name, schema in schemas.items() if "properties" in schema or "enum" in schema
    )


def _schema(name: str, schema: dict[str, Any]) -> str:
    head = f'<h3 id="{name}">{name}</h3>{_prose(schema.get("description", ""))}'
    if "enum" in schema:
        return f"{head}<p>{_kind(schema)}</p>"
    rows = [
        f'<tr><th scope="row"><code>{html.escape(field)}</code></th><td>{_kind(kind)}</td>'
        f"<td>{_prose(kind.get('description', ''))}</td></tr>"
        for field, kind in schema["properties"].items()
    ]
    return head + _table(f"The fields of {name}", ("Field", "Type", "Meaning"), rows)


def _table(caption: str, heads: tuple[str, ...], rows: list[str]) -> str:
    head = "".join(f'<th scope="col">{name}</th>' for name in heads)
    return (
        f'<table class="docs-table"><caption class="unseen">{caption}</caption><thead><tr>{head}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table>"
    )


def _address(path: str) -> str:
    """A path that may be broken behind its slashes, and nowhere else."""
    return html.escape(path).replace("/", "/<wbr>").removesuffix("<wbr>")


def _prose(text: str) -> str:
    """A docstring as HTML: its paragraphs, and what stands in backticks as code."""
    paragraphs = filter(None, (part.strip() for part in re.split(r"\n\s*\n", html.escape(text))))
    return "".join(f"<p>{_QUOTED.sub(_CODE, part)}</p>" for part in paragraphs)


def _kind(kind: dict[str, Any]) -> str:
    """A field's type in a few words, with links to types that stand on this page."""
    if "$ref" in kind:
        name = html.escape(str(kind["$ref"]).rpartition("/")[2])
        return f'<a href="#{name}">{name}</a>'
    if "anyOf" in kind or "oneOf" in kind:
        return " or ".join(_kind(option) for option in kind.get("anyOf") or kind["oneOf"])
    if "const" in kind:
        return f"<code>{html.escape(str(kind['const']))}</code>"
    if "enum" in kind:
        return ", ".join(f"<code>{html.escape(str(value))}</code>" for value in kind["enum"])
    if kind.get("type") == "array":
        return f"list of {_kind(kind.get('items', {}))}"
    return html.escape(str(kind.get("type", "any")))


def _page(version: str, operations: str, channels: str, messages: str) -> str:
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f"<title>API · Tabiya</title>{pages.looks()}</head><body>"
        '<header class="bar"><a class="brand" href="/"><span class="brand-mark" aria-hidden="true"></span>Tabiya</a>'
        '<nav class="bar-aside docs-nav" aria-label="On this page"><a href="#http">HTTP</a> '
        '<a href="#feeds">WebSockets and streams</a> <a href="#messages">Messages</a></nav></header>'
        f'<main class="docs"><h1>Tabiya’s API, version {html.escape(version)}</h1>'
        '<p>For programs: <a href="/openapi.json">openapi.json</a>, <a href="/asyncapi.json">asyncapi.json</a>.</p>'
        f'<h2 id="http">HTTP</h2>{operations}<h2 id="feeds">WebSockets and streams</h2>{channels}'
        f'<h2 id="messages">Messages</h2>{messages}</main></body></html>'
    )
