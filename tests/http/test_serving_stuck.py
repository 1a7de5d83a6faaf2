"""A peer that does not read hurts only itself: it is cut in time, and costs at most 256 KB until then."""

import asyncio
import time
from collections.abc import Iterator
from typing import Any

import pytest
from test_serving import PING, TEXT, Lab, masked, serving

from game_server.http.serving import EXTENSION, Peer, TransportLimits

LIMITS = TransportLimits(stuck_s=0.5, heartbeat_s=60, first_heartbeat_s=60)
CHUNK = "x" * 1000


async def app(lab: Lab, scope: Any, receive: Any, send: Any) -> None:
    """Accepts or starts a stream, lets another task send, and waits for the end. `/little` sends less than the buffers
    hold; `/until` sends as long as the peer is writable; `/beyond` awaits a send that suspends.
    """
    peer: Peer = scope["extensions"][EXTENSION]
    is_websocket = scope["type"] == "websocket"
    first_type = "websocket.accept" if is_websocket else "http.response.start"
    await receive()
    await send({"type": first_type} if is_websocket else {"type": first_type, "status": 200})

    async def send_chunk() -> None:
        if is_websocket:
            await send({"type": "websocket.send", "text": CHUNK})
        else:
            await send({"type": "http.response.body", "body": CHUNK.encode(), "more_body": True})

    async def pump() -> None:
        while peer.is_writable and peer.bytes_sent < 1_000_000:
            if scope["path"] == "/little" and peer.bytes_sent > 60_000:
                return
            coroutine = send_chunk()
            try:
                coroutine.send(None)
            except StopIteration:
                await asyncio.sleep(0)
            else:
                lab.reports.put("a send to a writable peer has suspended")
        lab.reports.put(peer.bytes_sent)
        if scope["path"] == "/beyond":
            try:
                await send_chunk()
                lab.reports.put("sent")
            except OSError:
                lab.reports.put("send raised")

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(pump())
        message = await receive()
        lab.reports.put(message.get("code", message["type"]))


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with serving(app, LIMITS) as lab:
        yield lab


@pytest.mark.parametrize("path", ["/until", "/beyond"])
def test_a_websocket_that_does_not_read_is_cut_and_the_app_learns_it(lab: Lab, path: str) -> None:
    with lab.peer(receive_buffer_bytes=4096) as peer:
        peer.open(path)
        assert 64_000 < lab.report() < 256_000
        started_s = time.monotonic()
        assert lab.report() == 4500
        assert 0.4 < time.monotonic() - started_s < 0.8
        if path == "/beyond":
            assert lab.report() == "send raised"
        with pytest.raises(ConnectionResetError):     # the kernel's buffer is dropped too
            peer.rest()


def test_a_stream_that_is_not_read_is_cut_and_the_app_learns_it(lab: Lab) -> None:
    with lab.peer(receive_buffer_bytes=4096) as peer:
        peer.ask("/beyond")
        peer.head()
        assert 64_000 < lab.report() < 256_000
        started_s = time.monotonic()
        assert {lab.report(), lab.report()} == {"http.disconnect", "sent"}     # it returns, and nothing is sent
        assert 0.4 < time.monotonic() - started_s < 0.8


@pytest.mark.parametrize("is_websocket", [True, False])
def test_a_peer_with_little_unread_is_cut_by_the_kernel(lab: Lab, is_websocket: bool) -> None:
    with lab.peer(receive_buffer_bytes=4096) as peer:
        if is_websocket:
            peer.open("/little")
        else:
            peer.ask("/little")
        started_s = time.monotonic()
        assert lab.report() in (1006, "http.disconnect")
        assert 0.4 < time.monotonic() - started_s < 3


def test_a_peer_that_reads_again_in_time_stays(lab: Lab) -> None:
    with lab.peer(receive_buffer_bytes=4096) as peer:
        peer.open("/beyond")
        sent_bytes = lab.report()
        time.sleep(0.3)
        while sent_bytes > 0:
            opcode, payload = peer.read_frame()
            assert opcode == TEXT
            sent_bytes -= len(payload) + 4
        assert lab.report() == "sent"
    assert lab.report() == 1006


def test_pongs_do_not_pile_up_for_a_peer_that_reads_none() -> None:
    limits = TransportLimits(stuck_s=3, heartbeat_s=60, first_heartbeat_s=60, max_idle_frames=1_000_000)
    with serving(app, limits) as lab, lab.peer(receive_buffer_bytes=4096) as peer:
        peer.open("/until")
        lab.report()
        (connection,) = lab.server.server_state.connections
        before_bytes = connection.transport.get_write_buffer_size()
        peer.send(masked(PING, b"p" * 125) * 2_000 + masked(TEXT, b"they have all been read"))
        assert lab.report() == "websocket.receive"
        assert 0 < before_bytes == connection.transport.get_write_buffer_size()
