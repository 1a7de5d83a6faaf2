"""The server stops at once and in good order, and nobody pays for it."""

import asyncio
import base64
import json
import os
import signal
import socket
import struct
import time
from contextlib import AsyncExitStack

import httpx
import pytest

from tests.system.conftest import Starter
from tests.system.process import Server
from tests.system.tables import new_room_id, play, two_players, watched

BLITZ_MS = 300_000
LATE_MS = 600       # what a loaded machine may add


@pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGINT])
async def test_a_stop_closes_sockets_with_1012_ends_streams_and_forfeits_nobody(starter: Starter, signum: int) -> None:
    server = starter("--grace-blitz-s", "1", "--goodbye-grace-s", "1", "--flicker-s", "0.1").start()
    async with two_players(server, time="5+0") as (white, black), watched(server, white.room_id) as (watcher, stream):
        await play(white, black, "e2e4", "e7e5", "g1f3")
        before, moved_s = white.moves()[-1]["clock"], time.monotonic()
        status, took_s = await asyncio.to_thread(server.stop, signum)
        stopped_s = time.monotonic()
        assert status == 0
        assert took_s < 2
        for listener in (white, black, watcher):
            await listener.until_it(lambda listener: listener.codes)
            assert listener.codes == [1012]
        assert (await stream.until(lambda: stream.ends)) == 1

        await asyncio.sleep(1.5)    # longer than anybody's grace
        await asyncio.to_thread(server.start)
        ready_s = time.monotonic()
        for listener in (white, black, watcher, stream):
            await listener.until_it(lambda listener: listener.connects == 2)
        await play(white, black, "b8c6")
        after, served_s = white.moves()[-1]["clock"], time.monotonic() - ready_s + stopped_s - moved_s
        assert before["black"] - after["black"] <= served_s * 1_000 + LATE_MS
        assert before["white"] == after["white"]
        await play(white, black, "f1b5")
        for listener in (watcher, stream):
            await listener.until_it(lambda listener: len(listener.moves()) == 5)
            assert listener.shown.items() <= {**black.shown, **white.shown}.items()
        assert not white.of("game_over")


async def test_a_stop_in_the_middle_of_moves_loses_none_of_them(starter: Starter) -> None:
    server = starter().start()
    knights = ("g1f3", "g8f6", "f3g1", "f6g8")
    async with two_players(server, time="5+3") as (white, black):

        async def hop(mover: object) -> None:
            player = white if mover is white else black
            if player.ply < 15:     # the fifth repetition would end the game
                await player.send(type="move", uci=knights[player.ply % 4], ply=player.ply + 1)

        black.on_turn = white.on_turn = hop
        await hop(white)
        await white.until(lambda: white.ply >= 3)
        status, _ = await asyncio.to_thread(server.stop)
        assert status == 0
        await asyncio.to_thread(server.start)
        for player in (white, black):
            await player.until_it(lambda player: player.ply == 15 and not player.pending)
        state = httpx.get(f"{server.url}/rooms/{white.room_id}", trust_env=False).json()
        assert [move["uci"] for move in state["moves"]] == [knights[ply % 4] for ply in range(15)]


class Deaf:
    """A peer that asks and asks, and reads nothing."""

    def __init__(self, server: Server, room_id: str) -> None:
        self.sock = socket.socket()
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        self.sock.connect(("127.0.0.1", server.port))
        key = base64.b64encode(os.urandom(16)).decode()
        lines = [f"GET /ws/game/{room_id} HTTP/1.1", f"Host: {server.host}", "Upgrade: websocket"]
        lines += ["Connection: Upgrade", f"Sec-WebSocket-Key: {key}", "Sec-WebSocket-Version: 13", "", ""]
        self.sock.sendall("\r\n".join(lines).encode())
        self.sock.recv(100)
        self.sock.setblocking(False)

    def fill(self) -> int:
        """Asks until the server takes no more; the number of questions."""
        text = json.dumps({"type": "sync"}).encode()
        frame = struct.pack("!BB", 0x81, 0x80 | len(text)) + bytes(4) + text    # masked with zeros
        sent = 0
        deadline_s = time.monotonic() + 10
        blocked_s = time.monotonic()
        while time.monotonic() - blocked_s < 0.5 and time.monotonic() < deadline_s:
            try:
                self.sock.send(frame)
            except BlockingIOError:
                time.sleep(0.01)
            else:
                sent += 1
                blocked_s = time.monotonic()
        return sent


async def test_a_peer_that_reads_nothing_does_not_hold_up_the_stop(starter: Starter) -> None:
    server = starter("--rate-limits", "off").start()
    async with two_players(server) as (white, black), watched(server, white.room_id) as (watcher, stream):
        deaf = Deaf(server, new_room_id())
        try:
            assert await asyncio.to_thread(deaf.fill) > 100
            await play(white, black, "e2e4", "e7e5")        # it holds up nobody else either
            status, took_s = await asyncio.to_thread(server.stop)
        finally:
            deaf.sock.close()
        assert status == 0
        assert took_s < 2
        for listener in (white, black, watcher):
            await listener.until_it(lambda listener: listener.codes)
            assert listener.codes == [1012]
        await stream.until(lambda: stream.ends == 1)


async def test_many_sockets_and_streams_do_not_hold_up_the_stop(starter: Starter) -> None:
    server = starter().start()
    async with AsyncExitStack() as stack:
        for _ in range(20):
            white, black = await stack.enter_async_context(two_players(server))
            await stack.enter_async_context(watched(server, white.room_id))
            await play(white, black, "e2e4")
        status, took_s = await asyncio.to_thread(server.stop)
    assert status == 0
    assert took_s < 2


def test_a_server_that_nobody_uses_stops_with_status_0(starter: Starter) -> None:
    for signum in (signal.SIGTERM, signal.SIGINT):
        status, took_s = starter().start().stop(signum)
        assert status == 0
        assert took_s < 2
