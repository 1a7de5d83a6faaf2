"""The HTTP requests a client makes: open a room, read a game's PGN. With the standard library's client, in a thread."""

import asyncio
import json
import ssl
import urllib.error
import urllib.request
from typing import Any, Final

from game_server.client.address import Address, address
from game_server.client.endings import Unreachable
from game_server.core.refusals import Code, Refused
from game_server.wire.documents import RoomTicket

TIMEOUT_S: Final = 15
_CODES: Final = {409: Code.SEATS_TAKEN, 429: Code.RATE_LIMITED, 503: Code.TRY_AGAIN}


async def request(
    method: str,
    place: Address,
    path: str,
    body: dict[str, Any] | None = None,
    *,
    token: str | None = None,
    tls: ssl.SSLContext | None = None,
) -> bytes:
    """What the server answers, if that is a success. Raises Refused with its sentence, or Unreachable."""
    return await asyncio.to_thread(_answer, asked_for(method, place, path, body, token=token), place, tls)


def asked_for(
    method: str, place: Address, path: str, body: dict[str, Any] | None = None, *, token: str | None = None
) -> urllib.request.Request:
    """A request for `path` of that server."""
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    return urllib.request.Request(  # noqa: S310 - `address` lets only http and https through
        f"{place.origin}{path}",
        data=None if body is None else json.dumps(body).encode(),
        headers=headers,
        method=method,
    )


def opener(place: Address, tls: ssl.SSLContext | None) -> urllib.request.OpenerDirector:
    """What opens requests to that server: past any proxy if it is this machine."""
    proxies = urllib.request.ProxyHandler({} if place.is_local else None)
    return urllib.request.build_opener(proxies, urllib.request.HTTPSHandler(context=tls))


def _answer(asked: urllib.request.Request, place: Address, tls: ssl.SSLContext | None) -> bytes:
    try:
        with opener(place, tls).open(asked, timeout=TIMEOUT_S) as response:
            return bytes(response.read())
    except urllib.error.HTTPError as error:
        raise _refusal(error) from None
    except OSError as error:
        raise Unreachable(f"{place.origin} does not answer: {getattr(error, 'reason', error)}") from None


def _refusal(error: urllib.error.HTTPError) -> Refused:
    try:
        problem = json.load(error)
        code, detail = problem.get("code"), str(problem["detail"] if "detail" in problem else problem["error"])
    except (ValueError, KeyError, TypeError, AttributeError):
        code, detail = None, f"HTTP {error.code}"
    return Refused(Code(code) if code in set(Code) else _CODES.get(error.code, Code.BAD_MESSAGE), detail)


async def create_room(
    server: str, *, token: str | None = None, tls: ssl.SSLContext | None = None, **wishes: Any
) -> RoomTicket:
    """A new room, and the first seat in it: `wishes` are `time`, `variant`, `fen`, `color`, `name`, `public` … as in
    `POST /rooms`. Play with `join(ticket.url, token=ticket.token)`, or with an account's token that was given here, for
    then the seat is that account's; send `ticket.url` to the opponent.

    Raises Refused with a sentence that says what would be right; Unreachable.
    """
    body = {name: value for name, value in wishes.items() if value is not None}
    return RoomTicket.model_validate_json(
        await request("POST", address(server), "/rooms", body, token=token, tls=tls)
    )


async def game_pgn(place: Address, game_id: str, *, tls: ssl.SSLContext | None = None) -> str:
    """The PGN of a finished game. Raises Refused or Unreachable."""
    return (await request("GET", place, f"/games/{game_id}/pgn", tls=tls)).decode()
