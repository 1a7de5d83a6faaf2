"""Two players at a table, and whoever watches them."""

import itertools
import secrets
import ssl
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from tests.system.player import Player, Stream, Watcher
from tests.system.process import Server

_numbers = itertools.count(1)


def new_room_id() -> str:
    return f"room-{next(_numbers)}-{secrets.token_hex(3)}"


def player(server: Server, room_id: str, **wishes: Any) -> Player:
    return Player(server.ws_url, room_id, **wishes)


@asynccontextmanager
async def two_players(
    server: Server, *, room_id: str | None = None, tls: ssl.SSLContext | None = None, **wishes: Any
) -> AsyncIterator[tuple[Player, Player]]:
    """White and Black in a new room, their game started."""
    room_id = room_id or new_room_id()
    async with player(server, room_id, color="white", name="White", tls=tls, **wishes) as white:
        await white.until(lambda: white.welcome)
        async with player(server, room_id, name="Black", tls=tls) as black:
            await black.until(lambda: black.is_playing)
            await white.until(lambda: white.is_playing)
            yield white, black


@asynccontextmanager
async def watched(
    server: Server, room_id: str, tls: ssl.SSLContext | None = None
) -> AsyncIterator[tuple[Watcher, Stream]]:
    """A spectator over WebSocket and one over SSE."""
    async with AsyncExitStack() as stack:
        watcher = await stack.enter_async_context(Watcher(server.ws_url, room_id, tls=tls))
        stream = await stack.enter_async_context(Stream(server.url, room_id, tls=tls))
        await watcher.first("state")
        await stream.first("state")
        yield watcher, stream


async def play(white: Player, black: Player, *moves: str) -> None:
    """The moves in turn, each acknowledged, whoever is to move first."""
    for uci in moves:
        mover = white if white.is_to_move else black
        answer = await mover.move(uci)
        assert answer["type"] == "ack", answer
        ply = mover.ply
        for each in (white, black):
            await each.until_it(lambda each, ply=ply: each.ply == ply)
