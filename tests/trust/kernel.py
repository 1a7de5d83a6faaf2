"""What the kernel holds for the connections of a server on this machine, by sock_diag(7) (Linux)."""

import socket
import struct
from dataclasses import dataclass
from typing import Final

NETLINK_SOCK_DIAG: Final = 4
SOCK_DIAG_BY_FAMILY: Final = 20
DUMP: Final = 0x301         # NLM_F_REQUEST | NLM_F_DUMP
DONE, ERROR = 3, 2
SKMEMINFO: Final = 7
ALL_STATES: Final = 0xFFF & ~(1 << 10) & ~(1 << 6)      # but listening sockets, and what TIME_WAIT leaves of one
ENDED: Final = (5, 6)       # FIN_WAIT2 and TIME_WAIT
HEADER: Final = struct.Struct("=IHHII")
REQUEST: Final = struct.Struct("=BBBBI48s")
SOCKET_BYTES: Final = 72


@dataclass(frozen=True, slots=True)
class Held:
    """`bytes` of kernel memory, with its overhead, and `unread_bytes` of ours that the peer has not taken.

    `is_ended`: the connection is closed on this side, and the peer's kernel knows.
    """

    bytes: int
    unread_bytes: int
    is_ended: bool


def held(port: int) -> dict[tuple[str, int], Held]:
    """What is held for each peer of the server at `port` over IPv4, by the peer's address."""
    found: dict[tuple[str, int], Held] = {}
    ext = 1 << (SKMEMINFO - 1)
    ours_only = struct.pack("!H46x", port)
    for message in _answers(REQUEST.pack(socket.AF_INET, socket.IPPROTO_TCP, ext, 0, ALL_STATES, ours_only)):
        ours, theirs = struct.unpack_from("!HH", message, 4)
        if ours == port:
            address = socket.inet_ntoa(message[24:28])
            unread_bytes = struct.unpack_from("=I", message, 60)[0]
            found[address, theirs] = Held(_memory_bytes(message), unread_bytes, message[1] in ENDED)
    return found


def _memory_bytes(message: bytes) -> int:
    at = SOCKET_BYTES
    while at + 4 <= len(message):
        length, kind = struct.unpack_from("=HH", message, at)
        if kind == SKMEMINFO:
            received, _, _, _, reserved, queued = struct.unpack_from("=6I", message, at + 4)
            return int(received + reserved + queued)
        at += (length + 3) & ~3
    return 0        # an orphan that is only a few words by now


def _answers(request: bytes) -> list[bytes]:
    answers: list[bytes] = []
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_SOCK_DIAG) as asking:
        asking.settimeout(5)
        asking.send(HEADER.pack(HEADER.size + len(request), SOCK_DIAG_BY_FAMILY, DUMP, 1, 0) + request)
        while True:
            data = asking.recv(1_048_576)
            while data:
                length, kind, *_ = HEADER.unpack_from(data)
                if kind == DONE:
                    return answers
                if kind == ERROR:
                    raise OSError("the kernel does not tell about its sockets")
                answers.append(data[HEADER.size : length])
                data = data[(length + 3) & ~3 :]
