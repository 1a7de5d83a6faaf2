"""How a connection or a request comes to a room and a seat: found or opened, known or new.

Raises Closed with the close code that says why not; the HTTP routes turn that into a status.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from pydantic import ValidationError
from starlette.datastructures import Headers

from game_server.core.account import player_of, seat_key
from game_server.core.commands import TakeSeat
from game_server.core.ids import Color, GameId, PlayerId, RoomId, TokenHash
from game_server.core.options import Options
from game_server.core.refusals import Code, Refused
from game_server.http import identity
from game_server.http.account_auth import Me, identified
from game_server.http.connection import UNREADABLE_NOW, Closed
from game_server.http.edge import Edge
from game_server.http.limits import Limited
from game_server.rooms.live import LiveRoom
from game_server.store.log import Unavailable
from game_server.wire.close import CloseCode
from game_server.wire.requests import ACCOUNT_TOKEN_PREFIX, ROOM_ID_PATTERN, RoomRequest, color_wish, newcomer_name

_ROOM_ID: Final = re.compile(ROOM_ID_PATTERN)
ATTEMPTS: Final = 3     # a room may close between finding it and sitting down; then its next life is opened


@dataclass(frozen=True, slots=True)
class Newcomer:
    """What somebody without a seat brings: a secret (its own or one that was issued), a name and a wish."""

    token_hash: TokenHash
    name: str
    wish: Color | None
    is_bot: bool = False
    by_socket: bool = True
    player_id: PlayerId | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """A seat in a room. `issued` is the token, if the server made it."""

    live: LiveRoom
    player_id: PlayerId
    issued: str | None = None


def checked_room_id(text: str) -> RoomId:
    """Raises Closed(NO_ROOM)."""
    if not _ROOM_ID.fullmatch(text):
        raise Closed(CloseCode.NO_ROOM, "a room id has 1 to 64 letters, digits, - and _")
    return RoomId(text)


def checked_token(text: str | None) -> str | None:
    """Raises Closed(BAD_TOKEN)."""
    if text is not None and not identity.is_token(text):
        raise Closed(CloseCode.BAD_TOKEN, "a token has 22 to 64 letters, digits, - and _")
    return text


async def introduced(edge: Edge, headers: Headers, token: str | None) -> tuple[str | None, Me | None]:
    """The seat's secret that somebody brings, and the account that sends it; `token` may be either's.

    Raises Closed(BAD_TOKEN) or Unavailable.
    """
    me = await identified(edge, headers)
    if token is not None and token.startswith(ACCOUNT_TOKEN_PREFIX):
        if me is None:
            raise Closed(CloseCode.BAD_TOKEN, "there is no such account token")
        token = None
    return checked_token(token), me


async def entered(
    edge: Edge, room_id: RoomId, token: str | None, query: Mapping[str, str], address: str, me: Me | None = None
) -> Entry:
    """The seat that `token` or the account `me` leads back to, or that a newcomer is given; the room is opened if there
    is none and this `address` has not opened too many. A newcomer with an account sits down as that, on all of its
    devices.

    Raises Closed: NO_ROOM or SEATS_TAKEN; TRY_AGAIN_LATER if the store cannot answer. Raises Limited.
    """
    issued = None if token else identity.new_seat_token()
    token_hash = identity.hashed(token or issued or "")
    try:
        wish, name = color_wish(query.get("color")), newcomer_name(query.get("name"))
        guest = Newcomer(token_hash, name, wish)
        for _ in range(ATTEMPTS):
            live = await edge.directory.find(room_id)
            newcomer = guest if me is None else with_account(me, guest, live)
            token_hash, issued = newcomer.token_hash, issued if newcomer is guest else None
            if live is None or (live.is_closed and live.room.color_of(token_hash) is None):
                options = queried_options(edge, query)
                edge.limits.require_room(address)
                live = await edge.directory.open(room_id, options)
            player_id = await seated(live, newcomer)
            if player_id is not None:
                return Entry(live, player_id, issued)
    except Limited:
        raise
    except Refused as refused:
        code = CloseCode.TRY_AGAIN_LATER if refused.code is Code.TRY_AGAIN else CloseCode.NO_ROOM
        raise Closed(code, refused.message) from None
    except Unavailable:
        raise Closed(CloseCode.TRY_AGAIN_LATER, UNREADABLE_NOW) from None
    raise Closed(CloseCode.SEATS_TAKEN, "both seats are taken: watch instead")


def with_account(me: Me, guest: Newcomer, live: LiveRoom | None) -> Newcomer:
    """The newcomer as the account; as the guest it was, if it sits there as one already."""
    if live is not None and live.room.color_of(guest.token_hash) is not None and not live.is_closed:
        return guest
    return Newcomer(seat_key(me.id), me.account.name, guest.wish, me.is_bot, guest.by_socket, player_of(me.id))


async def seated(live: LiveRoom, newcomer: Newcomer, game_id: GameId | None = None) -> PlayerId | None:
    """The player who holds the newcomer's token, seated now if need be; None if there is no seat. `game_id` is that of
    the game which starts if both seats are taken. Raises Refused.
    """
    command = TakeSeat(
        wish=newcomer.wish,
        player_id=newcomer.player_id or identity.new_player_id(),
        token_hash=newcomer.token_hash,
        name=newcomer.name,
        is_bot=newcomer.is_bot,
        by_socket=newcomer.by_socket,
        game_id=game_id or identity.new_game_id(),
        chance=identity.chance(),
    )
    if live.room.color_of(newcomer.token_hash) is None:
        try:
            await live.do(command)
        except Refused as refused:
            if refused.code is not Code.SEATS_TAKEN:
                raise
    color = live.room.color_of(newcomer.token_hash)
    seat = live.room.seat(color) if color else None
    return seat.player_id if seat else None


def queried_options(edge: Edge, query: Mapping[str, str]) -> Options:
    """The options of a room that a connection creates. Raises Closed(NO_ROOM) or Refused(BAD_MESSAGE)."""
    if not edge.options.auto_create_rooms:
        raise Closed(CloseCode.NO_ROOM, "there is no such room")
    asked = {key: query[key] for key in ("time", "variant", "fen") if key in query}
    defaults = edge.options.defaults
    try:
        return RoomRequest.model_validate(asked).options(defaults, idle_ms=defaults.idle_ms)
    except ValidationError as invalid:
        raise Refused(Code.BAD_MESSAGE, invalid.errors()[0]["msg"]) from None
