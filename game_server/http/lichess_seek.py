"""`POST /api/board/seek`: a seat in a public room that waits for anybody, for as long as the request lasts.

So seeks and the lobby of the web client are the same thing: a seek takes a free seat in a waiting room that fits, or
opens such a room, into which another seek or a browser may come.
"""

from contextlib import suppress
from typing import Final

from game_server.core.account import player_of, seat_key
from game_server.core.commands import LeaveSeat, TakeSeat
from game_server.core.ids import COLORS, Color, GameId, RoomId, opponent
from game_server.core.refusals import Refused
from game_server.http import identity
from game_server.http.account_auth import BOARD_PLAY, Me
from game_server.http.edge import Edge
from game_server.http.lichess_door import ApiError, Call
from game_server.http.ndjson import Lines
from game_server.rooms import challenges
from game_server.rooms.live import LiveRoom
from game_server.wire.lichess_challenges import GameWish, seek_wish

LOOKED_AT: Final = 200
POLL_S: Final = 1.0
BLANK_EVERY: Final = 5
ABANDONED_MS: Final = 5_000     # a room whose seeker has gone


async def seek(call: Call) -> None:
    """Seeks an opponent, for as long as this request lasts."""
    me = await call.me(BOARD_PLAY)
    if me.is_bot:
        raise ApiError(400, "This endpoint cannot be used with a Bot account")
    wish = seek_wish(await call.body())
    call.edge.limits.require_challenge(me.id)
    live = await _fitting(call.edge, me, wish) or await _opened(call.edge, me, wish)
    await Seek(call, me, live).run()


async def _fitting(edge: Edge, me: Me, wish: GameWish) -> LiveRoom | None:
    """A waiting room with a seat for this wish, taken now."""
    async for live in edge.directory.public(LOOKED_AT):
        color = _free(live, me, wish)
        if color is None:
            continue
        try:
            await live.do(_seating(me, color))
        except Refused:
            continue    # somebody was faster
        if live.room.color_of(seat_key(me.id)) is not None:
            return live
    return None


def _free(live: LiveRoom, me: Me, wish: GameWish) -> Color | None:
    """The colour this wish would get there; None if the room does not fit."""
    room, options = live.room, live.room.options
    taken = [color for color in COLORS if room.seat(color) is not None]
    fits = (options.time.text, options.variant, options.fen) == (wish.time.text, wish.variant, wish.fen)
    if room.status != "waiting" or not fits or len(taken) != 1 or room.color_of(seat_key(me.id)) is not None:
        return None
    free = opponent(taken[0])
    return free if wish.color in ("random", free) and room.away(taken[0]) is None else None


async def _opened(edge: Edge, me: Me, wish: GameWish) -> LiveRoom:
    defaults = edge.options.defaults
    options = challenges.game_options(defaults, wish.time.text, wish.variant, wish.fen, idle_ms=ABANDONED_MS)
    live = await edge.directory.open(RoomId(identity.new_room_id()), options)
    await live.do(_seating(me, None if wish.color == "random" else wish.color))
    return live


def _seating(me: Me, wish: Color | None) -> TakeSeat:
    game_id: GameId = identity.new_game_id()
    return challenges.seating(me.id, me.account.name, wish, game_id, is_bot=False)


class Seek:
    """One seek's request: blank lines until the game has started. Who goes away gives the seat back."""

    hears_offers = False

    def __init__(self, call: Call, me: Me, live: LiveRoom) -> None:
        self._edge = call.edge
        self._me = me
        self._live = live
        self._lines = Lines(call.scope, call.receive, call.send)
        self._beats = 0

    async def run(self) -> None:
        company, player_id = self._live.company, player_of(self._me.id)
        await self._lines.begin()
        self._edge.connections.add(self)
        company.arrive(player_id, self)
        self._live.note_presence()
        try:
            await self._beat()
            await self._lines.until_over(self._beat, POLL_S)
        except OSError:
            self._lines.is_gone = True
        finally:
            self._edge.connections.discard(self)
            company.leave(player_id, self, 1006)
            await self._give_back()
            self._live.note_presence()

    async def _beat(self) -> None:
        if self._live.room.status != "waiting":
            await self._lines.end()
        elif self._beats % BLANK_EVERY == 0:
            await self._lines.write("")
        self._beats += 1

    async def _give_back(self) -> None:
        color = self._live.room.color_of(seat_key(self._me.id))
        if color is not None and self._live.room.status == "waiting" and not self._edge.is_draining:
            with suppress(Refused):     # the store is away: the room closes, as nobody is in it
                await self._live.do(LeaveSeat(color))

    def replace(self) -> None:
        """A browser has taken the seat: the seek goes on."""

    def unseat(self) -> None:
        """The seat was given back; the request ends at its next beat."""

    @property
    def is_writable(self) -> bool:
        return self._lines.is_writable

    async def drain(self) -> None:
        await self._lines.end()
