"""The HTTP routes for rooms: create, sit down, list, read."""

import hashlib
from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import APIRouter, Body, Depends, Header, Query, Request, Response
from starlette.datastructures import Headers

from game_server.http import entrance, identity
from game_server.http.account_auth import Me
from game_server.http.connection import Closed
from game_server.http.edge import Edge, edge_of
from game_server.http.entrance import Newcomer
from game_server.http.limits import address_of
from game_server.http.problems import documented
from game_server.http.visibility import seen
from game_server.rooms.delayed import Shown
from game_server.rooms.live import LiveRoom
from game_server.wire import documents
from game_server.wire.close import CloseCode
from game_server.wire.outbound import StateFrame
from game_server.wire.requests import ANONYMOUS, RoomRequest, SeatRequest
from game_server.wire.snapshot import listing, room_options

router = APIRouter(tags=["rooms"])
PUBLIC_LIMIT = 1_000


async def the_edge(request: Request) -> Edge:     # not async, it would run in a thread
    return edge_of(request.scope)


TheEdge = Annotated[Edge, Depends(the_edge)]


@dataclass(frozen=True, slots=True)
class Guest:
    """Who asks for a seat: by a secret of its own or a new one, and perhaps with an account, which then counts."""

    asked: SeatRequest
    token: str
    me: Me | None

    def newcomer(self, live: LiveRoom) -> Newcomer:
        asked = self.asked
        guest = Newcomer(identity.hashed(self.token), asked.name or ANONYMOUS, asked.wish, by_socket=False)
        return guest if self.me is None else entrance.with_account(self.me, guest, live)

    def ticket(self, live: LiveRoom) -> documents.SeatTicket:
        """The seat it has. Raises Closed(SEATS_TAKEN)."""
        key = self.newcomer(live).token_hash
        color = live.room.color_of(key)
        seat = live.room.seat(color) if color else None
        if color is None or seat is None:
            raise Closed(CloseCode.SEATS_TAKEN, "both seats are taken: watch instead")
        token = self.token if key == identity.hashed(self.token) else None
        return documents.SeatTicket(token=token, color=color, player_id=seat.player_id)


async def the_guest(edge: Edge, headers: Headers, asked: SeatRequest) -> Guest:
    """Raises Closed(BAD_TOKEN) or Unavailable."""
    token, me = await entrance.introduced(edge, headers, identity.given_token(headers, [], asked.token))
    return Guest(asked, token or identity.new_seat_token(), me)


@router.post("/rooms", status_code=201, responses=documented(400, 401, 422, 429, 503))
async def create_room(
    request: Request, response: Response, edge: TheEdge, asked: Annotated[RoomRequest | None, Body()] = None
) -> documents.RoomTicket:
    """Opens a room and takes a seat in it, as the account whose token or cookie is sent, else as a guest. Send `url` to
    the opponent; connect with the token.
    """
    asked = asked or RoomRequest()
    guest = await the_guest(edge, request.headers, asked)
    defaults = edge.options.defaults
    options = asked.options(defaults, idle_ms=defaults.invited_idle_ms)
    edge.limits.require_room(address_of(request.scope))
    live = await edge.directory.open(entrance.checked_room_id(identity.new_room_id()), options)
    await entrance.seated(live, guest.newcomer(live))
    seat, room = guest.ticket(live), live.room
    origin = edge.options.origin or str(request.base_url).rstrip("/")
    response.headers["Location"] = f"/rooms/{room.room_id}"
    return documents.RoomTicket(
        **seat.model_dump(),
        room_id=room.room_id,
        epoch=room.epoch,
        url=f"{origin}/room/{room.room_id}",
        options=room_options(room.options),
    )


@router.post(
    "/rooms/{room_id}/seats",
    status_code=201,
    responses={200: {"model": documents.SeatTicket}, **documented(400, 401, 404, 409, 422, 503)},
)
async def take_seat(
    room_id: str,
    request: Request,
    response: Response,
    edge: TheEdge,
    asked: Annotated[SeatRequest | None, Body()] = None,
) -> documents.SeatTicket:
    """Takes a free seat without a socket; with a token or an account that is known, says which seat it opens (200)."""
    live = await found(edge, room_id)
    guest = await the_guest(edge, request.headers, asked or SeatRequest())
    newcomer = guest.newcomer(live)
    if live.room.color_of(newcomer.token_hash) is not None:
        response.status_code = 200
    else:
        await entrance.seated(live, newcomer)
    return guest.ticket(live)


async def found(edge: Edge, room_id: str) -> LiveRoom:
    live = await edge.directory.find(entrance.checked_room_id(room_id))
    if live is None:
        raise Closed(CloseCode.NO_ROOM, "there is no such room")
    return live


@router.get("/rooms", responses=documented(422, 503))
async def list_rooms(
    edge: TheEdge,
    status: Literal["waiting", "playing"] | None = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    after: Annotated[str | None, Query(max_length=64)] = None,
) -> documents.RoomPage:
    """Public rooms, newest first."""
    items: list[documents.RoomListing] = []
    is_past = after is None
    for room_id in await edge.directory.public_ids(PUBLIC_LIMIT):
        if not is_past:
            is_past = room_id == after
            continue
        live = await edge.directory.glance(room_id)
        shown = live.shown if live is not None else None
        if shown is not None and shown.room.status in ((status,) if status else ("waiting", "playing", "finished")):
            items.append(listing(shown.room, shown.presence, shown.now_ms()))
        if len(items) > limit:
            break
    more = len(items) > limit
    wanted = f"&status={status}" if status else ""
    following = f"/rooms?limit={limit}{wanted}&after={items[limit - 1].room_id}" if more else None
    return documents.RoomPage(items=items[:limit], next=following)


@router.get(
    "/rooms/{room_id}",
    response_model=StateFrame,
    responses={304: {"description": "Not modified"}, **documented(404, 422, 503)},
)
async def read_room(
    room_id: str, request: Request, edge: TheEdge, if_none_match: Annotated[str | None, Header()] = None
) -> Response:
    """The whole room. Poll it with `If-None-Match`: 304 as long as nothing has happened. If the room has a delay for
    spectators, this is that old, except for who sends the token of one of its players.
    """
    shown = await seen(edge, request.headers, await found(edge, room_id))
    etag = entity_tag(shown)
    headers = {"ETag": etag, "Cache-Control": "no-cache", "Vary": "Authorization, Cookie"}
    if if_none_match is not None and etag in (tag.strip().removeprefix("W/") for tag in if_none_match.split(",")):
        return Response(status_code=304, headers=headers)
    return Response(shown.state().text, media_type="application/json", headers=headers)


def entity_tag(shown: Shown) -> str:
    """Changes with every event, and with who is connected; not with the running clock."""
    room, presence = shown.room, shown.presence
    text = f"{room.epoch}:{room.version}:{presence.white}:{presence.black}:{presence.spectators}"
    return f'"{hashlib.sha256(text.encode()).hexdigest()[:20]}"'


