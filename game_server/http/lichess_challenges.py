"""Challenges over the Lichess API: `/api/challenge…`. What they are is `core.account`'s to say."""

import asyncio
from contextlib import suppress
from typing import Final

from game_server.core.account import account_id, seat_key
from game_server.core.account_events import ChallengeCreated
from game_server.core.ids import BLACK, COLORS, WHITE, Color, GameId, RoomId
from game_server.core.refusals import Code, Refused
from game_server.http import identity
from game_server.http.account_auth import CHALLENGE_READ, CHALLENGE_WRITE, Me
from game_server.http.lichess_door import OK, ApiError, Call
from game_server.http.limits import address_of
from game_server.http.ndjson import Lines, line
from game_server.rooms import challenges
from game_server.store.book import AccountRow
from game_server.store.log import Unavailable
from game_server.wire import lichess
from game_server.wire.lichess import Json
from game_server.wire.lichess_challenges import (
    GameWish,
    challenge,
    challenge_wish,
    decline_reason,
    is_true,
    rematched,
)

REAL_TIME_MS: Final = 60_000        # lichess: 20 s; here somebody may first have to look at a browser
PATIENT_MS: Final = 1_209_600_000   # correspondence and unlimited: two weeks
KEPT_ALIVE_MS: Final = 900_000      # at most, while the stream of its maker is open
POLL_S: Final = 1.0


def described(call: Call, created: ChallengeCreated, me: Me) -> Json:
    direction = "out" if created.challenger == me.id else "in"
    return challenge(created, call.origin, call.edge.accounts.is_online) | {"direction": direction}


async def list_challenges(call: Call) -> Json:
    """The open challenges, those of others and those of its own."""
    me = await call.me(CHALLENGE_READ)
    account = (await call.edge.accounts.find(me.id)).account
    return {
        "in": [described(call, each, me) for each in account.incoming],
        "out": [described(call, each, me) for each in account.outgoing],
    }


async def show(call: Call) -> Json:
    """One open challenge."""
    me = await call.me(CHALLENGE_READ)
    created = (await call.edge.accounts.find(me.id)).account.challenge(call.path["id"])
    if created is None:
        raise ApiError(404, "No such challenge")
    return described(call, created, me)


async def create(call: Call) -> Json | None:
    """Challenges the user in the path. With `keepAliveStream` the challenge lives as long as the answer's stream."""
    me = await call.me(CHALLENGE_WRITE)
    body = await call.body()
    dest = await call.edge.log.account(account_id(call.path["user"]))
    if dest is None:
        raise ApiError(404, "No such user")
    is_kept = is_true(body.get("keepAliveStream"))
    created = _created(call, me, dest, challenge_wish(body), rematched(body), is_kept=is_kept)
    call.edge.limits.require_challenge(me.id)
    await challenges.challenge(call.edge.accounts, created)
    if not is_kept:
        return described(call, created, me)
    await KeptChallenge(call, me, created).run()
    return None


def _created(
    call: Call, me: Me, dest: AccountRow, wish: GameWish, rematch_of: str | None, *, is_kept: bool
) -> ChallengeCreated:
    now_ms = call.edge.now()
    lives_ms = KEPT_ALIVE_MS if is_kept else REAL_TIME_MS if wish.time.is_timed else PATIENT_MS
    drawn: Color = COLORS[identity.chance() & 1]
    return ChallengeCreated(
        at_ms=now_ms,
        id=identity.new_game_id(),
        challenger=me.id,
        challenger_name=me.account.name,
        challenger_title=me.account.title,
        dest=dest.id,
        dest_name=dest.name,
        dest_title=dest.title,
        time=wish.time.text,
        variant=wish.variant,
        fen=wish.fen,
        color=wish.color,
        final_color=drawn if wish.color == "random" else wish.color,
        expires_ms=now_ms + lives_ms,
        rematch_of=rematch_of,
    )


class KeptChallenge:
    """A challenge's request that lasts until it is answered. Who goes away before that takes it back; a restart of the
    server does not.
    """

    def __init__(self, call: Call, me: Me, created: ChallengeCreated) -> None:
        self._call = call
        self._edge = call.edge
        self._me = me
        self._created = created
        self._lines = Lines(call.scope, call.receive, call.send)

    async def run(self) -> None:
        await self._lines.begin()
        self._edge.connections.add(self)
        try:
            await self._lines.write(line(described(self._call, self._created, self._me)))
            await self._lines.until_over(self._beat, POLL_S)
        finally:
            self._edge.connections.discard(self)
            if self._lines.is_gone and not self._edge.is_draining:
                await asyncio.shield(self._take_back())

    async def _beat(self) -> None:
        with suppress(Unavailable):     # then it stands as long as the store is away
            if (answer := await self._answer()) is not None:
                await self._lines.write(line({"done": answer}))
                await self._lines.end()
        await self._lines.write("")

    async def _answer(self) -> str | None:
        """How it was answered. Raises Unavailable."""
        live = await self._edge.accounts.find(self._me.id)
        if live.account.challenge(self._created.id) is not None:
            return None
        return "accepted" if await self._edge.directory.find(RoomId(self._created.id)) is not None else "declined"

    async def _take_back(self) -> None:
        with suppress(Refused, Unavailable):
            await challenges.cancel(self._edge.accounts, self._me.id, self._created.id)

    @property
    def is_writable(self) -> bool:
        return self._lines.is_writable

    async def drain(self) -> None:
        await self._lines.end()


async def accept(call: Call) -> Json:
    """Accepts a challenge; its game begins at once, under the same id."""
    me = await call.me(CHALLENGE_WRITE)
    try:
        await challenges.accept(call.edge.accounts, me.id, GameId(call.path["id"]))
    except Refused as refused:
        if refused.code is not Code.NO_SUCH_OFFER:
            raise
        await _accept_open(call, me)
    return OK


async def _accept_open(call: Call, me: Me) -> None:
    """Takes a seat in a room that waits for anybody: an open challenge. Raises ApiError (404)."""
    room_id = call.path["id"]
    live = await call.edge.directory.find(RoomId(room_id))
    if live is None or not live.room.options.public:
        raise ApiError(404, "No such challenge")
    if live.room.color_of(seat_key(me.id)) is not None:
        return
    color = call.query.get("color")
    wish: Color | None = WHITE if color == WHITE else BLACK if color == BLACK else None
    try:
        await live.do(
            challenges.seating(me.id, me.account.name, wish, GameId(room_id), is_bot=me.is_bot)
        )
    except Refused:
        raise ApiError(404, "No such challenge") from None


async def decline(call: Call) -> Json:
    """Declines a challenge, for a `reason` that the challenger is told."""
    me = await call.me(CHALLENGE_WRITE)
    reason = decline_reason((await call.body()).get("reason"))
    await challenges.decline(call.edge.accounts, me.id, GameId(call.path["id"]), reason)
    return OK


async def cancel(call: Call) -> Json:
    """Takes a challenge back."""
    me = await call.me(CHALLENGE_WRITE)
    await challenges.cancel(call.edge.accounts, me.id, GameId(call.path["id"]))
    return OK


async def create_open(call: Call) -> Json:
    """A room that waits for whoever comes first by its two links; no account is needed to make one."""
    wish = challenge_wish(await call.body())
    edge = call.edge
    room_id = RoomId(identity.new_room_id())
    options = challenges.game_options(
        edge.options.defaults, wish.time.text, wish.variant, wish.fen, idle_ms=edge.options.defaults.invited_idle_ms
    )
    edge.limits.require_room(address_of(call.scope))
    await edge.directory.open(room_id, options)
    url = f"{edge.options.origin or call.origin}/room/{room_id}"
    answer: Json = {
        "id": room_id,
        "url": url,
        "status": "created",
        "challenger": None,
        "destUser": None,
        "variant": lichess.variant(wish.variant, wish.fen),
        "rated": False,
        "speed": lichess.speed_key(wish.time),
        "timeControl": lichess.time_control(wish.time),
        "color": "random",
        "finalColor": "white",
        "perf": {"icon": "", "name": lichess.speed_name(wish.time)},
        "open": {"userIds": None},
        "urlWhite": f"{url}?color=white",
        "urlBlack": f"{url}?color=black",
    }
    return answer | ({"initialFen": wish.fen} if wish.fen else {})
