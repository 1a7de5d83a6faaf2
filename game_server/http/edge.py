"""What every route and socket shares: the worker's rooms, the choices of who runs the server, and who is connected."""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from starlette.convertors import PathConvertor, register_url_convertor
from starlette.types import Scope

from game_server.bus.bus import Bus
from game_server.core.options import Defaults
from game_server.core.refusals import Code
from game_server.http.beats import Beats
from game_server.http.limits import LimitOptions, Limits
from game_server.rooms.accounts import Accounts
from game_server.rooms.directory import Directory
from game_server.rooms.lobby import Lobby
from game_server.store.log import EventLog

logger = logging.getLogger(__name__)


class Anything(PathConvertor):
    """A path's rest, whatever it is: a bad room id is refused with 4004, also one with a line break."""

    regex = "(?s:.*)"


register_url_convertor("anything", Anything())


class Drainable(Protocol):
    """A connection that outlives a request."""

    @property
    def is_writable(self) -> bool:
        """Whether the peer reads what it is sent."""

    async def drain(self) -> None:
        """Tells the peer that the server restarts, and ends the connection."""


@dataclass(frozen=True, slots=True)
class EdgeOptions:
    """Choices of who runs the server. `origin` is how others reach it (`http://192.168.1.5:8000`), None if unknown."""

    defaults: Defaults = field(default_factory=Defaults)
    auto_create_rooms: bool = True
    heartbeat_s: float = 10
    allowed_origins: frozenset[str] = frozenset()
    origin: str | None = None
    open_accounts: bool = True
    limits: LimitOptions = field(default_factory=LimitOptions)


@dataclass(slots=True)
class Edge:
    """This worker's edge. `connections` are the open sockets and streams, until they end; `refusals` and `closes`
    count what was refused and how WebSockets ended, by code."""

    directory: Directory
    log: EventLog
    now: Callable[[], int]
    options: EdgeOptions
    accounts: Accounts
    bus: Bus
    lobby: Lobby
    connections: set[Drainable] = field(default_factory=set)
    is_draining: bool = False
    refusals: defaultdict[Code, int] = field(default_factory=lambda: defaultdict(int))
    closes: defaultdict[int, int] = field(default_factory=lambda: defaultdict(int))
    limits: Limits = field(init=False)
    _beats: dict[float, Beats] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.limits = Limits(self.options.limits, self.now)

    def beats(self, every_s: float) -> Beats:
        """What all streams share that are kept alive by something said every `every_s`."""
        if every_s not in self._beats:
            self._beats[every_s] = Beats(every_s)
        return self._beats[every_s]

    async def drain(self) -> None:
        """Ends every connection: sockets with 1012, streams at their end. Nobody counts as having left by it.

        A peer that does not read could not be told, and would keep the others waiting: the server cuts it off.
        """
        self.is_draining = True
        async with asyncio.TaskGroup() as tasks:
            for connection in tuple(self.connections):
                if connection.is_writable:
                    tasks.create_task(_drained(connection))


async def _drained(connection: Drainable) -> None:
    try:
        await connection.drain()
    except (OSError, RuntimeError):     # it has just ended by itself, which must not keep the others from ending well
        logger.debug("a connection ended while it was drained")


def edge_of(scope: Scope) -> Edge:
    """The edge of the application that serves this connection; there from the start of its lifespan."""
    edge = scope["app"].state.edge
    assert isinstance(edge, Edge)
    return edge
