"""A peer that sends faster than it is answered waits; nobody else does."""

import asyncio
import itertools
import socket
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from test_serving import CLOSE, PING, TEXT, Lab, masked, serving

from game_server.http.serving import TransportLimits
from game_server.http.turns import Inbox

LIMITS = TransportLimits(heartbeat_s=60, first_heartbeat_s=60, max_idle_frames=10_000)
MANY = 1_000


async def app(lab: Lab, scope: Any, receive: Any, send: Any) -> None:
    """Works a millisecond on each message, without waiting for anything, and says so; on "wait" it waits for
    two seconds before.
    """
    await receive()
    await send({"type": "websocket.accept"})
    while (message := await receive())["type"] == "websocket.receive":
        if message["text"] == "wait":
            await asyncio.sleep(2)
        time.sleep(0.001)
        lab.reports.put(message["text"])
    lab.reports.put(message["code"])


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with serving(app, LIMITS) as lab:
        yield lab


@pytest.mark.parametrize("flood", [
    masked(TEXT, b"x"),
    masked(TEXT, b"", fin=False) + masked(0, b"x"),
    masked(PING) + masked(TEXT, b"x"),
], ids=["messages", "fragments", "pings between"])     # fmt: skip
def test_a_flood_is_answered_in_order_and_others_come_in_between(lab: Lab, flood: bytes) -> None:
    with lab.peer() as flooding, lab.peer() as other:
        flooding.open("/")
        other.open("/")
        flooding.send(flood * MANY + masked(TEXT, b"last"))
        assert lab.report() == "x"
        other.frame(TEXT, b"other")
        said = ["x"]
        while said[-1] != "last":
            said.append(lab.report())
        assert said.count("x") == MANY
        assert said.index("other") < MANY
    assert {lab.report(), lab.report()} == {1006}


def test_a_flood_while_the_app_is_busy_waits_outside(lab: Lab) -> None:
    with lab.peer() as peer:
        peer.sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 8_192)
        peer.open("/")
        peer.frame(TEXT, b"wait")
        peer.sock.settimeout(0.5)
        sent = 0
        with suppress(TimeoutError):
            while sent < 100_000:
                peer.sock.sendall(masked(TEXT, f"{sent:06}".encode()))
                sent += 1
        assert sent < 20_000        # what the kernels' buffers, and one read, hold of messages of 12 bytes
        assert lab.report() == "wait"
        peer.sock.settimeout(None)
    said = list(itertools.takewhile(lambda report: report != 1006, iter(lab.report, None)))
    assert said[:sent] == [f"{number:06}" for number in range(sent)]


async def test_who_stops_waiting_for_a_message_takes_none_along() -> None:
    inbox = Inbox(asyncio.get_running_loop())
    for moment in ("before it comes", "as it comes"):
        waiting = asyncio.ensure_future(inbox.get())
        await asyncio.sleep(0)
        if moment == "as it comes":
            inbox.put_nowait({"type": "websocket.receive", "text": moment})
        waiting.cancel()
        with suppress(asyncio.CancelledError):
            await waiting
        assert waiting.cancelled()
    inbox.put_nowait({"type": "websocket.disconnect", "code": 1006})
    assert (await inbox.get(), await inbox.get()) == (
        {"type": "websocket.receive", "text": "as it comes"},
        {"type": "websocket.disconnect", "code": 1006},
    )
    assert inbox.empty()


def test_a_close_in_the_middle_of_a_message_is_answered_as_it_was_meant(lab: Lab) -> None:
    with lab.peer() as peer:
        peer.open("/")
        code = (4010).to_bytes(2, "big")
        peer.send(masked(TEXT, b"half", fin=False) + masked(CLOSE, code) + masked(0, b" a message"))
        assert peer.read_close() == 4010
    assert lab.report() == 4010


def test_a_message_in_crumbs_is_abuse() -> None:
    with serving(app, TransportLimits(max_idle_frames=10)) as lab, lab.peer() as peer:
        peer.open("/")
        peer.send(masked(TEXT, b"x", fin=False) + masked(0, b"x", fin=False) * 11)
        assert peer.read_close() == 1008
        assert lab.report() == 1008
