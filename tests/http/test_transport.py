"""What is written to a connection: counted, and held back where several messages are to leave together."""

import asyncio

import pytest

from game_server.http.transport import Meter


class Wire(asyncio.Transport):
    """Where the loop's transport would make a system call for each write."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[bytes] = []

    def write(self, data: bytes) -> None:
        self.calls.append(data)

    def pause_reading(self) -> None: ...

    def resume_reading(self) -> None: ...


def test_what_is_written_while_corked_leaves_in_one_call_and_in_order():
    wire = Wire()
    meter = Meter(wire)
    meter.write(b"before ")
    with meter:
        meter.write(b"a move, ")
        meter.write(b"its ack")
        assert wire.calls == [b"before "]
    meter.write(b" after")
    assert wire.calls == [b"before ", b"a move, its ack", b" after"]
    assert meter.written_bytes == len(b"".join(wire.calls))


def write_and_fail(meter):
    with meter:
        meter.write(b"a move")
        raise ConnectionResetError


def test_nothing_written_while_corked_is_no_call():
    wire = Wire()
    with Meter(wire):
        pass
    assert wire.calls == []


def test_what_was_written_before_a_fault_is_not_lost():
    wire = Wire()
    meter = Meter(wire)
    with pytest.raises(ConnectionResetError):
        write_and_fail(meter)
    assert wire.calls == [b"a move"]
