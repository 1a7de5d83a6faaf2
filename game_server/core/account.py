"""An account: who plays under a name, its challenges, and the games it is in.

Like a room it is what its events add up to: the stream `account:<id>`, folded by `decide` and `evolve`. A challenge
stands in two streams; the challenged account's is the authority, where of accepting, declining, cancelling and time
exactly one comes first, and the challenger's repeats what was decided there (`Repeat`). Both expire by themselves.

Rules: lichess's API. A newer challenge between the same two takes the place of the older one.
"""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import reduce
from typing import Final, assert_never

from game_server.core.account_events import (
    AcceptChallenge,
    AccountCommand,
    AccountEvent,
    CancelChallenge,
    Challenge,
    ChallengeAccepted,
    ChallengeCancelled,
    ChallengeCreated,
    ChallengeDeclined,
    ChallengeExpired,
    CheckChallenges,
    DeclineChallenge,
    EnterGame,
    GameEntered,
    GameLeft,
    LeaveGame,
    Repeat,
)
from game_server.core.ids import AccountId, GameId, PlayerId, TokenHash
from game_server.core.refusals import Code, Refused

MAX_INCOMING: Final = 50
MAX_OUTGOING: Final = 20
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{1,29}")
_RESERVED: Final = frozenset({"ai", "open", "anonymous", "stream", "status"})  # they mean something else in a path
_PLAYER_PREFIX: Final = "@"  # no player id that is drawn has it
_GUEST: Final = "guest:"


def account_id(name: str) -> AccountId:
    """Under which a name is known: names that differ only in case are the same account."""
    return AccountId(name.lower())


def checked_account_name(text: str) -> str:
    """`text` if an account may be called so. Raises Refused(BAD_MESSAGE)."""
    if not _NAME.fullmatch(text) or text.lower() in _RESERVED:
        raise Refused(
            Code.BAD_MESSAGE, "an account's name has 2 to 30 letters, digits, - and _, a letter or digit first"
        )
    return text


def player_of(account: AccountId) -> PlayerId:
    """As which the account sits in rooms."""
    return PlayerId(_PLAYER_PREFIX + account)


def account_of(player: PlayerId) -> AccountId | None:
    """Whose seat it is; None for a guest's."""
    return AccountId(player.removeprefix(_PLAYER_PREFIX)) if player.startswith(_PLAYER_PREFIX) else None


def seat_key(account: AccountId) -> TokenHash:
    """What stands in an account's seats where guests' have the hash of a secret. No secret's hash looks like this."""
    return TokenHash(f"account:{account}")


def guest(player: PlayerId) -> AccountId:
    """What stands for a guest where challenges have an account; no account has such a name."""
    return AccountId(f"{_GUEST}{player}")


def is_guest(account: AccountId) -> bool:
    return account.startswith(_GUEST)


def rematch_id(game_id: str) -> GameId:
    """Under which a rematch of that game is asked for where that is a challenge, and then of the game it becomes."""
    return GameId(hashlib.sha256(f"rematch of {game_id}".encode()).hexdigest()[:12])


def is_rematch(created: ChallengeCreated) -> bool:
    """Whether the challenge is a room's rematch offer, and not one that only says so."""
    return created.rematch_of is not None and created.id == rematch_id(created.rematch_of)


@dataclass(frozen=True, slots=True)
class Account:
    """An account as of `version` events. `accepted`: challenges whose game has not been seen to start yet."""

    id: AccountId
    version: int = 0
    at_ms: int = 0
    challenges: tuple[ChallengeCreated, ...] = ()
    accepted: tuple[ChallengeCreated, ...] = ()
    games: tuple[GameEntered, ...] = ()
    entered: int = 0

    @property
    def incoming(self) -> tuple[ChallengeCreated, ...]:
        return tuple(each for each in self.challenges if each.dest == self.id)

    @property
    def outgoing(self) -> tuple[ChallengeCreated, ...]:
        return tuple(each for each in self.challenges if each.dest != self.id)

    def challenge(self, challenge_id: str) -> ChallengeCreated | None:
        """The open challenge of that id."""
        return next((each for each in self.challenges if each.id == challenge_id), None)

    def game(self, game_id: str) -> GameEntered | None:
        """The game of that id, while it goes on."""
        return next((each for each in self.games if each.game_id == game_id), None)


def account_deadline(account: Account) -> int | None:
    """The earliest moment at which a challenge expires."""
    return min((each.expires_ms for each in account.challenges), default=None)


def decide_account(account: Account, command: AccountCommand, now_ms: int) -> tuple[AccountEvent, ...]:
    """The events `command` causes, oldest first; none if it changes nothing. What has expired comes first, and then is
    all: the caller must append it and ask again.

    Raises Refused: NO_SUCH_OFFER for a challenge that is not open here, RATE_LIMITED, BAD_MESSAGE.
    """
    due = sorted((each for each in account.challenges if each.expires_ms <= now_ms), key=lambda each: each.expires_ms)
    if due:
        return tuple(ChallengeExpired(each.expires_ms, each.id) for each in due)
    match command:
        case Challenge(created=created):
            return _challenged(account, created, now_ms)
        case AcceptChallenge(id=id_):
            if any(each.id == id_ for each in account.accepted) or account.game(id_) is not None:
                return ()
            _require(account.incoming, id_)
            return (ChallengeAccepted(now_ms, id_),)
        case DeclineChallenge(id=id_, reason=reason):
            _require(account.incoming, id_)
            return (ChallengeDeclined(now_ms, id_, reason),)
        case CancelChallenge(id=id_):
            _require(account.challenges, id_)
            return (ChallengeCancelled(now_ms, id_),)
        case Repeat(answer=answer):
            return (replace(answer, at_ms=now_ms),) if account.challenge(answer.id) is not None else ()
        case EnterGame(game_id=game_id, room_id=room_id):
            return () if account.game(game_id) is not None else (GameEntered(now_ms, game_id, room_id),)
        case LeaveGame(game_id=game_id):
            return () if account.game(game_id) is None else (GameLeft(now_ms, game_id),)
        case CheckChallenges():
            return ()
        case _:
            assert_never(command)


def _challenged(account: Account, created: ChallengeCreated, now_ms: int) -> tuple[AccountEvent, ...]:
    if created.challenger == created.dest:
        raise Refused(Code.BAD_MESSAGE, "you cannot challenge yourself")
    if account.challenge(created.id) is not None:
        return ()
    pair = {created.challenger, created.dest}
    older = [each for each in account.challenges if {each.challenger, each.dest} == pair and each.dest == created.dest]
    count, limit = (
        (len(account.incoming), MAX_INCOMING) if account.id == created.dest else (len(account.outgoing), MAX_OUTGOING)
    )
    if count - len(older) >= limit:
        raise Refused(Code.RATE_LIMITED, f"no more than {limit} challenges can be open at once: wait for an answer")
    return *(ChallengeCancelled(now_ms, each.id) for each in older), created


def _require(challenges: Iterable[ChallengeCreated], challenge_id: str) -> None:
    if all(each.id != challenge_id for each in challenges):
        raise Refused(Code.NO_SUCH_OFFER, "there is no such challenge, or not any more")


def fold_account(account: Account, events: Iterable[AccountEvent]) -> Account:
    return reduce(evolve_account, events, account)


def evolve_account(account: Account, event: AccountEvent) -> Account:
    """`account` after `event`. Never refuses: what is in the log happened."""
    account = replace(account, version=account.version + 1, at_ms=max(account.at_ms, event.at_ms))
    match event:
        case ChallengeCreated():
            return replace(account, challenges=(*account.challenges, event))
        case ChallengeAccepted(id=id_):
            accepted = tuple(each for each in account.challenges if each.id == id_)
            return replace(_closed(account, id_), accepted=(*account.accepted, *accepted))
        case ChallengeDeclined(id=id_) | ChallengeCancelled(id=id_) | ChallengeExpired(id=id_):
            return _closed(account, id_)
        case GameEntered(game_id=game_id):
            accepted = tuple(each for each in account.accepted if each.id != game_id)
            return replace(account, games=(*account.games, event), accepted=accepted, entered=account.entered + 1)
        case GameLeft(game_id=game_id):
            return replace(account, games=tuple(each for each in account.games if each.game_id != game_id))
        case _:
            assert_never(event)


def _closed(account: Account, challenge_id: str) -> Account:
    return replace(account, challenges=tuple(each for each in account.challenges if each.id != challenge_id))
