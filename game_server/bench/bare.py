"""The baseline: a relay that knows no chess, on the same stack, with the limits that Tabiya ships.

Written to be fast, and not to be changed: it reads a JSON message, serialises one object of a `move` frame's size
once, and sends it to both players and to everybody who watches, one after the other. Raw ASGI on uvicorn as it comes:
`websockets-sansio`, uvloop, no deflate.

    python -m game_server.bench.bare         prints its port
"""

import asyncio
import json
import socket
from collections.abc import Awaitable, Callable
from typing import Any, Final

import uvicorn

Message = dict[str, Any]
Send = Callable[[Message], Awaitable[None]]
Receive = Callable[[], Awaitable[Message]]
App = Callable[[Message, Receive, Send], Awaitable[None]]

FRAME: Final[Message] = {
    "v": 0,
    "at": 1_795_237_190_908,
    "type": "move",
    "ply": 0,
    "color": "white",
    "uci": "e2e4",
    "san": "e4",
    "fen": "rnbqkbnr/pppppppp/8/8/4P3/8/PPPP1PPP/RNBQKBNR b KQkq - 0 1",
    "check": False,
    "clock": {"white": 300_000, "black": 300_000, "running": None},
    "lag_ms": 0,
    "given_back_ms": 0,
}
SSE_HEADERS: Final = [(b"content-type", b"text/event-stream; charset=utf-8"), (b"cache-control", b"no-store")]
encode: Final = json.JSONEncoder(separators=(",", ":")).encode


class Room:
    def __init__(self) -> None:
        self.version = 0
        self.sockets: list[Send] = []       # players and watchers
        self.streams: list[Send] = []


rooms: dict[str, Room] = {}


async def app(scope: Message, receive: Receive, send: Send) -> None:
    if scope["type"] == "lifespan":
        while True:
            message = await receive()
            await send({"type": f"{message['type']}.complete"})
            if message["type"] == "lifespan.shutdown":
                return
    room_id = scope["path"].rpartition("/")[2]
    room = rooms.setdefault(room_id, Room())
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.accept"})
        await listening(room.sockets, send, relay(room, receive))
    else:
        await send({"type": "http.response.start", "status": 200, "headers": SSE_HEADERS})
        await send({"type": "http.response.body", "body": b": hello\n\n", "more_body": True})
        await listening(room.streams, send, gone(receive))
    if not room.sockets and not room.streams:
        rooms.pop(room_id, None)


async def listening(listeners: list[Send], send: Send, until: Awaitable[None]) -> None:
    listeners.append(send)
    try:
        await until
    finally:
        listeners.remove(send)


async def relay(room: Room, receive: Receive) -> None:
    while True:
        message = await receive()
        if message["type"] == "websocket.disconnect":
            return
        move = json.loads(message["text"])
        room.version += 1
        text = encode({**FRAME, "v": room.version, "ply": move["ply"], "uci": move["uci"]})
        event: Message = {"type": "websocket.send", "text": text}
        for send in room.sockets:
            await send(event)
        if room.streams:
            body = f"id: bare:{room.version}\nevent: move\ndata: {text}\n\n".encode()
            event = {"type": "http.response.body", "body": body, "more_body": True}
            for send in room.streams:
                await send(event)


async def gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def main(app: App = app) -> None:
    config = uvicorn.Config(
        app,
        ws="websockets-sansio",
        loop="uvloop",
        http="httptools",
        interface="asgi3",
        ws_per_message_deflate=False,
        ws_max_size=8_192,
        ws_ping_interval=10,
        ws_ping_timeout=10,
        log_config=None,
        access_log=False,
        server_header=False,
    )
    with socket.create_server(("127.0.0.1", 0), backlog=2_048) as listening_socket:
        print(f"bare at http://127.0.0.1:{listening_socket.getsockname()[1]}", flush=True)
        server = uvicorn.Server(config)
        with asyncio.Runner(loop_factory=config.get_loop_factory()) as runner:
            runner.run(server.serve([listening_socket]))


if __name__ == "__main__":
    main()
