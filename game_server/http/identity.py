"""Who speaks: seat tokens, how they arrive and what is kept of them.

A token is a secret of at least 128 random bits, so that a plain hash of it is enough to keep (no salt, no stretching:
there is nothing to guess). Comparing hashes of secrets leaks nothing useful by its timing.
"""

import hashlib
import re
import secrets
from typing import Final

from starlette.datastructures import Headers

from game_server.core.ids import GameId, PlayerId, TokenHash
from game_server.wire.requests import TOKEN_PATTERN

SUBPROTOCOL: Final = "chess.v1"
TOKEN_SUBPROTOCOL: Final = "token."
SEAT_TOKEN_PREFIX: Final = "seat_"
_TOKEN: Final = re.compile(TOKEN_PATTERN)
_ALPHABET: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def new_seat_token() -> str:
    return SEAT_TOKEN_PREFIX + secrets.token_urlsafe(24)


def new_player_id() -> PlayerId:
    return PlayerId(_random_id(10))


def new_room_id() -> str:
    """71 bits: the link is what makes a private room private."""
    return _random_id(12)


def new_game_id() -> GameId:
    return GameId(_random_id(12))


def chance() -> int:
    """A random integer for core, 0 <= chance < 2**32."""
    return secrets.randbits(32)


def _random_id(length: int) -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))


def hashed(token: str) -> TokenHash:
    return TokenHash(hashlib.sha256(token.encode()).hexdigest())


def is_token(text: str) -> bool:
    return _TOKEN.fullmatch(text) is not None


def given_token(headers: Headers, subprotocols: list[str], query_token: str | None) -> str | None:
    """The token of a request, as it was sent: from `Authorization: Bearer`, a subprotocol `token.…` or the query.

    The first of these that is there counts; whether it is well-formed is for the caller to check.
    """
    scheme, _, credentials = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return credentials.strip()
    for subprotocol in subprotocols:
        if subprotocol.startswith(TOKEN_SUBPROTOCOL):
            return subprotocol.removeprefix(TOKEN_SUBPROTOCOL)
    return query_token


def is_allowed_origin(headers: Headers, allowed: frozenset[str]) -> bool:
    """Whether a browser's page may connect: it is served by this host, or its origin is listed (RFC 6455 10.2).

    Programs send no Origin and may.
    """
    origin = headers.get("origin")
    if origin is None or origin in allowed:
        return True
    host = headers.get("host", "").lower()
    return host != "" and origin.lower() in (f"https://{host}", f"http://{host}")
