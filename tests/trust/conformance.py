"""RFC 6455 to the letter: the Autobahn test suite's cases against our protocol classes.

Its cases want their messages back, so an app that echoes stands behind the server; everything between the socket and
that app is what we ship. Only the heartbeat is silent: a ping of ours counts as an answer that no case expects.
Compression is not negotiated, so the cases about it are left out.
"""

import asyncio
import contextlib
import socket
import threading
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Any, Final

from kosoku import FailureError, run_fuzzingclient

from game_server.http.serving import TransportLimits, make_server
from tests.system.process import free_port
from tests.trust.finding import Finding, Size

BIG: Final = ("1.1.6", "1.1.7", "1.1.8", "1.2.6", "1.2.7", "1.2.8", "10.*")    # messages of 64 KB
LIMITS: Final = ("9.*",)                                                       # of up to 16 MB
DEFLATE: Final = ("12.*", "13.*")
MB: Final = 1_048_576
QUIET: Final[dict[str, Any]] = {"heartbeat_s": 3_600, "first_heartbeat_s": 3_600}
PATIENCE_S: Final = 240


async def echo(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "lifespan":
        for _ in range(2):
            await send({"type": (await receive())["type"] + ".complete"})
        return
    await receive()
    await send({"type": "websocket.accept"})
    while (message := await receive())["type"] == "websocket.receive":
        with contextlib.suppress(OSError):      # it has closed meanwhile; `receive` will say so
            await send(message | {"type": "websocket.send"})


@contextlib.contextmanager
def echoing(limits: TransportLimits) -> Iterator[str]:
    """The address of an echo behind the shipped protocol classes."""
    server = make_server(echo, limits=limits)
    with socket.socket() as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(("127.0.0.1", free_port()))
        listening.listen(128)
        thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
        thread.start()
        try:
            yield "ws://{}:{}".format(*listening.getsockname())
        finally:
            server.should_exit = True
            thread.join()


async def verdicts(limits: TransportLimits, cases: Sequence[str], but: Sequence[str]) -> tuple[int, str, list[str]]:
    """How many cases passed, their verdicts, and what was wrong with the others."""
    with echoing(limits) as url:
        try:
            async with asyncio.timeout(PATIENCE_S):
                results, faults = await run_fuzzingclient(url, cases, but, concurrency=4), []
        except FailureError as failure:
            results = failure.results
            faults = [
                f"{result.case_id}: {result.behavior.value}, closing {result.behavior_close.value}"
                for result in results
                if not result.passed
            ]
    counted = Counter(result.behavior.value.lower() for result in results)
    said = ", ".join(f"{count} {verdict}" for verdict, count in counted.most_common())
    return len(results) - len(faults), said, faults


async def autobahn(size: Size) -> AsyncIterator[Finding]:
    shipped = TransportLimits(**QUIET)
    raised = TransportLimits(**QUIET, max_message_bytes=16 * MB + 1, kernel_receive_buffer_bytes=MB)
    tries = [
        ("the Autobahn cases, limits as shipped", shipped, (), (*BIG, *LIMITS, *DEFLATE)),
        ("… of messages of 64 KB, max_message_bytes raised", raised, BIG, ()),
        *size.of([], [("… of messages of up to 16 MB, max_message_bytes raised", raised, LIMITS, ())]),
    ]
    for fault, limits, cases, but in tries:
        passed, said, faults = await verdicts(limits, cases, but)
        measured = "; ".join([f"{passed} pass ({said})", *faults])
        yield Finding(f"RFC 6455: {fault}", "all pass", measured, not faults)
