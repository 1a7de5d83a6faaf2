"""`GET /sse/me`: one account's challenges and games, to all of its devices and to nobody else.

The first event, `me`, is everything; a reconnect begins with it again. `games` tells whose turn it is, the newest only.
"""

import asyncio
import json
from http import HTTPStatus
from typing import Final

from starlette.datastructures import Headers
from starlette.types import Receive, Scope, Send

from game_server.http import account_auth as auth
from game_server.http.account_auth import Me
from game_server.http.edge import Edge, edge_of
from game_server.http.problems import problem
from game_server.http.sse import SseSession, head_only
from game_server.http.veil import forget
from game_server.rooms.feed import spawn
from game_server.rooms.frame import Frame
from game_server.rooms.live_account import LiveAccount
from game_server.store.log import Unavailable
from game_server.wire.me import me as everything

KEEP_ALIVE_S: Final = 10


class MeFeed:
    """The ASGI application behind the route."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        edge = edge_of(scope)
        if edge.is_draining:
            await problem(HTTPStatus.SERVICE_UNAVAILABLE, "the server restarts: come back")(scope, receive, send)
            return
        try:
            me = await auth.identified(edge, Headers(scope=scope))
            if me is None:
                await problem(HTTPStatus.UNAUTHORIZED, "no account: sign in first")(scope, receive, send)
                return
            if scope["method"] == "HEAD":
                await head_only(send)
                return
            live = await edge.accounts.find(me.id)
        except Unavailable:
            await problem(HTTPStatus.SERVICE_UNAVAILABLE, "the store is unavailable: come back")(scope, receive, send)
            return
        session = MeSession(edge, me, live, scope, receive, send)
        forget(scope)
        await session.run(None)


class MeSession(SseSession):
    """A device's event stream."""

    keep_alive_s = KEEP_ALIVE_S

    def __init__(self, edge: Edge, me: Me, live: LiveAccount, scope: Scope, receive: Receive, send: Send) -> None:
        super().__init__(edge, live, live.players, scope, receive, send)
        self._me = me
        self._live = live

    def greeting(self) -> list[Frame]:
        account, live = self._me.account, self._live
        text = everything(live.account, account.name, account.title, self._edge.accounts.is_online)
        me = Frame("me", json.dumps(text, separators=(",", ":")), str(live.version))
        return [me] if live.presence_frame is None else [me, live.presence_frame]

    def _came(self, tasks: asyncio.TaskGroup) -> None:
        self._live.follow(self._feed)
        self._tasks = tasks

    def _went(self) -> None:
        self._live.unfollow(self._feed)

    def beat(self) -> None:
        spawn(self._tasks, self._look())

    async def _look(self) -> None:
        if await auth.is_still_good(self._edge, self._me):
            super().beat()
        else:
            await self.drain()
