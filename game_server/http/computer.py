"""The HTTP routes for playing the computer. Who plays is injected: an engine is a client like any other."""

from typing import Annotated, Protocol

from fastapi import APIRouter, Body, Depends, HTTPException, Request
from starlette.types import Scope

from game_server.core.ids import Color, GameId, computer_player
from game_server.http import entrance, identity
from game_server.http.connection import Closed
from game_server.http.entrance import Newcomer
from game_server.http.problems import documented
from game_server.http.rooms import TheEdge, found
from game_server.rooms.live import LiveRoom
from game_server.wire.close import CloseCode
from game_server.wire.computer import LEVELS, ComputerOffer, ComputerRequest, ComputerTicket, Full, NoEngine

router = APIRouter(tags=["computer"])


class Player(Protocol):
    """An engine that is running and waits for a seat; it counts as playing until it is dismissed or has played."""

    name: str
    level: int

    def sit(self, room_id: str, token: str) -> None:
        """Plays the seat that `token` opens, in the background."""

    async def dismiss(self) -> None:
        """Ends it without a game."""


class Computers(Protocol):
    """The server's engines. Must not block: a start that takes long is awaited."""

    engine: str | None
    missing: str
    at_most: int
    playing: int

    async def ready(self, level: int) -> Player:
        """An engine that has started. Raises Full or NoEngine."""


def computers_of(scope: Scope) -> Computers | None:
    """The engines of the application that serves this connection; None if it does not play itself."""
    computers: Computers | None = getattr(scope["app"].state, "computers", None)
    return computers


async def seated(live: LiveRoom, player: Player, wish: Color | None = None, game_id: GameId | None = None) -> Color:
    """The colour that `player` now plays in the room. Raises Closed(SEATS_TAKEN) or Refused; then it is dismissed."""
    token = identity.new_seat_token()
    player_id = computer_player(player.level, identity.new_player_id())
    newcomer = Newcomer(identity.hashed(token), player.name, wish, is_bot=True, by_socket=False, player_id=player_id)
    try:
        await entrance.seated(live, newcomer, game_id)
    except BaseException:
        await player.dismiss()
        raise
    color = live.room.color_of(newcomer.token_hash)
    if color is None:
        await player.dismiss()
        raise Closed(CloseCode.SEATS_TAKEN, "both seats are taken: watch instead")
    player.sit(live.room.room_id, token)
    return color


async def the_computers(request: Request) -> Computers:
    computers = computers_of(request.scope)
    if computers is None:
        raise HTTPException(501, "this server does not play itself")
    return computers


TheComputers = Annotated[Computers, Depends(the_computers)]


@router.get("/computer", responses=documented(501))
async def read_computer(computers: TheComputers) -> ComputerOffer:
    """Which engine plays here, at which levels, and how many games it plays now."""
    return ComputerOffer(
        engine=computers.engine,
        levels=list(range(1, LEVELS + 1)) if computers.engine else [],
        playing=computers.playing,
        at_most=computers.at_most,
        reason=None if computers.engine else computers.missing,
    )


@router.post(
    "/rooms/{room_id}/computer",
    status_code=201,
    responses=documented(400, 404, 409, 422, 501, 503),
)
async def play_computer(
    room_id: str, edge: TheEdge, computers: TheComputers, asked: Annotated[ComputerRequest | None, Body()] = None
) -> ComputerTicket:
    """The computer takes the free seat. It accepts takebacks and rematches, and plays until mate."""
    level = (asked or ComputerRequest(level=3)).level
    live = await found(edge, room_id)
    if live.room.status != "waiting":
        raise HTTPException(409, "the computer takes a free seat before the game has started; there is none")
    try:
        player = await computers.ready(level)
    except Full:
        raise HTTPException(
            503,
            f"{computers.playing} games against the computer are being played, as many as this server allows at once: "
            "try again later",
        ) from None
    except NoEngine as missing:
        raise HTTPException(501, str(missing)) from None
    color = await seated(live, player)
    seat = live.room.seat(color)
    assert seat is not None, "it has just sat down there"
    return ComputerTicket(level=level, name=player.name, color=color, player_id=seat.player_id)
