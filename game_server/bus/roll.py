"""What this worker knows of who is where: the other workers' attendance, mirrored from what they tell.

Each numbers its changes, and repeats the latest number with every beat: a gap is noticed, and its whole attendance is
asked for again.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from game_server.bus.bus import Attendance, Seen

NOBODY = Attendance()


@dataclass(slots=True)
class _Peer:
    number: int = -1
    alive_ms: int = 0
    names: dict[str, Attendance] = field(default_factory=dict)


class Roll:
    """The mirror. Methods that change it return the names whose attendance has changed."""

    def __init__(self) -> None:
        self._peers: dict[str, _Peer] = {}
        self._by_name: dict[str, dict[str, Attendance]] = {}

    @property
    def workers(self) -> list[str]:
        return list(self._peers)

    def elsewhere(self, name: str) -> list[Seen]:
        found = self._by_name.get(name)
        return [Seen(*each) for each in found.items()] if found else []

    def attended(self, worker: str) -> list[tuple[str, Attendance]]:
        peer = self._peers.get(worker)
        return list(peer.names.items()) if peer else []

    def names(self, prefix: str) -> list[str]:
        return [name for name in self._by_name if name.startswith(prefix)]

    def alive_ms(self, worker: str) -> int:
        peer = self._peers.get(worker)
        return peer.alive_ms if peer else 0

    def vouch(self, worker: str, alive_ms: int) -> None:
        peer = self._peers.get(worker)
        if peer is not None:
            peer.alive_ms = max(peer.alive_ms, alive_ms)

    def beat(self, worker: str, number: int, alive_ms: int) -> bool:
        """Notes that it lives; whether all is known that it has told up to `number`."""
        peer = self._peers.setdefault(worker, _Peer())
        peer.alive_ms = max(peer.alive_ms, alive_ms)
        return peer.number >= number

    def change(self, worker: str, number: int, name: str, attendance: Attendance) -> bool:
        """Notes the change if it is the next one; whether it was, or an old one."""
        peer = self._peers.setdefault(worker, _Peer())
        if number <= peer.number:
            return True
        if number > peer.number + 1:
            return False
        peer.number = number
        self._set(worker, peer, name, attendance)
        return True

    def replace(self, worker: str, number: int, told: dict[str, Attendance]) -> list[str]:
        """All that it attends as of that change."""
        peer = self._peers.setdefault(worker, _Peer())
        if number < peer.number:
            return []
        peer.number = number
        changed = [name for name in {*told, *peer.names} if told.get(name) != peer.names.get(name)]
        for name in changed:
            self._set(worker, peer, name, told.get(name, NOBODY))
        return changed

    def drop(self, worker: str) -> list[str]:
        changed = self.replace(worker, 1 << 62, {}) if worker in self._peers else []
        self._peers.pop(worker, None)
        return changed

    def _set(self, worker: str, peer: _Peer, name: str, attendance: Attendance) -> None:
        if attendance == NOBODY:
            peer.names.pop(name, None)
            workers = self._by_name.get(name, {})
            workers.pop(worker, None)
            if not workers:
                self._by_name.pop(name, None)
        else:
            peer.names[name] = attendance
            self._by_name.setdefault(name, {})[worker] = attendance


def interested(elsewhere: Iterable[Seen], in_lobby: Iterable[Seen]) -> set[str]:
    """The workers that want to hear of a name."""
    return {seen.worker for seen in elsewhere} | {seen.worker for seen in in_lobby}
