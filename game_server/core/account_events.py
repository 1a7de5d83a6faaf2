"""What happens to an account, and what may be wished of it: the closed vocabularies of the stream `account:<id>`.

Events are facts, as in `events`: names and fields are stored for ever (store/codec.py).
"""

from dataclasses import dataclass
from typing import Literal

from game_server.core.ids import AccountId, Color, GameId, RoomId

Title = Literal["BOT"]
ColorWish = Literal["white", "black", "random"]


@dataclass(frozen=True, slots=True)
class ChallengeCreated:
    """`challenger` asks `dest` for a game with the id `id`, which will be a room of that id.

    `time`, `variant` and `fen` as a room's options have them; `color` is the challenger's wish, `final_color` what it
    will have.
    """

    at_ms: int
    id: GameId
    challenger: AccountId
    challenger_name: str
    challenger_title: Title | None
    dest: AccountId
    dest_name: str
    dest_title: Title | None
    time: str
    variant: str
    fen: str | None
    color: ColorWish
    final_color: Color
    expires_ms: int
    rematch_of: str | None


@dataclass(frozen=True, slots=True)
class ChallengeAccepted:
    at_ms: int
    id: GameId


@dataclass(frozen=True, slots=True)
class ChallengeDeclined:
    """`reason` is one of lichess's keys, in lower case."""

    at_ms: int
    id: GameId
    reason: str


@dataclass(frozen=True, slots=True)
class ChallengeCancelled:
    at_ms: int
    id: GameId


@dataclass(frozen=True, slots=True)
class ChallengeExpired:
    at_ms: int
    id: GameId


@dataclass(frozen=True, slots=True)
class GameEntered:
    """A game in which the account has a seat has started."""

    at_ms: int
    game_id: GameId
    room_id: RoomId


@dataclass(frozen=True, slots=True)
class GameLeft:
    """That game is over."""

    at_ms: int
    game_id: GameId


ChallengeAnswer = ChallengeAccepted | ChallengeDeclined | ChallengeCancelled | ChallengeExpired
AccountEvent = (
    ChallengeCreated
    | ChallengeAccepted
    | ChallengeDeclined
    | ChallengeCancelled
    | ChallengeExpired
    | GameEntered
    | GameLeft
)


@dataclass(frozen=True, slots=True)
class Challenge:
    """Makes `created` a fact, in either stream."""

    created: ChallengeCreated


@dataclass(frozen=True, slots=True)
class AcceptChallenge:
    id: GameId


@dataclass(frozen=True, slots=True)
class DeclineChallenge:
    id: GameId
    reason: str


@dataclass(frozen=True, slots=True)
class CancelChallenge:
    id: GameId


@dataclass(frozen=True, slots=True)
class Repeat:
    """In the challenger's stream: what was decided in the other."""

    answer: ChallengeAnswer


@dataclass(frozen=True, slots=True)
class EnterGame:
    game_id: GameId
    room_id: RoomId


@dataclass(frozen=True, slots=True)
class LeaveGame:
    game_id: GameId


@dataclass(frozen=True, slots=True)
class CheckChallenges:
    """Do what time alone has caused."""


AccountCommand = (
    Challenge
    | AcceptChallenge
    | DeclineChallenge
    | CancelChallenge
    | Repeat
    | EnterGame
    | LeaveGame
    | CheckChallenges
)
