"""`/metrics`: the worker's numbers for Prometheus (https://prometheus.io/docs/instrumenting/exposition_formats/).

Where something happens only plain integers are added up; they become metrics when somebody asks. With several workers
each shows its own on a `Board`, and whoever is asked tells all of them, with a label `worker`: sums are Prometheus's
business, and a worker that was started again is a counter that began anew, which it knows.
"""

import asyncio
import json
import logging
import platform
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from fastapi import APIRouter, Request, Response

from game_server import __version__
from game_server.http.edge import Edge
from game_server.measures import FAST_S, Family, Histogram, Value
from game_server.rooms.pump import Pump
from game_server.store.codec import KINDS
from game_server.store.tally import Tally

logger = logging.getLogger("tabiya")

STALE_S: Final = 5      # a worker that has shown nothing for so long is gone
SHOWN_EVERY_S: Final = 1.0
PULSE_S: Final = 0.25

router = APIRouter(tags=["operations"])


@router.get("/metrics", response_class=Response, responses={200: {"content": {"text/plain": {}}}})
async def metrics(request: Request) -> Response:
    """The numbers of this server for Prometheus, those of all its workers."""
    from game_server.http.exposition import exposed  # its library: 25 ms of a start that need not wait for it

    content, media_type = exposed(request.app.state.measured.told(), request.headers.get("accept", ""))
    return Response(content, media_type=media_type)


class Board:
    """Where the workers of one server show each other their numbers: a folder that is theirs alone.

    `worker` is this one's name, the same when it is started again. Whoever starts the workers must make the folder,
    give every worker a name of its own, and remove the folder in the end.
    """

    def __init__(self, folder: Path, worker: str) -> None:
        self.worker = worker
        self._folder = folder

    def show(self, families: list[Family]) -> None:
        """Replaces what this worker has shown."""
        fresh = self._folder / f".{self.worker}"
        fresh.write_text(json.dumps(families), "utf-8")
        fresh.replace(self._folder / f"{self.worker}.json")

    def others(self) -> Iterator[tuple[str, list[Family]]]:
        """What the other workers that are alive have shown, and their names."""
        for path in sorted(self._folder.glob("*.json")):
            if path.stem != self.worker and time.time() - path.stat().st_mtime < STALE_S:
                yield path.stem, json.loads(path.read_text("utf-8"))


@dataclass(slots=True)
class Measured:
    """What one worker counts, and where it shows it; without a board it is the only one."""

    edge: Edge
    pump: Pump
    tally: Tally
    board: Board | None = None
    loop_delay_s: Histogram = field(default_factory=lambda: Histogram(FAST_S))
    _trouble: str = ""

    def told(self) -> dict[str, list[Family]]:
        """The families of every worker."""
        if self.board is None:
            return {"1": self.families()}
        return {self.board.worker: self.families(), **dict(self.board.others())}

    async def run(self) -> None:
        """Measures how late the event loop is, and tells the other workers, until cancelled."""
        show_s = 0.0
        while True:
            due_s = time.perf_counter() + PULSE_S
            await asyncio.sleep(PULSE_S)
            now_s = time.perf_counter()
            self.loop_delay_s.observe(max(0.0, now_s - due_s))
            if self.board is not None and now_s >= show_s:
                self._show(self.board)
                show_s = now_s + SHOWN_EVERY_S

    def _show(self, board: Board) -> None:
        """A full disk or a folder that was tidied away costs the others these numbers, and nobody a game."""
        try:
            board.show(self.families())
        except OSError as error:
            if str(error) != self._trouble:
                logger.warning("the other workers cannot be shown this one's numbers: %s", error)
            self._trouble = str(error)
        else:
            self._trouble = ""

    def families(self) -> list[Family]:
        """This worker's numbers. Cost: about a millisecond for a thousand rooms."""
        from game_server.http.exposition import of_this_process

        edge, tally = self.edge, self.tally
        kinds = {KINDS[event]: count for event, count in list(tally.events.items())}
        lags = [({"to": "players"}, _of(self.pump.players_s)), ({"to": "spectators"}, _of(self.pump.spectators_s))]
        return [
            ("tabiya_build_info", "gauge", "the server's version", [(_BUILD, 1)]),
            _counted("connections", "gauge", "open sockets and streams", "kind", Counter(map(_kind, edge.connections))),
            _counted("rooms", "gauge", "rooms in memory", "status", _by_status(edge)),
            ("tabiya_accounts_online", "gauge", "accounts that are connected", [({}, len(edge.accounts.online()))]),
            ("tabiya_moves", "counter", "moves played here", [({}, kinds.get("move_played", 0))]),
            _counted("events", "counter", "events written, by kind", "kind", kinds),
            ("tabiya_commit_seconds", "histogram", "how long the store's commits took", [({}, _of(tally.commit_s))]),
            ("tabiya_commit_jobs", "histogram", "how much was committed together", [({}, _of(tally.batch))]),
            ("tabiya_delivery_seconds", "histogram", "from an event until all who listen have been sent it", lags),
            _counted("refusals", "counter", "commands and requests refused", "code", edge.refusals),
            _counted("limited", "counter", "what limits have refused, by limit", "limit", edge.limits.hits),
            _counted("closes", "counter", "WebSockets that ended, by close code", "code", edge.closes),
            ("tabiya_event_loop_delay_seconds", "histogram", "how late the event loop was",
             [({}, _of(self.loop_delay_s))]),
            *of_this_process(),
        ]


_BUILD: Final = {"version": __version__, "python": platform.python_version()}


def _kind(connection: object) -> str:
    """`player` of a PlayerSession, `sse` of an SseStream."""
    name = type(connection).__name__
    return name.removesuffix("Session").removesuffix("Stream").lower()


def _by_status(edge: Edge) -> Mapping[str, int]:
    return {"waiting": 0, "playing": 0, "finished": 0, "closed": 0} | Counter(
        live.room.status for live in edge.directory.rooms()
    )


def _counted(name: str, kind: str, words: str, label: str, counts: Mapping[Any, int]) -> Family:
    return f"tabiya_{name}", kind, words, [({label: str(value)}, count) for value, count in list(counts.items())]


def _of(histogram: Histogram) -> Value:
    return [list(histogram.bounds), list(histogram.counts), histogram.total]
