"""The README's configurations of nginx and Caddy, as they stand there but for addresses: TLS, WebSockets, streams, and
a room's people at one worker. That last is an optimisation: without it, and when that worker dies, they play as well.
"""

import asyncio
import re
import shutil
import ssl
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Final

import httpx
import pytest

from tests.postgres import PostgresServer, postgres_server
from tests.redis_server import RedisServer, redis_server
from tests.system.cluster import worker
from tests.system.player import Player, Stream, Watcher
from tests.system.process import REPOSITORY, Server, free_port
from tests.system.tables import new_room_id, play

START_S: Final = 20
README: Final = (REPOSITORY / "README.md").read_text("utf-8")


def configuration(language: str) -> str:
    found = re.search(rf"^```{language}\n(.*?)^```$", README, re.M | re.S)
    assert found, f"the README has a configuration of {language}"
    return found[1]


@pytest.fixture(scope="module")
def postgres() -> Iterator[PostgresServer]:
    with postgres_server() as server:
        yield server


@pytest.fixture(scope="module")
def redis() -> Iterator[RedisServer]:
    with redis_server() as server:
        yield server


@pytest.fixture(scope="module")
def workers(
    postgres: PostgresServer, redis: RedisServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[list[Server]]:
    """For all tests that leave both running."""
    database, folder = postgres.new_database(), tmp_path_factory.mktemp("workers")
    made = [worker(folder / name, database, redis.url) for name in ("one", "two")]
    try:
        for each in made:
            each.begin()
        for each in made:
            each.wait_ready()
        yield made
    finally:
        for each in made:
            each.end()
    for each in made:
        assert not each.faults(), each.faults()[0]


class Proxy:
    """A proxy in front of the workers, by the README's configuration."""

    def __init__(self, port: int, trusting: ssl.SSLContext) -> None:
        self.url, self.ws_url = f"https://127.0.0.1:{port}", f"wss://127.0.0.1:{port}"
        self.trusting = trusting

    async def until_ready(self) -> None:
        until_s = time.monotonic() + START_S
        async with httpx.AsyncClient(verify=self.trusting, trust_env=False) as http:
            while time.monotonic() < until_s:
                with suppress(httpx.TransportError):
                    if (await http.get(f"{self.url}/readyz")).status_code == 200:
                        return
                await asyncio.sleep(0.05)
        raise AssertionError("the proxy does not start")


@asynccontextmanager
async def running(command: list[str], port: int, certificate: Path) -> AsyncIterator[Proxy]:
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        proxy = Proxy(port, ssl.create_default_context(cafile=certificate))
        await proxy.until_ready()
        yield proxy
    finally:
        process.terminate()
        process.wait(START_S)


def addressed(text: str, workers: list[Server], port: int) -> str:
    for number, each in enumerate(workers, start=1):
        assert f"10.0.0.{number}:8000" in text
        text = text.replace(f"10.0.0.{number}:8000", each.host)
    return text.replace("listen 443 ssl", f"listen 127.0.0.1:{port} ssl")


@asynccontextmanager
async def nginx(
    workers: list[Server], certificate: tuple[Path, Path], folder: Path, *, is_sticky: bool = True
) -> AsyncIterator[Proxy]:
    program = shutil.which("nginx", path="/usr/sbin:/usr/local/sbin:/usr/bin") or pytest.skip("needs nginx")
    port, (certfile, keyfile) = free_port(), certificate
    text = addressed(configuration("nginx"), workers, port)
    text = text.replace("/etc/ssl/chess.pem", str(certfile)).replace("/etc/ssl/chess.key", str(keyfile))
    if not is_sticky:
        text = text.replace("    hash $room consistent;\n", "")
    stores = "".join(
        f"{what}_temp_path {folder}/{what};\n" for what in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (folder / "nginx.conf").write_text(
        f"daemon off;\nmaster_process off;\npid {folder}/nginx.pid;\nerror_log {folder}/nginx.log;\n"
        f"events {{ worker_connections 1024; }}\nhttp {{\naccess_log off;\n{stores}{text}}}\n"
    )
    command = [program, "-p", str(folder), "-e", f"{folder}/nginx.log", "-c", f"{folder}/nginx.conf"]
    async with running(command, port, certfile) as proxy:
        yield proxy


@asynccontextmanager
async def caddy(workers: list[Server], certificate: tuple[Path, Path], folder: Path) -> AsyncIterator[Proxy]:
    program = shutil.which("caddy") or pytest.skip("needs Caddy")
    port, (certfile, keyfile) = free_port(), certificate
    text = addressed(configuration("caddy"), workers, port)
    text = text.replace("chess.example.org {", f"https://127.0.0.1:{port} {{\n    tls {certfile} {keyfile}", 1)
    (folder / "Caddyfile").write_text(f"{{\n    admin off\n    auto_https disable_redirects\n}}\n{text}")
    command = [program, "run", "--config", str(folder / "Caddyfile"), "--adapter", "caddyfile"]
    async with running(command, port, certfile) as proxy:
        yield proxy


@asynccontextmanager
async def table(proxy: Proxy, room_id: str) -> AsyncIterator[tuple[Player, Player, Watcher, Stream]]:
    tls = proxy.trusting
    async with Player(proxy.ws_url, room_id, color="white", time="5+0", tls=tls) as white:
        await white.until(lambda: white.welcome)
        start = f"{white.welcome['epoch']}:0"
        async with (
            Player(proxy.ws_url, room_id, tls=tls) as black,
            Watcher(proxy.ws_url, room_id, start, tls=tls) as watcher,
            Stream(proxy.url, room_id, start, tls=tls) as stream,
        ):
            await black.until(lambda: black.is_playing)
            await white.until(lambda: white.is_playing)
            yield white, black, watcher, stream


async def mate(white: Player, black: Player, watcher: Watcher, stream: Stream) -> None:
    """Plays on to the shortest mate, and requires that all were shown the same."""
    await play(white, black, *("f2f3", "e7e5", "g2g4", "d8h4")[white.ply :])
    for listener in (white, black, watcher, stream):
        await listener.first("game_over", reason="checkmate")
        shown = listener.shown.items()
        assert shown <= watcher.shown.items() | white.shown.items()


def holders(workers: list[Server], room_id: str) -> list[Server]:
    """The workers to which players of the room have connected."""
    return [each for each in workers if re.search(rf"room {room_id}: player \S+ connected", each.log)]


async def test_behind_nginx_a_room_s_people_meet_at_one_worker_and_survive_it(
    workers: list[Server], certificate: tuple[Path, Path], tmp_path: Path
) -> None:
    async with nginx(workers, certificate, tmp_path) as proxy:
        rooms = [new_room_id() for _ in range(8)]
        for room_id in rooms[:-1]:
            async with table(proxy, room_id) as people:
                await play(people[0], people[1], "e2e4")
        assert all(len(holders(workers, room_id)) == 1 for room_id in rooms[:-1])
        assert {holders(workers, room_id)[0].port for room_id in rooms[:-1]} == {each.port for each in workers}
        async with table(proxy, rooms[-1]) as people:
            await play(people[0], people[1], "f2f3", "e7e5")
            (holder,) = holders(workers, rooms[-1])
            holder.kill()
            await mate(*people)
        assert len(holders(workers, rooms[-1])) == 2
        await asyncio.to_thread(holder.start)


async def test_without_stickiness_they_play_as_well(
    workers: list[Server], certificate: tuple[Path, Path], tmp_path: Path
) -> None:
    async with nginx(workers, certificate, tmp_path, is_sticky=False) as proxy:
        rooms = [new_room_id() for _ in range(6)]
        for room_id in rooms:
            async with table(proxy, room_id) as people:
                await mate(*people)
        assert any(len(holders(workers, room_id)) == 2 for room_id in rooms)


async def test_behind_caddy_a_room_s_people_meet_at_one_worker(
    workers: list[Server], certificate: tuple[Path, Path], tmp_path: Path
) -> None:
    async with caddy(workers, certificate, tmp_path) as proxy:
        rooms = [new_room_id() for _ in range(6)]
        for room_id in rooms:
            async with table(proxy, room_id) as people:
                await mate(*people)
        assert all(len(holders(workers, room_id)) == 1 for room_id in rooms)
