"""`tabiya serve`: one worker in this process, or several in processes of their own, which this one supervises."""

import asyncio
import gc
import logging
import multiprocessing
import os
import socket
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from multiprocessing.connection import Connection
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

from game_server import logs
from game_server.app import create_app, working
from game_server.http.metrics import Board
from game_server.http.serving import TransportLimits, make_server
from game_server.settings import Settings
from game_server.store.dialect import CannotOpen
from game_server.supervisor import Supervisor

EXIT_CANNOT_OPEN = 1
YOUNG = 10_000      # objects made, and not freed, between two collections
OTHER_FILES = 500      # the store, the bus, engines, and requests that come and go

logger = logging.getLogger("tabiya")


def run(settings: Settings) -> int:
    """Serves until a signal stops it; the exit status. Raises CannotOpen or OSError if it cannot start."""
    allow_files(settings)
    family = socket.AF_INET6 if ":" in settings.listen_host else socket.AF_INET
    with socket.create_server((settings.listen_host, settings.port), family=family, backlog=2_048) as listening:
        origin = reachable_origin(settings, listening.getsockname()[1])

        def on_ready() -> None:
            announce(settings, listening.getsockname()[1], origin)

        if settings.workers == 1:
            return _run(_serve(settings, listening, origin, 0, on_ready))
        spawn = multiprocessing.get_context("spawn")
        with TemporaryDirectory(prefix="tabiya-") as board:

            def make(slot: int, ready: Connection) -> Any:
                told = settings, listening, origin, Path(board), slot, ready
                return spawn.Process(target=work, args=told, name=f"worker {slot}")

            return Supervisor(make, settings.workers, on_ready).run()


def allow_files(settings: Settings) -> None:
    """Lets this process and its workers open what `settings` allow (0: as many as can be), as the system permits."""
    try:
        import resource
    except ImportError:     # Windows has no such limit
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = sys.maxsize if hard == resource.RLIM_INFINITY else hard
    connections = settings.transport_limits().max_connections
    wanted = min(most, connections + OTHER_FILES) if connections else hard
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with suppress(OSError, ValueError):     # a system may permit less than it says
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    lasting = settings.max_connections if settings.rate_limits else 0
    if most < lasting + OTHER_FILES:
        logger.warning("%d connections need more open files than the %d allowed: see LimitNOFILE", lasting, hard)


def within_files(limits: TransportLimits) -> TransportLimits:
    """`limits`, and no more connections than this process may open: who is one too many is told so by us."""
    try:
        import resource
    except ImportError:
        return limits
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if not limits.max_connections or soft == resource.RLIM_INFINITY:
        return limits
    return replace(limits, max_connections=min(limits.max_connections, max(soft - OTHER_FILES, soft // 2)))


def work(
    settings: Settings, listening: socket.socket, origin: str | None, board: Path, slot: int, ready: Connection
) -> None:
    """One worker's process, under a supervisor that is told when it serves; all show their numbers on `board`."""
    logs.start(settings.log_level, settings.log_format, slot)
    status = EXIT_CANNOT_OPEN
    try:
        serving = _serve(settings, listening, origin, slot, lambda: ready.send_bytes(b"ready"), ready, board)
        status = _run(serving)
    except KeyboardInterrupt:       # before the server took over the signals
        status = 0
    except (CannotOpen, OSError) as error:
        print(f"tabiya: a worker cannot start: {error}", file=sys.stderr)
    logging.shutdown()
    os._exit(status)        # all is closed: what the interpreter would tidy up takes a tenth of a second


def _run(serving: Any) -> int:
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        return cast(int, runner.run(serving))


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """uvloop where there is one: it halves the cost of a message (README, Decisions)."""
    try:
        import uvloop
    except ImportError:     # Windows
        return None
    return uvloop.new_event_loop


async def _serve(
    settings: Settings,
    listening: socket.socket,
    origin: str | None,
    slot: int,
    on_ready: Callable[[], None],
    supervisor: Connection | None = None,
    board: Path | None = None,
) -> int:
    async with working(settings, origin, listening.getsockname()[1], slot) as worker:
        worker.measured.board = None if board is None else Board(board, str(slot))
        server = make_server(
            cast(Any, create_app(settings, worker).entrance),    # Starlette and uvicorn spell its types differently
            host=settings.listen_host,
            limits=within_files(settings.transport_limits()),
            on_drain=worker.drain,
            trusted_proxies=sorted(settings.trusted_proxies),
            hits=worker.edge.limits.hits,
            ssl_certfile=settings.ssl_certfile,
            ssl_keyfile=settings.ssl_keyfile,
        )
        if supervisor is not None:      # its end of the pipe closes with it: nobody would restart us, or stop us
            loop, number = asyncio.get_running_loop(), supervisor.fileno()

            def stop() -> None:
                loop.remove_reader(number)
                server.should_exit = True

            loop.add_reader(number, stop)
        _spare_the_collector()
        on_ready()
        await server.serve([listening])
    return 0


def _spare_the_collector() -> None:
    """Leaves what stays for ever out of every garbage collection to come, and lets more gather before each.

    Rooms and connections are freed by their counts of references; cycles are few (tasks, exceptions). With the
    interpreter's own thresholds a busy server spends a tenth of its time looking for them. What a start leaves behind
    is not worth a search, either: some 800 objects, found in 40 ms.
    """
    gc.freeze()
    gc.set_threshold(YOUNG, 20, 50)


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
            import segno  # 30 ms of every other start

            segno.make(origin, micro=False).terminal(compact=True)
    sys.stdout.flush()


def lan_address() -> str | None:
    """This machine's address on the network that leads outside; None if there is none. Sends nothing."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe, suppress(OSError):
        probe.connect(("192.0.2.1", 9))     # TEST-NET-1 (RFC 5737): never reached, only routed
        return str(probe.getsockname()[0])
    return None
