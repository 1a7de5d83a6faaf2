"""A worker for the tests of rooms: its directory over a log in memory, and a clock that is stepped by hand.

There are no tasks here: `wait` does what the timekeeper does, `shown` what a listener sees. Two workers over one log
and one clock are two processes that serve the same rooms.
"""

import asyncio
import contextlib
from collections.abc import Iterator

from game_server.bus.local import LocalBus
from game_server.core.clock import parse_time_control
from game_server.core.commands import PlayMove, Say, TakeSeat
from game_server.core.events import GameEnded
from game_server.core.ids import GameId, PlayerId, TokenHash
from game_server.core.options import Options
from game_server.rooms.directory import Directory
from game_server.rooms.outages import BEAT_S, Outages
from game_server.store.log import Cause, Unavailable
from game_server.store.memory import MemoryLog

T = 1_732_166_400_000
ANNA, BORIS = PlayerId("anna"), PlayerId("boris")
BULLET = parse_time_control("1+0")


class HandClock:
    """The present, Unix ms, which passes only when it is told to."""

    def __init__(self, ms=T):
        self.ms = ms

    def __call__(self):
        return self.ms


class Worker:
    """One process's rooms. `news` has every room that had something to tell, in order."""

    def __init__(self, log=None, clock=None, bus=None):
        self.log = log or MemoryLog()
        self.clock = clock or HandClock()
        self.bus = bus or LocalBus()
        self.outages = Outages(self.clock, self.bus.worker)
        self.news = []
        self.directory = Directory(self.log, self.outages, self.news.append, self.bus)

    def another(self):
        """A second worker on the same log; after the end of the first one: a restart."""
        return Worker(self.log, self.clock)

    async def room(self, room_id="r", **options):
        return await self.directory.open(room_id, Options(**options))

    async def game(self, room_id="r", **options):
        """A room in which Anna has White and Boris Black, both connected."""
        live = await self.room(room_id, **options)
        for player, color in ((ANNA, "white"), (BORIS, "black")):
            await live.do(seat(player, color))
            live.seats.arrive(player, Socket())
        live.note_presence()
        return live


class Socket:
    """A player's connection, as far as its seat is concerned; `ended` says how it was closed."""

    hears_offers = True

    def __init__(self):
        self.ended = None

    def replace(self):
        self.ended = "replaced"

    def unseat(self):
        self.ended = "seat freed"


def seat(player, wish=None, **more):
    fields = {"is_bot": False, "by_socket": True, "game_id": GameId("g1"), "chance": 0} | more
    return TakeSeat(wish, player, TokenHash(f"hash of {player}'s secret"), player, **fields)


def move(color, uci, ply=None, **more):
    return PlayMove(color, uci, ply, **more)


def say(text, color="white"):
    return Say(color, "player", text)


def cause(command_id, player=ANNA):
    return Cause(player, command_id)


async def play(live, *ucis):
    first = live.room.game.ply
    for ply, uci in enumerate(ucis, start=first + 1):
        await live.do(move("white" if ply % 2 else "black", uci, ply))


async def wait(ms, *workers):
    """Lets `ms` pass, with every worker's loop alive, and does in every room what is due when it is."""
    clock, woken = workers[0].clock, 0
    until_ms = clock.ms + ms
    while True:
        dues = [(live.due_ms(), live) for worker in workers for live in worker.directory.rooms()]
        dues = [(due_ms, live) for due_ms, live in dues if due_ms is not None]
        due_ms, live = min(dues, key=lambda due: due[0], default=(until_ms, None))
        if live is not None and due_ms <= clock.ms:
            await live.tick()
            woken += 1
            assert woken < 100, "a room that was woken is due again and again"
        elif clock.ms >= until_ms:
            return
        else:
            clock.ms = min(until_ms, due_ms, clock.ms + int(BEAT_S * 1_000))
            for worker in workers:
                worker.outages.beat()


def frames(live):
    """Every frame that `live` has at hand."""
    return [live.frame(version) for version in range(live.forgotten + 1, live.version + 1)]


def kinds(live):
    return [frame.kind for frame in frames(live)]


def texts(live):
    return [frame.text for frame in frames(live)]


async def recorded(live, log):
    return [recorded.event for recorded in (await log.read(live.stream)).recorded]


async def endings(live, log):
    return [event for event in await recorded(live, log) if isinstance(event, GameEnded)]


@contextlib.contextmanager
def unavailable(log, times=1_000_000) -> Iterator[list[str]]:
    """The next `times` appends fail."""
    failed = []

    async def fail(append):
        if len(failed) < times:
            failed.append(append)
            raise Unavailable("the disk is full")

    log.interfere = fail
    try:
        yield failed
    finally:
        log.interfere = None


def slipping_in(log, *others):
    """Before the next append takes effect, `others` (async functions) are carried out: a race that is lost."""

    async def interfere(append):
        log.interfere = None
        for other in others:
            await other()

    log.interfere = interfere


def holding_up(log):
    """The next append waits until the returned event is set."""
    go = asyncio.Event()

    async def interfere(append):
        log.interfere = None
        await go.wait()

    log.interfere = interfere
    return go
