"""The composition root: chooses the store, wires one worker together, and mounts the edge on it."""

import asyncio
import logging
import secrets
import socket
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any, cast

import segno
from fastapi import FastAPI
from starlette.convertors import PathConvertor, register_url_convertor
from starlette.routing import Route, WebSocketRoute

from game_server import __version__
from game_server.client.computer import Computers, here
from game_server.http import accounts, computer, docs, games, health, lichess, metrics, pages, problems, rooms
from game_server.http.edge import Edge
from game_server.http.me import MeFeed
from game_server.http.serving import make_server
from game_server.http.socket import GameSocket
from game_server.http.spectate import SseFeed, WatchSocket
from game_server.rooms.accounts import Accounts
from game_server.rooms.directory import Directory
from game_server.rooms.live import LiveRoom
from game_server.rooms.live_account import LiveAccount
from game_server.rooms.outages import BEAT_S, Outages, steady_clock
from game_server.rooms.pump import Pump
from game_server.rooms.timekeeper import Timekeeper
from game_server.settings import Settings
from game_server.store.log import EventLog, Unavailable, WorkerId
from game_server.store.notes import Notes
from game_server.store.sql import open_log, stop_process

logger = logging.getLogger("tabiya")

RENEWAL_S = 1.0
DESCRIPTION: dict[str, Any] = {
    "title": "Tabiya",
    "version": __version__,
    "description": "A chess server you run yourself.",
    "license_info": {"name": "GPL-3.0-or-later", "identifier": "GPL-3.0-or-later"},
}
SHORTEST_OUTAGE_MS = 50


class Anything(PathConvertor):
    """A path's rest, whatever it is: a bad room id is refused with 4004, also one with a line break."""

    regex = "(?s:.*)"


register_url_convertor("anything", Anything())


class Worker:
    """One process's rooms and the tasks that serve them."""

    def __init__(self, log: EventLog, now: Callable[[], int], settings: Settings, origin: str | None) -> None:
        self.log = log
        self.outages = Outages(now)
        self.pump = Pump()
        self.timekeeper = Timekeeper(self.outages.now)
        self.directory = Directory(log, self.outages, self._on_news)
        self.accounts = Accounts(log, self.directory, self.outages.now, settings.defaults(), self._on_account_news)
        self.edge = Edge(self.directory, log, self.outages.now, settings.edge_options(origin), self.accounts)
        self.measured = metrics.Measured(self.edge, self.pump, log.tally)
        self.computers: Computers | None = None
        self._id = WorkerId(secrets.token_hex(8))

    def _on_news(self, live: LiveRoom) -> None:
        self.pump.add(live)
        self.timekeeper.watch(live)
        self.accounts.note_room(live)

    def _on_account_news(self, account: LiveAccount) -> None:
        self.pump.add(account)
        self.timekeeper.watch(account)

    async def run(self) -> None:
        """Serves until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self.pump.run())
            tasks.create_task(self.timekeeper.run())
            tasks.create_task(self.directory.sweep_forever())
            tasks.create_task(self.accounts.follow_rooms())
            tasks.create_task(self.accounts.sweep_forever())
            tasks.create_task(self._beat())
            tasks.create_task(self._renew())
            tasks.create_task(self.measured.run())
            if self.computers is not None:
                tasks.create_task(self.computers.run())

    async def _beat(self) -> None:
        while True:
            self.outages.beat()
            await asyncio.sleep(BEAT_S)

    async def _renew(self) -> None:
        """Says every second that this worker is alive, and what outages it has seen, so that a restart can tell."""
        told = 0
        while True:
            try:
                while told < self.outages.count:
                    outage = self.outages[told]
                    logger.warning("the server stood still for %d ms", outage.until_ms - outage.from_ms)
                    await self.log.note_outage(outage.from_ms, outage.until_ms)
                    told += 1
                await self.log.renew(self._id, self.outages.now())
            except Unavailable as unavailable:
                logger.warning("the store is unavailable: %s", unavailable)
            await asyncio.sleep(RENEWAL_S)


@asynccontextmanager
async def working(settings: Settings, origin: str | None = None, port: int | None = None) -> AsyncIterator[Worker]:
    """A worker on the store that `settings` name; the store is closed at the end.

    `port` is where it will listen: then one can play the computer there.

    What the server missed since it was last alive is noted as an outage. A task of the worker that fails stops the
    process: half a server would be worse than none, and nothing that was acknowledged is lost.
    """
    log = await open_log(settings.database_url, synchronous=settings.synchronous)
    try:
        last_alive_ms = await log.last_alive() or 0
        now = steady_clock(last_alive_ms)
        if last_alive_ms and now() - last_alive_ms > SHORTEST_OUTAGE_MS:
            await log.note_outage(last_alive_ms, now())
        worker = Worker(log, now, settings, origin)
        if port is not None:
            url, tls = here(settings.scheme, settings.listen_host, port)
            worker.computers = Computers(settings.engine, settings.max_engines, url, Notes(log), tls)
        serving = asyncio.ensure_future(worker.run())
        serving.add_done_callback(_stop_if_failed)
        try:
            yield worker
        finally:
            serving.cancel()
            await asyncio.wait([serving])
    finally:
        await log.close()


def _stop_if_failed(serving: "asyncio.Future[None]") -> None:
    if not serving.cancelled() and (error := serving.exception()) is not None:
        logger.critical("the worker failed", exc_info=error)
        stop_process("the worker failed")


def create_app(settings: Settings, worker: Worker | None = None) -> FastAPI:
    """The ASGI application: everything PROTOCOL.md names, on one origin.

    Without a `worker` its lifespan is the life of one of its own, on the store that `settings` name.
    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        if worker is not None:
            app.state.edge, app.state.computers, app.state.measured = worker.edge, worker.computers, worker.measured
            yield
            return
        async with working(settings) as own:
            app.state.edge, app.state.computers, app.state.measured = own.edge, own.computers, own.measured
            yield

    app = FastAPI(**DESCRIPTION, lifespan=lifespan, docs_url=None, redoc_url=None)
    problems.install(app)
    app.router.routes.extend(lichess.routes())
    for router in (
        rooms.router, computer.router, games.router, accounts.router, health.router, metrics.router, docs.router,
        pages.router,
    ):
        app.include_router(router)
    app.router.routes.extend(
        (
            WebSocketRoute("/ws/game/{room_id:anything}", GameSocket()),
            WebSocketRoute("/ws/watch/{room_id:anything}", WatchSocket()),
            Route("/sse/game/{room_id:anything}", SseFeed(), methods=["GET"]),
            Route("/sse/me", MeFeed(), methods=["GET"]),
        )
    )
    app.mount("/assets", pages.assets())
    app.add_middleware(pages.SecurityHeaders)
    return app


def run(settings: Settings) -> int:
    """Serves until a signal stops it; the exit status. Raises CannotOpen or OSError if it cannot start."""
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        return runner.run(_serve(settings))


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """uvloop where there is one: it halves the cost of a message (README, Decisions)."""
    try:
        import uvloop
    except ImportError:     # Windows
        return None
    return uvloop.new_event_loop


async def _serve(settings: Settings) -> int:
    family = socket.AF_INET6 if ":" in settings.listen_host else socket.AF_INET
    with socket.create_server((settings.listen_host, settings.port), family=family, backlog=2_048) as listening:
        origin = reachable_origin(settings, listening.getsockname()[1])
        async with working(settings, origin, listening.getsockname()[1]) as worker:
            server = make_server(
                cast(Any, create_app(settings, worker)),    # Starlette and uvicorn spell the ASGI types differently
                host=settings.listen_host,
                limits=settings.transport_limits(),
                on_drain=worker.edge.drain,
                ssl_certfile=settings.ssl_certfile,
                ssl_keyfile=settings.ssl_keyfile,
            )
            announce(settings, listening.getsockname()[1], origin)
            await server.serve([listening])
    return 0


def reachable_origin(settings: Settings, port: int) -> str | None:
    """How others reach this server: as set, or by this machine's address on the local network; None if unknown."""
    if settings.origin is not None or not settings.lan:
        return settings.origin
    address = lan_address()
    return f"{settings.scheme}://{address}:{port}" if address else None


def announce(settings: Settings, port: int, origin: str | None) -> None:
    """Tells who started the server where it is; with `--lan` as a QR code for the phone next to you, too."""
    host = "localhost" if settings.listen_host in ("127.0.0.1", "0.0.0.0") else settings.listen_host  # noqa: S104
    print(f"Tabiya is at {settings.scheme}://{f'[{host}]' if ':' in host else host}:{port}  (Ctrl-C stops it)")
    if origin is not None:
        print(f"Others reach it at {origin}")
        if settings.lan:
            segno.make(origin, micro=False).terminal(compact=True)
    sys.stdout.flush()


def lan_address() -> str | None:
    """This machine's address on the network that leads outside; None if there is none. Sends nothing."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe, suppress(OSError):
        probe.connect(("192.0.2.1", 9))     # TEST-NET-1 (RFC 5737): never reached, only routed
        return str(probe.getsockname()[0])
    return None
