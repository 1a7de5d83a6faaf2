"""Telling a room's listeners who is here: soft, at most once a second, the newest announcement replacing older ones."""

from typing import Final

from game_server.rooms.frame import Frame
from game_server.wire.outbound import PresenceFrame
from game_server.wire.snapshot import Presence

PRESENCE_EVERY_MS: Final = 1_000


class Announcer:
    """What was announced last, and when."""

    def __init__(self) -> None:
        self.frame: Frame | None = None
        self._announced = Presence()
        self._announced_ms = 0

    def due_ms(self, presence: Presence) -> int | None:
        """When `presence` may be announced; None if it has been."""
        return None if presence == self._announced else self._announced_ms + PRESENCE_EVERY_MS

    def note(self, presence: Presence, now_ms: int) -> None:
        """Announces `presence` if it is new, and if the last announcement is long enough ago."""
        due_ms = self.due_ms(presence)
        if due_ms is None or now_ms < due_ms:
            return
        self._announced, self._announced_ms = presence, now_ms
        frame = PresenceFrame(white=presence.white, black=presence.black, spectators=presence.spectators)
        self.frame = Frame(frame.type, frame.model_dump_json())
