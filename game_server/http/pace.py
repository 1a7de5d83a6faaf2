"""How fast one address may ask over HTTP, whatever for. WebSockets are bounded by their number, and by what they say.

Free are the client's files, which a browser fetches together, and what programs ask that watch over the server. A move
of the Lichess API is tried first, and counted only if nothing came of it.
"""

import re
from typing import Final

from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from game_server.http.admission import PROBES
from game_server.http.edge import Edge
from game_server.http.lichess_door import refusal
from game_server.http.limits import Limited, address_of
from game_server.http.problems import limited_answer

FREE: Final = ("/assets/", "/favicon.ico", "/metrics", *PROBES)
LICHESS: Final = ("/api/", "/game/export/")
_MOVE: Final = re.compile(r"/api/(?:bot|board)/game/[^/]+/move/[^/]+/?")


def is_move(scope: Scope) -> bool:
    return scope["method"] == "POST" and _MOVE.fullmatch(scope["path"]) is not None


def refused_for_its_pace(edge: Edge, scope: Scope) -> Response | None:
    """Counts the request, unless it is a move; the answer if it is one too many. Cost: 7 µs."""
    path: str = scope["path"]
    if path.startswith(FREE) or is_move(scope):
        return None
    try:
        edge.limits.require_request(address_of(scope))
    except Limited as limited:
        answer = limited_answer(edge, limited)
        return refusal(limited).response() if path.startswith(LICHESS) else answer
    return None


async def tried(app: ASGIApp, edge: Edge, scope: Scope, receive: Receive, send: Send) -> None:
    """Has `app` answer the move in `scope`, which counts as a request if it is refused."""

    async def watched(message: Message) -> None:
        if message["type"] == "http.response.start" and message["status"] >= 400:
            edge.limits.note_request(address_of(scope))
        await send(message)

    await app(scope, receive, watched)
