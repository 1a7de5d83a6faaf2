"""What a live room keeps of its past: the frames that resuming listeners need, and how commands were answered."""

from collections.abc import Callable, Iterable
from typing import Final

from game_server.core.events import Event
from game_server.core.ids import PlayerId
from game_server.core.refusals import Refused
from game_server.core.room import Room
from game_server.rooms.frame import Frame
from game_server.store.log import Answer, Cause, History, Version
from game_server.wire.frames import event_text

RESUMABLE: Final = 512      # a listener that is further behind gets `state`
AT_HAND: Final = 12         # kept for listeners who come back
REMEMBERED: Final = 100     # commands per player that are answered as before


class Frames:
    """The room's newest frames by version, without a gap up to the present one.

    At most RESUMABLE are of use to anybody, and mostly far fewer: `forget` leaves those AT_HAND, and the log has them
    all. Encoded they are the larger part of what a room occupies.
    """

    def __init__(self, epoch: str = "", first: int = 0) -> None:
        self.first = first      # everything after this version is kept
        self._epoch = epoch
        self._kept: list[Frame] = []

    def __len__(self) -> int:
        return len(self._kept)

    def __getitem__(self, version: int) -> Frame:
        assert version > self.first, "a cursor that is further behind must not ask"
        return self._kept[version - self.first - 1]

    def add(self, before: Room | None, event: Event, after: Room) -> None:
        """Encodes the next frame."""
        self._kept.append(Frame(*event_text(before, event, after), f"{self._epoch}:{after.version}"))

    def forget(self, cursors: Callable[[], Iterable[int]], hidden: int = 0) -> None:
        """Forgets frames that none of the listeners at `cursors()` still needs, now and then; the newest are kept, and
        those `hidden` that spectators may not have been shown.
        """
        if len(self._kept) < 2 * AT_HAND + hidden:
            return
        newest = self.first + len(self._kept) - hidden
        first = max(min((newest - AT_HAND, *cursors())), newest - RESUMABLE)
        if first > self.first:
            del self._kept[: first - self.first]
            self.first = first


class Answers:
    """The last REMEMBERED answers to each player's commands that had an id."""

    def __init__(self) -> None:
        self._by_player: dict[PlayerId, dict[str, Version | Answer]] = {}      # an ack is only its version

    def get(self, cause: Cause) -> Answer | None:
        known = self._by_player.get(cause.player_id, {}).get(cause.command_id)
        return Answer(cause, known) if isinstance(known, int) else known

    def add(self, answer: Answer) -> None:
        """Remembers the latest answer to its command, and forgets the player's oldest if there are too many."""
        self._note(answer.cause, answer.version if answer.code is None else answer)

    def _note(self, cause: Cause, answer: Version | Answer) -> None:
        player_id, command_id = cause
        known = self._by_player.get(player_id)
        if known is None:
            known = self._by_player[player_id] = {}
        known.pop(command_id, None)
        known[command_id] = answer
        if len(known) > REMEMBERED:
            del known[next(iter(known))]

    def add_all(self, history: History) -> None:
        """Remembers what a log and its answers tell: of all that is known now, each player's latest."""
        if not self._by_player and not history.answers:     # as when a room is opened
            for recorded in history.recorded:
                if recorded.cause is not None:
                    self._note(recorded.cause, recorded.version)
            return
        acks: Iterable[Answer] = (
            Answer(recorded.cause, recorded.version) for recorded in history.recorded if recorded.cause is not None
        )
        known = [
            answer if isinstance(answer, Answer) else Answer(Cause(player_id, command_id), answer)
            for player_id, answers in self._by_player.items()
            for command_id, answer in answers.items()
        ]
        self._by_player.clear()
        for answer in sorted((*known, *acks, *history.answers), key=lambda answer: answer.version):
            self.add(answer)


def told_again(answer: Answer) -> int:
    """The version that was acknowledged. Raises Refused, if that was the answer."""
    if answer.code is not None:
        raise Refused(answer.code, answer.message)
    return answer.version
