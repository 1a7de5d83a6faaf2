"""The same promises over TLS, where the transport has other buffers and cannot half-close."""

import asyncio
import contextlib
import shutil
import socket
import ssl
import subprocess
import time
from collections import defaultdict
from pathlib import Path
from typing import Any, cast

import pytest
from test_open_connections import CLUB, NEIGHBOUR, is_let_in, until_open
from test_serving import CLOSE, PATIENCE_S, TEXT, Lab, Wire, echo, serving
from test_serving_stuck import LIMITS
from test_serving_stuck import app as pump

from game_server.http.serving import TransportLimits


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1 and its key."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("needs openssl to make a certificate")
    folder = tmp_path_factory.mktemp("tls")
    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", "key.pem"]
    name = ["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1", "-days", "2", "-out", "cert.pem"]
    subprocess.run([openssl, "req", "-x509", *key, *name], cwd=folder, check=True, capture_output=True)
    return folder / "cert.pem", folder / "key.pem"


def tls_peer(lab: Lab, certfile: Path, source: str = "127.0.0.1") -> Wire:
    peer = lab.peer(receive_buffer_bytes=4096, source=source)
    peer.sock = ssl.create_default_context(cafile=certfile).wrap_socket(peer.sock, server_hostname="127.0.0.1")
    return peer


def test_a_websocket_over_tls(certificate: tuple[Path, Path]) -> None:
    limits = TransportLimits(heartbeat_s=0.1, heartbeat_timeout_s=0.3, first_heartbeat_s=0.1)
    certfile, keyfile = certificate
    with serving(echo, limits, ssl_certfile=certfile, ssl_keyfile=keyfile) as lab:
        for sent, code in ((b"a" * 8193, 1009), (b"\xff", 1007), (b"a", 4501)):
            with tls_peer(lab, certfile) as peer:
                peer.open("/ws")
                peer.frame(TEXT, sent)
                assert peer.read_close() == code
                started_s = time.monotonic()
                assert peer.rest() == b""
                assert time.monotonic() - started_s < 1
            lab.report()
            assert lab.report() == code
            lab.report()


async def slow(lab: Lab, scope: Any, receive: Any, send: Any) -> None:
    """Takes half a second for each message."""
    await receive()
    await send({"type": "websocket.accept"})
    while (message := await receive())["type"] == "websocket.receive":
        lab.reports.put(message["text"])
        await asyncio.sleep(0.5)
    lab.reports.put(message["code"])


@pytest.mark.skipif(not hasattr(socket, "TCP_CORK"), reason="needs TCP_CORK to send two things as one")
def test_a_close_code_and_the_end_of_tls_that_come_together_while_the_app_is_busy(
    certificate: tuple[Path, Path]
) -> None:
    certfile, keyfile = certificate
    with serving(slow, LIMITS, ssl_certfile=certfile, ssl_keyfile=keyfile) as lab, tls_peer(lab, certfile) as peer:
        peer.open("/")
        peer.frame(TEXT, b"a move")
        assert lab.report() == "a move"
        peer.frame(TEXT, b"another")
        time.sleep(0.1)
        peer.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_CORK, 1)
        peer.frame(CLOSE, (4007).to_bytes(2, "big"))
        peer.sock.settimeout(0.05)
        with contextlib.suppress(TimeoutError):
            cast(ssl.SSLSocket, peer.sock).unwrap()     # sends its part, and waits for the server's
        peer.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_CORK, 0)
        assert [lab.report(), lab.report()] == ["another", 4007]


def test_a_peer_that_does_not_read_over_tls_is_cut(certificate: tuple[Path, Path]) -> None:
    certfile, keyfile = certificate
    with serving(pump, LIMITS, ssl_certfile=certfile, ssl_keyfile=keyfile) as lab, tls_peer(lab, certfile) as peer:
        peer.open("/beyond")
        assert 64_000 < lab.report() < 256_000
        started_s = time.monotonic()
        assert [lab.report(), lab.report()] == [4500, "send raised"]
        assert 0.4 < time.monotonic() - started_s < 0.8


def test_a_handshake_that_does_not_come_ends_as_headers_do(
    certificate: tuple[Path, Path], caplog: pytest.LogCaptureFixture
) -> None:
    certfile, keyfile = certificate
    limits = TransportLimits(header_timeout_s=0.3, keep_alive_s=1)
    with serving(echo, limits, ssl_certfile=certfile, ssl_keyfile=keyfile) as lab:
        for said in (b"", b"\x16\x03\x01\x02", b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"):
            with lab.peer() as peer:
                started_s = time.monotonic()
                peer.send(said)
                with contextlib.suppress(ConnectionResetError):
                    peer.rest()
                assert time.monotonic() - started_s < 1
        until_open(lab, 0)
        with tls_peer(lab, certfile) as peer:
            assert is_let_in(peer)
    assert not [record for record in caplog.records if record.levelname in ("ERROR", "CRITICAL")]


def is_cut(lab: Lab, source: str) -> bool:
    """Whoever connects from there is, before it has said anything."""
    with socket.socket() as sock:
        sock.bind((source, 0))
        sock.settimeout(PATIENCE_S)
        try:
            sock.connect(("127.0.0.1", lab.port))
            return sock.recv(1) == b""
        except ConnectionResetError:
            return True


def test_connections_are_counted_before_their_handshake_and_one_too_many_is_cut(
    certificate: tuple[Path, Path], caplog: pytest.LogCaptureFixture
) -> None:
    certfile, keyfile = certificate
    limits, hits = TransportLimits(max_connections_per_address=2), defaultdict(int)
    options = {"ssl_certfile": certfile, "ssl_keyfile": keyfile, "hits": hits}
    with serving(echo, limits, **options) as lab, tls_peer(lab, certfile, CLUB) as playing:
        assert playing.open("/ws").startswith("HTTP/1.1 101")
        with lab.peer(source=CLUB):
            until_open(lab, 2)
            for _ in range(3):
                assert is_cut(lab, CLUB)
            with tls_peer(lab, certfile, NEIGHBOUR) as neighbour:
                assert is_let_in(neighbour)
            playing.frame(TEXT, b"e2e4")
            assert playing.read_text() == b"e2e4"
        until_open(lab, 1)
        with tls_peer(lab, certfile, CLUB) as back:
            assert is_let_in(back)
        assert hits == {"tcp_connections_per_address": 3}
    assert not [record for record in caplog.records if record.levelname in ("ERROR", "CRITICAL")]


@pytest.mark.filterwarnings("ignore:unclosed resource")     # uvloop, closing the unfinished handshake
def test_open_connections_over_tls_do_not_hold_up_the_stop(certificate: tuple[Path, Path]) -> None:
    certfile, keyfile = certificate
    with serving(echo, ssl_certfile=certfile, ssl_keyfile=keyfile) as lab, tls_peer(lab, certfile) as peer:
        peer.open("/ws")
        with socket.create_connection(("127.0.0.1", lab.port)):     # in the middle of its TLS handshake
            started_s = time.monotonic()
            lab.stop()
            assert time.monotonic() - started_s < 2
        assert peer.read_close() == 1012
        assert [lab.report(), lab.report()][1] == 1012
