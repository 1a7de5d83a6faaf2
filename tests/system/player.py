"""Players and spectators as a program sees them: small, honest clients that note everything they are shown.

A `Player` keeps its own token and its position, comes back by itself, and sends again what was not answered, with the
same id and ply. A listener of any kind checks what the protocol promises of versions: each exactly one more than the
one before; what it was shown before it was cut off is never shown again.
"""

import asyncio
import itertools
import json
import secrets
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any, Final, Self
from urllib.parse import urlencode

import chess
import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidMessage

PATIENCE_S: Final = 20      # no test waits so long unless it fails
BACK_OFF_S: Final = 0.05
FIRST_TEMPORARY_CODE: Final = 4500
FINAL_CODES: Final = frozenset({1007, 1008, 1009, *range(4000, FIRST_TEMPORARY_CODE)})

Frame = dict[str, Any]
OnTurn = Callable[["Player"], Awaitable[Any]]


class Broken(AssertionError):  # noqa: N818 - what it says
    """The server has not kept a promise."""


class Listener:
    """What one feed has shown: `shown` has the text of each versioned frame, by version.

    `texts` are all versioned frames in their order of arrival, `frames` everything.
    """

    def __init__(self, room_id: str, position: str | None = None) -> None:
        self.room_id = room_id
        self.position = position
        self.shown: dict[int, str] = {}
        self.texts: list[str] = []
        self.frames: list[Frame] = []
        self.may_be_told_all = True     # a `state` is due: at first, and after `sync`
        self.connects = 0
        self.fault: BaseException | None = None
        self._news = asyncio.Event()

    @property
    def v(self) -> int:
        return int(self.position.rpartition(":")[2]) if self.position else 0

    def hear(self, text: str) -> Frame:
        """Notes a frame and checks its version. Raises Broken."""
        frame: Frame = json.loads(text)
        self.frames.append(frame)
        if frame["type"] == "state":
            if not self.may_be_told_all:
                raise Broken(f"state instead of the frames after {self.position}: {text[:200]}")
            self.may_be_told_all = False
            self.position = f"{frame['epoch']}:{frame['v']}"
        elif "v" in frame and "at" in frame:
            self._note(frame["v"], text)
            if frame["type"] == "room_opened":
                self.position = f"{frame['epoch']}:1"
        self._news.set()
        return frame

    def _note(self, v: int, text: str) -> None:
        epoch, _, last = (self.position or ":0").rpartition(":")
        if v != int(last) + 1:
            raise Broken(f"version {v} after {last}: {text[:200]}")
        self.shown[v] = text
        self.texts.append(text)
        self.position = f"{epoch}:{v}"

    def moves(self) -> list[Frame]:
        return [frame for frame in self.frames if frame["type"] == "move"]

    def of(self, kind: str) -> list[Frame]:
        return [frame for frame in self.frames if frame["type"] == kind]

    async def until(self, is_so: Callable[[], Any], timeout_s: float = PATIENCE_S) -> Any:
        """What `is_so` returns once it is true. Raises the listener's own fault, or TimeoutError."""
        async with asyncio.timeout(timeout_s):
            while not (result := is_so()):
                if self.fault is not None:
                    raise self.fault
                self._news.clear()
                await self._news.wait()
        return result

    async def until_it(self, is_so: Callable[[Self], Any], timeout_s: float = PATIENCE_S) -> Any:
        """`until`, for loops: `is_so` is asked about this listener."""
        return await self.until(lambda: is_so(self), timeout_s)

    async def first(self, kind: str, **fields: Any) -> Frame:
        """The first frame of that type with these fields, awaited if need be."""

        def found() -> Frame | None:
            fitting = (f for f in self.of(kind) if fields.items() <= f.items())
            return next(fitting, None)

        frame: Frame = await self.until(found)
        return frame


class _Runner(Listener):
    """A listener with a task of its own: `async with` it."""

    close_code: int | None = None
    close_reason: str = ""
    _task: "asyncio.Task[None] | None" = None

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._guarded())
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._task is not None
        self._task.cancel()
        await asyncio.wait([self._task])    # not `await self._task`: its cancellation could not be told from our own

    async def _guarded(self) -> None:
        try:
            await self._run()
        except Exception as error:  # noqa: BLE001 - raised in `until`
            self.fault = error
        finally:
            self._news.set()

    async def _run(self) -> None:
        raise NotImplementedError

    @property
    def is_over(self) -> bool:
        return self._task is not None and self._task.done()

    async def ended(self) -> int | None:
        """The close code with which it was told not to come back."""
        await self.until(lambda: self.is_over)
        if self.fault is not None:
            raise self.fault
        return self.close_code


def query_of(**fields: Any) -> str:
    return urlencode({name: value for name, value in fields.items() if value is not None})


@asynccontextmanager
async def dialled(
    url: str, *, token: str | None = None, form: str = "header", tls: ssl.SSLContext | None = None, **options: Any
) -> AsyncIterator[ClientConnection]:
    """A WebSocket, with the token in one of its three forms: header, subprotocol or query."""
    headers: dict[str, str] = dict(options.pop("additional_headers", {}))
    subprotocols = ["chess.v1"]
    if token is not None and form == "header":
        headers["Authorization"] = f"Bearer {token}"
    elif token is not None and form == "subprotocol":
        subprotocols.append(f"token.{token}")
    elif token is not None:
        url += ("&" if "?" in url else "?") + query_of(token=token)
    async with connect(
        url,
        additional_headers=headers,
        subprotocols=subprotocols,  # type: ignore[arg-type]
        compression=None,
        ping_interval=None,
        proxy=None,
        ssl=tls,
        open_timeout=PATIENCE_S,
        close_timeout=2,
        **options,
    ) as socket:
        yield socket


class SocketListener(_Runner):
    """A listener over a WebSocket that comes back by itself until it is told not to."""

    path = "/ws/watch/"

    def __init__(
        self, ws_url: str, room_id: str, position: str | None = None, *, tls: ssl.SSLContext | None = None
    ) -> None:
        super().__init__(room_id, position)
        self.tls = tls
        self.ws_url = ws_url
        self.socket: ClientConnection | None = None
        self.codes: list[int] = []

    def url(self) -> str:
        query = query_of(since=self.position)
        return f"{self.ws_url}{self.path}{self.room_id}{'?' + query if query else ''}"

    def dial(self) -> Any:
        return dialled(self.url(), tls=self.tls)

    async def _run(self) -> None:
        while True:
            with suppress(OSError, InvalidHandshake, InvalidMessage, TimeoutError):
                async with self.dial() as self.socket:
                    await self._listen(self.socket)
                if self.close_code in FINAL_CODES:
                    return
            self.socket = None
            await asyncio.sleep(BACK_OFF_S)

    async def _listen(self, socket: ClientConnection) -> None:
        self.connects += 1
        try:
            while True:
                text = await socket.recv()
                assert isinstance(text, str)
                await self.take(self.hear(text), text)
        except ConnectionClosed as closed:
            self.close_code = closed.rcvd.code if closed.rcvd else 1006
            self.close_reason = closed.rcvd.reason if closed.rcvd else ""
            self.codes.append(self.close_code)
            self._news.set()

    async def take(self, frame: Frame, text: str) -> None:
        """What a listener does with a frame, besides noting it."""

    async def drop(self) -> None:
        """Loses the connection without a word; it will come back."""
        assert self.socket is not None
        self.socket.transport.abort()


Watcher = SocketListener


class Player(SocketListener):
    """A player with a token of its own.

    Commands that have an id wait in `pending` until they are answered, and are sent again after every reconnect, in
    order. `board` follows the moves, and every position is compared with what the server says.
    """

    path = "/ws/game/"

    def __init__(
        self,
        ws_url: str,
        room_id: str,
        *,
        token: str | None = None,
        form: str = "header",
        position: str | None = None,
        tls: ssl.SSLContext | None = None,
        **wishes: Any,
    ) -> None:
        super().__init__(ws_url, room_id, position, tls=tls)
        self.token = token or secrets.token_urlsafe(24)
        self.form = form
        self.wishes = wishes
        self.welcome: Frame = {}
        self.pending: dict[str, str] = {}
        self.answers: dict[str, str] = {}
        self.resent = 0
        self.is_welcome = False
        self.on_turn: OnTurn | None = None
        self.board = chess.Board()
        self.is_playing = False
        self.over: Frame | None = None
        self._ids = (f"{secrets.token_hex(4)}-{number}" for number in itertools.count(1))

    def url(self) -> str:
        return f"{self.ws_url}{self.path}{self.room_id}?{query_of(since=self.position, **self.wishes)}"

    def dial(self) -> Any:
        self.is_welcome = False
        return dialled(self.url(), token=self.token, form=self.form, tls=self.tls)

    @property
    def color(self) -> str:
        color: str = self.welcome["color"]
        return color

    @property
    def ply(self) -> int:
        return len(self.board.move_stack)

    @property
    def is_to_move(self) -> bool:
        return self.is_playing and self.board.turn == (self.color == "white")

    async def take(self, frame: Frame, text: str) -> None:
        match frame["type"]:
            case "welcome":
                await self._welcomed(frame)
            case "state":
                self._set_up(frame)
                await self._turn()
            case "game_started":
                self.board = chess.Board(frame["fen"], chess960=frame["variant"] == "chess960")
                self.is_playing = True
                await self._turn()
            case "move":
                self._moved(frame)
                await self._turn()
            case "takeback":
                self._taken_back(frame)
                await self._turn()
            case "game_over":
                self.is_playing, self.over = False, frame
            case "ack" | "error" if "id" in frame:
                self._answered(frame["id"], text)
                await self._turn()

    async def _turn(self) -> None:
        if self.on_turn is not None and self.is_to_move and not self.pending:
            await self.on_turn(self)

    async def _welcomed(self, frame: Frame) -> None:
        if self.welcome and frame["player_id"] != self.welcome["player_id"]:
            raise Broken(f"came back as {frame['player_id']}, was {self.welcome['player_id']}")
        self.welcome = frame
        self.is_welcome = True
        for text in list(self.pending.values()):
            self.resent += 1
            await self._send(text)

    def _set_up(self, frame: Frame) -> None:
        self.board = chess.Board(frame["initial_fen"], chess960=frame["variant"] == "chess960")
        for move in frame["moves"]:
            self.board.push_uci(move["uci"])
        self.is_playing = frame["status"] == "playing"
        if self.board.fen() != frame["fen"]:
            raise Broken(f"{frame['fen']}, should be {self.board.fen()}")

    def _moved(self, frame: Frame) -> None:
        if frame["ply"] != self.ply + 1:
            raise Broken(f"ply {frame['ply']} after {self.ply}")
        san = self.board.san(chess.Move.from_uci(frame["uci"]))
        self.board.push_uci(frame["uci"])
        if (frame["san"], frame["fen"]) != (san, self.board.fen()):
            raise Broken(f"{frame} should have {san} and {self.board.fen()}")

    def _taken_back(self, frame: Frame) -> None:
        while self.ply > frame["ply"]:
            self.board.pop()
        if frame["fen"] != self.board.fen():
            raise Broken(f"{frame} should have {self.board.fen()}")

    def _answered(self, command_id: str, text: str) -> None:
        before = self.answers.setdefault(command_id, text)
        if before != text:
            raise Broken(f"answered with {text}, before with {before}")
        self.pending.pop(command_id, None)

    async def _send(self, text: str) -> None:
        if self.socket is not None and self.is_welcome:
            with suppress(ConnectionClosed):
                await self.socket.send(text)

    async def send(self, **message: Any) -> str:
        """Sends a command that will be answered, now and after every reconnect; its id."""
        command_id = message.setdefault("id", next(self._ids))
        self.pending[command_id] = text = json.dumps(message)
        await self._send(text)
        return str(command_id)

    async def do(self, **message: Any) -> Frame:
        """The answer to a command."""
        command_id = await self.send(**message)
        await self.until(lambda: command_id not in self.pending)
        answer: Frame = json.loads(self.answers[command_id])
        return answer

    async def again(self, **message: Any) -> None:
        """Sends a command that was answered, with its id, once more; Broken if the answer is another one."""
        await self.send(**message)
        await self.until(lambda: message["id"] not in self.pending)

    def successor(self) -> "Player":
        """The same player, on another device that knows what this one knows."""
        other = Player(self.ws_url, self.room_id, token=self.token, position=self.position, tls=self.tls)
        other.board, other.is_playing = self.board.copy(), self.is_playing
        other.may_be_told_all = False
        return other

    async def move(self, uci: str) -> Frame:
        await self.until(lambda: self.is_to_move)
        return await self.do(type="move", uci=uci, ply=self.ply + 1)

    async def leave(self, code: int = 1000) -> None:
        """Closes the connection and does not come back."""
        socket = self.socket
        await self.__aexit__()
        if socket is not None:
            await socket.close(code)


class Stream(_Runner):
    """A spectator over server-sent events that comes back with `Last-Event-ID` until it gets 204."""

    def __init__(
        self, url: str, room_id: str, position: str | None = None, *, tls: ssl.SSLContext | None = None
    ) -> None:
        super().__init__(room_id, position)
        self.url = f"{url}/sse/game/{room_id}"
        self.tls = tls
        self.ends = 0
        self.status = 0

    async def _run(self) -> None:
        verify: Any = self.tls if self.tls is not None else False
        async with httpx.AsyncClient(timeout=PATIENCE_S, trust_env=False, verify=verify) as http:
            while self.status in (0, 200, 503):
                with suppress(httpx.TransportError):
                    await self._listen(http)
                self._news.set()
                await asyncio.sleep(BACK_OFF_S)

    async def _listen(self, http: httpx.AsyncClient) -> None:
        headers = {"Last-Event-ID": self.position} if self.position else {}
        async with http.stream("GET", self.url, headers=headers) as response:
            self.status = response.status_code
            if self.status != 200:
                return
            self.connects += 1
            unread = b""
            async for chunk in response.aiter_bytes():
                *events, unread = (unread + chunk).split(b"\n\n")
                for event in events:
                    self._event(event.decode())
            self.ends += 1      # in good order

    def _event(self, text: str) -> None:
        event = dict(line.split(": ", 1) for line in text.split("\n") if not line.startswith(":"))
        if "data" not in event:
            return
        frame = self.hear(event["data"])
        expected = self.position if "v" in frame else None
        if (event["event"], event.get("id")) != (frame["type"], expected):
            raise Broken(f"{event} should have the id {expected}")
