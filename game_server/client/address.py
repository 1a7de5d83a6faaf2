"""Where a room is: every way in which people write it down, and the addresses that follow from it."""

import ipaddress
import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode, urlsplit

from game_server.wire.requests import ROOM_ID_PATTERN

_PAGES: Final = re.compile(r"^(?P<base>.*?)/(?:room|rooms|embed|ws/game|ws/watch|sse/game)/(?P<room>[^/]+)/?$")
_ROOM_ID: Final = re.compile(ROOM_ID_PATTERN)
_HOW: Final = "give a room's page (http://localhost:8000/room/mine), or the server's address and a room id"


@dataclass(frozen=True, slots=True)
class Address:
    """A server, and a room on it (None: not named). `origin` is http(s)://host[:port], with the path it is under."""

    origin: str
    room_id: str | None = None

    @property
    def page(self) -> str:
        """What people open in a browser."""
        return f"{self.origin}/room/{self.room_id}" if self.room_id else f"{self.origin}/"

    def socket(self, path: str, **query: str | None) -> str:
        """The WebSocket of the room under `path`, with what of `query` is not None."""
        given = {name: value for name, value in query.items() if value is not None}
        return f"ws{self.origin[4:]}/{path}/{self.room_id}{'?' + urlencode(given) if given else ''}"

    @property
    def is_local(self) -> bool:
        """Whether it is this machine: no proxy leads there."""
        host = urlsplit(self.origin).hostname or ""
        try:
            return ipaddress.ip_address(host).is_loopback
        except ValueError:
            return host == "localhost" or host.endswith(".localhost")


def address(url: str, room_id: str | None = None) -> Address:
    """The server and the room that `url` names, or `url` and `room_id` together.

    Raises ValueError with a sentence that says what would be right.

    >>> address("http://localhost:8000/room/mine")
    Address(origin='http://localhost:8000', room_id='mine')
    >>> address("wss://chess.example.org/ws/game/mine").page
    'https://chess.example.org/room/mine'
    >>> address("localhost:8000", "mine").socket("ws/game", name="Deep Thought")
    'ws://localhost:8000/ws/game/mine?name=Deep+Thought'
    """
    parts = urlsplit(url if "://" in url else f"http://{url}")
    secure = {"http": "", "ws": "", "https": "s", "wss": "s"}.get(parts.scheme)
    if secure is None or not parts.hostname:
        raise ValueError(f"{url!r} is no address of a server: {_HOW}")
    path = parts.path
    if found := _PAGES.match(path):
        path, named = found["base"], found["room"]
        if room_id not in (None, named):
            raise ValueError(f"{url!r} already names the room {named!r}, and {room_id!r} was asked for")
        room_id = named
    if room_id is not None and not _ROOM_ID.match(room_id):
        raise ValueError(f"a room id has 1 to 64 letters, digits, - and _; got {room_id[:80]!r}")
    return Address(f"http{secure}://{parts.netloc.rpartition('@')[2]}{path.rstrip('/')}", room_id)


def room_address(url: str, room_id: str | None = None) -> Address:
    """`address`, if it names a room. Raises ValueError."""
    place = address(url, room_id)
    if place.room_id is None:
        raise ValueError(f"{url!r} names no room: {_HOW}")
    return place
