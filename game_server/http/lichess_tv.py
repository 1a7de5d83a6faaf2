"""Watching over the Lichess API: `/api/tv/…` shows public games one after another, `/api/stream/game/{id}` one."""

import asyncio
from typing import Final

from game_server.core.room import Room
from game_server.http.lichess_door import ApiError, Call
from game_server.http.lichess_find import found
from game_server.http.ndjson import BLANK, Lines, line
from game_server.rooms.delayed import Shown
from game_server.rooms.feed import Feed, TooSlow
from game_server.rooms.frame import Frame
from game_server.rooms.sink import Outbox
from game_server.store.log import Unavailable
from game_server.wire import lichess_tv as tv
from game_server.wire.lichess import Json

POLL_S: Final = 1.0
LOOKED_AT: Final = 200
BLANK_EVERY: Final = 5


async def channels(call: Call) -> Json:
    """Which game each channel shows now."""
    rooms = await _showable(call)
    return {name: tv.channel(room) for name in tv.CHANNELS if (room := _best(rooms, name)) is not None}


async def _showable(call: Call) -> list[Shown]:
    rooms = [live.shown async for live in call.edge.directory.public(LOOKED_AT)]
    return [shown for shown in rooms if shown.room.status == "playing"]


def _best(rooms: list[Shown], channel: str) -> Room | None:
    live = _featured(rooms, channel)
    return live.room if live else None


def _featured(rooms: list[Shown], channel: str) -> Shown | None:
    """The game with the most spectators, then the youngest."""
    fitting = [live for live in rooms if tv.is_on(channel, live.room)]
    return max(fitting, key=lambda live: (live.presence.spectators, tv.started_ms(live.room)), default=None)


async def feed(call: Call) -> None:
    """The public games of a channel, one after another."""
    channel = tv.channel_name(call.path.get("channel", "best"))
    if channel is None:
        raise ApiError(404, "No such channel")
    await TvStream(call, channel).run()


async def stream_game(call: Call) -> None:
    """One game: all of it, then each move, then all of it again; to its players, too, as spectators see it."""
    live, room = await found(call.edge, call.path["id"])
    await TvStream(call, None, live, room).run()


class TvStream:
    """A spectator's lines. With a channel the next game follows when one is over; without, the stream ends."""

    def __init__(self, call: Call, channel: str | None, live: Shown | None = None, room: Room | None = None) -> None:
        self._call = call
        self._edge = call.edge
        self._channel = channel
        self._lines = Lines(call.scope, call.receive, call.send)
        self._live = live
        self._room = room
        self._feed: Feed | None = None
        self._beats = 0

    async def run(self) -> None:
        await self._lines.begin()
        self._edge.connections.add(self)
        try:
            async with asyncio.TaskGroup() as tasks:
                self._tasks = tasks
                if self._room is not None:
                    await self._begin_one(self._room)
                else:
                    await self._beat()
                await self._lines.until_over(self._beat, POLL_S)
        except* OSError:
            pass    # the transport has cut it off
        except* (TooSlow, Unavailable):
            await self._lines.end()
        finally:
            self._edge.connections.discard(self)
            self._unfollow()

    async def _begin_one(self, room: Room) -> None:
        if self._live is None or room.status != "playing":
            await self._lines.write(line(tv.described(room)))
            await self._lines.end()
        else:
            await self._follow(self._live, line(tv.described(room)))

    async def _beat(self) -> None:
        """Looks for a game if none is shown, and keeps the stream alive."""
        self._beats += 1
        if self._feed is not None and self._feed.is_over:
            self._unfollow()
        if self._feed is None and self._channel is not None:
            live = await self._next(self._channel)
            if live is not None:
                await self._follow(live, line(tv.featured(live.room, live.now_ms())))
        if self._beats % BLANK_EVERY == 0:
            if self._feed is not None:
                await self._feed.reply(lambda: BLANK)
            else:
                await self._lines.write("")

    async def _next(self, channel: str) -> Shown | None:
        """The game to be shown; none as long as the store cannot say which there are."""
        try:
            return _featured(await _showable(self._call), channel)
        except Unavailable:
            return None

    async def _follow(self, live: Shown, first: str) -> None:
        self._live, self._feed = live, Feed(live, self, live.version, self._tasks)
        live.spectators.add(self._feed)
        await self._feed.greet(Frame("line", first))
        live.note_presence()

    def _unfollow(self) -> None:
        if self._feed is not None and self._live is not None:
            self._feed.is_over = True
            self._live.spectators.discard(self._feed)
            self._live.note_presence()
        self._feed = None

    @property
    def is_writable(self) -> bool:
        return self._lines.is_writable

    def post(self, frame: Frame, outbox: Outbox | None = None) -> bool:
        return False        # what a line says depends on the room

    async def send(self, frame: Frame) -> None:
        live = self._live
        assert live is not None and self._feed is not None
        match frame.kind:
            case "line" | "":
                await self._lines.write(frame.text)
            case "move" | "takeback":
                moment = tv.moment(live.room, live.now_ms())
                await self._lines.write(line({"t": "fen", "d": moment} if self._channel else moment))
            case "game_over" if self._channel is None:
                await self._lines.write(line(tv.described(live.room)))
                await self.drain()
            case "game_over":
                self._feed.is_over = True

    async def send_end(self) -> None:
        if self._channel is None:
            await self._lines.end()

    async def drain(self) -> None:
        if self._feed is not None:
            self._feed.is_over = True
        await self._lines.end()
