"""A room's log as this worker has folded it, and the way to add to it.

What is here has been committed; it may lag behind the log while another worker writes, and then the next append
conflicts. Nothing else in the project appends to a room's stream.
"""

import logging
from collections.abc import Callable

from game_server.core.events import ChatSaid, Event, GameEnded, MovePlayed
from game_server.core.evolve import evolve, fold
from game_server.core.room import Game, Room, Seat
from game_server.rooms.history import RESUMABLE, Answers, Frames
from game_server.rooms.past import Past
from game_server.store.log import Answer, Append, Cause, Conflict, EventLog, FinishedGame, History, StreamId, Version

logger = logging.getLogger("tabiya.room")

Step = tuple[Room | None, Event, Room]


class Replica:
    """The room of `stream`. Its methods must not overlap: LiveRoom's lock sees to that.

    `look_again_ms` tells when the sweep is to find the room at the latest (see Alarms).
    """

    def __init__(self, stream: StreamId, log: EventLog, look_again_ms: Callable[[Room], int]) -> None:
        self.stream = stream
        self.room: Room | None = None
        self.answers = Answers()
        self.frames = Frames()
        self.past: Past | None = None   # for spectators; None without a delay
        self._log = log
        self._look_again_ms = look_again_ms
        self._is_stale = False

    @property
    def version(self) -> Version:
        return self.room.version if self.room else 0

    @property
    def hidden(self) -> int:
        """How many of the latest events all but the players may not have been shown."""
        return len(self.past) if self.past is not None else 0

    def mark_stale(self) -> None:
        """The log is known to be ahead: `refresh` must come before the next append."""
        self._is_stale = True

    def begin(self, history: History) -> None:
        """Takes over all that the log has."""
        self._fold(history)
        self.answers.add_all(history)

    async def refresh(self) -> bool:
        """Reads what is missing here, if anything may be; True if there was something. Raises Unavailable."""
        if not self._is_stale:
            return False
        before = self.version
        history = await self._log.read(self.stream, after=before)
        self._follow(history)
        self.answers.add_all(history)
        self._is_stale = False
        return self.version > before

    def _fold(self, history: History) -> None:
        """A cold start: nobody has followed yet, so frames are made only when somebody resumes (see `cover`), but for
        those that spectators have not been shown.
        """
        events = [recorded.event for recorded in history.recorded]
        for number, event in enumerate(events, start=1):
            self.room = evolve(self.room, event)
            self._keep(self.room)
            if self.past is None:       # nobody needs what it was in between
                self.room = fold(self.room, events[number:])
                break
        if self.past is not None and len(self.past) > 1:
            self.frames = _frames(history, self.version, self.past.first.version)
        else:
            self.frames = Frames(events[0].epoch, self.version)

    def _keep(self, room: Room) -> None:
        if self.past is not None:
            self.past.add(room)
        elif room.version == 1:
            self.past = Past.of(room)

    def _follow(self, history: History) -> None:
        for recorded in history.recorded:
            if recorded.version == self.version + 1:
                self._step(recorded.event)

    def _step(self, event: Event) -> None:
        after = evolve(self.room, event)
        self._adopt((self.room, event, after))

    def _adopt(self, step: Step) -> None:
        before, event, after = step
        if before is None:
            self.frames = Frames(after.epoch, 0)
        self._keep(after)
        self.frames.add(before, event, after)
        self.room = after

    async def verify(self) -> None:
        """Returns if what is known here is all that there is. Raises Conflict or Unavailable."""
        head = (await self._log.heads([self.stream.name])).get(self.stream.name)
        if head is not None and head[0] == self.stream and head[1] > self.version:
            raise Conflict(head[1])

    async def append(self, events: tuple[Event, ...], cause: Cause | None) -> None:
        """Makes `events` durable, and only then true here. If this is cut off, the log tells what became of it.

        Raises Conflict or Unavailable; nothing has changed then.
        """
        steps: list[Step] = []
        finished: list[FinishedGame] = []
        room = self.room
        for event in events:
            after = evolve(room, event)
            steps.append((room, event, after))
            if isinstance(event, GameEnded):
                finished.append(finished_row(self.stream, after))
            room = after
        assert room is not None
        self._is_stale = True
        await self._log.append(self._request(room, events, cause=cause, finished=tuple(finished)))
        self._is_stale = False
        for step in steps:
            self._adopt(step)
            self._log_step(step)
        if cause is not None:
            self.answers.add(Answer(cause, self.version))

    def _log_step(self, step: Step) -> None:
        _, event, after = step
        level = logging.DEBUG if isinstance(event, (MovePlayed, ChatSaid)) else logging.INFO
        if logger.isEnabledFor(level):
            kind = self.frames[after.version].kind
            logger.log(level, "room %s: %s at version %d", after.room_id, kind, after.version)

    async def remember(self, answer: Answer) -> None:
        """Keeps `answer`, which is right as of the version that is known here. If this is cut off, the log tells.

        Raises Conflict or Unavailable.
        """
        assert self.room is not None
        self._is_stale = True
        await self._log.append(self._request(self.room, (), answer=answer))
        self._is_stale = False
        self.answers.add(answer)

    def _request(
        self,
        room: Room,
        events: tuple[Event, ...],
        *,
        cause: Cause | None = None,
        answer: Answer | None = None,
        finished: tuple[FinishedGame, ...] = (),
    ) -> Append:
        is_open = room.status != "closed"
        return Append(
            stream=self.stream,
            expected=self.version,
            events=events,
            deadline_ms=self._look_again_ms(room) if is_open else None,
            is_open=is_open,
            is_public=is_open and room.options.public,
            cause=cause,
            answer=answer,
            finished=finished,
        )

    async def cover(self, version: Version, shown: Version) -> bool:
        """Whether every frame after `version` is at hand for somebody to whom the room is at version `shown`, after
        reading the log again if need be. Raises Unavailable.
        """
        first = max(0, shown - RESUMABLE)
        if not first <= version <= shown:
            return False
        if version < self.frames.first:
            history = await self._log.read(self.stream)
            self.frames = _frames(history, self.version, first)
        return True


def _frames(history: History, version: Version, first: Version) -> Frames:
    """The frames of all events after version `first`, up to `version`."""
    room: Room | None = None
    frames = Frames()
    for recorded in history.recorded[:version]:
        after = evolve(room, recorded.event)
        if recorded.version > first:
            if len(frames) == 0:
                frames = Frames(after.epoch, first)
            frames.add(room, recorded.event, after)
        room = after
    return frames


def finished_row(stream: StreamId, room: Room) -> FinishedGame:
    """The row of the game that has just ended in `room`."""
    game = room.game
    assert game is not None and game.result is not None and game.reason is not None
    white, black = _players(room, game)
    return FinishedGame(
        game_id=game.id,
        stream=stream,
        first=game.first_version,
        last=room.version,
        white_id=white.player_id,
        white_name=white.name,
        white_is_bot=white.is_bot,
        black_id=black.player_id,
        black_name=black.name,
        black_is_bot=black.is_bot,
        variant=room.options.variant,
        time_control=room.options.time.text,
        result=game.result,
        reason=game.reason,
        plies=game.ply,
        started_ms=game.started_ms,
        ended_ms=room.ended_ms,
        is_public=room.options.public,
    )


def _players(room: Room, game: Game) -> tuple[Seat, Seat]:
    assert room.white is not None and room.black is not None, "seats are not freed once a game has started"
    return (room.white, room.black) if room.white.player_id == game.white else (room.black, room.white)
