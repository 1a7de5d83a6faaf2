"""Who answers no ping is closed with 4501, and only then; whoever answers is measured."""

import asyncio
import time
from collections.abc import Iterator
from typing import Any

import pytest
from test_serving import CLOSE, PING, PONG, TEXT, Lab, Wire, echo, masked, serving

from game_server.http.serving import EXTENSION, TransportLimits

LIMITS = TransportLimits(heartbeat_s=0.2, heartbeat_timeout_s=0.4, first_heartbeat_s=0.05)


async def app(lab: Lab, scope: Any, receive: Any, send: Any) -> None:
    """`/busy` works a second on each message, `/rtt` on "wait", and both answer with the measured round trip; others
    echo.
    """
    if scope["path"] == "/ws":
        await echo(lab, scope, receive, send)
        return
    await receive()
    await send({"type": "websocket.accept"})
    while (message := await receive())["type"] == "websocket.receive":
        if scope["path"] == "/busy" or message["text"] == "wait":
            await asyncio.sleep(1)
        await send({"type": "websocket.send", "text": str(scope["extensions"][EXTENSION].rtt_ms)})
    lab.reports.put(message["code"])


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with serving(app, LIMITS) as lab:
        yield lab


def answer_pings(peer: Wire, for_s: float, after_s: float = 0) -> int:
    """Answers pings, each after `after_s`, for `for_s`; how many."""
    count, ends_s = 0, time.monotonic() + for_s
    while time.monotonic() < ends_s:
        opcode, payload = peer.read_frame()
        assert opcode == PING
        time.sleep(after_s)
        peer.frame(PONG, payload)
        count += 1
    return count


def test_a_peer_that_answers_nothing_is_closed_with_4501_in_time(lab: Lab) -> None:
    with lab.peer() as peer:
        peer.open("/ws")
        started_s = time.monotonic()
        lab.report()
        assert peer.read_close() == 4501
        assert 0.4 <= time.monotonic() - started_s < 0.7
        assert peer.rest() == b""
    assert lab.report() == 4501
    lab.report()


def test_messages_and_wrong_pongs_do_not_stand_for_an_answer(lab: Lab) -> None:
    with lab.peer() as peer:
        peer.open("/ws")
        started_s = time.monotonic()
        lab.report()
        while (frame := peer.read_frame())[0] != CLOSE:
            time.sleep(0.01)
            peer.send(masked(TEXT, b"still here") + masked(PONG, b"none of yours"))
            assert time.monotonic() - started_s < 1.5
        assert frame[1][:2] == (4501).to_bytes(2, "big")
    assert lab.report() == 4501
    lab.report()


def test_a_peer_that_answers_stays(lab: Lab) -> None:
    with lab.peer() as peer:
        peer.open("/ws")
        lab.report()
        assert answer_pings(peer, for_s=1) >= 4
        peer.frame(CLOSE)
    assert lab.report() == 1005
    lab.report()


def test_a_pong_behind_a_message_that_the_app_is_too_busy_to_take_counts(lab: Lab) -> None:
    with lab.peer() as peer:
        peer.open("/busy")
        peer.send(masked(TEXT, b"taken at once") + masked(TEXT, b"waits a second: reading pauses, and no pong is read"))
        opcodes = []
        while opcodes.count(TEXT) < 2:
            opcode, payload = peer.read_frame()
            opcodes.append(opcode)
            if opcode == PING:
                peer.frame(PONG, payload)
        assert opcodes.count(PING) > 2
        assert CLOSE not in opcodes
    assert lab.report() == 1006


def test_a_silent_peer_is_closed_once_a_busy_app_reads_again(lab: Lab) -> None:
    with lab.peer() as peer:
        peer.open("/busy")
        peer.send(masked(TEXT, b"taken at once") + masked(TEXT, b"waits"))
        started_s = time.monotonic()
        assert peer.read_close() == 4501
        assert 1 < time.monotonic() - started_s < 1.5


def test_the_round_trip_is_measured_soon_after_the_start(lab: Lab) -> None:
    with lab.peer() as peer:
        peer.open("/rtt")
        peer.frame(TEXT, b"how far am I?")
        assert peer.read_text() == b"None"
        assert answer_pings(peer, for_s=0.01, after_s=0.05) == 1
        peer.frame(TEXT, b"how far am I?")
        assert 50 <= float(peer.read_text()) < 80
    assert lab.report() == 1006


def test_an_answer_that_lay_behind_a_message_is_no_measurement(lab: Lab) -> None:
    with lab.peer() as peer:
        peer.open("/rtt")
        assert answer_pings(peer, for_s=0.3) >= 1
        peer.send(masked(TEXT, b"wait") + masked(TEXT, b"before the answer"))
        opcode, payload = peer.read_frame()
        assert opcode == PING
        peer.send(masked(PONG, payload) + masked(TEXT, b"behind it"))
        answers = []
        while len(answers) < 3:
            opcode, payload = peer.read_frame()
            if opcode == TEXT:
                answers.append(float(payload))
        assert max(answers) < 300
        peer.frame(CLOSE)
    lab.report()
