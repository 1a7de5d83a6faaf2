"""`/ws/game/{room_id}`: a player's connection."""

import asyncio
import logging
from collections.abc import Awaitable
from contextlib import suppress
from typing import Final, assert_never

from starlette.types import Receive, Scope, Send

from game_server.core.commands import (
    Abort,
    Accept,
    AddTime,
    Claim,
    Command,
    Decline,
    Offer,
    PlayMove,
    Resign,
    Say,
)
from game_server.core.ids import COLORS, Color
from game_server.core.refusals import Refused
from game_server.http import entrance, identity
from game_server.http.closing import closing_code, closing_reason
from game_server.http.connection import Closed, Connection, Unreadables, ack_frame, error_frame, served
from game_server.http.edge import Edge, edge_of
from game_server.http.quota import SeatQuota
from game_server.rooms.feed import Feed, spawn
from game_server.rooms.frame import Frame
from game_server.store.log import Cause, Version
from game_server.wire import inbound
from game_server.wire.close import CloseCode
from game_server.wire.outbound import PongFrame, WelcomeFrame

logger = logging.getLogger("tabiya.socket")

SEAT_FREED: Final = "your seat was freed while you were away: come back for a free one"


class GameSocket:
    """The ASGI application behind the route."""

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        edge, connection = edge_of(scope), Connection(scope, receive, send)

        async def serve() -> None:
            await PlayerSession(edge, connection, await seat_for(edge, connection)).run()

        return served(edge, connection, serve, is_player=True)


async def seat_for(edge: Edge, connection: Connection) -> entrance.Entry:
    """The seat that the connection's room, token and query lead to. Raises Closed, Limited or Unavailable."""
    if edge.is_draining:
        raise Closed(CloseCode.SERVICE_RESTART, "the server restarts: come back")
    room_id = entrance.checked_room_id(connection.room_id)
    query = connection.query
    token = identity.given_token(connection.headers, connection.subprotocols, query.get("token"))
    token, me = await entrance.introduced(edge, connection.headers, token)
    return await entrance.entered(edge, room_id, token, query, connection.address, me)


class PlayerSession:
    """A player's connection from `welcome` to its end."""

    __slots__ = (
        "_came_late", "_connection", "_edge", "_feed", "_issued", "_live", "_player_id", "_quota", "_tasks",
        "_unreadable", "post",
    )  # fmt: skip
    hears_offers = True

    def __init__(self, edge: Edge, connection: Connection, entry: entrance.Entry) -> None:
        self._edge = edge
        self._connection = connection
        self.post = connection.post
        self._live = entry.live
        self._player_id = entry.player_id
        self._issued = entry.issued
        self._came_late = entry.live.is_closed
        self._tasks = asyncio.TaskGroup()
        self._unreadable = Unreadables()
        self._quota = SeatQuota(edge.limits, entry.live, entry.player_id)

    async def run(self) -> None:
        live = self._live
        cursor = await live.resumed(self._connection.query.get("since"))
        self._connection.forget_request()
        welcome = self._welcome()
        async with self._tasks:
            self._feed = Feed(live, self, live.version if cursor is None else cursor, self._tasks)
            self._edge.connections.add(self)
            live.players.add(self._feed)
            live.company.arrive(self._player_id, self)
            logger.info("room %s: player %s connected", live.room.room_id, self._player_id)
            try:
                await self._feed.greet(welcome, *(() if cursor is not None else (live.state(),)))
                live.note_presence()
                while (text := await self._connection.text()) is not None:
                    await self._hear(text)
                if self._connection.lost_code == CloseCode.RESIGNS:
                    await self._resign()
            finally:
                self._leave()

    @property
    def _color(self) -> Color:
        """The player's colour in the current game: rematches swap them.

        Raises Closed if the seat was freed, which can happen at the moment of coming back to it.
        """
        for color in COLORS:
            seat = self._live.room.seat(color)
            if seat is not None and seat.player_id == self._player_id:
                return color
        raise Closed(CloseCode.TRY_AGAIN_LATER, SEAT_FREED)

    def _welcome(self) -> Frame:
        room = self._live.room
        welcome = WelcomeFrame(
            room_id=room.room_id,
            epoch=room.epoch,
            player_id=self._player_id,
            color=self._color,
            token=self._issued,
            server_time=self._edge.now(),
            heartbeat_s=self._edge.options.heartbeat_s,
        )
        return Frame("welcome", welcome.model_dump_json(exclude_none=True))

    async def _hear(self, text: str) -> None:
        try:
            message = inbound.parse(text)
        except inbound.Unreadable as unreadable:
            self._unreadable.add()
            await self._refuse(self._quota.take() or unreadable, unreadable.command_id)
            return
        self._unreadable.clear()
        match message:
            case inbound.MoveMessage():
                before = self._live.version
                if await self._carry_out(message) <= before:    # refused, or sent again
                    self._quota.take()
            case _ if (limited := self._quota.take()) is not None:
                await self._refuse(limited, message.id)
            case inbound.SyncMessage():
                await self._feed.reply(self._live.state)
                await self._acknowledge(message.id, self._live.version)
            case inbound.PingMessage(t=t):
                pong = PongFrame(t=t, server_time=self._edge.now())
                await self._feed.reply(lambda: Frame("pong", pong.model_dump_json()))
                await self._acknowledge(message.id, self._live.version)
            case _:
                await self._carry_out(message)

    async def _carry_out(self, message: inbound.CommandMessage) -> Version:
        """The version that it led to; 0 if it was refused."""
        cause = Cause(self._player_id, message.id) if message.id is not None else None
        try:
            version = await self._live.do(lambda: self._command(message), cause)
        except Refused as refused:
            await self._refuse(refused, message.id)
            return 0
        await self._acknowledge(message.id, version)
        return version

    def _command(self, message: inbound.CommandMessage) -> Command:
        """To be called at the moment of decision: until then a rematch may have swapped the colours."""
        return self._quota.checked(command_of(message, self._color, self._connection.rtt_ms))

    async def _refuse(self, refused: Refused, command_id: str | None) -> None:
        self._edge.refusals[refused.code] += 1
        await self._feed.reply(lambda: error_frame(refused.code, refused.message, command_id))

    async def _acknowledge(self, command_id: str | None, version: int) -> None:
        if command_id is not None:
            await self._feed.reply(lambda: ack_frame(command_id, version), self._connection.corked)

    async def _resign(self) -> None:
        with suppress(Refused):     # there may be no game to resign
            await self._live.do(lambda: Resign(self._color))

    def _leave(self) -> None:
        """The connection has ended. While the server drains, nobody counts as having left by it."""
        self._edge.connections.discard(self)
        self._live.players.discard(self._feed)
        code = self._connection.lost_code
        logger.info("room %s: player %s disconnected (%d)", self._live.room.room_id, self._player_id, code)
        if self._edge.is_draining:
            return
        self._live.company.leave(self._player_id, self, code)
        self._live.note_presence()

    # As the feed's sink, the seat's connection, and one of the edge's

    @property
    def is_writable(self) -> bool:
        return self._connection.is_writable

    async def send(self, frame: Frame) -> None:
        await self._connection.send(frame)

    async def send_end(self) -> None:
        room = self._live.room
        code = closing_code(room, self._color, came_late=self._came_late)
        await self._connection.close(code, closing_reason(room))

    def replace(self) -> None:
        self._feed.is_over = True
        spawn(self._tasks, self._connection.close(CloseCode.REPLACED, "this seat was opened by a newer connection"))

    def unseat(self) -> None:
        self._feed.is_over = True
        spawn(self._tasks, self._connection.close(CloseCode.TRY_AGAIN_LATER, SEAT_FREED))

    async def drain(self) -> None:
        self._feed.is_over = True
        await self._connection.close(CloseCode.SERVICE_RESTART, "the server restarts: come back")


def command_of(message: inbound.CommandMessage, color: Color, lag_ms: int) -> Command:
    """What the message wishes, said by the seat of `color`."""
    match message:
        case inbound.MoveMessage(uci=uci, ply=ply, offer_draw=offer_draw):
            return PlayMove(color, uci, ply, offer_draw, lag_ms)
        case inbound.ResignMessage():
            return Resign(color)
        case inbound.AbortMessage():
            return Abort(color)
        case inbound.OfferMessage(kind=kind):
            return Offer(color, kind, identity.new_game_id(), identity.chance())
        case inbound.AcceptMessage(kind=kind):
            return Accept(color, kind, identity.new_game_id(), identity.chance())
        case inbound.DeclineMessage(kind=kind):
            return Decline(color, kind)
        case inbound.ClaimMessage(kind=kind, uci=uci):
            return Claim(color, kind, uci)
        case inbound.AddTimeMessage(ms=ms):
            return AddTime(color, ms)
        case inbound.ChatMessage(room=room, text=text):
            return Say(color, room, text)
        case _:
            assert_never(message)
