"""No token reaches a log at any level, and a path cannot forge a line."""

import logging
from typing import Any

import pytest
from test_serving import CLOSE, TEXT, echo, serving

SECRET = "s3cr3t-t0ken-s3cr3t-t0ken"


def everything(record: logging.LogRecord) -> str:
    return f"{record.getMessage()} {record.args!r} {record.exc_text} {record.exc_info and record.exc_info[1]!r}"


def test_no_secret_is_logged_at_any_level(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(1):
        with serving(echo) as lab:
            for path in (f"/ws?token={SECRET}", f"/ws?{SECRET}"):
                with lab.peer() as peer:
                    offered = f"chess.v1, token.{SECRET}"
                    peer.open(path, Sec_WebSocket_Protocol=offered, Authorization=f"Bearer {SECRET}")
                    peer.frame(TEXT, b"e2e4")
                    peer.read_text()
                    peer.frame(CLOSE)
                    peer.rest()
            with lab.peer() as peer:
                peer.ask(f"/?token={SECRET}", {"Host": "x", "Authorization": f"Bearer {SECRET}"})
                peer.head()
            for bad in (
                f"GET /ws?token={SECRET} HTTP/1.1\r\nUpgrade: websocket\r\nConnection: upgrade\r\nX: {SECRET}\r\n\r\n",
                f"GET /?token={SECRET} nonsense {SECRET}\r\n\r\n",
                f"GET /?token={SECRET} HTTP/1.1\r\nX: {SECRET * 1000}\r\n\r\n",
            ):
                with lab.peer() as peer:
                    peer.send(bad.encode())
                    peer.rest()
        logged = [everything(record) for record in caplog.records]
    assert any("Started scope" in line for line in logged)     # uvicorn's trace log is on
    assert not [line for line in logged if SECRET in line]


def test_a_path_cannot_forge_a_line(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        with serving(echo) as lab, lab.peer() as peer:
            peer.open("/ws/%0aforged%1b[31m%e2%80%a8%c2%85")
            peer.frame(CLOSE)
            peer.rest()
        logged = [record.getMessage() for record in caplog.records]
    assert any("forged" in line for line in logged)
    assert all(line.isprintable() and len(line.splitlines()) == 1 for line in logged)


def test_a_failing_app_is_logged_once_and_without_its_query(caplog: pytest.LogCaptureFixture) -> None:
    async def failing(lab: Any, scope: Any, receive: Any, send: Any) -> None:
        raise AssertionError("our bug")

    with serving(failing) as lab, lab.peer() as peer:
        peer.ask(f"/?token={SECRET}")
        assert peer.head().startswith("HTTP/1.1 500")
    errors = [record for record in caplog.records if record.levelname == "ERROR"]
    assert [record.name for record in errors] == ["tabiya.http"]
    assert SECRET not in caplog.text
