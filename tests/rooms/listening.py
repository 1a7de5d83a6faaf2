"""A room's frames and its listeners, without the room: for the tests of feed and pump."""

import asyncio
import contextlib

from game_server.rooms.feed import Feed
from game_server.rooms.frame import Frame


class Source:
    """A room of which only the number of its frames is known."""

    def __init__(self, version=0):
        self.version = version
        self.forgotten = 0
        self.is_closed = False
        self.presence_frame = None
        self.players = []
        self.spectators = []

    def frame(self, version):
        assert self.forgotten < version <= self.version
        return Frame("move", f"{version}", f"e:{version}")

    def be_present(self, text):
        self.presence_frame = Frame("presence", text)


class Sink:
    """A connection: `got` is what it was sent. One that is not writable waits in `send` until it is."""

    def __init__(self, journal=None, name=""):
        self.got = []
        self.journal = [] if journal is None else journal
        self.name = name
        self.fault = None
        self._writable = asyncio.Event()
        self._writable.set()

    @property
    def is_writable(self):
        return self._writable.is_set()

    def stall(self):
        self._writable.clear()

    def go_on(self):
        self._writable.set()

    def post(self, frame, outbox=None):
        if not self.is_writable or self.fault is not None:
            return False
        if outbox is None:
            self._take(frame.text)
        else:
            outbox.append((self._take, frame.text))
        return True

    def _take(self, text):
        self.got.append(text)
        self.journal.append(self.name)

    async def send(self, frame):
        await self._writable.wait()
        if self.fault is not None:
            raise self.fault
        self.got.append(frame.text)
        self.journal.append(self.name)

    async def send_end(self):
        await self._writable.wait()
        self.got.append("end")


@contextlib.asynccontextmanager
async def listening(source, sink=None, cursor=None):
    """A feed in a connection's task group."""
    async with asyncio.TaskGroup() as tasks:
        yield Feed(source, sink or Sink(), source.version if cursor is None else cursor, tasks)


def numbers(first, last):
    return [f"{number}" for number in range(first, last + 1)]


async def turns(count=20):
    for _ in range(count):
        await asyncio.sleep(0)
