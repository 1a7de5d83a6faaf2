"""What listeners are sent, in the forms in which it travels."""

class Frame:
    """One event as it stands on the wire, encoded at most once for each kind of feed, and the same for everybody.

    `position` is `epoch:v`, None for what is no event (presence, state). `message` is a whole unmasked WebSocket text
    message (RFC 6455, 5.2), `chunk` the server-sent event as a chunk of an HTTP/1.1 body (RFC 9112, 7.1).
    """

    __slots__ = ("chunk", "kind", "message", "position")
    chunk: bytes

    def __init__(self, kind: str, text: str, position: str | None = None) -> None:
        self.kind = kind
        self.position = position
        self.message = _message(text.encode())

    @property
    def text(self) -> str:
        """What the message says: the frame as JSON, or a line of another protocol."""
        return self._payload.decode()

    @property
    def _payload(self) -> bytes:
        return self.message[_HEADER_BYTES[self.message[1]] :]

    @property
    def sse(self) -> bytes:
        """As a server-sent event (WHATWG HTML, 9.2.6); the JSON has no line breaks. Without a kind: a comment."""
        if not self.kind:
            return b":\n\n"
        head = f"id: {self.position}\n" if self.position else ""
        return b"%bdata: %b\n\n" % (f"{head}event: {self.kind}\n".encode(), self._payload)

    def __getattr__(self, name: str) -> bytes:
        """The `chunk`, when it is first asked for; from then on it costs no call."""
        if name != "chunk":
            raise AttributeError(name)
        event = self.sse
        self.chunk = b"%x\r\n%b\r\n" % (len(event), event)
        return self.chunk


_HEADER_BYTES = [2] * 126 + [4, 10]     # by the message's second byte


def _message(payload: bytes) -> bytes:
    length = len(payload)
    if length < 126:
        return b"\x81%c%b" % (length, payload)
    if length < 65_536:
        return b"\x81\x7e%b%b" % (length.to_bytes(2), payload)
    return b"\x81\x7f%b%b" % (length.to_bytes(8), payload)


KEEP_ALIVE = Frame("", "")      # for SSE only
