"""RFC 6455 without sockets: websockets' protocol as our WebSockets speak it, and what it leaves to its user."""

import logging
from collections.abc import Generator
from typing import Final

from websockets.frames import Frame, Opcode
from websockets.protocol import OPEN
from websockets.server import ServerProtocol
from websockets.streams import StreamReader

try:
    from websockets.speedups import apply_mask
except ImportError:     # no wheel for this platform
    from websockets.utils import apply_mask

CRUMB_BYTES: Final = 16     # a fragment shorter than this, with more to come, carries nothing worth its header
FINAL_TEXT: Final = 0x81    # FIN, no extension, opcode 1 (RFC 6455, 5.2)
MASKED: Final = 0x80
HEADER_BYTES: Final = 6     # of a masked frame with less than SHORT_BYTES of payload
SHORT_BYTES: Final = 126


class Conversation(ServerProtocol):
    """Counts its `frames`, and may be ended in the middle of a fragmented message (RFC 6455, 5.4 and 5.5.1)."""

    def __init__(self, max_message_bytes: int) -> None:
        super().__init__(max_size=max_message_bytes, logger=logging.getLogger("websockets.server"))
        self.debug = False     # it would log every header and message
        self.frames = 0
        self.is_between_frames = False
        self.max_message_bytes = max_message_bytes
        self.reader.at_eof = self._wait_for_frame     # type: ignore[method-assign]  # its parser calls it for each

    def _wait_for_frame(self) -> Generator[None, None, bool]:
        self.is_between_frames = True
        is_over = yield from StreamReader.at_eof(self.reader)
        self.is_between_frames = False
        return is_over

    def whole_text(self, data: bytes) -> str | None:
        """The text message that `data` is, if it is one in a single short frame, as nearly all are, and no other has
        begun: it is read then, in a third of the time. None: `receive_data` has to look at it.
        """
        length = len(data) - HEADER_BYTES
        if not 0 <= length < SHORT_BYTES or data[0] != FINAL_TEXT or data[1] != MASKED | length:
            return None
        is_next = self.is_between_frames and self.current_size is None and self.state is OPEN
        if not is_next or length > self.max_message_bytes:
            return None
        try:
            text = apply_mask(data[HEADER_BYTES:], data[2:HEADER_BYTES]).decode()
        except UnicodeDecodeError:
            return None
        self.frames += 1
        return text

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
