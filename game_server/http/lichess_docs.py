"""The Lichess API in `/openapi.json`: what its routes take and how they answer, in one table.

A route's description is its handler's docstring. Of the answers the form is said, not each field: those are lichess's.
"""

import inspect
import re
from collections.abc import Iterable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final, get_args

from game_server.core.account_events import ColorWish
from game_server.http import lichess_actions as actions
from game_server.http import lichess_challenges as challenges
from game_server.http import lichess_exports as exports
from game_server.http import lichess_tv as tv
from game_server.http import lichess_users as users
from game_server.http.account_auth import BOARD_PLAY, BOT_PLAY, CHALLENGE_READ, CHALLENGE_WRITE
from game_server.http.lichess_computer import create_ai
from game_server.http.lichess_door import Handler
from game_server.http.lichess_events import stream_events
from game_server.http.lichess_games import stream_game
from game_server.http.lichess_seek import seek
from game_server.http.problems import RETRY_AFTER
from game_server.wire.computer import LEVELS
from game_server.wire.lichess import VARIANTS
from game_server.wire.lichess_challenges import DECLINE_REASONS

JSON: Final = "application/json"
NDJSON: Final = "application/x-ndjson"
PGN: Final = "application/x-chess-pgn"
FORM: Final = "application/x-www-form-urlencoded"
TEXT: Final = "text/plain"
ANY: Final = "any of the account's tokens"
PLAY: Final = f"{BOT_PLAY} under /api/bot, {BOARD_PLAY} under /api/board"
_PARAMETER: Final = re.compile(r"{(\w+)}")

GAME: Final = "clock.limit clock.increment days color variant fen"
FIELDS: Final[dict[str, tuple[dict[str, Any], str]]] = {
    "clock.limit": ({"type": "number"}, "initial time in seconds; without it and `days` the game is unlimited"),
    "clock.increment": ({"type": "number"}, "seconds a move"),
    "days": ({"type": "integer"}, "days a move"),
    "time": ({"type": "number"}, "initial time in minutes"),
    "increment": ({"type": "number"}, "seconds a move"),
    "color": ({"enum": list(get_args(ColorWish))}, "of who asks"),
    "variant": ({"enum": list(VARIANTS)}, "default: standard"),
    "fen": ({"type": "string"}, "start position"),
    "level": ({"type": "integer", "minimum": 1, "maximum": LEVELS}, "how strong the computer is"),
    "rated": ({"type": "boolean"}, "not looked at: every game is casual"),
    "rematchOf": ({"type": "string"}, "the game that is to be played again"),
    "keepAliveStream": ({"type": "boolean"}, "answer with a stream, which the challenge lives as long as"),
    "reason": ({"enum": list(DECLINE_REASONS)}, "in any case; others count as generic"),
    "offeringDraw": ({"type": "boolean"}, "offer a draw with the move"),
    "room": ({"enum": ["player", "spectator"]}, "default: player"),
    "text": ({"type": "string"}, "1 to 280 characters"),
    "nb": ({"type": "integer"}, "how many at most"),
    "ids": ({"type": "string"}, "user ids, separated by commas"),
    "max": ({"type": "integer"}, "how many at most"),
    "since": ({"type": "integer"}, "begun at this Unix time in ms or later"),
    "until": ({"type": "integer"}, "ended before this Unix time in ms"),
    "vs": ({"type": "string"}, "only games against this user"),
    "clocks": ({"type": "boolean"}, "with the clocks, in JSON"),
    "pgnInJson": ({"type": "boolean"}, "with the PGN, in JSON"),
}


@dataclass(frozen=True, slots=True)
class Doc:
    """`scope` is what the token must be good for (None: no token is needed); `query` and `body` name FIELDS."""

    scope: str | None = None
    answers: tuple[str, ...] = (JSON,)
    query: str = ""
    body: str = ""
    text: str = ""              # of a body that is no object
    is_list: bool = False       # of objects, in JSON
    status: int = HTTPStatus.OK
    errors: tuple[int, ...] = ()


_ACT: Final = Doc(PLAY, errors=(400,))
DOCS: Final[dict[Handler, Doc]] = {
    users.account: Doc(ANY),
    users.playing: Doc(ANY, query="nb"),
    users.user: Doc(),
    users.users: Doc(text="user ids, separated by commas", is_list=True),
    users.users_status: Doc(query="ids", is_list=True),
    users.bots_online: Doc(answers=(NDJSON,), query="nb"),
    users.test_tokens: Doc(text="tokens, separated by commas"),
    users.revoke_token: Doc(ANY, answers=(), status=HTTPStatus.NO_CONTENT),
    users.upgrade: Doc(BOT_PLAY, errors=(400,)),
    stream_events: Doc(ANY, answers=(NDJSON,)),
    stream_game: Doc(PLAY, answers=(NDJSON,), errors=(400,)),
    actions.move: Doc(PLAY, query="offeringDraw", errors=(400,)),
    actions.say: Doc(PLAY, body="room text", errors=(400,)),
    actions.read_chat: Doc(PLAY, is_list=True, errors=(400,)),
    **dict.fromkeys(
        (
            *(actions.abort, actions.resign, actions.draw, actions.takeback),
            *(actions.claim_victory, actions.claim_draw, actions.berserk),
        ),
        _ACT,
    ),
    actions.add_time: Doc(CHALLENGE_WRITE, errors=(400,)),
    seek: Doc(BOARD_PLAY, answers=(NDJSON,), body="time increment days color variant rated", errors=(400,)),
    challenges.list_challenges: Doc(CHALLENGE_READ),
    challenges.show: Doc(CHALLENGE_READ),
    challenges.create: Doc(
        CHALLENGE_WRITE, (JSON, NDJSON), body=f"{GAME} rated rematchOf keepAliveStream", errors=(400,)
    ),
    challenges.create_open: Doc(body=f"{GAME} rated", errors=(400,)),
    create_ai: Doc(CHALLENGE_WRITE, body=f"level {GAME}", status=HTTPStatus.CREATED, errors=(400,)),
    challenges.accept: Doc(CHALLENGE_WRITE, query="color"),
    challenges.decline: Doc(CHALLENGE_WRITE, body="reason"),
    challenges.cancel: Doc(CHALLENGE_WRITE),
    tv.channels: Doc(),
    tv.feed: Doc(answers=(NDJSON,)),
    tv.stream_game: Doc(answers=(NDJSON,)),
    exports.export_game: Doc(answers=(PGN, JSON), query="clocks pgnInJson"),
    exports.export_games: Doc(answers=(PGN, NDJSON), query="max since until vs color clocks pgnInJson"),
}
ERROR: Final = {
    "type": "object",
    "title": "LichessError",
    "properties": {"error": {"type": "string"}},
    "required": ["error"],
}
BODY_ERRORS: Final = {400, 408, 413}        # no object, did not come, is too long
SECURITY: Final = {"account": {"type": "http", "scheme": "bearer", "description": "made by `tabiya token NAME`"}}


def paths(routes: Iterable[tuple[str, str, Handler]]) -> dict[str, dict[str, Any]]:
    """The `paths` of these routes, each a method, a path and what handles it; all must stand in DOCS."""
    found: dict[str, dict[str, Any]] = {}
    for method, path, handler in routes:
        found.setdefault(path, {})[method.lower()] = _operation(method, path, handler, DOCS[handler])
    return found


def _operation(method: str, path: str, handler: Handler, doc: Doc) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "tags": ["lichess"],
        "operationId": re.sub(r"\W+", "_", f"{method.lower()}{path}").strip("_"),
        "description": inspect.getdoc(handler) or "",
        "responses": _responses(path, doc),
    }
    parameters = [_parameter(name, "path") for name in _PARAMETER.findall(path)]
    parameters += [_parameter(name, "query") for name in doc.query.split()]
    if parameters:
        operation["parameters"] = parameters
    if doc.scope is not None:
        operation["security"] = [{"account": []}]
        operation["description"] += f"\n\nThe token must be good for {doc.scope}."
    if doc.body:
        fields = {name: FIELDS[name][0] | {"description": FIELDS[name][1]} for name in doc.body.split()}
        schema = {"type": "object", "properties": fields}
        operation["requestBody"] = {"content": {FORM: {"schema": schema}, JSON: {"schema": schema}}}
    if doc.text:
        operation["requestBody"] = {"content": {TEXT: {"schema": {"type": "string", "description": doc.text}}}}
    return operation


def _parameter(name: str, place: str) -> dict[str, Any]:
    schema, about = FIELDS.get(name, ({"type": "string"}, "")) if place == "query" else ({"type": "string"}, "")
    parameter = {"name": name, "in": place, "required": place == "path", "schema": schema}
    return parameter | ({"description": about} if about else {})


def _responses(path: str, doc: Doc) -> dict[str, Any]:
    value: dict[str, Any] = {"type": "array", "items": {"type": "object"}} if doc.is_list else {"type": "object"}
    answers = {media: {"schema": value if media == JSON else {"type": "string"}} for media in doc.answers}
    good: dict[str, Any] = {"description": HTTPStatus(doc.status).phrase} | ({"content": answers} if answers else {})
    errors = {*doc.errors, HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}
    errors |= BODY_ERRORS if doc.body or doc.text else set()
    errors |= {401, 403} if doc.scope is not None else set()
    errors |= {404} if _PARAMETER.search(path) else set()
    bad = {
        str(int(status)): {"description": HTTPStatus(status).phrase, "content": {JSON: {"schema": ERROR}}}
        | ({"headers": RETRY_AFTER} if status == HTTPStatus.TOO_MANY_REQUESTS else {})
        for status in sorted(errors)
    }
    return {str(int(doc.status)): good} | bad
