"""Several workers on one port: started, restarted when they die, replaced one after another, and stopped.

They accept from one listening socket, which this process keeps open: while a worker is away, connections wait for the
others and none is refused. SIGTERM and SIGINT stop all, SIGHUP replaces each in turn: its connections end with 1012,
and come back to the others.
"""

import logging
import multiprocessing
import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing import connection
from multiprocessing.connection import Connection
from types import FrameType
from typing import Any, Final

logger = logging.getLogger("tabiya")

START_S: Final = 60.0       # a database that is not there yet is waited for
STOP_S: Final = 5.0         # a worker stops within 2 s
PAUSE_S: Final = 1.0        # between attempts to start a worker that dies young
YOUNG_S: Final = 5.0
LOOK_S: Final = 0.2

Make = Callable[[int, Connection], Any]


@dataclass(slots=True)
class _Worker:
    process: Any
    pipe: Connection
    began_s: float
    is_ready: bool = False


class Supervisor:
    """`make` makes the process of a worker by its number, which says by its connection when it serves; `on_ready` is
    called when all do for the first time.
    """

    def __init__(self, make: Make, count: int, on_ready: Callable[[], None]) -> None:
        self._make = make
        self._count = count
        self._on_ready = on_ready
        self._workers: dict[int, _Worker] = {}
        self._may_start_s: dict[int, float] = {}
        self._is_stopping = False
        self._to_replace: list[int] = []
        self._wake_in, self._wake_out = os.pipe()

    def run(self) -> int:
        """Supervises until a signal comes; the exit status."""
        os.set_blocking(self._wake_out, False)
        signal.set_wakeup_fd(self._wake_out, warn_on_full_buffer=False)
        for signum in (signal.SIGTERM, signal.SIGINT):
            signal.signal(signum, self._note_stop)
        if hasattr(signal, "SIGHUP"):
            signal.signal(signal.SIGHUP, self._note_replace)
        try:
            if not self._begin():
                return 0 if self._is_stopping else 1
            self._on_ready()
            while not self._is_stopping:
                self._look()
            return 0
        finally:
            self._stop_all()

    def _note_stop(self, signum: int, frame: FrameType | None) -> None:
        self._is_stopping = True

    def _note_replace(self, signum: int, frame: FrameType | None) -> None:
        self._to_replace += [slot for slot in range(self._count) if slot not in self._to_replace]

    def _begin(self) -> bool:
        """Starts the first worker, which brings the database up to date, and then the others; whether all serve."""
        for slots in (range(1), range(1, self._count)):
            for slot in slots:
                self._start(slot)
            until_s = time.monotonic() + START_S
            while any(not self._workers[slot].is_ready for slot in slots):
                self._wait()
                if self._is_stopping or time.monotonic() > until_s or self._dead():
                    return False
        return True

    def _start(self, slot: int) -> None:
        ours, theirs = multiprocessing.Pipe()
        process = self._make(slot, theirs)
        process.start()
        theirs.close()
        self._workers[slot] = _Worker(process, ours, time.monotonic())

    def _wait(self) -> None:
        """Until something has happened, or a moment."""
        sentinels = [worker.process.sentinel for worker in self._workers.values()]
        pipes = [worker.pipe for worker in self._workers.values() if not worker.is_ready]
        for happened in connection.wait([*sentinels, *pipes, self._wake_in], LOOK_S):
            if happened == self._wake_in:
                os.read(self._wake_in, 4_096)
        for worker in self._workers.values():
            if not worker.is_ready and worker.pipe.poll():
                try:
                    worker.is_ready = worker.pipe.recv_bytes() == b"ready"
                except EOFError:    # it has died: its sentinel says so
                    continue

    def _dead(self) -> list[int]:
        return [slot for slot, worker in self._workers.items() if worker.process.exitcode is not None]

    def _look(self) -> None:
        self._wait()
        now_s = time.monotonic()
        for slot in self._dead():
            worker = self._workers.pop(slot)
            logger.error("worker %d died (exit status %s): starting another", slot, worker.process.exitcode)
            worker.pipe.close()
            self._may_start_s[slot] = now_s + (PAUSE_S if now_s - worker.began_s < YOUNG_S else 0)
        for slot in range(self._count):
            if slot not in self._workers and self._may_start_s.get(slot, 0) <= now_s:
                self._start(slot)
        is_whole = len(self._workers) == self._count and all(worker.is_ready for worker in self._workers.values())
        if self._to_replace and is_whole:
            self._replace(self._to_replace.pop(0))

    def _replace(self, slot: int) -> None:
        """The others serve meanwhile; the next one has its turn when this one serves again."""
        logger.info("worker %d is replaced", slot)
        self._stop([self._workers.pop(slot)])
        self._start(slot)

    def _stop_all(self) -> None:
        self._stop(list(self._workers.values()))
        self._workers.clear()

    def _stop(self, workers: list[_Worker]) -> None:
        for worker in workers:
            worker.process.terminate()
        until_s = time.monotonic() + STOP_S
        for worker in workers:
            worker.process.join(max(0.0, until_s - time.monotonic()))
            if worker.process.exitcode is None:
                logger.error("a worker does not stop: it is killed")
                worker.process.kill()
                worker.process.join()
            worker.pipe.close()
