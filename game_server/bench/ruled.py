"""The bare relay, and what a move is besides: the floor under a move's cost, before there is a room, a log or a lobby.

`rules`: the move is legal, and has its SAN, its FEN and what it ends. `core`: it is decided, folded and written as the
server does it, clocks, offers and time's consequences included. Nothing is stored, locked, counted or remembered.

It has players and WebSocket spectators, no event streams.

    python -m game_server.bench.ruled rules|core        prints its port
"""

import json
import sys
import time
from collections.abc import Callable
from typing import Final

from game_server.bench import bare
from game_server.core import board
from game_server.core.clock import parse_time_control
from game_server.core.commands import OpenRoom, PlayMove, TakeSeat
from game_server.core.decide import decide
from game_server.core.evolve import evolve, fold
from game_server.core.ids import BLACK, WHITE, Color, Epoch, GameId, PlayerId, RoomId, TokenHash
from game_server.core.options import Options
from game_server.core.position import start_position
from game_server.core.room import Room
from game_server.wire.frames import event_text

Move = Callable[[str, int], str]    # the frame of the move that is called so, at that ply

OPTIONS: Final = Options(parse_time_control("5+3"))


def rules() -> Move:
    """A game of which only the position is known."""
    position = start_position("standard", None)
    version = 0

    def play(uci: str, ply: int) -> str:
        nonlocal position, version
        before = start_position("standard", None) if ply == 1 else position
        move = board.parse_move(before, uci)
        position = before.after(uci)
        san = board.san(before, move, position)
        board.ending(position, "lichess")
        version += 1
        return (
            f'{{"v":{version},"at":{bare.FRAME["at"]},"type":"move","ply":{ply},"color":"{before.turn}","uci":"{uci}",'
            f'"san":"{san}","fen":"{position.fen}","check":{"true" if position.is_check else "false"},'
            f'"clock":{{"white":300000,"black":300000,"running":null}},"lag_ms":0,"given_back_ms":0}}'
        )

    return play


def core() -> Move:
    """A room as the server's core has it; each game begins in a new one, whose versions go on."""
    room = _begun()
    version = 0

    def play(uci: str, ply: int) -> str:
        nonlocal room, version
        if ply == 1:
            room = _begun()._replace(version=version)
        version += 1
        assert room.game is not None
        texts = list[str]()
        for event in decide(room, PlayMove(room.game.turn, uci, ply), _now_ms()):
            after = evolve(room, event)
            texts.append(event_text(room, event, after)[1])
            room = after
        return texts[0]

    return play


def _begun() -> Room:
    room = fold(None, decide(None, OpenRoom(RoomId("bench"), Epoch("bench"), OPTIONS), _now_ms()))
    for color in (WHITE, BLACK):
        room = fold(room, decide(room, _seat(color), _now_ms()))
    assert room is not None
    return room


def _seat(color: Color) -> TakeSeat:
    player_id, token_hash = PlayerId(color), TokenHash(color)
    return TakeSeat(color, player_id, token_hash, "Bench", is_bot=False, by_socket=True, game_id=GameId("g"), chance=0)


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


class Table(bare.Room):
    """Who sits and watches there, and the game that is played."""

    def __init__(self, play: Move) -> None:
        super().__init__()
        self.play = play


def app(begin: Callable[[], Move]) -> bare.App:
    """The bare relay's application, whose moves are those of games that `begin` makes."""
    tables: dict[str, Table] = {}

    async def ruled(scope: bare.Message, receive: bare.Receive, send: bare.Send) -> None:
        if scope["type"] != "websocket":
            await bare.app(scope, receive, send)
            return
        name = scope["path"].rpartition("/")[2]
        table = tables.get(name) or tables.setdefault(name, Table(begin()))
        await receive()
        await send({"type": "websocket.accept"})
        await bare.listening(table.sockets, send, _relay(table, receive))
        if not table.sockets:
            tables.pop(name, None)

    return ruled


async def _relay(table: Table, receive: bare.Receive) -> None:
    while (message := await receive())["type"] != "websocket.disconnect":
        move = json.loads(message["text"])
        event: bare.Message = {"type": "websocket.send", "text": table.play(move["uci"], move["ply"])}
        for send in table.sockets:
            await send(event)


if __name__ == "__main__":
    bare.main(app({"rules": rules, "core": core}[sys.argv[1]]))
