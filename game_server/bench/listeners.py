"""Those who listen to a room, and count what they hear: each version once, and in order."""

import json
from collections.abc import Callable, Mapping
from time import perf_counter
from typing import Any, Final

from game_server.bench.tally import Tally

EVENT: Final = b'{"v":'
ACK: Final = b'{"type":"ack"'
MOVE: Final = b'"type":"move"'
UNFRAMED: Final = frozenset({"ack", "state"})      # they repeat a version


class Listener:
    """Counts one connection's events: each version once, in order."""

    version: int | None = None

    def __init__(self, tally: Tally) -> None:
        self.tally = tally
        tally.connections += 1

    def hear(self, text: bytes) -> None:
        if text.startswith(EVENT):
            self.count(int(text[5 : text.index(b",", 5)]))
            self.hear_event(text)
        elif not text.startswith(ACK):
            frame = json.loads(text)
            if "v" in frame and frame["type"] not in UNFRAMED:      # the same, in another order
                self.count(frame["v"])
                self.hear_event(text)
            else:
                self.hear_other(frame)

    def count(self, version: int) -> None:
        tally = self.tally
        tally.events += 1
        expected = version if self.version is None else self.version + 1
        if version >= expected:
            tally.missing += version - expected
            self.version = version
        elif version == self.version:
            tally.doubled += 1
        else:
            tally.disordered += 1

    def hear_event(self, text: bytes) -> None:
        raise NotImplementedError

    def hear_other(self, frame: dict[str, Any]) -> None:
        """A `state` says from where we count; one in the middle has skipped what lay between."""
        if frame["type"] == "state":
            if self.version is not None:
                self.tally.missing += frame["v"] - self.version
            self.version = frame["v"]


class Spectator(Listener):
    """Somebody who watches, over whatever feed.

    `sent_s` says when the move that became version v was sent; `ready` is called with every `state`.
    """

    def __init__(self, sent_s: Mapping[int, float], tally: Tally, ready: Callable[[], None]) -> None:
        super().__init__(tally)
        self.sent_s = sent_s
        self.ready = ready

    def hear_event(self, text: bytes) -> None:
        if self.tally.is_measuring and MOVE in text:
            assert self.version is not None
            sent_s = self.sent_s.get(self.version)
            if sent_s is not None:
                self.tally.delays_s.append(perf_counter() - sent_s)

    def hear_other(self, frame: dict[str, Any]) -> None:
        super().hear_other(frame)
        if frame["type"] == "state":
            self.ready()


class PollingSpectator(Spectator):
    """Somebody who asks again and again: every answer is a whole `state`, which tells all that has happened since."""

    def hear(self, text: bytes) -> None:
        begin = text.index(b'"v":') + 4
        version = int(text[begin : text.index(b",", begin)])
        if self.version is not None:
            now_s = perf_counter()
            self.tally.events += version - self.version
            if self.tally.is_measuring:
                news = (self.sent_s.get(passed) for passed in range(self.version + 1, version + 1))
                self.tally.delays_s.extend(now_s - sent_s for sent_s in news if sent_s is not None)
        self.version = version
        self.ready()
