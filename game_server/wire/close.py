"""Why a WebSocket is closed. 4000-4499 are final; 4500-4999, 1006, 1011, 1012 and 1013 mean: come back.

A result is always a frame first; a close code only repeats one for a connection that is being closed (RFC 6455 7.4).
"""

from enum import IntEnum
from typing import Final


class CloseCode(IntEnum):
    NORMAL = 1000  # client: I leave; the seat is held for a short while
    GOING_AWAY = 1001  # client: the page goes away
    NO_STATUS = 1005  # never sent; how a lost connection may look
    ABNORMAL = 1006  # never sent; a lost connection
    INVALID_DATA = 1007  # a text message that is not UTF-8
    POLICY_VIOLATION = 1008  # binary messages, or unreadable ones again and again
    TOO_BIG = 1009  # a message larger than max_message_bytes
    INTERNAL_ERROR = 1011  # a bug of ours
    SERVICE_RESTART = 1012  # the server restarts: come back with jitter
    TRY_AGAIN_LATER = 1013  # at a connection limit: come back with back-off
    ROOM_CLOSED = 4000  # the room has closed; the reason text says how
    BAD_TOKEN = 4001  # token malformed, or not valid where one is required
    KICKED = 4002  # flooding
    SEATS_TAKEN = 4003  # both seats are taken: watch instead
    NO_ROOM = 4004  # no such room, a bad room id, or bad wishes for a new one
    REPLACED = 4005  # this seat was opened by a newer connection
    FORFEITED = 4006  # you forfeited by staying away
    OPPONENT_FORFEITED = 4007  # your opponent forfeited by staying away
    RESIGNS = 4010  # client: I leave and resign
    TOO_SLOW = 4500  # you read too slowly
    NO_HEARTBEAT = 4501  # no heartbeat answer


MAX_REASON_BYTES: Final = 123  # RFC 6455 5.5: a control frame holds 125 bytes, 2 of them the code


def fitting(reason: str) -> str:
    """As much of `reason` as a close frame holds."""
    return reason.encode()[:MAX_REASON_BYTES].decode(errors="ignore")
