"""Where a feed goes: a connection, as the rooms see it."""

from collections.abc import Callable
from typing import Protocol

from game_server.rooms.frame import Frame

Outbox = list[tuple[Callable[[bytes], object], bytes]]
"""Writes that are decided and still to be made, in this order, before anything else happens to their peers. A write
must not raise: the others would be lost.

Deciding for many what they get, and then writing it all, is cheaper than doing both for one after the other: a write is
a system call, after which the interpreter finds little of what it needs in the processor's caches (README, Decisions).
"""


class Post(Protocol):
    """Writes a frame if that needs no waiting, for anything; False if `send` has to. Costs about half of it.

    With an `outbox` it leaves the write there: only one for a peer.
    """

    def __call__(self, frame: Frame, outbox: Outbox | None = None, /) -> bool: ...


class Sink(Protocol):
    @property
    def is_writable(self) -> bool:
        """Whether the next `send` completes without waiting for the peer."""

    @property
    def post(self) -> Post:
        """The same for the sink's whole life: feeds hold it."""

    async def send(self, frame: Frame) -> None:
        """Writes the frame. Raises OSError if the peer is gone."""

    async def send_end(self) -> None:
        """Says that the room has closed, and ends the connection. Raises OSError if the peer is gone."""


def never(_frame: Frame, _outbox: Outbox | None = None, /) -> bool:
    """The `post` of a sink that has to wait for anything it sends."""
    return False


def write_all(outbox: Outbox) -> None:
    """Makes the writes, and empties the outbox."""
    for write, data in outbox:
        write(data)
    outbox.clear()
