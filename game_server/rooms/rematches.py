"""Rematches for players who have left the room: a program on the Lichess API, whose stream ended with the game.

Such a player's account is told of the opponent's offer as a challenge, as on lichess when the opponent has gone. The
room's offer stays the authority: the challenge appears, is answered and vanishes with it, under an id that follows from
the game's, so that every step may be taken again.
"""

import secrets
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from game_server.core.account import account_of, guest, is_rematch, rematch_id, seat_key
from game_server.core.account_events import (
    AcceptChallenge,
    AccountCommand,
    CancelChallenge,
    Challenge,
    ChallengeCreated,
)
from game_server.core.commands import Accept, Decline
from game_server.core.ids import AccountId, Color, GameId, PlayerId, RoomId, opponent
from game_server.core.refusals import Code, Refused
from game_server.rooms.live import LiveRoom
from game_server.rooms.live_account import LiveAccount

if TYPE_CHECKING:
    from game_server.rooms.accounts import Accounts

LEAST_MS: Final = 1_000


async def follow(accounts: "Accounts", account: LiveAccount, live: LiveRoom) -> None:
    """Brings the account's challenges up to date with the offer in this room, as far as may be. Raises Unavailable."""
    for created in account.account.incoming:
        if is_rematch(created) and (room := await _room_of(accounts, created)) is not None:
            if room.room.game is not None and room.room.game.id == created.id:
                await _noted(account, AcceptChallenge(created.id))
            elif not _stands(room, created):
                await _noted(account, CancelChallenge(created.id))
    asked = _asked(live, account.id)
    if asked is not None:
        await _noted(account, Challenge(asked))


async def _noted(account: LiveAccount, command: AccountCommand) -> None:
    """Unless it was answered elsewhere just now, or the account has too many challenges already."""
    with suppress(Refused):
        await account.do(command)


async def accept(accounts: "Accounts", by: AccountId, created: ChallengeCreated) -> None:
    """Starts the rematch in its room; again: nothing. Raises Refused or Unavailable."""
    live, color = await _offered_to(accounts, by, created)
    if live.room.game is not None and live.room.game.id == created.id:
        return
    await live.do(Accept(color, "rematch", created.id, secrets.randbits(32)))


async def decline(accounts: "Accounts", by: AccountId, created: ChallengeCreated) -> None:
    """Raises Refused or Unavailable."""
    live, color = await _offered_to(accounts, by, created)
    await live.do(Decline(color, "rematch"))


async def _offered_to(accounts: "Accounts", by: AccountId, created: ChallengeCreated) -> tuple[LiveRoom, Color]:
    """The room, and the colour of who was asked. Raises Refused(NO_SUCH_OFFER) or Unavailable."""
    live = await _room_of(accounts, created)
    color = live.room.color_of(seat_key(by)) if live is not None else None
    is_on = live is not None and live.room.game is not None and live.room.game.id == created.id
    if live is None or color is None or not (is_on or _stands(live, created)):
        raise Refused(Code.NO_SUCH_OFFER, "the rematch is not offered any more")
    return live, color


async def _room_of(accounts: "Accounts", created: ChallengeCreated) -> LiveRoom | None:
    """Where the game was played that is to be played again."""
    assert created.rematch_of is not None, "asked only about rematches"
    row = await accounts.log.finished_game(GameId(created.rematch_of))
    return await accounts.directory.find(RoomId(row.stream.name.partition(":")[2])) if row is not None else None


def _stands(live: LiveRoom, created: ChallengeCreated) -> bool:
    """Whether the offer is still there, in a room that is still at that game."""
    room = live.room
    color = room.color_of(seat_key(created.dest))
    is_there = room.status == "finished" and room.game is not None and room.game.id == created.rematch_of
    return is_there and color is not None and room.offers.rematch == opponent(color)


def _is_heard(live: LiveRoom, player_id: PlayerId) -> bool:
    """Whether the player hears of the offer in the room; who is connected to another worker is that worker's to ask."""
    return live.seats.hears(player_id) or player_id in live.company.elsewhere()


def _asked(live: LiveRoom, account: AccountId) -> ChallengeCreated | None:
    """The offer that stands in the room, as a challenge of the account; None if that hears of it in the room."""
    room, game = live.room, live.room.game
    color = room.color_of(seat_key(account))
    mine, rival = (room.seat(color), room.seat(opponent(color))) if color is not None else (None, None)
    if game is None or mine is None or rival is None or color is None:
        return None
    if room.status != "finished" or room.offers.rematch != opponent(color) or _is_heard(live, mine.player_id):
        return None
    return ChallengeCreated(
        at_ms=live.now_ms(),
        id=rematch_id(game.id),
        challenger=account_of(rival.player_id) or guest(rival.player_id),
        challenger_name=rival.name,
        challenger_title="BOT" if rival.is_bot else None,
        dest=account,
        dest_name=mine.name,
        dest_title="BOT" if mine.is_bot else None,
        time=room.options.time.text,
        variant=room.options.variant,
        fen=room.options.fen,
        color=color,        # they change colours
        final_color=color,
        expires_ms=live.now_ms() + max(LEAST_MS, room.options.linger_ms),
        rematch_of=game.id,
    )
