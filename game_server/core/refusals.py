"""The one way to say no.

`Refused` is the peer's fault and expected: it is answered by name and leaves no traceback. Anything that is our fault
is an `AssertionError` and must not be reachable from input.
"""

from enum import StrEnum


class Code(StrEnum):
    """Why a command or a request was refused; the value is what stands on the wire."""

    BAD_MESSAGE = "bad_message"  # unreadable, or a field is not what it should be
    UNKNOWN_TYPE = "unknown_type"  # a message type that does not exist
    ILLEGAL_MOVE = "illegal_move"  # not the text of a legal move here
    NOT_YOUR_TURN = "not_your_turn"
    STALE_PLY = "stale_ply"  # the move was meant for another position
    GAME_NOT_STARTED = "game_not_started"  # a seat is still free
    GAME_OVER = "game_over"
    NO_SUCH_OFFER = "no_such_offer"
    NOT_ALLOWED = "not_allowed"  # forbidden by the room's state or options
    RATE_LIMITED = "rate_limited"  # too much, too often: not remembered, may be tried again later
    TRY_AGAIN = "try_again"  # the server cannot store it now: not remembered
    SEATS_TAKEN = "seats_taken"  # to newcomers: close code 4003, HTTP 409


class Refused(Exception):  # noqa: N818 - a refusal is not an error of ours
    """`code` says it to programs, `message` to people, in a sentence that says what would be right."""

    def __init__(self, code: Code, message: str) -> None:
        super().__init__(code, message)
        self.code = code
        self.message = message
