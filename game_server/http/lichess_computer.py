"""`POST /api/challenge/ai`: a game against the server's own engine, which sits down as in any room (`computer`)."""

from dataclasses import replace
from typing import Final

from starlette.responses import JSONResponse, Response

from game_server.core.ids import GameId, RoomId
from game_server.http import computer, identity
from game_server.http.account_auth import CHALLENGE_WRITE, Me
from game_server.http.lichess_door import ApiError, Call
from game_server.rooms import challenges
from game_server.rooms.live import LiveRoom
from game_server.wire import lichess_tv
from game_server.wire.computer import Full, NoEngine
from game_server.wire.lichess_challenges import GameWish, computer_wish

BUSY_S: Final = 60  # after which a client that was refused may well find a free engine


async def create_ai(call: Call) -> Response:
    """Starts a game against the computer at once, at `level` 1 to 8."""
    me = await call.me(CHALLENGE_WRITE)
    level, wish = computer_wish(await call.body())
    call.edge.limits.require_challenge(me.id)
    player = await _ready(call, level)
    game_id = identity.new_game_id()
    try:
        live = await _sitting(call, me, wish, game_id)
    except BaseException:
        await player.dismiss()
        raise
    await computer.seated(live, player, game_id=game_id)
    return JSONResponse(lichess_tv.described(live.room), 201)


async def _ready(call: Call, level: int) -> computer.Player:
    """An engine that has started. Raises ApiError: 429 if as many play as may; 400 if there is none, as clients ask
    again at once after 5xx.
    """
    computers = computer.computers_of(call.scope)
    if computers is None:
        raise ApiError(400, "This server does not play itself")
    try:
        return await computers.ready(level)
    except NoEngine as missing:
        raise ApiError(400, f"No computer plays here: {missing}") from None
    except Full:
        sentence = f"{computers.at_most} games against the computer are being played, as many as may: try again later"
        raise ApiError(429, sentence, BUSY_S) from None


async def _sitting(call: Call, me: Me, wish: GameWish, game_id: GameId) -> LiveRoom:
    """A room of the game's id in which the account waits. Raises Refused or Unavailable."""
    options = challenges.game_options(call.edge.options.defaults, wish.time.text, wish.variant, wish.fen)
    if options.time.is_unlimited and options.on_disconnect == "forfeit":
        options = replace(options, on_disconnect="claim")     # the computer is in no hurry
    live = await call.edge.directory.open(RoomId(game_id), options)
    color = None if wish.color == "random" else wish.color
    await live.do(challenges.seating(me.id, me.account.name, color, game_id, is_bot=me.is_bot))
    return live
