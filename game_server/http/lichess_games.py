"""`GET /api/{bot,board}/game/stream/{id}`: a player's game, line by line; and that player's presence.

Every line with moves holds all of them and is made when it is sent, so a slow reader gets the newest state and misses
nothing. The stream ends with the game.
"""

import asyncio
import json
from typing import Final

from game_server.core.ids import Color, PlayerId
from game_server.core.room import Room
from game_server.http.lichess_door import ApiError, Call
from game_server.http.lichess_find import Seated, seated
from game_server.http.ndjson import BLANK, Lines, line
from game_server.rooms.archive import room_at_end
from game_server.rooms.feed import Feed, TooSlow
from game_server.rooms.frame import Frame
from game_server.rooms.live import LiveRoom
from game_server.rooms.sink import Outbox
from game_server.store.log import Unavailable
from game_server.wire import lichess
from game_server.wire.close import CloseCode

STATE_KINDS: Final = frozenset({"move", "takeback", "offer", "offer_cancelled", "clock", "game_over"})
PRESENCE_KINDS: Final = frozenset({"player_disconnected", "player_reconnected"})


async def stream_game(call: Call) -> None:
    """A game as its player follows it: all of it (`gameFull`), then every change; ends with the game."""
    seat = await seated(call)
    if call.edge.is_draining:
        raise ApiError(503, "The server restarts: come back", 1)
    if seat.live is None or seat.room.status != "playing":
        await _told_the_end(call, seat)
    else:
        await GameStream(call, seat.live, seat.color, seat.player_id).run()


async def _told_the_end(call: Call, seat: Seated) -> None:
    """A game that is over: all of it in one line."""
    lines = Lines(call.scope, call.receive, call.send)
    await lines.begin()
    await lines.write(line(lichess.game_full(seat.room, seat.room.at_ms)))
    await lines.end()


class GameStream:
    """A player's connection to a running game: the feed's sink, the seat's connection, and one of the edge's."""

    hears_offers = False

    def __init__(self, call: Call, live: LiveRoom, color: Color, player_id: PlayerId) -> None:
        self._edge = call.edge
        self._live = live
        self._color = color
        self._player_id = player_id
        self._game_id = lichess.game_of(live.room).id
        self._lines = Lines(call.scope, call.receive, call.send)

    async def run(self) -> None:
        live = self._live
        await self._lines.begin()
        try:
            async with asyncio.TaskGroup() as tasks:
                self._feed = Feed(live, self, live.version, tasks)
                self._edge.connections.add(self)
                live.players.add(self._feed)
                self._attend()
                try:
                    await self._feed.greet(Frame("gameFull", line(lichess.game_full(live.room, live.now_ms()))))
                    await self._until_over()
                finally:
                    self._leave()
        except* OSError:
            pass    # the transport has cut it off
        except* (TooSlow, Unavailable):
            await self._lines.end()

    async def _until_over(self) -> None:
        if self._live.room.status != "playing":     # it ended while the first line was on its way
            await self._feed.flush()
        if self._live.room.away("black" if self._color == "white" else "white") is not None:
            await self._feed.reply(lambda: Frame("gone", line(self._gone())))
        self._live.note_presence()
        await self._lines.until_over(self._beat)

    async def _beat(self) -> None:
        self._attend()
        await self._feed.reply(lambda: BLANK)

    def _attend(self) -> None:
        """This connection is the player's, unless another one is: a browser is not thrown out by a program."""
        if not any(self._live.company.places(self._player_id)):
            self._live.company.arrive(self._player_id, self)
            self._live.note_presence()

    def _leave(self) -> None:
        self._edge.connections.discard(self)
        self._live.players.discard(self._feed)
        if self._edge.is_draining:
            return
        code = CloseCode.ABNORMAL if self._lines.is_gone else CloseCode.NORMAL
        self._live.company.leave(self._player_id, self, code)
        self._live.note_presence()

    @property
    def is_writable(self) -> bool:
        return self._lines.is_writable

    def post(self, frame: Frame, outbox: Outbox | None = None) -> bool:
        return False        # what a line says depends on the room

    async def send(self, frame: Frame) -> None:
        match frame.kind:
            case "gameFull" | "gone" | "":
                await self._lines.write(frame.text)
            case "chat":
                said = json.loads(frame.text)
                await self._lines.write(line(self._chat(said)))
            case kind if kind in STATE_KINDS:
                await self._send_state()
            case kind if kind in PRESENCE_KINDS and json.loads(frame.text)["color"] != self._color:
                await self._lines.write(line(self._gone()))

    def _chat(self, said: lichess.Json) -> lichess.Json:
        return lichess.chat_line(lichess.player_name(self._live.room, said["by"]), said["text"], said["room"])

    def _gone(self) -> lichess.Json:
        return lichess.opponent_gone(self._live.room, self._color, self._live.now_ms())

    async def _send_state(self) -> None:
        """The game as it is now; if it is over, that is the last line."""
        room = await self._room()
        await self._lines.write(line(lichess.game_state(room, max(room.at_ms, self._edge.now()))))
        if lichess.game_of(room).result is not None:
            await self.send_end()

    async def _room(self) -> Room:
        """The room with this game in it, also if the players have gone on to another one."""
        room = self._live.room
        if lichess.game_of(room).id == self._game_id:
            return room
        row = await self._edge.log.finished_game(self._game_id)
        assert row is not None, "a game that others have followed is over"
        return await room_at_end(self._edge.log, row)

    async def send_end(self) -> None:
        self._feed.is_over = True
        await self._lines.end()

    def replace(self) -> None:
        """A browser has taken the seat: this stream goes on listening."""

    def unseat(self) -> None:
        """Cannot happen while the game is on."""

    async def drain(self) -> None:
        await self.send_end()
