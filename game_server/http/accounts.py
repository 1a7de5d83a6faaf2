"""The HTTP routes for accounts: make one, sign a browser in and out, take a token back."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Body, Request, Response
from starlette.exceptions import HTTPException

from game_server.http import account_auth as auth
from game_server.http import identity
from game_server.http.limits import address_of
from game_server.http.problems import documented
from game_server.http.rooms import TheEdge
from game_server.wire.parts import Model, RequestBody

router = APIRouter(tags=["accounts"])


class AccountRequest(RequestBody):
    """An account that somebody asks for."""

    name: str
    bot: bool = False


class AccountTicket(Model):
    """An account and a new token of it, which is shown this once and works as `Authorization: Bearer`."""

    id: str
    name: str
    title: str | None
    token: str


class AccountDocument(Model):
    id: str
    name: str
    title: str | None


@router.post("/accounts", status_code=201, responses=documented(400, 403, 409, 422, 429, 503))
async def create_account(
    asked: Annotated[AccountRequest, Body()], request: Request, response: Response, edge: TheEdge
) -> AccountTicket:
    """Makes an account and an API token for it, and signs this browser in by another: who signs out keeps the first."""
    if not edge.options.open_accounts:
        raise HTTPException(HTTPStatus.FORBIDDEN, "accounts are made by who runs this server: tabiya token NAME")
    edge.limits.require_account(address_of(request.scope))
    row = await auth.made_account(edge.log, asked.name, "BOT" if asked.bot else None, edge.now())
    token, own = [await auth.issued(edge.log, row.id, edge.now()) for _ in range(2)]
    auth.set_cookie(response, own, is_secure=request.url.scheme == "https")
    return AccountTicket(id=row.id, name=row.name, title=row.title, token=token)


@router.get("/accounts/me", responses=documented(401, 503))
async def read_account(request: Request, edge: TheEdge) -> AccountDocument:
    """The account of this token or cookie."""
    account = (await required(request, edge)).account
    return AccountDocument(id=account.id, name=account.name, title=account.title)


@router.post("/accounts/session", status_code=201, responses=documented(401, 503))
async def sign_in(request: Request, response: Response, edge: TheEdge) -> AccountDocument:
    """Signs this browser in with the token in `Authorization: Bearer`, by a token of its own in a cookie."""
    me = await required(request, edge)
    token = await auth.issued(edge.log, me.id, edge.now(), me.token.scopes)
    auth.set_cookie(response, token, is_secure=request.url.scheme == "https")
    return AccountDocument(id=me.id, name=me.account.name, title=me.account.title)


@router.delete("/accounts/session", status_code=204, responses=documented(503))
async def sign_out(request: Request, response: Response, edge: TheEdge) -> None:
    """Signs this browser out; its token is revoked."""
    token = auth.cookie_token(edge, request.headers)
    if token is not None and auth.is_account_token(token):
        await edge.log.revoke(identity.hashed(token))
    auth.clear_cookie(response)


@router.post("/accounts/tokens", status_code=201, responses=documented(401, 503))
async def issue_token(request: Request, edge: TheEdge) -> AccountTicket:
    """Another API token for this account, shown this once: for another device, a bot or a board."""
    me = await required(request, edge)
    token = await auth.issued(edge.log, me.id, edge.now(), me.token.scopes)
    return AccountTicket(id=me.id, name=me.account.name, title=me.account.title, token=token)


@router.delete("/accounts/tokens", status_code=204, responses=documented(401, 503))
async def revoke_all(request: Request, response: Response, edge: TheEdge) -> None:
    """Revokes all tokens of this account, that of this request too."""
    await edge.log.revoke_all((await required(request, edge)).id)
    auth.clear_cookie(response)


async def required(request: Request, edge: TheEdge) -> auth.Me:
    me = await auth.identified(edge, request.headers)
    if me is None:
        raise HTTPException(HTTPStatus.UNAUTHORIZED, "no account: send its token", {"WWW-Authenticate": "Bearer"})
    return me
