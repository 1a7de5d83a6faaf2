"""Players and spectators at the whole application, in one process: FastAPI's TestClient, and a driver for streams.

What is sent is checked here, in every test: that a frame has exactly the fields that PROTOCOL.md names, that versions
follow each other without a gap, and that nobody waits for ever.
"""

import json
import secrets
from contextlib import ExitStack
from urllib.parse import urlencode

import anyio
from starlette.testclient import TestClient

from game_server.app import create_app
from game_server.settings import Settings

PATIENCE_S = 5      # no test waits so long unless it fails
SEAT_TOKEN = "token_of_a_newcomer_000000"

PLAYED = {"v", "at"}
FIELDS = {
    "welcome": {"protocol", "room_id", "epoch", "player_id", "color", "server_time", "heartbeat_s"},
    "state": {
        *("v", "epoch", "at", "room_id", "options", "game_id", "status", "variant", "initial_fen", "fen", "turn"),
        *("ply", "moves", "white", "black", "time_control", "clock", "offers", "result", "winner", "reason", "check"),
        *("score", "spectators", "chat"),
    },
    "room_opened": PLAYED | {"room_id", "epoch", "options"},
    "player_joined": PLAYED | {"color", "player_id", "name", "bot"},
    "player_left": PLAYED | {"color", "player_id", "name", "bot"},
    "game_started": PLAYED | {"game_id", "white", "black", "variant", "fen", "clock", "score"},
    "move": PLAYED | {"ply", "color", "uci", "san", "fen", "check", "clock", "lag_ms", "given_back_ms"},
    "takeback": PLAYED | {"ply", "fen", "clock"},
    "offer": PLAYED | {"kind", "by"},
    "offer_cancelled": PLAYED | {"kind", "by"},
    "player_disconnected": PLAYED | {"color", "policy", "forfeit_at"},
    "player_reconnected": PLAYED | {"color"},
    "clock": PLAYED | {"clock", "reason"},
    "game_over": PLAYED | {"game_id", "result", "winner", "reason", "clock", "score", "pgn_url"},
    "chat": PLAYED | {"by", "name", "room", "text"},
    "room_closed": PLAYED | {"reason"},
    "presence": {"white", "black", "spectators"},
    "ack": {"id", "v"},
    "error": {"code", "message"},
    "pong": {"t", "server_time"},
    "room": {
        *("room_id", "status", "white", "black", "time_control", "variant", "fen", "last_move", "clock", "spectators")
    },
}
OPTIONAL = {"welcome": {"token"}, "error": {"id"}}
VERSIONED = {kind for kind, fields in FIELDS.items() if fields >= PLAYED} - {"state"}
SOON = {"flicker_s": 0.05, "grace_s": 0.2}      # for rooms in which somebody is to stay away


class Ended(AssertionError):  # noqa: N818 - how a connection ends
    """The server has closed the connection."""

    def __init__(self, code, reason):
        super().__init__(code, reason)
        self.code, self.reason = code, reason


class Listener:
    """What one feed has shown. `texts` has its versioned frames as they came, `presence` the latest of its kind."""

    def __init__(self):
        self.texts = []
        self.presence = None
        self.v = None
        self.epoch = None

    def heard(self, text):
        """The frame that `text` holds. None for presence, which may come at any time."""
        frame = json.loads(text)
        kind = frame["type"]
        assert FIELDS[kind] <= frame.keys() - {"type"} <= FIELDS[kind] | OPTIONAL.get(kind, set()), text
        if kind in ("welcome", "state", "room_opened"):
            self.epoch = frame["epoch"]
        if kind in VERSIONED:
            assert self.v is None or frame["v"] == self.v + 1, text
            self.texts.append(text)
        if kind in VERSIONED | {"state"}:
            self.v = frame["v"]
        if kind == "presence":
            self.presence = frame
            return None
        return frame

    @property
    def position(self):
        return f"{self.epoch}:{self.v}"

    def frame(self, timeout_s=PATIENCE_S):
        """The next frame that is not presence. Raises Ended, or TimeoutError."""
        while True:
            frame = self.heard(self.text(timeout_s))
            if frame is not None:
                return frame

    def frames(self, count):
        return [self.frame() for _ in range(count)]

    def until(self, kind):
        """The next frame of that kind."""
        while (frame := self.frame())["type"] != kind:
            pass
        return frame

    def kinds_until(self, kind):
        kinds = []
        while not kinds or kinds[-1] != kind:
            kinds.append(self.frame()["type"])
        return kinds

    def ended(self):
        """The frames before the end, and its code and reason (None for a stream)."""
        frames = []
        while True:
            try:
                frames.append(self.frame())
            except Ended as ended:
                return frames, ended.code, ended.reason

    def silent(self, seconds=0.1):
        """Whether nothing but presence comes for so long."""
        try:
            self.frame(seconds)
        except TimeoutError:
            return True
        return False

    def present(self, **wanted):
        """Waits for such a presence."""
        while self.presence is None or not wanted.items() <= self.presence.items():
            assert self.heard(self.text()) is None
        return self.presence


class Socket(Listener):
    """A player's or a spectator's WebSocket."""

    def __init__(self, session):
        super().__init__()
        self.session = session
        self.token = None
        self.color = None

    def text(self, timeout_s=PATIENCE_S):
        message = self.session.portal.call(received, self.session._send_rx, timeout_s)
        if message["type"] == "websocket.close":
            raise Ended(message["code"], message.get("reason", ""))
        return message["text"]

    def seated(self):
        """Hears `welcome` and `state`."""
        self.welcome, self.state = self.frames(2)
        assert (self.welcome["type"], self.state["type"]) == ("welcome", "state")
        self.token = self.welcome.get("token", self.token)
        self.color = self.welcome["color"]
        return self

    def tell(self, kind, /, **fields):
        self.session.send_text(json.dumps({"type": kind, **fields}))

    def ask(self, kind, /, **fields):
        """Sends a command; the frames up to its answer, and the answer."""
        fields.setdefault("id", secrets.token_hex(4))
        self.tell(kind, **fields)
        frames = []
        while True:
            frame = self.frame()
            if frame["type"] in ("ack", "error") and frame.get("id") == fields["id"]:
                return frames, frame
            frames.append(frame)

    def acked(self, kind, /, **fields):
        """The frames a command causes."""
        frames, answer = self.ask(kind, **fields)
        assert answer["type"] == "ack", answer
        return frames

    def refused(self, kind, /, **fields):
        """The code with which a command is refused."""
        _, answer = self.ask(kind, **fields)
        assert answer["type"] == "error", answer
        assert answer["message"]
        return answer["code"]

    def leave(self, code=1006):
        self.session.close(code)


async def received(stream, timeout_s):
    with anyio.fail_after(timeout_s):
        return await stream.receive()


class Stream(Listener):
    """A spectator's server-sent events, over the bare ASGI application."""

    def __init__(self, client, path, headers):
        super().__init__()
        self.portal = client.portal
        self.status = None
        self.headers = {}
        self.head = ""          # what came before the first event
        self.ids = []
        self.is_ended = self.has_left = False
        self._sent, self._chunks = self.portal.call(pipe)
        self._asked, self._asks = self.portal.call(pipe)
        path, _, query = path.partition("?")
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": "GET",
            "scheme": "http",
            "path": path,
            "query_string": query.encode(),
            "root_path": "",
            "headers": [(b"host", b"testserver"), *((k.lower().encode(), v.encode()) for k, v in headers.items())],
            "client": ("testclient", 1),
            "server": ("testserver", 80),
        }
        self.portal.call(self._asked.send, {"type": "http.request", "body": b"", "more_body": False})
        self.task = self.portal.start_task_soon(client.app, scope, self._asks.receive, self._sent.send)
        start = self.portal.call(received, self._chunks, PATIENCE_S)
        self.status = start["status"]
        self.headers = {name.decode(): value.decode() for name, value in start["headers"]}

    def chunk(self, timeout_s=PATIENCE_S):
        message = self.portal.call(received, self._chunks, timeout_s)
        self.is_ended = not message.get("more_body", False)
        return message["body"].decode()

    def text(self, timeout_s=PATIENCE_S):
        while True:
            block = self.chunk(timeout_s)
            if self.is_ended:
                raise Ended(None, None)
            fields = dict(line.split(": ", 1) for line in block.strip().splitlines() if not line.startswith(":"))
            if "data" not in fields:
                self.head += block
                continue
            frame = json.loads(fields["data"])
            assert fields["event"] == frame["type"]
            assert ("id" in fields) is ("v" in frame)
            if "id" in fields:
                self.ids.append(fields["id"])
            return fields["data"]

    def body(self):
        """All that comes until the end."""
        text = self.chunk()
        while not self.is_ended:
            text += self.chunk()
        return text

    def leave(self):
        if self.has_left:
            return
        self.has_left = True
        self.portal.call(self._asked.send, {"type": "http.disconnect"})
        self.task.result(PATIENCE_S)
        for end in (self._sent, self._chunks, self._asked, self._asks):
            self.portal.call(end.aclose)


async def pipe():
    return anyio.create_memory_object_stream(1_000)


class Club:
    """The application with its own store, and everybody who is connected to it; they leave when the test ends."""

    def __init__(self, folder, **settings):
        chosen = {"database_url": f"sqlite:///{folder}/{secrets.token_hex(4)}.db", "synchronous": "OFF"} | settings
        self.http = TestClient(create_app(Settings(**chosen)))
        self.guests = ExitStack()

    def __enter__(self):
        self.http.__enter__()
        return self

    def __exit__(self, *error):
        self.all_leave()
        return self.http.__exit__(*error)

    def all_leave(self):
        self.guests.close()

    def connect(self, room_id, path="/ws/game/", token=None, headers=None, subprotocols=None, **query):
        """A WebSocket that nobody has listened to yet. Raises WebSocketDisconnect if it is not accepted."""
        headers = dict(headers or {})
        if token is not None:
            headers["authorization"] = f"Bearer {token}"
        url = f"{path}{room_id}?{urlencode(query)}" if query else f"{path}{room_id}"
        session = self.http.websocket_connect(url, subprotocols=subprotocols, headers=headers)
        socket = Socket(self.guests.enter_context(session))
        socket.token = token
        return socket

    def join(self, room_id, **more):
        return self.connect(room_id, **more).seated()

    def refused(self, room_id, **more):
        """The close code and reason of a connection that gets no frame."""
        frames, code, reason = self.connect(room_id, **more).ended()
        assert frames == []
        return code, reason

    def watch(self, room_id, **query):
        return self.connect(room_id, path="/ws/watch/", **query)

    def stream(self, path, **headers):
        stream = Stream(self.http, path, headers)
        self.guests.callback(stream.leave)
        return stream

    def game(self, room_id=None, **options):
        """White and Black at a game that has started, both having heard so."""
        if options:
            room = self.http.post("/rooms", json={"color": "white", "name": "Anna", **options}).json()
            room_id, white = room["room_id"], self.join(room["room_id"], token=room["token"])
        else:
            white = self.join(room_id, color="white", name="Anna")
        white.room_id = room_id
        black = self.join(room_id, name="Boris")
        white.until("game_started")
        return white, black


def play(white, black, *ucis):
    """Plays the moves, and has both players hear them."""
    for number, uci in enumerate(ucis):
        mover, other = (white, black) if number % 2 == 0 else (black, white)
        assert mover.ask("move", uci=uci)[1]["type"] == "ack"
        while json.loads(other.texts[-1]).get("uci") != uci if other.texts else True:
            other.frame()
