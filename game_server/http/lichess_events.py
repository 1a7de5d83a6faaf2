"""`GET /api/stream/event`: an account's challenges and games, as they come."""

import asyncio
from typing import Final

from game_server.core.account import seat_key
from game_server.core.account_events import (
    ChallengeCancelled,
    ChallengeCreated,
    ChallengeDeclined,
    ChallengeExpired,
    GameEntered,
    GameLeft,
)
from game_server.core.ids import GameId, RoomId
from game_server.core.room import Room
from game_server.http import account_auth as auth
from game_server.http.account_auth import Me
from game_server.http.lichess_door import Call
from game_server.http.ndjson import BLANK, Lines, line
from game_server.rooms.archive import room_at_end
from game_server.rooms.feed import Feed, TooSlow
from game_server.rooms.frame import Frame
from game_server.rooms.live_account import LiveAccount
from game_server.rooms.sink import Outbox
from game_server.store.log import Unavailable
from game_server.wire import lichess
from game_server.wire.lichess import Json
from game_server.wire.lichess_challenges import challenge, declined

COMPAT: Final = {"bot": True, "board": True}


async def stream_events(call: Call) -> None:
    """What happens to the account: first all running games and open challenges, then news as it comes."""
    me = await call.me()
    live = await call.edge.accounts.find(me.id)
    await EventStream(call, me, live).run()


class EventStream:
    """One connection's events: first what is open now, then what happens. As a feed's sink it writes lines."""

    def __init__(self, call: Call, me: Me, live: LiveAccount) -> None:
        self._call = call
        self._edge = call.edge
        self._me = me
        self._live = live
        self._lines = Lines(call.scope, call.receive, call.send)
        self._known: dict[GameId, ChallengeCreated] = {}
        self._rooms: dict[GameId, RoomId] = {}

    async def run(self) -> None:
        live = self._live
        await self._lines.begin()
        try:
            async with asyncio.TaskGroup() as tasks:
                cursor, open_now = live.version, [Frame("line", line(each)) for each in await self._open_now()]
                self._feed = Feed(live, self, cursor, tasks)
                live.follow(self._feed)
                self._edge.connections.add(self)
                try:
                    await self._feed.greet(*open_now)
                    await self._lines.until_over(self._beat)
                finally:
                    self._edge.connections.discard(self)
                    live.unfollow(self._feed)
        except* OSError:
            pass    # the transport has cut it off
        except* (TooSlow, Unavailable):     # it comes back, and is told everything again
            await self._lines.end()

    async def _open_now(self) -> list[Json]:
        """The running games, then the open challenges."""
        account = self._live.account
        for created in account.challenges:
            self._known[created.id] = created
        for entered in account.games:
            self._rooms[entered.game_id] = entered.room_id
        now_ms = self._edge.now()
        playing = await self._edge.accounts.playing(self._live)
        games: list[Json] = [
            {"type": "gameStart", "game": lichess.game_info(room, color, now_ms)} for room, color in playing
        ]
        return games + [self._created(each) for each in account.challenges]

    async def _beat(self) -> None:
        """A blank line; and the end, if the token was revoked."""
        if await auth.is_still_good(self._edge, self._me):
            await self._feed.reply(lambda: BLANK)
        else:
            await self.drain()

    @property
    def is_writable(self) -> bool:
        return self._lines.is_writable

    def post(self, frame: Frame, outbox: Outbox | None = None) -> bool:
        return False        # what a line says may have to be looked up

    async def send(self, frame: Frame) -> None:
        if frame.kind == "line":
            await self._lines.write(frame.text)
        elif frame.position is None:
            if frame is BLANK:
                await self._lines.write("")
        elif (told := await self._told(int(frame.position))) is not None:
            await self._lines.write(line(told))

    async def _told(self, version: int) -> Json | None:
        """What the event means to a client; None for what it is not told."""
        event = self._live.event(version)
        match event:
            case ChallengeCreated():
                self._known[event.id] = event
                return self._created(event)
            case ChallengeDeclined(id=id_, reason=reason):
                known = self._known.pop(id_, None)
                if known is None or known.challenger != self._me.id:
                    return None
                return {"type": "challengeDeclined", "challenge": declined(self._described(known), reason)}
            case ChallengeCancelled(id=id_) | ChallengeExpired(id=id_):
                known = self._known.pop(id_, None)
                if known is None:
                    return None
                return {"type": "challengeCanceled", "challenge": self._described(known) | {"status": "canceled"}}
            case GameEntered(game_id=game_id, room_id=room_id):
                self._rooms[game_id] = room_id
                return await self._game("gameStart", game_id)
            case GameLeft(game_id=game_id):
                return await self._game("gameFinish", game_id)
            case _:
                return None

    def _described(self, created: ChallengeCreated) -> Json:
        direction = "out" if created.challenger == self._me.id else "in"
        return challenge(created, self._call.origin, self._edge.accounts.is_online) | {"direction": direction}

    def _created(self, created: ChallengeCreated) -> Json:
        return {"type": "challenge", "challenge": self._described(created), "compat": COMPAT}

    async def _game(self, kind: str, game_id: GameId) -> Json | None:
        room = await self._room(game_id)
        color = room.color_of(seat_key(self._me.id)) if room else None
        if room is None or color is None:
            return None
        return {"type": kind, "game": lichess.game_info(room, color, self._edge.now())}

    async def _room(self, game_id: GameId) -> Room | None:
        live = await self._edge.directory.find(self._rooms.get(game_id, RoomId(game_id)))
        if live is not None and live.room.game is not None and live.room.game.id == game_id:
            return live.room
        row = await self._edge.log.finished_game(game_id)
        return await room_at_end(self._edge.log, row) if row is not None else None

    async def send_end(self) -> None:
        await self._lines.end()

    async def drain(self) -> None:
        self._feed.is_over = True
        await self._lines.end()
