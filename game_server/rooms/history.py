"""What a live room keeps of its past: the frames that resuming listeners need, and how commands were answered."""

from collections.abc import Iterable
from typing import Final

from game_server.core.events import Event
from game_server.core.ids import PlayerId
from game_server.core.refusals import Refused
from game_server.core.room import Room
from game_server.rooms.feed import Frame
from game_server.store.log import Answer, Cause, History
from game_server.wire.frames import event_text

RESUMABLE: Final = 512      # a listener that is further behind gets `state`
REMEMBERED: Final = 100     # commands per player that are answered as before


class Frames:
    """The room's newest frames by version, without a gap up to the present one."""

    def __init__(self, epoch: str = "", first: int = 0) -> None:
        self.first = first      # everything after this version is kept
        self._epoch = epoch
        self._kept: list[Frame] = []

    def __len__(self) -> int:
        return len(self._kept)

    def __getitem__(self, version: int) -> Frame:
        assert version > self.first, "a cursor that is further behind must not ask"
        return self._kept[version - self.first - 1]

    def add(self, before: Room | None, event: Event, after: Room, hidden: int = 0) -> None:
        """Encodes the next frame. From time to time forgets those that nobody may resume from any more; the newest
        `hidden` may not have been shown to everybody yet.
        """
        self._kept.append(Frame(*event_text(before, event, after), f"{self._epoch}:{after.version}"))
        if len(self._kept) > 2 * RESUMABLE + hidden:
            self.first += len(self._kept) - RESUMABLE - hidden
            del self._kept[: -RESUMABLE - hidden]


class Answers:
    """The last REMEMBERED answers to each player's commands that had an id."""

    def __init__(self) -> None:
        self._by_player: dict[PlayerId, dict[str, Answer]] = {}

    def get(self, cause: Cause) -> Answer | None:
        return self._by_player.get(cause.player_id, {}).get(cause.command_id)

    def add(self, answer: Answer) -> None:
        """Remembers the latest answer to its command, and forgets the player's oldest if there are too many."""
        known = self._by_player.setdefault(answer.cause.player_id, {})
        known.pop(answer.cause.command_id, None)
        known[answer.cause.command_id] = answer
        if len(known) > REMEMBERED:
            del known[next(iter(known))]

    def add_all(self, history: History) -> None:
        """Remembers what a log and its answers tell: of all that is known now, each player's latest."""
        acks: Iterable[Answer] = (
            Answer(recorded.cause, recorded.version) for recorded in history.recorded if recorded.cause is not None
        )
        known = [answer for answers in self._by_player.values() for answer in answers.values()]
        self._by_player.clear()
        for answer in sorted((*known, *acks, *history.answers), key=lambda answer: answer.version):
            self.add(answer)


def told_again(answer: Answer) -> int:
    """The version that was acknowledged. Raises Refused, if that was the answer."""
    if answer.code is not None:
        raise Refused(answer.code, answer.message)
    return answer.version
