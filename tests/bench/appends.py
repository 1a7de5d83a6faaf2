"""What an append costs on SQLite and on PostgreSQL, by the driver: `python -m tests.bench.appends [--seconds 3]`.

So many rooms each append one move after another. CPU is that of this process, not the database's; appends wait for a
commit that is on the disk. asyncpg (pip install asyncpg) is tried in the event loop, with the same statements.
"""

import argparse
import asyncio
import contextlib
import tempfile
import time
from collections import deque

import psycopg
import uvloop

from game_server.store.appends import (
    ADD_EVENTS,
    BEGIN_STREAMS,
    LOCK_STREAMS,
    LOCKED,
    MOVE_STREAMS,
    MOVE_STREAMS_ROW,
    encoded,
)
from game_server.store.dialect import _for_rows
from game_server.store.log import StreamId
from game_server.store.pipeline import numbered
from game_server.store.postgres import SESSION, Postgres
from game_server.store.sql import SqlLog, open_log
from tests.postgres import postgres_server
from tests.store.examples import moving, opening

IN_FLIGHT = (1, 50, 500)


class Cursors:
    """psycopg as it is meant to be used: a cursor for each statement, a round trip for each."""

    def __init__(self, connection):
        self._connection = connection
        self.commit, self.rollback, self.close = connection.commit, connection.rollback, connection.close

    def execute(self, statement, parameters=()):
        return self._connection.execute(numbered(statement), parameters)


class CursorPostgres(Postgres):
    def _connected(self):
        connection = psycopg.connect(
            **self._parameters, autocommit=True, cursor_factory=psycopg.RawCursor, prepare_threshold=0
        )
        connection.execute(SESSION, prepare=False)
        return Cursors(connection)


class Asyncpg:
    """Group commit in a task of the event loop, which sends the store's statements through asyncpg."""

    @classmethod
    async def open(cls, url):
        import asyncpg

        log = cls()
        log._connection = await asyncpg.connect(url, statement_cache_size=500)
        await log._connection.execute(SESSION)
        log._waiting, log._wake = deque(), asyncio.Event()
        log._task = asyncio.create_task(log._run())
        return log

    async def append(self, append):
        future = asyncio.get_running_loop().create_future()
        self._waiting.append((encoded(append), future))
        self._wake.set()
        return await future

    async def _run(self):
        while True:
            await self._wake.wait()
            self._wake.clear()
            batch = list(self._waiting)
            self._waiting.clear()
            await self._many("BEGIN", "", [])
            versions = await self._write([job for job, _ in batch])
            await self._many("COMMIT", "", [])
            for version, (_, future) in zip(versions, batch, strict=True):
                future.set_result(version)

    async def _write(self, batch):
        begun = sorted(job.append.stream for job in batch if job.append.expected == 0)
        await self._many(BEGIN_STREAMS, "(?, ?, 0, 1, 0)", begun)
        streams = sorted(job.append.stream for job in batch)
        lock = LOCK_STREAMS.replace("{columns}", LOCKED) + Postgres.locking
        found = await self._many(lock, "(?, CAST(? AS INTEGER))", streams)
        places = {(name, life): (stream_id, version) for stream_id, name, life, version in found}
        moved, events = [], []
        for job in batch:
            stream_id, version = places[job.append.stream]
            assert version == job.append.expected
            moved.append((stream_id, version + len(job.events), job.append.deadline_ms, 1, 0))
            events += [(stream_id, *row) for row in job.events]
        await self._many(MOVE_STREAMS, MOVE_STREAMS_ROW, moved)
        await self._many(ADD_EVENTS, "(?, ?, ?, ?, ?, ?, ?)", events)
        return [version for _, version, *_ in moved]

    async def _many(self, statement, row, rows):
        if not row:
            return await self._connection.execute(statement)
        found, start = [], 0
        while (left := len(rows) - start) > 0:
            size = 64 if left >= 64 else 1 << (left.bit_length() - 1)
            values = [value for row_ in rows[start : start + size] for value in row_]
            found += await self._connection.fetch(numbered(_for_rows(statement, row, size)), *values)
            start += size
        return found

    async def close(self):
        self._task.cancel()
        await self._connection.close()


async def measured(log, in_flight, seconds):
    """Appends a second, CPU microseconds an append, and the median wait in ms."""
    streams = [StreamId(f"room:{in_flight}-{number}") for number in range(in_flight)]
    await asyncio.gather(*(log.append(opening(stream)) for stream in streams))
    waits_s = []

    async def play(stream, until_s):
        version = 1
        while (began_s := time.perf_counter()) < until_s:
            version = await log.append(moving(version, stream, deadline_ms=version))
            waits_s.append(time.perf_counter() - began_s)

    for length_s in (0.3, seconds):     # the first time is for caches and prepared statements
        waits_s.clear()
        streams = [StreamId(f"{stream.name}+", stream.life) for stream in streams]
        await asyncio.gather(*(log.append(opening(stream)) for stream in streams))
        cpu_s, began_s = time.process_time(), time.perf_counter()
        await asyncio.gather(*(play(stream, began_s + length_s) for stream in streams))
        cpu_s, took_s = time.process_time() - cpu_s, time.perf_counter() - began_s
    count = len(waits_s)
    return count / took_s, cpu_s / count * 1e6, sorted(waits_s)[count // 2] * 1_000


async def main(seconds, rounds):
    with postgres_server(is_durable=True) as server, tempfile.TemporaryDirectory() as folder:
        print("appends/s, CPU µs an append, median ms   in flight: " + ", ".join(map(str, IN_FLIGHT)))
        for number in range(rounds):
            for name, opening_log in {
                "SQLite": open_log(f"sqlite:///{folder}/{number}.db"),
                "libpq, pipelined": SqlLog.open(Postgres(server.new_database())),
                "psycopg cursors": SqlLog.open(CursorPostgres(server.new_database())),
                "asyncpg": migrated(server.new_database()),
            }.items():
                try:
                    log = await opening_log
                except ImportError:
                    continue
                figures = [await measured(log, in_flight, seconds) for in_flight in IN_FLIGHT]
                await log.close()
                print(f"{name:18}", "   ".join(f"{a:7,.0f} {cpu:5.0f} {ms:6.2f}" for a, cpu, ms in figures), flush=True)


async def migrated(url):
    await (await open_log(url)).close()
    return await Asyncpg.open(url)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--rounds", type=int, default=1)
    arguments = parser.parse_args()
    with contextlib.suppress(KeyboardInterrupt), asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main(arguments.seconds, arguments.rounds))
