"""What players do in their games: `POST /api/{bot,board}/game/{id}/…`. Every one may be sent twice without harm."""

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
from game_server.core.events import OfferKind
from game_server.core.ids import opponent
from game_server.core.refusals import Code, Refused
from game_server.http import identity
from game_server.http.account_auth import CHALLENGE_WRITE
from game_server.http.lichess_door import OK, ApiError, Call
from game_server.http.lichess_find import Seated, seated, side
from game_server.http.quota import seat_key
from game_server.wire import inbound
from game_server.wire.lichess import Json, player_name
from game_server.wire.lichess_challenges import is_true


async def done(seat: Seated, command: Command) -> Json:
    """Raises ApiError (400, 503), or Limited if too much was asked already; but a legal move is always played."""
    if seat.live is None:
        raise ApiError(400, "This game is over")
    is_move, key = isinstance(command, PlayMove), seat_key(seat.live, seat.player_id)
    if not is_move:
        seat.limits.require_message(key)
    if isinstance(command, Say):
        seat.limits.require_chat(key)
    try:
        await seat.live.do(command)
    except Refused as refused:
        if is_move:
            seat.limits.require_message(key)
        raise ApiError(503 if refused.code is Code.TRY_AGAIN else 400, refused.message) from None
    return OK


async def move(call: Call) -> Json:
    """Plays a move; the same one again, while the opponent thinks, is answered as before."""
    seat = await seated(call)
    body = await call.body()
    game = seat.room.game
    assert game is not None
    ply = game.ply + 1 if game.turn == seat.color else game.ply
    return await done(seat, PlayMove(seat.color, call.path["uci"], max(1, ply), is_true(body.get("offeringDraw"))))


async def abort(call: Call) -> Json:
    """Ends the game without a result, before both sides have moved."""
    seat = await seated(call)
    return await done(seat, Abort(seat.color))


async def resign(call: Call) -> Json:
    """Gives the game up."""
    seat = await seated(call)
    return await done(seat, Resign(seat.color))


async def draw(call: Call) -> Json:
    """Offers a draw or accepts one; or declines (`no`)."""
    return await _offered(await seated(call), "draw", call.path["accept"])


async def takeback(call: Call) -> Json:
    """Asks to take the last move back, or agrees; or declines (`no`)."""
    return await _offered(await seated(call), "takeback", call.path["accept"])


async def _offered(seat: Seated, kind: OfferKind, accept: str) -> Json:
    """Offers or accepts; or declines, which is all right if there is nothing to decline."""
    if is_true(accept):
        return await done(seat, Offer(seat.color, kind, identity.new_game_id(), identity.chance()))
    if seat.live is None or seat.room.offers.by(kind) is None:
        return OK
    return await done(seat, Decline(seat.color, kind))


async def claim_victory(call: Call) -> Json:
    """Wins against an opponent who has been gone for too long."""
    seat = await seated(call)
    return await done(seat, Claim(seat.color, "victory"))


async def claim_draw(call: Call) -> Json:
    """A draw by repetition; or the one that is offered."""
    seat = await seated(call)
    if seat.room.offers.draw == opponent(seat.color):
        return await done(seat, Accept(seat.color, "draw", identity.new_game_id(), identity.chance()))
    return await done(seat, Claim(seat.color, "draw"))


async def berserk(call: Call) -> Json:
    """Refused: there are no arena tournaments here."""
    await seated(call)
    raise ApiError(400, "Only in arena tournaments, which this server does not have")


async def say(call: Call) -> Json:
    """Chat, also after the game as long as the room is open."""
    seat = await seated(call)
    body = await call.body()
    try:
        text = inbound.plain_chat(body.get("text", ""))
    except ValueError as error:
        raise ApiError(400, f"text: {error}") from None
    return await done(seat, Say(seat.color, "spectator" if body.get("room") == "spectator" else "player", text))


async def read_chat(call: Call) -> list[Json]:
    """What the players have said in the game's chat."""
    seat = await seated(call)
    return [
        {"user": player_name(seat.room, said.by) if seat.room.seat(said.by) else said.name, "text": said.text}
        for said in seat.room.chat
        if said.room == "player"
    ]


async def add_time(call: Call) -> Json:
    """Gives the opponent time."""
    me = await call.me(CHALLENGE_WRITE)
    seat = await side(call.edge, call.path["id"], me.id)
    seconds = call.path["seconds"]
    if not (seconds.isascii() and seconds.isdigit() and 1 <= int(seconds[:4]) <= 60):
        raise ApiError(400, "seconds: from 1 to 60")
    return await done(seat, AddTime(seat.color, int(seconds) * 1_000))
