"""The composition root: chooses store and bus, wires one worker together, and mounts the edge on it."""

import asyncio
import logging
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any, Final

from starlette.routing import Route, WebSocketRoute
from starlette.types import ASGIApp

from game_server import __version__
from game_server.bus.bus import LOBBY, Attendance, Bus
from game_server.bus.local import LocalBus
from game_server.computers import Computers, here
from game_server.http import accounts, computer, docs, games, health, lichess, metrics, pages, problems, rooms
from game_server.http.admission import Admitted, KnownHosts
from game_server.http.application import Application
from game_server.http.edge import Edge
from game_server.http.lobby import RoomsFeed
from game_server.http.me import MeFeed
from game_server.http.socket import GameSocket
from game_server.http.spectate import SseFeed, WatchSocket
from game_server.rooms.accounts import Accounts
from game_server.rooms.directory import Directory
from game_server.rooms.live import LiveRoom
from game_server.rooms.live_account import LiveAccount
from game_server.rooms.lobby import Lobby
from game_server.rooms.neighbours import LEASE_MS, Neighbours
from game_server.rooms.outages import BEAT_S, Outages, common_clock, steady_clock
from game_server.rooms.pump import Pump
from game_server.rooms.timekeeper import Timekeeper
from game_server.settings import Settings
from game_server.store.dialect import CannotOpen
from game_server.store.log import EventLog, Unavailable
from game_server.store.notes import Notes
from game_server.store.sql import open_log, stop_process

logger = logging.getLogger("tabiya")

RENEWAL_S = 1.0
IDLE_RENEWAL_MS: Final = 30_000     # while no room is live here: no time runs but whole days, and the disk may sleep
DESCRIPTION: dict[str, Any] = {
    "title": "Tabiya",
    "version": __version__,
    "description": "A chess server you run yourself.",
    "license_info": {"name": "GPL-3.0-or-later", "identifier": "GPL-3.0-or-later"},
}
SHORTEST_OUTAGE_MS = 50
INTRODUCTION_S: Final = 2.0     # so long at most a start waits until it knows who is at the other workers


class Worker:
    """One process's rooms and the tasks that serve them."""

    def __init__(
        self, log: EventLog, now: Callable[[], int], settings: Settings, origin: str | None, bus: Bus | None = None
    ) -> None:
        self.log = log
        self.bus = bus or LocalBus()
        self.outages = Outages(now, self.bus.worker)
        self.pump = Pump(lambda: log.is_at_work)
        self.timekeeper = Timekeeper(self.outages.now)
        self.directory = Directory(log, self.outages, self._on_news, self.bus)
        self.accounts = Accounts(
            log, self.directory, self.outages.now, settings.defaults(), self._on_account_news, self.bus
        )
        self.neighbours = Neighbours(self.bus, log, self.outages, self.directory, self.accounts)
        self.lobby = Lobby(log, self.directory, self.outages.now, show=self.pump.add, wake=self.timekeeper.watch)
        options = settings.edge_options(origin)
        self.edge = Edge(self.directory, log, self.outages.now, options, self.accounts, self.bus, self.lobby)
        self.measured = metrics.Measured(self.edge, self.pump, log.tally)
        self.computers: Computers | None = None

    def _on_news(self, live: LiveRoom) -> None:
        self.pump.add(live)
        self.timekeeper.watch(live)
        self.accounts.note_room(live)
        self.lobby.note(live)

    def _on_account_news(self, account: LiveAccount) -> None:
        self.pump.add(account)
        self.timekeeper.watch(account)

    async def run(self) -> None:
        """Serves until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self.neighbours.run())
            tasks.create_task(self.pump.run())
            tasks.create_task(self.timekeeper.run())
            tasks.create_task(self.directory.sweep_forever())
            tasks.create_task(self.accounts.follow_rooms())
            tasks.create_task(self.accounts.sweep_forever())
            tasks.create_task(self.lobby.sweep_forever())
            tasks.create_task(self._beat())
            tasks.create_task(self._renew())
            tasks.create_task(self.measured.run())
            if self.computers is not None:
                tasks.create_task(self.computers.run())

    async def _beat(self) -> None:
        while True:
            self.outages.beat()
            self.bus.attend(LOBBY, Attendance({}, len(self.lobby.spectators)))
            await asyncio.sleep(BEAT_S)

    async def _renew(self) -> None:
        """Says every second that this worker is alive, and what outages it has seen, so that others can tell; while it
        is alone and idle, less often.
        """
        told, until_ms = 0, 0
        while not self.edge.is_draining:
            is_idle = self.bus.is_alone and not self.directory.rooms() and not self.outages.is_down
            if is_idle and told == self.outages.count and self.outages.now() < until_ms:
                await asyncio.sleep(RENEWAL_S)
                continue
            try:
                await self.neighbours.renew()
                until_ms = self.outages.now() + IDLE_RENEWAL_MS
                while told < self.outages.count:
                    outage = self.outages[told]
                    if outage.by == self.bus.worker:
                        logger.warning("nobody was served here for %d ms", outage.until_ms - outage.from_ms)
                    await self.log.note_outage(outage.from_ms, outage.until_ms)
                    told += 1
            except Unavailable as unavailable:
                logger.warning("the store is unavailable: %s", unavailable)
            await asyncio.sleep(RENEWAL_S)

    async def introduced(self) -> None:
        """Returns when it is known who is at the other workers, or when that takes too long."""
        for _ in range(round(INTRODUCTION_S / BEAT_S)):
            since_ms = self.bus.sighted_ms()
            if since_ms is not None and self.outages.now() - since_ms >= 2 * BEAT_S * 1_000:
                return
            await asyncio.sleep(BEAT_S)
        logger.warning("the other workers cannot be heard: this one starts without knowing who is there")

    async def drain(self) -> None:
        """Tells the other workers that this one ends, and then every connection."""
        self.edge.is_draining = True
        await self.bus.leave()
        await self.edge.drain()


@asynccontextmanager
async def working(
    settings: Settings, origin: str | None = None, port: int | None = None, slot: int = 0
) -> AsyncIterator[Worker]:
    """A worker on the store and the bus that `settings` name; the store is closed at the end.

    `port` is where it will listen: then one can play the computer there. `slot` is its number among the workers there.

    What the server missed since it was last alive is noted as an outage. A task of the worker that fails stops the
    process: half a server would be worse than none, and nothing that was acknowledged is lost.
    """
    log = await open_log(settings.database_url, synchronous=settings.synchronous)
    try:
        last_alive_ms = await log.last_alive() or 0
        now = steady_clock(last_alive_ms) if settings.redis_url is None else await common_clock(log)
        shortest_ms = SHORTEST_OUTAGE_MS if settings.redis_url is None else LEASE_MS     # others may be alive
        if last_alive_ms and now() - last_alive_ms > shortest_ms:
            await log.note_outage(last_alive_ms, now())
        worker = Worker(log, now, settings, origin, _bus(settings, now))
        if port is not None:
            url, tls = here(settings.scheme, settings.listen_host, port)
            owner = "" if settings.redis_url is None else f"{socket.gethostname()} {port} {slot}"
            engines = settings.engine, settings.max_engines, settings.engine_idle_s, settings.engine_waits_s
            worker.computers = Computers(*engines, url, Notes(log, owner), tls)
        serving = asyncio.ensure_future(worker.run())
        serving.add_done_callback(_stop_if_failed)
        try:
            await worker.introduced()
            yield worker
        finally:
            serving.cancel()
            await asyncio.wait([serving])
    finally:
        await log.close()


def _bus(settings: Settings, now: Callable[[], int]) -> Bus:
    """Raises CannotOpen."""
    if settings.redis_url is None:
        return LocalBus()
    try:
        from game_server.bus.redis import RedisBus
    except ImportError as error:
        raise CannotOpen(f"Redis needs a client: pip install 'tabiya[cluster]' ({error})") from error
    try:
        return RedisBus(settings.redis_url, now)
    except ValueError as error:
        raise CannotOpen(f"a Redis URL looks like redis://HOST:6379/0: {error}") from error


def _stop_if_failed(serving: "asyncio.Future[None]") -> None:
    if not serving.cancelled() and (error := serving.exception()) is not None:
        logger.critical("the worker failed", exc_info=error)
        stop_process("the worker failed")


def create_app(settings: Settings, worker: Worker | None = None) -> Application:
    """The ASGI application: everything PROTOCOL.md names, on one origin.

    Without a `worker` its lifespan is the life of one of its own, on the store that `settings` name.
    """

    @asynccontextmanager
    async def lifespan(app: Application) -> AsyncIterator[None]:
        if worker is not None:
            app.state.edge, app.state.computers, app.state.measured = worker.edge, worker.computers, worker.measured
            yield
            return
        async with working(settings) as own:
            app.state.edge, app.state.computers, app.state.measured = own.edge, own.computers, own.measured
            yield

    app = Application(**DESCRIPTION, lifespan=lifespan, docs_url=None, redoc_url=None)
    problems.install(app)
    lichess.install(app)
    app.router.routes.extend(pages.navigations())
    for router in (rooms.router, computer.router, games.router, accounts.router, docs.router, pages.router):
        app.include_router(router, responses=problems.documented(429))      # who asks too fast
    for router in (health.router, metrics.router):
        app.include_router(router)
    app.add_lasting(*_lasting(settings.allowed_hosts))
    app.mount("/assets", pages.assets())
    app.router.default = pages.NotFound(app.router.default)
    if settings.allowed_hosts:
        app.add_middleware(KnownHosts, hosts=settings.allowed_hosts)
    app.add_middleware(pages.SecurityHeaders)
    return app


def _lasting(hosts: frozenset[str]) -> Iterator[Route | WebSocketRoute]:
    """Sockets and event streams, for requests that call this server by one of `hosts`, if there are any."""

    def by_name(app: ASGIApp) -> ASGIApp:
        return KnownHosts(app, hosts) if hosts else app

    yield WebSocketRoute("/ws/game/{room_id:anything}", by_name(GameSocket()))
    yield WebSocketRoute("/ws/watch/{room_id:anything}", by_name(WatchSocket()))
    yield Route("/sse/game/{room_id:anything}", by_name(Admitted(SseFeed())), methods=["GET"])
    yield Route("/sse/me", by_name(Admitted(MeFeed())), methods=["GET"])
    yield Route("/sse/rooms", by_name(Admitted(RoomsFeed())), methods=["GET"])
