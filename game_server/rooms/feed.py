"""A listener's place in a room: an integer position in its one list of frames.

First connect, reconnect and `Last-Event-ID` are the same: send what follows the cursor. There is no queue per listener,
so a slow one hurts only itself: it is simply further behind, and is served by a task of its own until it has caught up.
"""

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from typing import Protocol

from game_server.rooms.frame import Frame
from game_server.rooms.sink import Outbox, Sink, write_all

SEND_TIMEOUT_S = 30     # the transport cuts a peer that does not read before this


Cork = AbstractContextManager[None]


class TooSlow(Exception):  # noqa: N818
    """The peer has not read for SEND_TIMEOUT_S, or is behind the frames that are kept: raised in the connection's
    TaskGroup, which it ends.
    """


def spawn(tasks: asyncio.TaskGroup, coroutine: Coroutine[None, None, None]) -> None:
    """Runs `coroutine` in a connection's group; not if that is ending, and with it the connection."""
    try:
        tasks.create_task(coroutine)
    except RuntimeError:
        coroutine.close()


async def _raise(fault: Exception) -> None:
    raise fault


class Source(Protocol):
    """What a feed reads: a live room, an account, the lobby."""

    @property
    def version(self) -> int: ...

    @property
    def is_closed(self) -> bool: ...

    @property
    def forgotten(self) -> int: ...

    @property
    def presence_frame(self) -> Frame | None: ...

    def frame(self, version: int) -> Frame | None:
        """The frame that raised it to `version`; None if a later one has taken its place."""


class News:
    """What a source has for all its listeners at one moment, looked up once."""

    __slots__ = ("forgotten", "is_closed", "newest", "presence", "version")

    def __init__(self, source: Source) -> None:
        self.version = source.version
        self.forgotten = source.forgotten
        self.newest = source.frame(self.version) if self.version > self.forgotten else None
        self.presence = source.presence_frame
        self.is_closed = source.is_closed


def pushed(feeds: Iterable["Feed"]) -> Iterator["Feed"]:
    """Serves `feeds`, which must all listen to one source; gives those for which something is left for `advance`."""
    news: News | None = None
    outbox: Outbox = []
    for feed in feeds:
        if news is None:
            news = feed.news()
        if not feed.push(news, outbox):
            write_all(outbox)
            yield feed
            news = None     # the caller may have waited
    write_all(outbox)


class Feed:
    """What one connection gets of a room, in order: the frames after its cursor, then the newest presence.

    Everything written to the connection must go through `reply` or `flush`, which keep the order.
    """

    __slots__ = ("_lock", "_post", "_presence", "_sink", "_source", "_tasks", "cursor", "is_over")

    def __init__(self, source: Source, sink: Sink, cursor: int, tasks: asyncio.TaskGroup) -> None:
        self._source = source
        self._sink = sink
        self._post = sink.post
        self._tasks = tasks
        self._lock = asyncio.Lock()
        self._presence: Frame | None = source.presence_frame
        self.cursor = cursor
        self.is_over = False

    @property
    def _is_behind(self) -> bool:
        source = self._source
        return self.cursor < source.version or self._presence is not source.presence_frame or source.is_closed

    def news(self) -> News:
        """What its source has now."""
        return News(self._source)

    def push(self, news: "News | None" = None, outbox: Outbox | None = None) -> bool:
        """Serves the listener what is new; False if something is left for `advance`. Nothing here can wait.

        `news`, if given, must have been read from the feed's source since anything last happened there. A single frame
        is left to the `outbox`, if given.
        """
        if self.is_over or self._lock.locked():
            return True     # whoever holds the lock serves it all
        news = news or News(self._source)
        if news.newest is not None and self.cursor + 1 == news.version and news.presence is self._presence:
            if not self._post(news.newest, outbox):
                return False
            self.cursor = news.version
            return not news.is_closed
        if self.cursor < news.forgotten:
            return False
        while (version := self.cursor + 1) <= news.version:
            frame = news.newest if version == news.version else self._source.frame(version)
            if frame is not None and not self._post(frame):
                return False
            self.cursor = version
        if news.presence is not self._presence and news.presence is not None:
            if not self._post(news.presence):
                return False
            self._presence = news.presence
        return not news.is_closed

    async def advance(self) -> None:
        """Serves the listener what is new, if that needs no waiting for it; else lets a task of its own do so.

        Raises nothing: what goes wrong ends the connection, by being raised in its TaskGroup.
        """
        if self.is_over or self._lock.locked() or not self._is_behind:
            return      # whoever holds the lock serves it all
        try:
            if self._may_go_on():
                await self.flush(self._may_go_on)
        except Exception as fault:  # noqa: BLE001 - the pump has others to serve
            self._break_off(fault)

    def _break_off(self, fault: Exception) -> None:
        self.is_over = True
        spawn(self._tasks, _raise(fault))

    def _may_go_on(self) -> bool:
        if self._sink.is_writable:
            return True
        spawn(self._tasks, self._catch_up())
        return False

    async def _catch_up(self) -> None:
        try:
            async with asyncio.timeout(SEND_TIMEOUT_S):
                await self.flush()
        except TimeoutError:
            self.is_over = True
            raise TooSlow from None

    async def flush(self, may_go_on: Callable[[], bool] = lambda: True) -> None:
        """Sends all that is new, waiting for the peer if need be. Once the peer is gone this does nothing."""
        async with self._lock:
            await self._send_new(may_go_on)

    async def greet(self, *frames: Frame) -> None:
        """Sends `frames` before anything else. Must be called first, with no await since the feed was made."""
        async with self._lock:
            for frame in frames:
                await self._guarded(frame)
            await self._send_new(lambda: True)

    async def reply(self, make: Callable[[], Frame], corked: Callable[[], Cork] = nullcontext) -> None:
        """Sends all that is new, and after it the frame that `make` makes of the room as it is then; together, if the
        sink can be `corked`.

        What closed the room is answered too: the end comes after the answer.
        """
        if not self._lock.locked():
            with corked():
                if self._replied(make):
                    return
        async with self._lock:
            with corked():
                await self._send_new(lambda: True, may_end=False)
                if not self.is_over:
                    await self._guarded(make())
            await self._send_new(lambda: True)      # what came meanwhile was left to us

    def reply_soon(self, make: Callable[[], Frame]) -> None:
        """As `reply`; what has to wait waits in a task of the connection's."""
        if not self._replied(make):
            spawn(self._tasks, self.reply(make))

    def _replied(self, make: Callable[[], Frame]) -> bool:
        """Whether it could be done without waiting."""
        return not self._lock.locked() and self.push() and not self.is_over and self._post(make())

    async def _send_new(self, may_go_on: Callable[[], bool], *, may_end: bool = True) -> None:
        source = self._source
        while self._is_behind and not self.is_over and may_go_on():
            if self.cursor < source.forgotten:
                self._break_off(TooSlow())
            elif self.cursor < source.version:
                self.cursor += 1
                if (frame := source.frame(self.cursor)) is not None:
                    await self._guarded(frame)
            elif source.is_closed:
                if not may_end:
                    return
                self.is_over = True
                await self._guarded(None)
            else:
                self._presence = source.presence_frame
                if self._presence is not None:
                    await self._guarded(self._presence)

    async def _guarded(self, frame: Frame | None) -> None:
        """Sends `frame`, or the end. A peer that is gone is its own connection's matter: here it ends the feed."""
        try:
            if frame is None:
                await self._sink.send_end()
            else:
                await self._sink.send(frame)
        except OSError:
            self.is_over = True
