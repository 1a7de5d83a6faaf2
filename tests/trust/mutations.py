"""What no honest client would send: bytes for a WebSocket that is open, made from a seed.

`tame` ones leave the connection open whatever they say, as long as no fifty unreadable ones come in a row; `wild` ones
may be answered with a close, or with nothing.
"""

import json
import struct
from collections.abc import Callable
from random import Random
from typing import Any, Final

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10
MAX_MESSAGE_BYTES: Final = 8_192
MASK: Final = b"\x00\x00\x00\x00"       # a client must mask; it may choose zeros (RFC 6455, 5.3)

COMMANDS: Final[tuple[dict[str, Any], ...]] = (
    {"type": "move", "uci": "e2e4", "ply": 1, "id": "1", "offer_draw": True},
    {"type": "move", "uci": "g8f6"},
    *({"type": kind, "kind": of} for kind in ("offer", "accept", "decline") for of in ("draw", "takeback", "rematch")),
    {"type": "claim", "kind": "draw", "uci": "g1f3"},
    {"type": "claim", "kind": "victory"},
    {"type": "abort"},
    {"type": "resign", "id": "x"},
    {"type": "add_time", "ms": 15_000},
    {"type": "chat", "text": "naïve ♞ 💥", "room": "spectator"},
    {"type": "sync"},
    {"type": "ping", "t": 1},
)
NASTY: Final[tuple[Any, ...]] = (
    None, True, 0, -1, 1e308, 10**400, "", " ", "\0", "\n\r", "\u2028", "\u202e", "\ufeff", "💥" * 300, "x" * 7_000,
    "__proto__", "{}", "%s%n", "${x}", "' OR 1=1 --", "<script>", "../../etc", "\x1b[31m", [], {}, [[]], {"": ""},
    [None] * 500, "0000", "e9e4", "e2e4q", "P@e4", "ｅ2e4",
)     # fmt: skip
BAD_UTF8: Final = (b"\xff", b"\xc0\x80", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xe2\x99", b"\x80")
BAD_CODES: Final = (0, 999, 1004, 1005, 1006, 1016, 1100, 2999, 5000, 65535)


def framed(opcode: int, payload: bytes = b"", *, first: int = 0x80, mask: bytes = MASK) -> bytes:
    """A client's frame; `first` has FIN and the reserved bits."""
    size = len(payload)
    if size < 126:
        head = bytes((first | opcode, 0x80 | size))
    elif size < 65_536:
        head = bytes((first | opcode, 0xFE)) + struct.pack("!H", size)
    else:
        head = bytes((first | opcode, 0xFF)) + struct.pack("!Q", size)
    if mask != MASK:
        key = int.from_bytes((mask * (size // 4 + 1))[:size], "big")
        payload = (int.from_bytes(payload, "big") ^ key).to_bytes(size, "big")
    return head + mask + payload


def text(said: Any) -> bytes:
    return framed(TEXT, (said if isinstance(said, str) else json.dumps(said)).encode("utf-8", "replace"))


# Tame

def nasty_field(dice: Random) -> bytes:
    command = dict(dice.choice(COMMANDS))
    command[dice.choice([*command, "id", "type", "extra"])] = dice.choice(NASTY)
    return text(command)


def honest(dice: Random) -> bytes:
    return text(dice.choice(COMMANDS))


def mutated_text(dice: Random) -> bytes:
    """A command with some of its characters changed, left out, doubled or moved."""
    letters = list(json.dumps(dice.choice(COMMANDS)))
    for _ in range(dice.randint(1, 6)):
        at = dice.randrange(len(letters) or 1)
        match dice.randrange(4):
            case 0:
                letters[at:at + 1] = chr(dice.choice((dice.randrange(128), dice.randrange(0xD800))))
            case 1:
                del letters[at:at + dice.randint(1, 4)]
            case 2:
                letters[at:at] = letters[max(0, at - 9):at]
            case _:
                dice.shuffle(letters[at:at + 5])
    return text("".join(letters))


def deep(dice: Random) -> bytes:
    opening, count = dice.choice(("[", '{"type":', '{"type":"chat","text":[')), dice.randint(100, 8_000)
    inner = (opening * count)[: MAX_MESSAGE_BYTES - 40]
    return text(dice.choice((inner, '{"type":"sync","x":' + inner[:4_000] + "]" * 4_000 + "}")))


def huge_number(dice: Random) -> bytes:
    return text('{"type":"ping","t":' + dice.choice(("", "-", "0.", "1e")) + "9" * dice.randint(100, 8_000) + "}")


def raw_json(dice: Random) -> bytes:
    return text(dice.choice((
        '{"type":"move","uci":"\\ud800"}', '{"type":"chat","text":"\\udfff"}', '{"type":"ping","t":NaN}',
        '{"type":"ping","t":1e999}', '{"type":"sync","type":"resign"}', "\ufeff{}", "\0", "", "null", "1", '"x"', "[]",
        '{"type":"sync","id":"\\ud83d"}', "{'type':'sync'}", '{"type":"chat","text":"\\u0000"}', "e2e4",
    )))     # fmt: skip


def fragments(dice: Random) -> bytes:
    """A whole message in pieces, some of them empty, some with control frames between them."""
    payload = json.dumps(dice.choice(COMMANDS)).encode()
    pieces = [payload[at:at + 3] for at in range(0, len(payload), 3)]
    sent = framed(TEXT, pieces[0], first=0)
    for piece in pieces[1:]:
        sent += framed(CONTINUATION, piece, first=0)
        if dice.random() < 0.2:
            sent += framed(dice.choice((PING, PONG)), b"between")
        elif dice.random() < 0.1:
            sent += framed(CONTINUATION, first=0)
    return sent + framed(CONTINUATION)


def masked(dice: Random) -> bytes:
    return framed(TEXT, json.dumps(dice.choice(COMMANDS)).encode(), mask=dice.randbytes(4))


# Wild

def flipped(dice: Random) -> bytes:
    """Tame bytes in which bits were turned, so that anything may have become of their frames."""
    sent = bytearray(dice.choice(TAME)(dice)[:2_000])
    for _ in range(dice.randint(1, 12)):
        sent[dice.randrange(len(sent))] ^= 1 << dice.randrange(8)
    return bytes(sent)


def noise(dice: Random) -> bytes:
    return dice.randbytes(dice.randint(1, 2_000))


def not_utf8(dice: Random) -> bytes:
    bad = b'{"type":"chat","text":"' + dice.choice(BAD_UTF8) + b'"}'
    if dice.random() < 0.5:
        return framed(TEXT, bad)
    return framed(TEXT, bad[:24], first=0) + framed(CONTINUATION, bad[24:])


def binary(dice: Random) -> bytes:
    return framed(BINARY, dice.randbytes(dice.randint(0, 200)))


def too_long(dice: Random) -> bytes:
    size = dice.choice((MAX_MESSAGE_BYTES + 1, 20_000, 70_000))
    if dice.random() < 0.5:
        return framed(TEXT, b"x" * size)
    return framed(TEXT, b"x" * 4_000, first=0) + framed(CONTINUATION, b"x" * 4_000, first=0) * (size // 4_000)


def claimed_long(dice: Random) -> bytes:
    """A header that announces what never comes."""
    size = dice.choice((2**63 - 1, 2**64 - 1, 2**31, 8_193))
    return bytes((0x80 | dice.choice((TEXT, CONTINUATION, PING)), 0xFF)) + struct.pack("!Q", size) + MASK + b"x"


def crumbs(dice: Random) -> bytes:
    return framed(TEXT, b"{", first=0) + framed(CONTINUATION, b" ", first=0) * dice.choice((100, 9_000))


def unfinished(dice: Random) -> bytes:
    """A message within a message."""
    return framed(TEXT, b'{"type":', first=0) + framed(dice.choice((TEXT, BINARY)), b"{}")


def reserved(dice: Random) -> bytes:
    return framed(dice.choice((3, 5, 7, 11, 15, TEXT)), b"{}", first=0x80 | dice.choice((0x40, 0x20, 0x10, 0x70)))


def unmasked(dice: Random) -> bytes:
    return bytes((0x80 | dice.choice((TEXT, PING, CLOSE)), 2)) + b"{}"


def bad_control(dice: Random) -> bytes:
    opcode = dice.choice((PING, PONG, CLOSE))
    return framed(opcode, b"x" * dice.choice((126, 5_000))) if dice.random() < 0.5 else framed(opcode, b"", first=0)


def bad_close(dice: Random) -> bytes:
    code = struct.pack("!H", dice.choice((*BAD_CODES, dice.randrange(65_536))))
    return framed(CLOSE, dice.choice((b"\x03", code, code + dice.choice(BAD_UTF8), code + b"x" * 123)))


def ping_flood(dice: Random) -> bytes:
    return framed(dice.choice((PING, PONG)), b"p" * dice.choice((0, 125))) * dice.choice((50, 200, 1_000))


def unreadable_flood(dice: Random) -> bytes:
    return text(dice.choice(("{", "", "[" * 100))) * dice.choice((40, 60))


def sync_flood(dice: Random) -> bytes:
    """Each is answered with the whole state."""
    return text({"type": "sync", "id": str(dice.random())}) * dice.choice((5, 20))


Mutation = Callable[[Random], bytes]
TAME: Final[tuple[Mutation, ...]] = (
    nasty_field, nasty_field, honest, mutated_text, mutated_text, deep, huge_number, raw_json, fragments, masked,
)     # fmt: skip
WILD: Final[tuple[Mutation, ...]] = (
    flipped, flipped, flipped, noise, not_utf8, binary, too_long, claimed_long, crumbs, unfinished, reserved, unmasked,
    bad_control, bad_close, ping_flood, unreadable_flood, sync_flood,
)     # fmt: skip
