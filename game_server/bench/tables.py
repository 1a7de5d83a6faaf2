"""Tables at which two bots play game after game.

The moves are callbacks from one socket to the next: no task, no future and no parsing beyond what is counted. A table
that is watched stays in its room and plays rematches; any other opens a new room for each game, so that people come and
go as they do on a busy server.
"""

import asyncio
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Any, Final, Literal

from game_server.bench.connection import Target
from game_server.bench.games import Game
from game_server.bench.listeners import MOVE, Listener
from game_server.bench.sockets import WebSocket, text_frame
from game_server.bench.tally import Score

STARTED, OVER, OFFER = (f'"type":"{kind}"'.encode() for kind in ("game_started", "game_over", "offer"))
STUCK_S: Final = 3        # so long a move may be under way when all is over
GOLDEN: Final = 0.618       # multiples of it are spread evenly over the unit
REMEMBERED: Final = 4_096


class Player(Listener):
    socket: WebSocket

    def __init__(self, table: "Table") -> None:
        super().__init__(table.score.players)
        self.table = table

    def say(self, text: bytes) -> None:
        self.socket.transport.write(text_frame(text))

    def hear_event(self, text: bytes) -> None:
        if MOVE in text:
            self.table.arrived(text)
        elif STARTED in text:
            self.table.started()
        elif OVER in text:
            self.table.over()
        elif OFFER in text and self is self.table.players[1]:
            self.say(b'{"type":"accept","kind":"rematch"}')

    def hear_other(self, frame: dict[str, Any]) -> None:
        super().hear_other(frame)
        if frame["type"] == "state":
            self.table.first.set()
            if frame["status"] == "playing":
                self.table.started()
        elif frame["type"] == "error":
            self.table.score.refused += 1
            self.table.score.why_refused = f"{frame['code']}: {frame['message']}"
            self.table.leave()


@dataclass(frozen=True, slots=True)
class Manner:
    """How tables play. `think_s`: from one move to the next at a table, 0 for as fast as it goes.

    `after`: what follows the last move: the next game, nothing ("hold": both sit on), or the end ("leave").
    `is_bare`: the server relays moves and knows nothing of games. `with_ids`: every command has an id, and so an ack.
    """

    time: str = "5+3"
    think_s: float = 0.0
    after: Literal["next", "hold", "leave"] = "next"
    is_bare: bool = False
    with_ids: bool = True


class Doors:
    """What the tables wait for, so that not everybody comes and plays in one moment."""

    def __init__(self) -> None:
        self.second = asyncio.Event()
        self.play = asyncio.Event()

    def open(self) -> None:
        self.second.set()
        self.play.set()


class Table:
    """One pair of bots. `run` plays until `stop`: the second sits down from `doors.second` on, and moves are made from
    `doors.play` on, of which tables that sit already must be told (`play_on`).
    """

    def __init__(
        self, target: Target, games: Sequence[Game], number: int, manner: Manner, score: Score, doors: Doors
    ) -> None:
        self.target, self.games, self.number, self.manner = target, games, number, manner
        self.score, self.doors = score, doors
        self.is_watched = False
        self.is_stopping = False
        self.rounds = number        # tables play different games
        self.sent_s: dict[int, float] = {}      # when the move that became version v was sent
        self.first = asyncio.Event()            # a player has sat down: the room exists
        self.has_begun = asyncio.Event()
        self.has_moved = asyncio.Event()
        self.has_ended = asyncio.Event()        # a first game, as far as its moves go
        self.waiting = 0                        # players who do not have the last move yet
        self._due_s = 0.0
        self._names = secrets.token_hex(4)
        self._loop = asyncio.get_running_loop()

    async def run(self) -> None:
        while not self.is_stopping:
            self.rounds += 1
            self.room_id = f"bench-{self._names}-{self.number}-{self.rounds}"
            self.left: asyncio.Future[None] = self._loop.create_future()
            self.is_swapped, self._started, self._over = False, 0, 0
            self.players = (Player(self), Player(self))
            try:
                await self._sit(self.players[0], f"?color=white&time={self.manner.time.replace('+', '%2B')}")
                await self.first.wait()
                await self.doors.second.wait()
                await self._sit(self.players[1], "")
                if self.manner.is_bare:
                    self._begin()
                await self.left
            finally:
                for player in self.players:
                    if hasattr(player, "socket"):
                        player.socket.leave()
                self.score.players.connections -= 2

    async def _sit(self, player: Player, query: str) -> None:
        player.socket = WebSocket(player.hear, self.score.players)
        await self.target.connect(player.socket, f"/ws/game/{self.room_id}{query}")
        player.socket.ended.add_done_callback(lambda _: self.leave() if player in self.players else None)
        if self.manner.is_bare:
            self.first.set()

    def stop(self) -> None:
        """Makes no more moves."""
        self.is_stopping = True
        if self.waiting == 0:
            self.leave()
        else:
            self._loop.call_later(STUCK_S, self.leave)

    def leave(self) -> None:
        if not self.left.done():
            self.left.set_result(None)

    @property
    def version(self) -> int:
        return max(player.version or 0 for player in self.players)

    # A game

    def started(self) -> None:
        self._started += 1
        if self._started == 2:
            self._begin()

    def _begin(self) -> None:
        self.ply, self._over, self._started = 0, 0, 0
        self.game = self.games[self.rounds % len(self.games)]
        self.has_begun.set()
        if self.doors.play.is_set():
            self.play_on()

    def play_on(self) -> None:
        """Makes the game's first move, when it is due."""
        self._due_s = perf_counter()
        if self.manner.think_s and not self.has_moved.is_set():
            self._due_s += self.manner.think_s * (self.number * GOLDEN % 1)     # tables move one after the other
        self._next()

    def _next(self) -> None:
        if self.is_stopping:
            self.leave()
        elif self.ply == len(self.game.moves):
            self._finish()
        elif self.manner.think_s:
            self._due_s = max(self._due_s + self.manner.think_s, perf_counter())
            self._loop.call_later(self._due_s - perf_counter(), self._play)
        else:
            self._play()

    def _play(self) -> None:
        if self.left.done():
            return
        uci = self.game.moves[self.ply]
        mover = self.players[(self.ply & 1) ^ self.is_swapped]
        self.ply += 1
        self.waiting = 2
        named = f',"id":"{self.rounds}-{self.ply}"' if self.manner.with_ids else ""
        move = f'{{"type":"move","uci":"{uci}","ply":{self.ply}{named}}}'.encode()
        self.played = f'"uci":"{uci}"'.encode()
        version = self.version + 1
        self.sent_s[version] = self.moved_at_s = perf_counter()
        if len(self.sent_s) > REMEMBERED:
            for old in list(self.sent_s)[: REMEMBERED // 2]:
                del self.sent_s[old]
        mover.say(move)

    def arrived(self, text: bytes) -> None:
        """A player has the frame of the move."""
        if self.played not in text:
            self.score.players.disordered += 1
        self.waiting -= 1
        if self.waiting == 0:
            score = self.score
            score.moves += 1
            if score.players.is_measuring:
                score.latencies_s.append(perf_counter() - self.moved_at_s)
                score.frame_bytes.append(len(text))
            if self.ply == 2:
                self.has_moved.set()
            self._next()

    def _finish(self) -> None:
        self.has_ended.set()
        if self.manner.after == "hold":
            return
        if self.manner.is_bare:
            self.score.games += 1
            self.rounds += 1
            self._begin() if self.is_watched else self.leave()
        elif not self.game.ends:
            self.players[0].say(b'{"type":"resign"}')

    def over(self) -> None:
        """A player has the frame of the game's end."""
        self._over += 1
        if self._over == 2:
            self.score.games += 1
            self.is_stopping |= self.manner.after == "leave"
            if not self.is_watched or self.is_stopping:
                self.leave()
                return
            self.rounds += 1
            self.is_swapped = not self.is_swapped
            self.players[0].say(b'{"type":"offer","kind":"rematch"}')
