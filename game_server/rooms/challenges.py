"""Challenges between accounts, carried out: asked, answered, and the game they lead to.

The challenged account's stream decides; the challenger's repeats it. Every step may be taken again: what a crash cuts
off is made good when either account is next looked at (Accounts), or by a client that asks again.
"""

import secrets
from typing import TYPE_CHECKING

from game_server.core.account import is_rematch, player_of, seat_key
from game_server.core.account_events import (
    AcceptChallenge,
    CancelChallenge,
    Challenge,
    ChallengeAccepted,
    ChallengeAnswer,
    ChallengeCancelled,
    ChallengeCreated,
    DeclineChallenge,
    EnterGame,
    LeaveGame,
    Repeat,
)
from game_server.core.clock import parse_time_control
from game_server.core.commands import TakeSeat
from game_server.core.ids import AccountId, Color, GameId, RoomId, opponent
from game_server.core.options import Defaults, Options
from game_server.core.refusals import Code, Refused
from game_server.rooms import rematches

if TYPE_CHECKING:
    from game_server.rooms.accounts import Accounts


async def challenge(accounts: "Accounts", created: ChallengeCreated) -> None:
    """Makes the challenge known to both. Raises Refused or Unavailable."""
    dest, challenger = await accounts.find(created.dest), await accounts.find(created.challenger)
    challenger.require(Challenge(created))
    await dest.do(Challenge(created))
    await challenger.do(Challenge(created))


async def accept(accounts: "Accounts", by: AccountId, challenge_id: GameId) -> None:
    """Starts the game that `by` was asked for; again: nothing. Raises Refused or Unavailable."""
    dest = await accounts.find(by)
    account = dest.account
    created = next((each for each in (*account.incoming, *account.accepted) if each.id == challenge_id), None)
    if created is not None and is_rematch(created):
        await rematches.accept(accounts, by, created)
        return
    await dest.do(AcceptChallenge(challenge_id))
    if created is not None:
        await start(accounts, created)


async def decline(accounts: "Accounts", by: AccountId, challenge_id: GameId, reason: str) -> None:
    """Raises Refused or Unavailable."""
    dest = await accounts.find(by)
    created = dest.account.challenge(challenge_id)
    for answer in await dest.do(DeclineChallenge(challenge_id, reason)):
        assert created is not None and isinstance(answer, ChallengeAnswer)
        if is_rematch(created):
            await rematches.decline(accounts, by, created)
        else:
            await _repeat(accounts, created.challenger, answer)


async def cancel(accounts: "Accounts", by: AccountId, challenge_id: GameId) -> None:
    """Takes back what `by` has asked for. Raises Refused or Unavailable."""
    challenger = await accounts.find(by)
    created = challenger.account.challenge(challenge_id)
    if created is None or created.challenger != by:
        raise Refused(Code.NO_SUCH_OFFER, "there is no such challenge, or not any more")
    dest = await accounts.find(created.dest)
    for answer in await dest.do(CancelChallenge(challenge_id)):
        assert isinstance(answer, ChallengeAnswer)
        await _repeat(accounts, by, answer)


async def _repeat(accounts: "Accounts", challenger: AccountId, answer: ChallengeAnswer) -> None:
    await (await accounts.find(challenger)).do(Repeat(answer))


async def start(accounts: "Accounts", created: ChallengeCreated) -> None:
    """Seats both in the room of an accepted challenge; if that cannot be, now or later, the challenge is over.

    Raises Refused or Unavailable.
    """
    try:
        await _seated(accounts, created)
    except Refused as refused:
        if refused.code is Code.TRY_AGAIN:
            raise
        dest = await accounts.find(created.dest)
        await dest.do(EnterGame(created.id, RoomId(created.id)))
        await dest.do(LeaveGame(created.id))
        await _repeat(accounts, created.challenger, ChallengeCancelled(0, created.id))
        raise Refused(Code.NO_SUCH_OFFER, f"the game of this challenge cannot start: {refused.message}") from None
    await _repeat(accounts, created.challenger, ChallengeAccepted(0, created.id))


async def _seated(accounts: "Accounts", created: ChallengeCreated) -> None:
    room_id = RoomId(created.id)
    live = await accounts.directory.find(room_id)
    if live is None:
        options = game_options(accounts.defaults, created.time, created.variant, created.fen)
        live = await accounts.directory.open(room_id, options)
    if not live.room.options.public:    # both know its id: one has opened it with a socket, with whatever options
        raise Refused(Code.NOT_ALLOWED, "somebody has opened its room before")
    sides: tuple[tuple[AccountId, str, bool, Color], ...] = (
        (created.challenger, created.challenger_name, created.challenger_title == "BOT", created.final_color),
        (created.dest, created.dest_name, created.dest_title == "BOT", opponent(created.final_color)),
    )
    for account_id, name, is_bot, color in sides:
        if not live.is_closed:
            await live.do(seating(account_id, name, color, created.id, is_bot=is_bot))


def seating(account_id: AccountId, name: str, wish: Color | None, game_id: GameId, *, is_bot: bool) -> TakeSeat:
    """The account sits down, without a socket; `game_id` is that of the game which starts if both seats are taken."""
    return TakeSeat(
        wish=wish,
        player_id=player_of(account_id),
        token_hash=seat_key(account_id),
        name=name,
        is_bot=is_bot,
        by_socket=False,
        game_id=game_id,
        chance=secrets.randbits(32),
    )


def game_options(
    defaults: Defaults, time: str, variant: str, fen: str | None, *, idle_ms: int | None = None
) -> Options:
    """A public room with the server's defaults, as games of accounts have it."""
    control = parse_time_control(time)
    return Options(
        time=control,
        variant=variant,
        fen=fen,
        on_disconnect=defaults.on_disconnect,
        grace_ms=defaults.grace_ms[control.speed],
        goodbye_grace_ms=defaults.goodbye_grace_ms,
        flicker_ms=defaults.flicker_ms,
        linger_ms=defaults.linger_ms,
        first_move_ms=defaults.first_move_ms[control.speed],
        idle_ms=defaults.idle_ms if idle_ms is None else idle_ms,
        public=True,
    )
