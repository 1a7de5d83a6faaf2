"""How many TCP connections are open here, whatever they are for: from the first byte on, and also without any.

Sockets and streams are counted by `limits` too, once they have asked for something; this is for what stands before: who
connects and says nothing, sends headers that never end, or keeps a connection that it does not use. Nothing is kept for
one connection, only a number for each address.
"""

from collections import Counter, defaultdict
from collections.abc import Callable
from functools import lru_cache
from typing import Final

from game_server.http.limits import CROWDED_S, counted_as

MOST_TURNED_AWAY: Final = 200       # so many at once are told why; others are dropped without a word
CROWDED: Final = (
    b"HTTP/1.1 503 Service Unavailable\r\nretry-after: %d\r\nconnection: close\r\ncontent-length: 0\r\n\r\n" % CROWDED_S
)

_counted_as = lru_cache(4_096)(counted_as)     # asked three times for each connection, at 7 µs


class OpenConnections:
    """Those of one worker: at most `most`, and `most_each` from one address that is no proxy, through which everybody
    comes; 0: any number. What is refused is added to `hits`, by limit.
    """

    def __init__(
        self, most: int, most_each: int, is_proxy: Callable[[str], bool], hits: defaultdict[str, int]
    ) -> None:
        self._most = most
        self._most_each = most_each
        self._is_proxy = is_proxy
        self._hits = hits
        self._by_address: Counter[str] = Counter()
        self._turned_away: set[object] = set()
        self.count = 0

    def may_enter(self, client: tuple[str, int] | None) -> bool:
        """Whether one more may come from there. Cost: 1 µs."""
        if 0 < self._most <= self.count:
            self._hits["tcp_connections"] += 1
            return False
        host = client[0] if client else ""
        if 0 < self._most_each <= self._by_address[_counted_as(host)] and not self._is_proxy(host):
            self._hits["tcp_connections_per_address"] += 1
            return False
        return True

    def enter(self, client: tuple[str, int] | None) -> None:
        """Counts a connection: `leave` with the same `client` must follow."""
        self.count += 1
        self._by_address[_counted_as(client[0] if client else "")] += 1

    def leave(self, client: tuple[str, int] | None) -> None:
        self.count -= 1
        address = _counted_as(client[0] if client else "")
        self._by_address[address] -= 1
        if not self._by_address[address]:
            del self._by_address[address]

    def turn_away(self, connection: object) -> bool:
        """Remembers one that may not enter, until `has_gone`; False: there is no place to tell it why."""
        self._turned_away.add(connection)
        return len(self._turned_away) <= MOST_TURNED_AWAY

    def has_gone(self, connection: object) -> bool:
        """To be asked when a connection is lost: whether it was turned away, and so is not to `leave`."""
        if connection not in self._turned_away:
            return False
        self._turned_away.discard(connection)
        return True
