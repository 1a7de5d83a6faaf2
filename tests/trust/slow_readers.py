"""Those who stop reading: what they cost until they are cut off, when that is, and whether anybody else notices.

Two rooms are filled with chat. Of one, the unread part goes beyond all buffers; of the other, it fits the kernel's,
so that the server below us never learns of it. In both sit readers who stop: over WebSocket, over SSE, and a player.
"""

import asyncio
import itertools
import json
import secrets
import statistics
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any, Final

from game_server.bench.connection import Target
from game_server.bench.listeners import Listener
from game_server.bench.runs import percentile_ms
from game_server.bench.sockets import EventStream, WebSocket, text_frame
from game_server.bench.tally import Tally
from tests.system.process import Server, memory_bytes
from tests.trust.finding import Finding, Size
from tests.trust.kernel import Held, held
from tests.trust.play import P99_MS, PARTS, both_playing, is_prompt, served

KB: Final = 1_024
COST_KB: Final = 256
CUT_S: Final = 30
PACE_S: Final = 0.01
TRICKLE_S: Final = 0.25
FLOOD: Final = 450          # messages of 1 KB: beyond all buffers, and yet fewer than the 512 that can be resumed
SAID: Final = "♞" * 280
PATIENCE_S: Final = 150
LOOK_S: Final = 0.2
SOME_KB: Final = 40         # unread: no window of the peer's opens any more, and yet the kernel takes more


class Reader(Listener):
    """Somebody in a room, over a feed of that kind, who may stop reading."""

    def __init__(self, room: "Room", kind: type[WebSocket | EventStream], path: str) -> None:
        super().__init__(Tally())
        self.room, self.kind, self.path = room, kind, path
        self.heard = asyncio.Event()
        self.stuck_at_s = 0.0
        self.gone_at_s = 0.0
        self.cost_bytes = self.unread_bytes = 0
        self.is_timed = True

    async def come(self) -> "Reader":
        """With its position, if it has one."""
        path = self.path
        if self.version is not None:
            path += f"{'&' if '?' in path else '?'}since={self.room.epoch}:{self.version}"
        self.feed = await self.room.target.connect(self.kind(self.hear, self.tally), path)
        return self

    def hear_event(self, text: bytes) -> None:
        self.heard.set()
        sent_at_s = self.room.sent_at_s.get(self.version or 0)
        if self.is_timed and sent_at_s is not None:
            self.room.delays_s.append(time.perf_counter() - sent_at_s)

    def hear_other(self, frame: dict[str, Any]) -> None:
        super().hear_other(frame)
        if frame["type"] == "state":
            self.room.epoch = frame["epoch"]
            self.heard.set()

    async def until(self, is_so: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while not is_so():
                self.heard.clear()
                await self.heard.wait()

    def stop_reading(self) -> None:
        self.is_timed = False
        self.stopped_at_s = time.monotonic()
        self.feed.transport.pause_reading()
        self.address: tuple[str, int] = self.feed.transport.get_extra_info("sockname")[:2]

    def look(self, kernel: dict[tuple[str, int], Held], now_s: float) -> None:
        """Notes what the kernel has of it: since when it is stuck, what it costs there, whether it is gone."""
        here = kernel.get(self.address)
        if here is None or (here.is_ended and here.bytes == 0):
            self.gone_at_s = self.gone_at_s or now_s
            return
        self.cost_bytes = max(self.cost_bytes, here.bytes)
        self.unread_bytes = here.unread_bytes
        if here.unread_bytes == 0:
            self.stuck_at_s = 0.0
        elif not self.stuck_at_s:
            self.stuck_at_s = now_s

    async def read_on(self) -> None:
        """Reads what had arrived before it was cut off, and comes back."""
        self.feed.transport.resume_reading()
        await self.feed.ended
        await self.come()


@dataclass
class Room:
    """A room in which Black says a lot. `delays_s`: how late those who read had it."""

    target: Target
    room_id: str = field(default_factory=lambda: f"loud-{secrets.token_hex(4)}")
    epoch: str = ""
    sent_at_s: dict[int, float] = field(default_factory=dict)
    delays_s: list[float] = field(default_factory=list)

    async def open(self) -> None:
        self.white, self.black = self.player("white"), self.player("black")
        for player in (self.white, self.black):
            await player.come()
            await player.until(lambda player=player: player.version is not None)    # type: ignore[misc]
        await self.black.until(lambda: (self.black.version or 0) >= 4)      # opened, two joined, started

    def player(self, color: str) -> Reader:
        return Reader(self, WebSocket, f"/ws/game/{self.room_id}?color={color}&token={secrets.token_urlsafe(24)}")

    async def watched_by(self, count: int, *kinds: type[WebSocket | EventStream]) -> list[Reader]:
        feeds = itertools.islice(itertools.cycle(kinds or (WebSocket, EventStream)), count)
        readers = [Reader(self, kind, kind.feed + self.room_id) for kind in feeds]
        await asyncio.gather(*(reader.come() for reader in readers))
        for reader in readers:
            await reader.until(lambda reader=reader: reader.version is not None)    # type: ignore[misc]
        return readers

    async def fill(self, readers: list[Reader]) -> None:
        """Says so much that the kernel has something for each reader that it will not get rid of."""
        while min(reader.unread_bytes for reader in readers) < SOME_KB * KB:
            await self.say(0)

    async def say(self, pace_s: float) -> None:
        version = (self.black.version or 0) + 1
        self.sent_at_s[version] = time.perf_counter()
        self.black.feed.transport.write(text_frame(json.dumps({"type": "chat", "text": SAID}).encode()))
        await self.black.until(lambda: (self.black.version or 0) >= version)
        await asyncio.sleep(pace_s)


@dataclass
class Watch:
    """Looks at those who have stopped reading until they are gone."""

    server: Server
    stuck: list[Reader]

    async def run(self) -> None:
        while True:
            self.look()
            await asyncio.sleep(LOOK_S)

    def look(self) -> None:
        kernel, now_s = held(self.server.port), time.monotonic()
        for reader in self.stuck:
            reader.look(kernel, now_s)


async def stopped_reading(size: Size) -> AsyncIterator[Finding]:
    count = size.of(80, 150)
    async with served("--rate-limits", "off") as server, both_playing(server) as (play, control):
        target = Target("127.0.0.1", server.port, first_source=3_000_000)
        loud, quiet = Room(target), Room(target)
        await loud.open()
        await quiet.open()
        for reader in await loud.watched_by(count):
            reader.feed.leave()
        await said(loud, FLOOD)      # so that what a loud room costs anyway is not counted
        before_bytes, _ = memory_bytes(server.pid)
        stuck = [*await loud.watched_by(count), loud.white]
        few = await quiet.watched_by(size.of(6, 20), EventStream)     # a WebSocket's heartbeat would tell of it anyway
        others = await loud.watched_by(10)
        loud.delays_s.clear()
        play.forget()
        control.forget()
        for reader in (*stuck, *few):
            reader.stop_reading()
        watching = asyncio.create_task(Watch(server, [*stuck, *few]).run())
        await asyncio.gather(said(loud, FLOOD, play, control), quiet.fill(few))
        grown_bytes = memory_bytes(server.pid)[0] - before_bytes
        async with asyncio.timeout(PATIENCE_S):
            while not all(reader.gone_at_s for reader in (*stuck, *few)):
                await loud.say(TRICKLE_S)
        play.end_part()
        control.end_part()
        watching.cancel()
        for reader in (*stuck, *few):
            await reader.read_on()
        for room in (loud, quiet):
            await room.say(0)
        for reader in (*stuck, *few, *others):
            newest = reader.room.black.version or 0
            await reader.until(lambda reader=reader, newest=newest: (reader.version or 0) >= newest)    # type: ignore[misc]
        behind = [reader.tally.faults for reader in (*stuck, *few)]

    fault = f"{len(stuck)} readers stop (WebSocket, SSE, a player) while {FLOOD} KB are said"
    each_kb = grown_bytes / len(stuck) / KB
    kernel_kb = max(reader.cost_bytes for reader in stuck) / KB
    yield Finding(
        fault, f"each costs ≤ {COST_KB} KB, the kernel's buffers included",
        f"{each_kb + kernel_kb:.0f} KB: {each_kb:.0f} KB in the server, at most {kernel_kb:.0f} KB in the kernel",
        each_kb + kernel_kb <= COST_KB,
    )     # fmt: skip
    for what, readers in ((fault, stuck), (f"{len(few)} stop with so little unread that only the kernel sees it", few)):
        cut_s = sorted(reader.gone_at_s - (reader.stuck_at_s or reader.stopped_at_s) for reader in readers)
        yield Finding(
            what, f"cut off within {CUT_S} s, nothing left in the kernel", f"after at most {cut_s[-1]:.1f} s",
            cut_s[-1] <= CUT_S,
        )     # fmt: skip
    fifth = len(loud.delays_s) // PARTS
    own_ms = [percentile_ms(loud.delays_s[i * fifth : (i + 1) * fifth], 99) or float("inf") for i in range(PARTS)]
    yield Finding(
        fault, f"the others' p99 ≤ {P99_MS} ms",
        f"{statistics.median(own_ms):.0f} ms (best part {min(own_ms):.0f}) in that room; "
        f"other games: {play} (on another server: {control.p99_ms:.0f} ms)",
        is_prompt(play.parts_ms, control) and play.is_untouched and is_prompt(own_ms, control),
    )     # fmt: skip
    yield Finding(
        fault, "each comes back to where it was: no gap, nothing doubled",
        f"{sum(behind)} frames missing or doubled over {len(behind)} readers", not any(behind),
    )     # fmt: skip


async def said(room: Room, count: int, *plays: Any) -> None:
    """Black says so much; what is timed of `plays` meanwhile makes PARTS parts."""
    for number in range(count):
        await room.say(PACE_S)
        if number % (count // PARTS) == 0:
            for play in plays:
                play.end_part()
