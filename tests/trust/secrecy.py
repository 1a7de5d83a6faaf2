"""Secrets stay with those who have them: they are in no log and no URL, and in no file as they are. And nobody writes
our log for us.
"""

import asyncio
import json
import math
import re
import secrets
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import quote

import httpx
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from tests.system.accounts import made, token
from tests.system.player import Player, dialled
from tests.system.process import Server
from tests.system.tables import new_room_id, play, two_players
from tests.trust.finding import Finding, Size
from tests.trust.handshakes import answered, asked, upgrade
from tests.trust.play import served

DOCUMENTS: Final = ("application/json", "application/problem", "text/html")
FORMATS: Final = ("text", "json")
SECRET_BITS: Final = 128
LINK_BITS: Final = 64       # of what is found by its link only
URL: Final = re.compile(r'(?:https?://|wss?://|["\s=(>]/)[^\s"<>)]*')
HEADERS: Final = (
    "User-Agent", "X-Forwarded-For", "X-Forwarded-Proto", "Origin", "Referer", "Cookie", "Authorization", "Host",
)     # fmt: skip
ANSI: Final = "\x1b[31m\x1b]0;x\x07"
FORGED: Final = "2026-01-01 00:00:00,000 INFO tabiya: forged"
EVIL: Final = f"x\n{FORGED}\r\n{ANSI}\u2028\u0085{FORGED}\x00\u202e"


@dataclass
class Traffic:
    """What has gone through a server: the `tokens`, and the `answers` of the server with their headers."""

    tokens: list[str] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)

    async def note(self, response: httpx.Response) -> None:
        self.answers.append(f"{response.headers}\n{response.text}")

    @property
    def urls(self) -> list[str]:
        """All that looks like one in what the server has said."""
        return [url for answer in self.answers for url in URL.findall(answer)]


async def seats(server: Server, traffic: Traffic) -> None:
    """Seat tokens, right and wrong, in every form; and those that the server issues."""
    for form in ("header", "subprotocol", "query"):
        room_id = new_room_id()
        traffic.tokens.append(secrets.token_urlsafe(24))
        async with Player(server.ws_url, room_id, token=traffic.tokens[-1], form=form) as player:
            await player.until_it(lambda player: player.welcome)
            await player.drop()
            await player.until_it(lambda player: player.connects == 2)
        bad = f"bad.token.{secrets.token_urlsafe(20)}{'!' if form == 'query' else ''}"
        traffic.tokens.append(bad)
        with suppress(ConnectionClosed, InvalidHandshake):
            async with dialled(f"{server.ws_url}/ws/game/{room_id}", token=bad, form=form) as socket:
                await socket.recv()
    async with dialled(f"{server.ws_url}/ws/game/{new_room_id()}") as socket:
        traffic.tokens.append(json.loads(await socket.recv())["token"])
    async with two_players(server) as (white, black):
        traffic.tokens += [white.token, black.token]
        await play(white, black, "f2f3", "e7e5", "g2g4", "d8h4")
        traffic.answers += [json.dumps(frame) for frame in white.frames if frame["type"] != "welcome"]


async def guests(http: httpx.AsyncClient, traffic: Traffic) -> str:
    """The same over HTTP; a room's id."""
    ticket = (await http.post("/rooms", json={"token": secrets.token_urlsafe(24)})).json()
    other = (await http.post(f"/rooms/{ticket['room_id']}/seats", json={})).json()
    traffic.tokens += [ticket["token"], other["token"]]
    bearer = {"Authorization": f"Bearer {ticket['token']}"}
    for path in (f"/rooms/{ticket['room_id']}", "/nowhere", f"/nowhere/{ticket['token']}", "/rooms?limit=1000000"):
        sign = "&" if "?" in path else "?"
        await http.get(f"{path}{sign}token={ticket['token']}", headers=bearer)
    await http.post("/rooms", content=b'{"token": "' + ticket["token"].encode() + b'", "time": "nonsense"}')
    return str(ticket["room_id"])


async def members(server: Server, http: httpx.AsyncClient, traffic: Traffic) -> None:
    """Account tokens: from the command line and over HTTP, as bearer, cookie and in a body, right and wrong."""
    (name, person), (_, bot) = await asyncio.to_thread(made, server), await asyncio.to_thread(made, server, bot=True)
    printed = await asyncio.to_thread(token, server, f"Printed-{secrets.token_hex(3)}")
    traffic.tokens += [person, bot, printed]
    by_bot, by_person = ({"Authorization": f"Bearer {key}"} for key in (bot, person))
    clock = {"clock.limit": "300", "clock.increment": "3"}
    challenge = (await http.post(f"/api/challenge/{name}", data=clock, headers=by_bot)).json()
    await http.post(f"/api/challenge/{challenge['id']}/accept", headers=by_person)
    await http.post("/api/challenge/open", data=clock, headers=by_bot)
    await http.post("/api/token/test", content=f"{person},{bot}")
    await http.get("/api/account", headers={"Authorization": f"Bearer {person}x"})
    await http.get("/api/account", headers={"Cookie": f"tabiya_account={bot}"})
    session = await http.post("/accounts/session", headers=by_person)
    traffic.tokens += [cookie for cookie in session.cookies.values() if cookie]
    issued = await http.post("/accounts/tokens", headers=by_person, json={})
    traffic.tokens += [value for key, value in issued.json().items() if key == "token"]
    for path in ("/metrics", "/healthz", "/readyz", "/sse/rooms", "/sse/me", "/api/stream/event", "/", "/docs"):
        async with http.stream("GET", f"{path}?token={person}&secret={bot}", headers=by_person):
            pass


async def all_forms(server: Server) -> Traffic:
    traffic = Traffic()

    async def note(response: httpx.Response) -> None:
        if response.headers.get("content-type", "").startswith(DOCUMENTS):
            await response.aread()
            await traffic.note(response)

    async with httpx.AsyncClient(base_url=server.url, trust_env=False, event_hooks={"response": [note]}) as http:
        await seats(server, traffic)
        await guests(http, traffic)
        await members(server, http, traffic)
    return traffic


def files_with(folder: Path, needles: list[str]) -> list[str]:
    """Which of the files (database, -wal, -shm) have any of `needles` in them, as bytes."""
    files = [file for file in sorted(folder.glob("*.db*")) if file.is_file()]
    assert len(files) >= 2, files       # the -wal too
    return [file.name for file in files if any(needle.encode() in file.read_bytes() for needle in needles)]


async def kept_secrets(size: Size) -> AsyncIterator[Finding]:
    leaked: list[str] = []
    tokens = urls = files = 0
    for log_format in size.of(FORMATS[:1], FORMATS):
        options = ("--log-level", "debug", "--log-format", log_format, "--rate-limits", "off")
        async with served(*options) as server:
            traffic = await all_forms(server)
            held = files_with(server.database.parent, traffic.tokens)
            server.kill()
            server.start()
            log, faults = server.log, server.faults()
            assert len(log.splitlines()) > 50, log
        tokens += len(traffic.tokens)
        urls += len(traffic.urls)
        files += len(held)
        given_away = re.compile("|".join(("token=", *map(re.escape, traffic.tokens))))
        leaked += [f"{log_format} log: {line[:80]}" for line in log.splitlines() if given_away.search(line)]
        leaked += [f"url: {url}" for url in traffic.urls if given_away.search(url)]
        leaked += faults
    yield Finding(
        "seat and account tokens go through in every form: header, subprotocol, query, cookie, body, path; right and "
        "wrong; log at debug, as text and JSON; killed and started again",
        "none in the log, in a URL that the server makes, or as it is in the database's files",
        "; ".join([f"{tokens} tokens, {urls} URLs: {len(leaked)} leaks, {files} files that know one", *leaked]),
        not leaked and not files,
    )     # fmt: skip


def visiting(server: Server) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=server.url, trust_env=False, timeout=30)


# Entropy

def bits(names: list[str]) -> float:
    """Of the part of the names in which they differ, if each letter of it is drawn by itself from those seen."""
    varying = [set(letters) for letters in zip(*names, strict=True) if len(set(letters)) > 1]
    return len(varying) * math.log2(len(set.union(*varying)))


async def entropy(size: Size) -> AsyncIterator[Finding]:
    count = size.of(300, 3_000)
    async with served("--rate-limits", "off") as server, visiting(server) as http:
        tickets = [(await http.post("/rooms", json={})).json() for _ in range(count)]
        members = [(await http.post("/accounts", json={"name": f"p{i}"})).json() for i in range(count // 3)]
    kinds = {
        "room ids": ([ticket["room_id"] for ticket in tickets], LINK_BITS),
        "seat tokens": ([ticket["token"] for ticket in tickets], SECRET_BITS),
        "account tokens": ([member["token"] for member in members], SECRET_BITS),
    }
    measured = {kind: (bits(names), len(names) - len(set(names)), least) for kind, (names, least) in kinds.items()}
    yield Finding(
        f"{count} rooms and {count // 3} accounts are made, to guess the next one's id or token",
        f"room ids ≥ {LINK_BITS} bits, tokens ≥ {SECRET_BITS}, none twice",
        ", ".join(f"{kind} {found:.0f} bits, {twice} twice" for kind, (found, twice, _) in measured.items()),
        all(found >= least and not twice for found, twice, least in measured.values()),
    )     # fmt: skip


# The log

async def forgers(server: Server) -> None:
    """People who put lines, escapes and other writing directions wherever there is room for text."""
    async with two_players(server) as (white, _):
        for text in (EVIL, f"x\u2028{FORGED}", f"\u202e{FORGED}", ANSI):
            await white.do(type="chat", text=text)
            await white.do(type=text)
            await white.do(type="move", uci=text)
            await white.do(type="move", uci="e2e5", id=text[:60])
            await white.do(type="move", uci="e2e4", ply=text)
        await white.send(type="chat", text="x", id=f"\n{FORGED}")
    for path in (f"/ws/game/{quote(EVIL)}", f"/ws/watch/{quote(EVIL)}", f"/ws/game/{new_room_id()}?name={quote(EVIL)}"):
        with suppress(ConnectionClosed):
            async with dialled(server.ws_url + path) as socket:
                await socket.recv()
        async with dialled(f"{server.ws_url}/ws/game/{new_room_id()}") as socket:
            await socket.close(4010, f"bye\n{FORGED}")
    for header in HEADERS:
        await answered(server, asked("GET /rooms/x HTTP/1.1", **{header: FORGED + ANSI}))
        await answered(server, upgrade(**{header: f"{FORGED}\t\x9b31m"}))
    for line in (f"GET /{FORGED}", FORGED, f"GET /{quote(EVIL)}?{quote(EVIL)}", "GET /\x1b[31m"):
        await answered(server, asked(f"{line} HTTP/1.1"))
    async with visiting(server) as http:
        for place in ("/sse/game/", "/", "/rooms/", "/api/user/"):
            await http.get(place + quote(EVIL))
        for name in (EVIL, FORGED, ANSI):
            await http.post("/rooms", json={"name": name})
            await http.post("/accounts", json={"name": name})


async def forged_lines(size: Size) -> AsyncIterator[Finding]:
    forged: list[str] = []
    total = 0
    for log_format in FORMATS:
        async with served("--log-level", "debug", "--log-format", log_format) as server:
            await forgers(server)
            lines, faults = server.log.split("\n"), server.faults()
        total += len(lines)
        forged += [line for line in lines if line.startswith(FORGED) or not line.isprintable()]
        forged += faults
        if log_format == "json":
            forged += [line for line in lines if line and not is_json(line)]
    yield Finding(
        "line breaks, ANSI escapes and forged lines in names, chat, moves, ids, paths, queries, close reasons, headers",
        "no line of the log is theirs, every one is printable (as JSON: an object)",
        "; ".join([f"{len(forged)} of {total} lines", *(repr(line) for line in forged)]),
        not forged,
    )     # fmt: skip


def is_json(line: str) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except ValueError:
        return False


# What browsers are told

PAGES: Final = ("/", "/wall", "/room/x", "/game/x", "/embed/x", "/compare", "/compare/x", "/docs", "/nowhere", "/games")
FEEDS: Final = ("/openapi.json", "/asyncapi.json", "/sse/rooms", "/sse/game/x", "/sse/me")
POLICY: Final = ("default-src 'self'", "script-src 'self'", "object-src 'none'", "base-uri 'none'", "frame-ancestors ")
FOREIGN: Final = {"Origin": "https://evil.example", "Cookie": "tabiya_account=x"}


def lapses(path: str, response: httpx.Response) -> list[str]:
    """What an answer lets a browser do that it should not."""
    headers, found = response.headers, []
    policy = headers.get("content-security-policy", "")
    if headers.get("x-content-type-options") != "nosniff" or headers.get("referrer-policy") != "same-origin":
        found.append("guesses types or tells others")
    if headers.get("content-type", "").startswith("text/html"):
        if not all(part in policy for part in POLICY) or "unsafe" in policy or "http:" in policy:
            found.append("runs more than ours")
        if ("frame-ancestors 'none'" in policy) == path.startswith("/embed/"):
            found.append("is framed")
    allowed = headers.get("access-control-allow-origin")
    if allowed not in (None, "*") or (allowed and "access-control-allow-credentials" in headers):
        found.append("lets others read with a user's cookie")
    cookies = [cookie.lower() for cookie in headers.get_list("set-cookie")]
    if not all(flag in cookie for flag in ("httponly", "samesite=lax", "path=/") for cookie in cookies):
        found.append("gives its cookie to scripts or others")
    return [f"{response.request.method} {path} {what}" for what in found]


async def told_to_browsers(size: Size) -> AsyncIterator[Finding]:
    found: list[str] = []
    count = 0
    async with served("--rate-limits", "off") as server, visiting(server) as http:
        routes = (await http.get("/openapi.json")).json()["paths"]
        asks = [(method, re.sub(r"\{\w+\}", "x", path)) for path, methods in routes.items() for method in methods]
        asks += [("get", path) for path in (*PAGES, *FEEDS)]
        asks += [("options", path) for path in ("/rooms", "/accounts/session", "/api/account")]
        script = re.search(r'src="(/assets/[^"]+)"', (await http.get("/")).text)
        asks += [("get", script[1])] if script else []
        for method, path in asks:
            for accept in ("*/*", "text/html"):
                async with http.stream(method, path, headers=FOREIGN | {"Accept": accept}) as response:
                    count += 1
                    found += lapses(path, response)
        account = await http.post("/accounts", json={"name": "anna"})
        by_anna = {"Authorization": f"Bearer {account.json()['token']}"}
        for response in (account, await http.post("/accounts/session", headers=by_anna)):
            found += lapses(response.request.url.path, response)
    yield Finding(
        f"every operation and page ({count} requests) asked from a foreign page",
        "nosniff and a referrer policy everywhere, a CSP without exceptions on pages, only /embed framed, no CORS with "
        "credentials, cookies HttpOnly and SameSite",
        "; ".join([f"{len(found)} lapses", *found]), not found,
    )     # fmt: skip
