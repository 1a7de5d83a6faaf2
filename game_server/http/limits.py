"""What anybody may ask of this worker, how often and how much at once: the numbers, and who has used them up.

An address is counted as one, whoever is behind it: an IPv4 address, or an IPv6 network of 64 bits, which is what one
customer has. Whatever has no address, or says that it has one that is none, shares a single key.

Each worker counts for itself. Moves that are accepted are counted nowhere.
"""

import math
from collections import defaultdict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from http import HTTPStatus
from ipaddress import IPv6Address, ip_address
from typing import Final

from starlette.types import Scope

from game_server.core.ids import AccountId
from game_server.core.refusals import Code, Refused
from game_server.http.rates import Rate, Rates

MESSAGES_MS: Final = 20_000
CHAT_MS: Final = 10_000
REQUESTS_MS: Final = 60_000
ROOMS_MS: Final = 600_000
ACCOUNTS_MS: Final = 3_600_000
CHALLENGES_MS: Final = 600_000
FLOOD: Final = 3                # so many times its messages, and a connection is closed
PLAYERS_SHARE: Final = 10       # one connection in ten is kept for players
CROWDED_S: Final = 30           # when to ask again where nobody can know
UNKNOWN: Final = "unknown"


@dataclass(frozen=True, slots=True)
class LimitOptions:
    """How much is allowed; 0: any amount."""

    messages: int = 100
    chat: int = 5
    rooms_per_address: int = 1_000
    accounts_per_address: int = 100
    challenges_per_account: int = 100
    connections: int = 15_000
    connections_per_address: int = 2_000
    spectators: int = 10_000
    requests_per_address: int = 3_000


NO_LIMITS: Final = LimitOptions(0, 0, 0, 0, 0, 0, 0, 0, 0)


class Limited(Refused):
    """Too much, too often: may be asked again after `retry_after_s`. `status` is 503 if others have used it up."""

    def __init__(self, message: str, retry_after_s: int, status: HTTPStatus = HTTPStatus.TOO_MANY_REQUESTS) -> None:
        super().__init__(Code.RATE_LIMITED, message)
        self.retry_after_s = retry_after_s
        self.status = status


def address_of(scope: Scope) -> str:
    """As which a request or a socket is counted: by who stands behind trusted proxies, which `client` tells already."""
    client = scope.get("client")
    return counted_as(client[0] if client else "")


def counted_as(host: str) -> str:
    """See the module: the IPv4 address, the IPv6 network, or UNKNOWN."""
    try:
        address = ip_address(host)
    except ValueError:
        return UNKNOWN
    if not isinstance(address, IPv6Address):
        return str(address)
    if address.ipv4_mapped is not None:     # how a socket for both shows it
        return str(address.ipv4_mapped)
    return f"{IPv6Address(int(address) >> 64 << 64)}/64"


class Limits:
    """What is used of one worker. `hits` counts what each limit has refused.

    `require_…` raises Limited, or else counts what is asked for.
    """

    def __init__(self, options: LimitOptions, now: Callable[[], int]) -> None:
        self.options = options
        self.hits: defaultdict[str, int] = defaultdict(int)
        self._now = now
        self._messages = Rates(Rate(options.messages, MESSAGES_MS))
        self._floods = Rates(Rate(options.messages * FLOOD, MESSAGES_MS))
        self._chat = Rates(Rate(options.chat, CHAT_MS))
        self._requests = Rates(Rate(options.requests_per_address, REQUESTS_MS))
        self._rooms = Rates(Rate(options.rooms_per_address, ROOMS_MS))
        self._accounts = Rates(Rate(options.accounts_per_address, ACCOUNTS_MS))
        self._challenges = Rates(Rate(options.challenges_per_account, CHALLENGES_MS))
        self._open = 0
        self._open_by_address: defaultdict[str, int] = defaultdict(int)

    def require_request(self, address: str) -> None:
        self._take("requests", self._requests, address, "too many requests from your address")

    def note_request(self, address: str) -> None:
        """Counts one that was not refused, whatever its number: a move that came to nothing."""
        self._requests.take(address, self._now())

    def require_room(self, address: str) -> None:
        self._take("rooms", self._rooms, address, "too many rooms were opened from your address")

    def require_account(self, address: str) -> None:
        self._take("accounts", self._accounts, address, "too many accounts were made from your address")

    def require_challenge(self, account: AccountId) -> None:
        self._take("challenges", self._challenges, account, "too many challenges and seeks")

    def require_chat(self, key: Hashable) -> None:
        """A line of chat from that seat: programs greet in each of the games that they play at once."""
        self._take("chat", self._chat, key, "you chat too fast")

    def require_message(self, key: Hashable) -> None:
        """A message from that seat or spectator, accepted moves apart."""
        self._take("messages", self._messages, key, "too many messages")

    def _take(self, name: str, rates: Rates, key: Hashable, what: str) -> None:
        if wait_ms := rates.take(key, self._now()):
            wait_s = math.ceil(wait_ms / 1_000)
            raise self._hit(name, f"{what}: try again in {wait_s} s", wait_s)

    def is_heard(self, key: Hashable) -> bool:
        """Whether `require_message` would let another message pass."""
        return not self._messages.wait_ms(key, self._now())

    def is_flood(self, key: Hashable) -> bool:
        """Whether that seat or spectator goes on although it was told; to be asked once for each message."""
        if not self._floods.take(key, self._now()):
            return False
        self.hits["floods"] += 1
        return True

    def require_place(self, spectators: int) -> None:
        """For one more spectator in a room that has so many."""
        if 0 < self.options.spectators <= spectators:
            raise self._hit("spectators", "this room has as many spectators as may watch", CROWDED_S, is_ours=True)

    def enter(self, address: str, *, is_player: bool) -> None:
        """Counts a connection that is open from now on: `leave` must follow. Raises Limited, and then it must not.

        The last places are kept for players, so that a crowd keeps nobody from coming back to a game.
        """
        most, most_each = self.options.connections, self.options.connections_per_address
        if most and self._open >= (most if is_player else most - most // PLAYERS_SHARE):
            raise self._hit("connections", "the server has as many connections as it may", CROWDED_S, is_ours=True)
        if 0 < most_each <= self._open_by_address.get(address, 0):
            raise self._hit("connections_per_address", "too many connections from your address", CROWDED_S)
        self._open += 1
        self._open_by_address[address] += 1

    def leave(self, address: str) -> None:
        self._open -= 1
        self._open_by_address[address] -= 1
        if not self._open_by_address[address]:
            del self._open_by_address[address]

    def _hit(self, name: str, message: str, retry_after_s: int, *, is_ours: bool = False) -> Limited:
        self.hits[name] += 1
        status = HTTPStatus.SERVICE_UNAVAILABLE if is_ours else HTTPStatus.TOO_MANY_REQUESTS
        return Limited(message, retry_after_s, status)
