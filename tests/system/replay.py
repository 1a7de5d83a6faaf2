"""Whole games through real sockets: two players, a spectator over WebSocket and one over SSE, every frame compared.

By hand, against a server that it starts itself:

    python -m tests.system.replay GAMES.pgn --games 200 --at-once 8 --connections 500
"""

import argparse
import asyncio
import io
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, Final

import chess
import chess.pgn
import httpx

from tests.system.player import Broken, Listener, Player, Stream, Watcher, dialled
from tests.system.process import Server, cpu_s, memory_bytes

GAME_S: Final = 120     # a game takes a second or two
SAMPLES: Final = Path(__file__).parents[1] / "data" / "games.pgn"


def games_of(path: Path) -> Iterator[chess.pgn.Game]:
    """The games of a PGN file that python-chess reads without an error and that have a move."""
    with path.open(encoding="utf-8", errors="replace") as pgn:
        while (game := chess.pgn.read_game(pgn)) is not None:
            if not game.errors and game.next() is not None:
                yield game


def sans_of(game: chess.pgn.Game) -> list[str]:
    return [node.san() for node in game.mainline()]


class Reference:
    """A game as python-chess has it, up to where the rules end it by themselves.

    Old games did not know those rules: some go on after the fifth repetition, or after fifty moves.
    """

    def __init__(self, game: chess.pgn.Game) -> None:
        board = game.board()
        self.headers = game.headers
        self.initial_fen = board.fen()
        self.ucis: list[str] = []
        self.sans: list[str] = []
        self.has_ended = False
        for move in game.mainline_moves():
            self.ucis.append(move.uci())
            self.sans.append(board.san(move))
            board.push(move)
            if board.outcome() or board.is_fifty_moves():
                self.has_ended = True
                break
        self.is_cut = len(self.ucis) < len(list(game.mainline_moves()))
        self.fen = board.fen()
        self.result = board.result(claim_draw=True) if self.has_ended else game.headers["Result"]


@dataclass
class Replayed:
    """What was replayed so far."""

    games: int = 0
    moves: int = 0
    frames: int = 0
    cut: int = 0    # games that the rules ended before the score did
    endings: dict[str, int] = field(default_factory=dict)


class Score:
    """One game, being played again in a room of its own."""

    def __init__(self, url: str, ws_url: str, http: httpx.AsyncClient, game: chess.pgn.Game) -> None:
        self.url, self.ws_url, self.http = url, ws_url, http
        self.game = Reference(game)

    async def play(self) -> dict[str, Any]:
        """The room's document after the game. Raises Broken if anything is not as it should be."""
        asked = {"time": "90+30", "color": "white", "name": "White"}
        if self.game.initial_fen != chess.STARTING_FEN:
            asked["fen"] = self.game.initial_fen
        answer = await self.http.post("/rooms", json=asked)
        assert answer.status_code == 201, answer.text
        ticket = answer.json()
        room_id, start = ticket["room_id"], f"{ticket['epoch']}:0"
        async with AsyncExitStack() as stack:
            watcher = await stack.enter_async_context(Watcher(self.ws_url, room_id, start))
            stream = await stack.enter_async_context(Stream(self.url, room_id, start))
            await watcher.until(lambda: watcher.v == 2)
            await stream.until(lambda: stream.v == 2)
            white = Player(self.ws_url, room_id, token=ticket["token"], position=start)
            black = Player(self.ws_url, room_id, name="Black", position=start)
            players = [white, black]
            for player in players:
                player.on_turn = self.turn
                await stack.enter_async_context(player)
            await self.finish(white, black)
            listeners: list[Listener] = [*players, watcher, stream]
            for listener in listeners:
                await listener.first("game_over")
            require_same(listeners)
        state: dict[str, Any] = (await self.http.get(f"/rooms/{room_id}")).json()
        self.require_right(state)
        self.require_right_pgn((await self.http.get(f"/rooms/{room_id}/pgn")).text)
        return state

    async def turn(self, player: Player) -> None:
        if player.ply < len(self.game.ucis):
            await player.send(type="move", uci=self.game.ucis[player.ply], ply=player.ply + 1)

    async def finish(self, white: Player, black: Player) -> None:
        """Waits for the last move; what the board has not ended, the players end as the score says."""
        for player in (white, black):
            await player.until_it(lambda player: player.over or player.ply == len(self.game.ucis), GAME_S)
        if white.over or self.game.has_ended:
            return
        if self.game.result == "1/2-1/2":
            await white.do(type="offer", kind="draw")
            await black.do(type="accept", kind="draw")
        else:
            await (white if self.game.result == "0-1" else black).do(type="resign")

    def require_right(self, state: dict[str, Any]) -> None:
        """That the room's record is python-chess's own."""
        game, moves = self.game, state["moves"]
        expected = (game.initial_fen, game.fen, game.ucis, game.sans)
        found = (state["initial_fen"], state["fen"], [move["uci"] for move in moves], [move["san"] for move in moves])
        if found != expected:
            raise Broken(f"{game.headers}: {found} should be {expected}")
        if game.result != "*" and state["result"] != game.result:
            raise Broken(f"{game.headers}: {state['result']}")

    def require_right_pgn(self, pgn: str) -> None:
        """That python-chess reads the same game from the room's PGN."""
        read = chess.pgn.read_game(io.StringIO(pgn))
        if read is None or read.errors or sans_of(read) != self.game.sans:
            raise Broken(f"{self.game.headers}: the PGN does not lead there: {pgn}")


def require_same(listeners: Iterable[Listener]) -> None:
    """That all were shown the same frames, byte for byte, from the first to the last, none missing or twice."""
    first, *others = listeners
    versions = list(first.shown)
    if versions != list(range(1, len(versions) + 1)):
        raise Broken(f"{versions} is not every version once")
    for other in others:
        if other.texts != first.texts:
            differing = next(
                (pair for pair in zip(first.texts, other.texts, strict=False) if pair[0] != pair[1]), "the end"
            )
            raise Broken(f"{type(first).__name__} and {type(other).__name__} differ at {differing}")


async def replay(server: Server, games: Iterable[chess.pgn.Game], at_once: int = 4) -> Replayed:
    """Plays `games` on `server`, some at the same time. Raises Broken, in an ExceptionGroup."""
    replayed = Replayed()
    turns = asyncio.Semaphore(at_once)

    async def play(game: chess.pgn.Game, http: httpx.AsyncClient) -> None:
        async with turns:
            score = Score(server.url, server.ws_url, http, game)
            state = await score.play()
        replayed.games += 1
        replayed.cut += score.game.is_cut
        replayed.moves += state["ply"]
        replayed.frames += state["v"]
        replayed.endings[state["reason"]] = replayed.endings.get(state["reason"], 0) + 1

    async with httpx.AsyncClient(base_url=server.url, trust_env=False, timeout=30) as http, asyncio.TaskGroup() as all_:
        for game in games:
            all_.create_task(play(game, http))
    return replayed


async def idle_bytes(server: Server, connections: int) -> dict[str, float]:
    """What an idle connection of each kind costs the server: growth of its proportional set size, in bytes."""
    ticket = httpx.post(f"{server.url}/rooms", json={}, trust_env=False).json()
    room_id = ticket["room_id"]
    found: dict[str, float] = {}
    async with AsyncExitStack() as stack:
        for kind in ("watch", "players", "sse"):
            before = await settled_bytes(server)
            for i in range(connections):
                if kind == "sse":
                    await stack.enter_async_context(opened_stream(server, room_id))
                else:
                    path = f"/ws/watch/{room_id}" if kind == "watch" else f"/ws/game/idle-{i}"
                    socket = await stack.enter_async_context(dialled(server.ws_url + path))
                    await socket.recv()
            found[kind] = (await settled_bytes(server) - before) / connections
    return found


async def settled_bytes(server: Server) -> int:
    await asyncio.sleep(2.5)    # presence is announced once a second
    return memory_bytes(server.pid)[1]


@asynccontextmanager
async def opened_stream(server: Server, room_id: str) -> AsyncIterator[None]:
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(f"GET /sse/game/{room_id} HTTP/1.1\r\nHost: {server.host}\r\n\r\n".encode())
    await reader.readuntil(b"event: state")
    yield
    writer.close()


def main() -> int:
    parser = argparse.ArgumentParser(description="Replays games through a real server and reports what it cost.")
    parser.add_argument("pgn", nargs="?", type=Path, default=SAMPLES)
    parser.add_argument("--games", type=int, default=200)
    parser.add_argument("--at-once", type=int, default=8)
    parser.add_argument("--connections", type=int, default=500, help="idle connections of each kind; 0: not measured")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder), "--rate-limits", "off")
        try:
            server.start()
            report(server, chosen)
            status, took_s = server.stop()
            print(f"stopped in {took_s:.2f} s with status {status}; faults in the log: {len(server.faults())}")
        finally:
            server.end()
    return 0


def report(server: Server, chosen: argparse.Namespace) -> None:
    print(f"server at rest: {memory_bytes(server.pid)[1] / 1e6:.1f} MB")
    began_s, began_cpu_s = time.perf_counter(), cpu_s(server.pid)
    replayed = asyncio.run(replay(server, islice(games_of(chosen.pgn), chosen.games), chosen.at_once))
    took_s, took_cpu_s = time.perf_counter() - began_s, cpu_s(server.pid) - began_cpu_s
    print(f"{replayed.games} games, {replayed.moves} moves, {replayed.frames} frames to each of four feeds")
    print(f"endings: {replayed.endings}; the rules ended {replayed.cut} before their score does")
    print(f"{replayed.moves / took_s:.0f} moves/s with {chosen.at_once} games at once ({took_s:.1f} s)")
    print(f"server CPU: {took_cpu_s / replayed.moves * 1e6:.0f} µs a move, connections and all")
    print(f"server afterwards: {memory_bytes(server.pid)[1] / 1e6:.1f} MB")
    if chosen.connections:
        for kind, cost in asyncio.run(idle_bytes(server, chosen.connections)).items():
            print(f"idle connection ({kind}): {cost / 1_000:.1f} KB")


if __name__ == "__main__":
    sys.exit(main())
