"""Hostile handshakes and requests: slow, oversized, malformed, from foreign pages, to paths that are tricks."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from typing import Final

import httpx

from tests.system.process import Server
from tests.system.tables import two_players
from tests.trust.finding import Finding, Size
from tests.trust.play import P99_MS, both_playing, is_prompt, served
from tests.trust.strangers import Elsewhere

SLOW: Final = 500
DROPPED_S: Final = 10
ANSWERED_S: Final = 1
PATIENCE_S: Final = 30
KEY: Final = "dGhlIHNhbXBsZSBub25jZQ=="
HEAD: Final = b"GET /ws/game/slow HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nX-Slow: "

Wire = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def dialled(port: int, source: str = "127.0.0.1") -> Wire:
    return await asyncio.open_connection("127.0.0.1", port, local_addr=(source, 0))


# Slow

async def held_open(port: int, number: int) -> float:
    """How long the server bears somebody who says nothing, half of his headers, or one letter a second."""
    reader, writer = await dialled(port, f"127.250.{number // 200}.{number % 200 + 1}")
    began_s = time.monotonic()
    first = (b"", HEAD, b"G" if number % 2 else b"\r\n")[number % 3]
    dripping = asyncio.create_task(drip(writer, first))
    with suppress(OSError, TimeoutError):
        await asyncio.wait_for(reader.read(), PATIENCE_S)
    took_s = time.monotonic() - began_s
    dripping.cancel()
    writer.transport.abort()
    return took_s


async def drip(writer: asyncio.StreamWriter, first: bytes) -> None:
    """Sends `first`, and if it is a head, more of it for as long as anybody listens."""
    writer.write(first)
    while first == HEAD:
        await asyncio.sleep(1)
        writer.write(b"x")


async def _all_held_open(port: int) -> list[float]:
    return sorted(await asyncio.gather(*(held_open(port, number) for number in range(SLOW))))


def all_held_open(port: int) -> list[float]:
    return asyncio.run(_all_held_open(port))


async def slow_handshakes(size: Size) -> AsyncIterator[Finding]:
    async with served() as server, both_playing(server) as (play, control):
        with Elsewhere() as elsewhere:
            await elsewhere.run(time.sleep, 0)      # it has started
            slow = asyncio.create_task(elsewhere.run(all_held_open, server.port))
            async with httpx.AsyncClient(trust_env=False) as http:
                slowest_ms = 0.0
                while not slow.done():
                    began_s = time.monotonic()
                    assert (await http.get(f"{server.url}/readyz")).status_code == 200
                    slowest_ms = max(slowest_ms, (time.monotonic() - began_s) * 1_000)
                    await asyncio.wait([slow], timeout=2)
                    play.end_part()
                    control.end_part()
            took_s = await slow
    yield Finding(
        f"{SLOW} connections send their headers slowly, or never",
        f"dropped within {DROPPED_S} s; the games' p99 ≤ {P99_MS} ms",
        f"dropped after {took_s[0]:.1f} to {took_s[-1]:.1f} s; others were answered in at most {slowest_ms:.0f} ms; "
        f"games: {play} (on another server: {control.p99_ms:.0f} ms)",
        took_s[-1] <= DROPPED_S and is_prompt(play.parts_ms, control) and play.is_untouched and not server.faults(),
    )     # fmt: skip


# Malformed

def asked(line: str, **headers: str | None) -> bytes:
    """A request; a header that is None is left out."""
    fields = {"Host": "x"} | {name.replace("_", "-"): value for name, value in headers.items()}
    lines = [line, *(f"{name}: {value}" for name, value in fields.items() if value is not None)]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


def upgrade(line: str = "GET /ws/watch/nobody HTTP/1.1", **headers: str | None) -> bytes:
    fields = {"Upgrade": "websocket", "Connection": "Upgrade", "Sec_WebSocket_Key": KEY, "Sec_WebSocket_Version": "13"}
    return asked(line, **(fields | headers))


def flawed() -> dict[str, bytes]:
    """Requests for pages (GET, POST) and WebSockets, by what is wrong with them."""
    wrong: dict[str, bytes] = {
        "no key": upgrade(Sec_WebSocket_Key=None),
        "a short key": upgrade(Sec_WebSocket_Key="c2hvcnQ="),
        "a key that is not base64": upgrade(Sec_WebSocket_Key="?" * 24),
        "a key of other letters": upgrade(Sec_WebSocket_Key="\xff" * 24),
        "an empty key": upgrade(Sec_WebSocket_Key=""),
        "an old version": upgrade(Sec_WebSocket_Version="8"),
        "a future version": upgrade(Sec_WebSocket_Version="99"),
        "no version": upgrade(Sec_WebSocket_Version=None),
        "two versions": upgrade(Sec_WebSocket_Version="13, 8"),
        "a broken subprotocol": upgrade(Sec_WebSocket_Protocol="a b, ,;"),
        "a POST": upgrade("POST /ws/watch/nobody HTTP/1.1"),
        "HTTP/1.0": upgrade("GET /ws/watch/nobody HTTP/1.0"),
        "a body": upgrade(Content_Length="9"),
        "a body in chunks": upgrade(Transfer_Encoding="chunked"),
        "no letters at all": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(200),
        "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        "another protocol": b"EHLO x\r\n\r\n",
        "an unknown method": b"CHESS / HTTP/1.1\r\nHost: x\r\n\r\n",
        "a length below zero": asked("POST /rooms HTTP/1.1", Content_Length="-1"),
        "a length that is none": asked("POST /rooms HTTP/1.1", Content_Length="1e3"),
        "a length beyond the limit": asked("POST /rooms HTTP/1.1", Content_Length=str(10**15)) + b"x" * 2_000_000,
        "a length beyond numbers": asked("POST /rooms HTTP/1.1", Content_Length="9" * 40),
        "length and chunks": asked("POST /rooms HTTP/1.1", Content_Length="5", Transfer_Encoding="chunked") + b"0\r\n",
        "two lengths": asked("POST /rooms HTTP/1.1\r\nContent-Length: 1", Content_Length="2") + b"xx",
        "a bad chunk": asked("POST /rooms HTTP/1.1", Transfer_Encoding="chunked") + b"zz\r\nxx\r\n0\r\n\r\n",
        "NUL in a header": asked("GET /readyz HTTP/1.1", X_Bad="a\0b"),
        "a header without a name": b"GET /readyz HTTP/1.1\r\nHost: x\r\n: x\r\n\r\n",
        "a blank before the colon": b"GET /readyz HTTP/1.1\r\nHost : x\r\n\r\n",
        "a blank in the path": asked("GET /a b HTTP/1.1"),
        "NUL in the path": asked("GET /a\0b HTTP/1.1"),
    }
    for name, make in (("page", lambda **h: asked("GET /readyz HTTP/1.1", **h)), ("WebSocket", upgrade)):
        wrong |= {
            f"a header of 20 KB, {name}": make(Cookie="c" * 20_000),
            f"a header of 1 MB, {name}": make(Cookie="c" * 1_000_000),
            f"101 headers, {name}": make(**{f"X-{number}": "x" for number in range(101)}),
            f"20 headers of 1 KB, {name}": make(**{f"X-{number}": "x" * 1_000 for number in range(20)}),
        }
    wrong["a header of 9 KB, WebSocket"] = upgrade(Cookie="c" * 9_000)
    wrong["a URL of 9 KB, WebSocket"] = upgrade(f"GET /ws/watch/{'a' * 9_000} HTTP/1.1")
    wrong["a URL of 20 KB, WebSocket"] = upgrade(f"GET /ws/watch/x?token={'a' * 20_000} HTTP/1.1")
    wrong["a URL of 20 KB, page"] = asked(f"GET /?{'a' * 20_000} HTTP/1.1")
    return wrong


async def answered(server: Server, request: bytes) -> tuple[int, float, bytes]:
    """Status (0: cut without an answer, -1: none in time), seconds, and what follows the head."""
    began_s = time.monotonic()
    reader, writer = await dialled(server.port)
    status, rest = 0, b""
    try:
        async with asyncio.timeout(PATIENCE_S):
            with suppress(OSError):
                writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            status = int(head.split()[1])
            took_s = time.monotonic() - began_s
            with suppress(TimeoutError, OSError):
                rest = await asyncio.wait_for(reader.read(4_096), ANSWERED_S)
    except TimeoutError:
        status, took_s = -1, PATIENCE_S
    except (OSError, EOFError):
        took_s = time.monotonic() - began_s
    finally:
        writer.transport.abort()
    return status, took_s, rest


async def malformed(size: Size) -> AsyncIterator[Finding]:
    wrong = flawed()
    async with served("--log-level", "debug") as server:
        for _ in range(size.of(1, 20)):
            answers = {name: await answered(server, request) for name, request in wrong.items()}
            odd = {name: status for name, (status, _, _) in answers.items() if not 400 <= status < 500}
            slowest_s = max(took_s for _, took_s, _ in answers.values())
            if odd or slowest_s > ANSWERED_S:
                break
        faults = server.faults()
    statuses = ", ".join(sorted({str(status) for status, _, _ in answers.values()}))
    yield Finding(
        f"{len(wrong)} malformed or oversized requests and handshakes",
        f"a 4xx within {ANSWERED_S} s, nothing in the log",
        f"{statuses}; the slowest after {slowest_s * 1_000:.0f} ms; {len(faults)} faults in the log"
        + (f"; odd: {odd}" if odd else ""),
        not odd and slowest_s <= ANSWERED_S and not faults,
    )     # fmt: skip


# Paths

IDS: Final = (
    "", ".", "..", "%2e", "%2e%2e", "..%2f..%2fetc%2fpasswd", "%2e%2e%2f%2e%2e%2fetc", "a%2fb", "a/b", "a//b", "/",
    "%2f", "a%00", "%00", "%0d%0aSet-Cookie:%20x", "a%0a", "a%20b", "%20", "a;b", "a.b", "a%5cb", "..%5c..",
    "%c0%ae%c0%ae", "%c0%af", "%ff%fe", "%ed%a0%80", "%25", "%2525", "%", "%zz", "%u0041", "a%c3%a4",
    "%ef%bd%81", "%e2%80%ae",
    "%f0%9f%92%a5", "x" * 65, "%78" * 65, "a%3fb", "a%23b", "room:x", "*", "a+b", "a,b", "a'b", 'a"b',
    "<script>",
    "a=b",
)     # fmt: skip
FILES: Final = (
    "/assets/../../pyproject.toml", "/assets/%2e%2e/%2e%2e/pyproject.toml", "/assets/..%2f..%2fpyproject.toml",
    "/assets/%2e%2e%2findex.html", "/assets//etc/passwd", "/assets/%2fetc%2fpasswd", "/assets/..%5c..%5cx",
    "/assets/%00", "/assets/.", "/assets/", "/../pyproject.toml", "/static/../x",
)     # fmt: skip


def close_code(frames: bytes) -> int:
    """Of a close frame that comes first."""
    return int.from_bytes(frames[2:4], "big") if frames[:1] == b"\x88" else 0


async def paths(size: Size) -> AsyncIterator[Finding]:
    async with served("--log-level", "debug") as server:
        tricked: list[str] = []
        for room_id in IDS:
            for feed in ("game", "watch"):
                status, _, rest = await answered(server, upgrade(f"GET /ws/{feed}/{room_id} HTTP/1.1"))
                if not (status == 101 and close_code(rest) == 4004) and not 400 <= status < 500:
                    tricked.append(f"/ws/{feed}/{room_id}: {status} {rest[:60]!r}")
            for path in (f"/sse/game/{room_id}", f"/rooms/{room_id}/pgn", f"/games/{room_id}/pgn"):
                status, _, rest = await answered(server, asked(f"GET {path} HTTP/1.1"))
                if not 400 <= status < 500:
                    tricked.append(f"{path}: {status} {rest[:60]!r}")
        for path in FILES:
            status, _, rest = await answered(server, asked(f"GET {path} HTTP/1.1"))
            if not 400 <= status < 500:
                tricked.append(f"{path}: {status} {rest[:60]!r}")
        rooms = await rooms_of(server)
        faults = server.faults()
    yield Finding(
        f"{len(IDS)} room ids and {len(FILES)} files that are tricks (slashes, dots, NUL, line breaks, other letters)",
        "4004 or a 4xx, no room made, no file told",
        "; ".join([f"{len(tricked)} got anything else, {rooms} rooms made, {len(faults)} faults in the log", *tricked]),
        not tricked and not rooms and not faults,
    )     # fmt: skip


async def rooms_of(server: Server) -> int:
    """How many rooms there are, by the server's own count."""
    async with httpx.AsyncClient(trust_env=False) as http:
        lines = (await http.get(f"{server.url}/metrics")).text.splitlines()
    return sum(int(float(line.rpartition(" ")[2])) for line in lines if line.startswith("tabiya_rooms{"))


# Origins

LISTED: Final = "https://chess.example:8443"


def foreign(server: Server) -> Sequence[str]:
    host = server.host
    return (
        f"{LISTED}.evil.example", f"{LISTED}0", "https://chess.example", "https://chess.example:843",
        "https://chess.example:443", "http://chess.example:8443", "https://evilchess.example:8443",
        "https://www.chess.example:8443", "https://chess.example:8443@evil.example", f"https://evil.example/{LISTED}",
        f"https://evil.example#{LISTED}", f"{LISTED}/", f"{LISTED}/x", "https://chess.example.:8443",
        f"{LISTED}, https://evil.example", f"https://evil.example {LISTED}", "https://xn--chss-cpa.example:8443",
        "null", "", "*", "file://", "about:blank", "https://", "chess.example:8443", "//chess.example:8443", "http://[",
        "\xff", f"http://{host}.evil.example", f"http://{host}0", f"http://127.0.0.1:{server.port + 1}", "http://127.0.0.1",
        f"ftp://{host}", f"ws://{host}", f"file://{host}", f"http://{host}/x", f"http://x@{host}",
        f"http://{host}@evil.example",
        f"http://localhost:{server.port}", f"http://{host}?x", f"//{host}", f"chrome-extension://{host}",
    )     # fmt: skip


async def origins(size: Size) -> AsyncIterator[Finding]:
    async with served("--allowed-origins", LISTED) as server, two_players(server) as (white, _):
        let_in, shut_out = [], []
        paths = (f"/ws/watch/{white.room_id}", f"/ws/game/{white.room_id}?token={white.token}")
        for path in paths:
            for origin in foreign(server):
                line = f"GET {path} HTTP/1.1"
                status, _, _ = await answered(server, upgrade(line, Host=server.host, Origin=origin))
                if status != 403 and not (status == 400 and origin in ("", "\xff")):
                    let_in.append(f"{origin!r}: {status}")
        for origin in (LISTED, server.url):
            line = f"GET {paths[0]} HTTP/1.1"
            status, _, _ = await answered(server, upgrade(line, Host=server.host, Origin=origin))
            if status != 101:
                shut_out.append(f"{origin}: {status}")
        faults = server.faults()
        is_undisturbed = white.connects == 1
    yield Finding(
        f"pages of {len(foreign(server))} foreign origins (suffixes, prefixes, ports, schemes, users, null) connect, "
        "also with a seat's token",
        "403 before the handshake ends; the listed origin and the server's own may",
        "; ".join([f"{len(let_in)} let in, {len(shut_out)} of our own shut out", *let_in, *shut_out]),
        not let_in and not shut_out and is_undisturbed and not faults,
    )     # fmt: skip
