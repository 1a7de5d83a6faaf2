"""What one player or spectator may still say over its connection.

Moves are tried first, whatever else was said, and count only if nothing came of them. All other messages are counted,
and beyond the limit refused; what goes on regardless is a flood.
"""

from collections.abc import Hashable

from game_server.core.commands import Command, PlayMove, Say
from game_server.core.decide import decide
from game_server.core.ids import PlayerId
from game_server.core.refusals import Refused
from game_server.http.connection import Closed
from game_server.http.limits import Limited, Limits
from game_server.rooms.live import LiveRoom
from game_server.wire.close import CloseCode


class Quota:
    """One connection's view of the count that is kept under `key`. A seat's key outlives its connections, and so does
    the count.
    """

    __slots__ = ("_is_spent", "_key", "_limits")

    def __init__(self, limits: Limits, key: Hashable) -> None:
        self._limits = limits
        self._key = key
        self._is_spent = True       # until a look says otherwise: an earlier connection may have spent it

    def take(self) -> Limited | None:
        """Counts a message; the refusal if it is one too many. Raises Closed(KICKED) for who does not stop."""
        if self._limits.is_flood(self._key):
            raise Closed(CloseCode.KICKED, "too many messages, too fast")
        try:
            self._limits.require_message(self._key)
        except Limited as limited:
            self._is_spent = True
            return limited
        self._is_spent = not self._limits.is_heard(self._key)
        return None


class SeatQuota(Quota):
    """A player's."""

    __slots__ = ("_live",)

    def __init__(self, limits: Limits, live: LiveRoom, player_id: PlayerId) -> None:
        super().__init__(limits, seat_key(live, player_id))
        self._live = live

    def checked(self, command: Command) -> Command:
        """`command`, if it may be carried out: to be called at the moment of decision, so that a message that is sent
        again is answered as before. Raises Limited, which is not remembered: for chat, and for a move that would be
        refused anyway if too much was said already.
        """
        if self._is_spent and isinstance(command, PlayMove):
            self._is_spent = not self._limits.is_heard(self._key)
            if self._is_spent:
                self._require_legal(command)
        elif isinstance(command, Say):
            self._limits.require_chat(self._key)
        return command

    def _require_legal(self, command: PlayMove) -> None:
        try:
            decide(self._live.room, command, self._live.now_ms())
        except Refused:
            raise Limited("too many messages: only legal moves are heard", 1) from None


def seat_key(live: LiveRoom, player_id: PlayerId) -> Hashable:
    return live.room.room_id, player_id
