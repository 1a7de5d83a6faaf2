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
from game_server.http.spectate import RETRY_MS, SSE_HEADERS
from game_server.http.transport import EXTENSION, Peer
from game_server.rooms.feed import KEEP_ALIVE, Feed, Frame, TooSlow
from game_server.rooms.live_account import LiveAccount
from game_server.store.log import Unavailable
from game_server.wire.me import me as everything

KEEP_ALIVE_S: Final = 10


class MeFeed:
    """The ASGI application behind the route."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        edge = edge_of(scope)
        try:
            me = await auth.identified(edge, Headers(scope=scope))
            if me is None:
                await problem(HTTPStatus.UNAUTHORIZED, "no account: sign in first")(scope, receive, send)
                return
            live = await edge.accounts.find(me.id)
        except Unavailable:
            await problem(HTTPStatus.SERVICE_UNAVAILABLE, "the store is unavailable: come back")(scope, receive, send)
            return
        await MeSession(edge, me, live, scope, receive, send).run()


class MeSession:
    """A device's event stream."""

    def __init__(self, edge: Edge, me: Me, live: LiveAccount, scope: Scope, receive: Receive, send: Send) -> None:
        self._edge = edge
        self._me = me
        self._live = live
        self._receive = receive
        self._send = send
        self._peer: Peer | None = scope.get("extensions", {}).get(EXTENSION)
        self._is_over = False

    async def run(self) -> None:
        live = self._live
        await self._send({"type": "http.response.start", "status": HTTPStatus.OK, "headers": SSE_HEADERS})
        await self._write(f"retry: {RETRY_MS}\n\n".encode())
        try:
            async with asyncio.TaskGroup() as tasks:
                self._feed = Feed(live, self, live.version, tasks)
                live.follow(self._feed)
                self._edge.connections.add(self)
                try:
                    await self._feed.greet(self._everything())
                    await self._until_gone()
                finally:
                    self._edge.connections.discard(self)
                    live.unfollow(self._feed)
        except* OSError:
            pass    # the transport has cut it off
        except* TooSlow:
            await self.send_end()

    def _everything(self) -> Frame:
        account = self._me.account
        text = everything(self._live.account, account.name, account.title, self._edge.accounts.is_online)
        return Frame("me", json.dumps(text, separators=(",", ":")), str(self._live.version))

    async def _until_gone(self) -> None:
        while not self._is_over:
            try:
                async with asyncio.timeout(KEEP_ALIVE_S):
                    if (await self._receive())["type"] == "http.disconnect":
                        return
            except TimeoutError:
                if await self._edge.log.account_by_token(self._me.token.token_hash) is None:
                    await self.drain()      # the token was revoked
                    return
                await self._live.refresh()
                await self._feed.reply(lambda: KEEP_ALIVE)

    async def _write(self, body: bytes, *, more: bool = True) -> None:
        await self._send({"type": "http.response.body", "body": body, "more_body": more})

    @property
    def is_writable(self) -> bool:
        return self._peer is None or self._peer.is_writable

    async def send(self, frame: Frame) -> None:
        await self._write(frame.sse)

    async def send_end(self) -> None:
        if not self._is_over:
            self._is_over = True
            await self._write(b"", more=False)

    async def drain(self) -> None:
        self._feed.is_over = True
        await self.send_end()
