"""RFC 6455 without sockets: websockets' protocol as our WebSockets speak it, and what it leaves to its user."""

import logging
from typing import Final

from websockets.frames import Frame, Opcode
from websockets.server import ServerProtocol

CRUMB_BYTES: Final = 16     # a fragment shorter than this, with more to come, carries nothing worth its header


class Conversation(ServerProtocol):
    """Counts its `frames`, and may be ended in the middle of a fragmented message (RFC 6455, 5.4 and 5.5.1)."""

    def __init__(self, max_message_bytes: int) -> None:
        super().__init__(max_size=max_message_bytes, logger=logging.getLogger("websockets.server"))
        self.debug = False     # it would log every header and message
        self.frames = 0

    def recv_frame(self, frame: Frame) -> None:
        self.frames += 1
        if frame.opcode is Opcode.CLOSE:
            self.current_size = None     # else it would be answered with 1002, and the peer's own code be lost
        super().recv_frame(frame)


def is_utf8(fragments: list[bytes]) -> bool:
    text = fragments[0] if len(fragments) == 1 else b"".join(fragments)
    if text.isascii():
        return True
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True


def is_idle(fragment: Frame) -> bool:
    """Whether a continuation frame only keeps us busy."""
    return not fragment.fin and len(fragment.data) < CRUMB_BYTES
