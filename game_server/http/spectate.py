"""Watching: `/sse/game/{room_id}` and `/ws/watch/{room_id}`, the same frames over both.

A spectator is a cursor and nothing else; it can't act and never sees a secret.
"""

import asyncio
from collections.abc import Awaitable
from http import HTTPStatus

from starlette.datastructures import Headers, QueryParams
from starlette.types import Receive, Scope, Send

from game_server.core.refusals import Code, Refused
from game_server.http import entrance
from game_server.http.closing import closing_reason
from game_server.http.connection import UNREADABLE_NOW, Closed, Connection, Unreadables, ack_frame, error_frame, served
from game_server.http.cost import cost_of
from game_server.http.edge import Edge, edge_of
from game_server.http.headers import GUARDS
from game_server.http.limits import Limited
from game_server.http.problems import limited_answer, problem
from game_server.http.quota import Quota
from game_server.http.sse import SseSession, head_only
from game_server.http.veil import forget
from game_server.rooms.delayed import Shown
from game_server.rooms.feed import Feed
from game_server.rooms.frame import Frame
from game_server.rooms.sink import Sink
from game_server.store.log import Unavailable
from game_server.wire import inbound
from game_server.wire.close import CloseCode
from game_server.wire.outbound import PongFrame


def spectator_feed(live: Shown, sink: Sink, cursor: int | None, tasks: asyncio.TaskGroup) -> Feed:
    feed = Feed(live, sink, live.version if cursor is None else cursor, tasks)
    live.spectators.add(feed)
    return feed


async def found(edge: Edge, room_id: str) -> Shown:
    """The room as spectators see it. Raises Closed: SERVICE_RESTART or NO_ROOM. Raises Limited if it is full, or
    Unavailable.
    """
    if edge.is_draining:
        raise Closed(CloseCode.SERVICE_RESTART, "the server restarts: come back")
    live = await edge.directory.find(entrance.checked_room_id(room_id))
    if live is None:
        raise Closed(CloseCode.NO_ROOM, "there is no such room")
    edge.limits.require_place(len(live.spectators))
    return live.shown


class WatchSocket:
    """The ASGI application behind `/ws/watch/{room_id}`."""

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        edge, connection = edge_of(scope), Connection(scope, receive, send)

        async def serve() -> None:
            await WatchSession(edge, connection, await found(edge, connection.room_id)).run(scope)

        return served(edge, connection, serve)


class WatchSession:
    """A spectator's WebSocket."""

    __slots__ = ("_connection", "_edge", "_feed", "_live", "_quota", "_unreadable", "post")

    def __init__(self, edge: Edge, connection: Connection, live: Shown) -> None:
        self._edge = edge
        self._connection = connection
        self.post = connection.post
        self._live = live
        self._unreadable = Unreadables()
        self._quota = Quota(edge.limits, object())

    async def run(self, scope: Scope) -> None:
        live = self._live
        cursor = await live.resumed(self._connection.query.get("since"))
        cost = cost_of(scope, self, self._edge.now)
        self._connection.forget_request()
        async with asyncio.TaskGroup() as tasks:
            self._feed = spectator_feed(live, cost or self, cursor, tasks)
            self._edge.connections.add(self)
            try:
                await self._feed.greet(*(() if cursor is not None else (live.state(),)))
                live.note_presence()
                if cost is not None:
                    cost.start(self._feed, tasks)
                while (text := await self._connection.text()) is not None:
                    await self._hear(text)
            finally:
                if cost is not None:
                    cost.stop()
                self._edge.connections.discard(self)
                live.spectators.discard(self._feed)
                live.note_presence()

    async def _hear(self, text: str) -> None:
        """Answers `ping` and `sync`; everything else is for players."""
        try:
            message = inbound.parse(text)
        except inbound.Unreadable as unreadable:
            self._unreadable.add()
            await self._refuse(self._quota.take() or unreadable, unreadable.command_id)
            return
        self._unreadable.clear()
        if (limited := self._quota.take()) is not None:
            await self._refuse(limited, message.id)
            return
        match message:
            case inbound.SyncMessage():
                await self._feed.reply(self._live.state)
            case inbound.PingMessage(t=t):
                delay_ms = self._live.room.options.spectator_delay_ms     # its clocks run by the time that it is shown
                pong = PongFrame(t=t, server_time=self._edge.now() - delay_ms)
                await self._feed.reply(lambda: Frame("pong", pong.model_dump_json()))
            case _:
                await self._refuse(Refused(Code.NOT_ALLOWED, "spectators watch: only players can act"), message.id)
                return
        if message.id is not None:
            ack = ack_frame(message.id, self._live.version)
            await self._feed.reply(lambda: ack)

    async def _refuse(self, refused: Refused, command_id: str | None) -> None:
        self._edge.refusals[refused.code] += 1
        await self._feed.reply(lambda: error_frame(refused.code, refused.message, command_id))

    @property
    def is_writable(self) -> bool:
        return self._connection.is_writable

    async def send(self, frame: Frame) -> None:
        await self._connection.send(frame)

    async def send_end(self) -> None:
        await self._connection.close(CloseCode.ROOM_CLOSED, closing_reason(self._live.room))

    async def drain(self) -> None:
        self._feed.is_over = True
        await self._connection.close(CloseCode.SERVICE_RESTART, "the server restarts: come back")


class SseFeed:
    """The ASGI application behind `/sse/game/{room_id}` (WHATWG HTML, 9.2)."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        edge = edge_of(scope)
        position = Headers(scope=scope).get("last-event-id") or QueryParams(scope["query_string"]).get("since")
        try:
            live = await found(edge, scope["path_params"]["room_id"])
            cursor = await live.resumed(position)
        except Unavailable:
            await problem(HTTPStatus.SERVICE_UNAVAILABLE, UNREADABLE_NOW)(scope, receive, send)
            return
        except Closed as closed:
            is_missing = closed.code == CloseCode.NO_ROOM
            status = HTTPStatus.NOT_FOUND if is_missing else HTTPStatus.SERVICE_UNAVAILABLE
            await problem(status, closed.reason)(scope, receive, send)
            return
        except Limited as limited:
            await limited_answer(edge, limited)(scope, receive, send)
            return
        if live.is_closed and cursor == live.version:
            await send({"type": "http.response.start", "status": HTTPStatus.NO_CONTENT, "headers": GUARDS})
            await send({"type": "http.response.body", "body": b""})
            return
        if scope["method"] == "HEAD":
            await head_only(send)
            return
        stream = SseStream(edge, live, scope, receive, send)
        forget(scope)
        await stream.run(cursor)


class SseStream(SseSession):
    """A spectator's event stream. Who comes back to its end with its position gets 204, and stops."""

    __slots__ = ("_cost", "_live")

    def __init__(self, edge: Edge, live: Shown, scope: Scope, receive: Receive, send: Send) -> None:
        super().__init__(edge, live, live.spectators, scope, receive, send)
        self._live = live
        self._cost = cost_of(scope, self, edge.now)

    def greeting(self) -> list[Frame]:
        return [self._live.state()]

    @property
    def _sink(self) -> Sink:
        return self._cost or self

    def _came(self, tasks: asyncio.TaskGroup) -> None:
        self._live.note_presence()
        if self._cost is not None:
            self._cost.start(self._feed, tasks)

    def _went(self) -> None:
        if self._cost is not None:
            self._cost.stop()
        self._live.note_presence()
