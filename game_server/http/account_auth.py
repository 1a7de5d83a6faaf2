"""Who speaks, where it is an account: API tokens, and the cookie that keeps one in a browser.

A token is a secret of 192 random bits with a prefix of its own, so that nobody takes it for a seat's. Only its hash is
kept. A page of another site cannot use the cookie: it is SameSite=Lax, and with a foreign Origin it is not read.
"""

import secrets
from dataclasses import dataclass
from typing import Final

from starlette.datastructures import Headers
from starlette.requests import cookie_parser
from starlette.responses import Response

from game_server.core.account import account_id, checked_account_name
from game_server.core.account_events import Title
from game_server.core.ids import AccountId
from game_server.core.refusals import Code, Refused
from game_server.http import identity
from game_server.http.edge import Edge
from game_server.store.book import AccountBook, AccountRow, TokenRow
from game_server.store.log import Unavailable
from game_server.wire.requests import ACCOUNT_TOKEN_PREFIX

COOKIE: Final = "tabiya_account"
COOKIE_S: Final = 31_536_000
BOT_PLAY: Final = "bot:play"
BOARD_PLAY: Final = "board:play"
CHALLENGE_READ: Final = "challenge:read"
CHALLENGE_WRITE: Final = "challenge:write"
SCOPES: Final = (BOT_PLAY, BOARD_PLAY, CHALLENGE_READ, CHALLENGE_WRITE)


@dataclass(frozen=True, slots=True)
class Me:
    """The account that speaks, and with which token."""

    account: AccountRow
    token: TokenRow

    @property
    def id(self) -> AccountId:
        return self.account.id

    @property
    def is_bot(self) -> bool:
        return self.account.title == "BOT"


def new_account_token() -> str:
    return ACCOUNT_TOKEN_PREFIX + secrets.token_urlsafe(24)


def is_account_token(text: str) -> bool:
    return text.startswith(ACCOUNT_TOKEN_PREFIX) and identity.is_token(text)


async def issued(book: AccountBook, account: AccountId, now_ms: int, scopes: tuple[str, ...] = SCOPES) -> str:
    """A new token for the account, which is not shown again. Raises Unavailable."""
    token = new_account_token()
    await book.add_token(TokenRow(identity.hashed(token), account, scopes, now_ms))
    return token


async def made_account(book: AccountBook, name: str, title: Title | None, now_ms: int) -> AccountRow:
    """A new account. Raises Refused: BAD_MESSAGE for a name that cannot be, SEATS_TAKEN for one that is taken."""
    row = AccountRow(account_id(checked_account_name(name)), name, title, now_ms)
    if not await book.add_account(row):
        raise Refused(Code.SEATS_TAKEN, f"there is already an account called {name}")
    return row


def bearer(headers: Headers) -> str | None:
    scheme, _, credentials = headers.get("authorization", "").partition(" ")
    return credentials.strip() if scheme.lower() == "bearer" else None


def cookie_token(edge: Edge, headers: Headers) -> str | None:
    """The token in a browser's cookie, if the page that asks may use it."""
    if not identity.is_allowed_origin(headers, edge.options.allowed_origins):
        return None
    return cookie_parser(headers.get("cookie", "")).get(COOKIE)


async def me_by(edge: Edge, token: str | None) -> Me | None:
    """Whose token it is; None if it is unknown or revoked. Raises Unavailable."""
    if token is None or not is_account_token(token):
        return None
    found = await edge.log.account_by_token(identity.hashed(token))
    return Me(*found) if found else None


async def identified(edge: Edge, headers: Headers) -> Me | None:
    """Who sent this: by `Authorization: Bearer`, else by the cookie. Raises Unavailable."""
    return await me_by(edge, bearer(headers) or cookie_token(edge, headers))


async def is_still_good(edge: Edge, me: Me) -> bool:
    """Whether the token has not been revoked, and then its account is up to date here; for what lives on after it was
    let in. While the store cannot say, it counts as good.
    """
    try:
        if await edge.log.account_by_token(me.token.token_hash) is None:
            return False
        await edge.accounts.refresh(me.id)
    except Unavailable:
        pass
    return True


def set_cookie(response: Response, token: str, *, is_secure: bool) -> None:
    response.set_cookie(COOKIE, token, max_age=COOKIE_S, path="/", secure=is_secure, httponly=True, samesite="lax")


def clear_cookie(response: Response) -> None:
    response.delete_cookie(COOKIE, path="/", httponly=True, samesite="lax")
