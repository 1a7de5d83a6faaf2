"""Why a connection is over for good, each with a name of its own, and what else may be raised to a bot's author.

The rule is the protocol's: close codes 4000-4499 (and 1007, 1008, 1009) are final, with all others the client comes
back by itself. A command that the server refuses raises `Refused` (game_server.core.refusals) and ends nothing.
"""

from typing import Final

from game_server.wire.close import CloseCode

FINAL_BELOW_4000: Final = frozenset({CloseCode.INVALID_DATA, CloseCode.POLICY_VIOLATION, CloseCode.TOO_BIG})


class ClientError(Exception):
    """What this package raises besides `Refused`."""


class Unreachable(ClientError):  # noqa: N818 - what it says
    """No server answered there for as long as was asked, or what answered is no chess server."""


class Ended(ClientError):  # noqa: N818
    """The server has ended the connection for good: `code` says it to programs, `reason` to people."""

    meaning = "the server closed the connection for good"

    def __init__(self, code: int, reason: str = "") -> None:
        super().__init__(code, reason)
        self.code = code
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.meaning} ({self.reason or 'no reason given'}; close code {self.code})"


class GameEnded(Ended):
    """The room has closed after its game: nothing went wrong."""

    meaning = "the game is over"


class RoomClosed(GameEnded):
    """4000: the room has closed; the reason says how the last game ended."""

    meaning = "the room has closed"


class Forfeited(GameEnded):
    """4006: this player stayed away for too long."""

    meaning = "you forfeited by staying away"


class OpponentForfeited(GameEnded):
    """4007: the opponent stayed away for too long."""

    meaning = "the opponent forfeited by staying away"


class BadToken(Ended):
    """4001: the token is malformed, or not valid where one is required."""

    meaning = "the token was not accepted"


class Kicked(Ended):
    """4002: too many messages too fast."""

    meaning = "the server threw this client out for flooding"


class SeatsTaken(Ended):
    """4003: both players are there; `watch` the room instead."""

    meaning = "both seats are taken: watch the room instead"


class NoRoom(Ended):
    """4004: there is no such room, or the wishes for a new one were wrong."""

    meaning = "there is no such room"


class Replaced(Ended):
    """4005: the same token has connected again from elsewhere."""

    meaning = "this seat was opened by a newer connection"


class ProtocolAbuse(Ended):
    """1007, 1008, 1009: messages that no server accepts. A fault of this client."""

    meaning = "the server could not accept what was sent"


_BY_CODE: Final[dict[int, type[Ended]]] = {
    CloseCode.ROOM_CLOSED: RoomClosed,
    CloseCode.BAD_TOKEN: BadToken,
    CloseCode.KICKED: Kicked,
    CloseCode.SEATS_TAKEN: SeatsTaken,
    CloseCode.NO_ROOM: NoRoom,
    CloseCode.REPLACED: Replaced,
    CloseCode.FORFEITED: Forfeited,
    CloseCode.OPPONENT_FORFEITED: OpponentForfeited,
    **dict.fromkeys(FINAL_BELOW_4000, ProtocolAbuse),
}


def ending_of(code: int, reason: str) -> Ended | None:
    """What a close with `code` means for good; None if the client is to come back.

    >>> type(ending_of(4003, "")).__name__
    'SeatsTaken'
    >>> ending_of(1012, "the server restarts") is None
    True
    """
    if 4000 <= code < 4500 or code in FINAL_BELOW_4000:
        return _BY_CODE.get(code, Ended)(code, reason)
    return None
