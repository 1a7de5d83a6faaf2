"""PostgreSQL that goes away while it is used: what was acknowledged is there, once, and what was not is told apart.

And several processes on one database.
"""

import asyncio
import contextlib
import subprocess
import sys
from collections import Counter
from pathlib import Path

import psycopg
import pytest

from game_server.store.log import Conflict, StreamId, Unavailable
from game_server.store.postgres import Postgres
from game_server.store.sql import SqlLog
from tests.cable import cable_to
from tests.postgres import postgres_server
from tests.store.conftest import never_fatal, opened, refused
from tests.store.examples import ROOM, cause, opening, saying, texts

ROOT = Path(__file__).parents[2]
STREAMS = 20
ENOUGH = 200  # appends acknowledged between two faults
PATIENCE_S = 30  # for what takes a fraction of a second


@pytest.fixture(scope="module")
def durable():
    with postgres_server(is_durable=True) as server:
        yield server


class Load:
    """Twenty writers, each alone with its stream, who say their versions."""

    def __init__(self, log):
        self.log = log
        self.acknowledged = Counter()
        self._is_over = False

    async def write(self, number):
        stream, version = StreamId(f"room:{number}"), 0
        while not self._is_over:
            wish = saying(str(version + 1), version, stream, cause=cause(f"{number}-{version}"))
            try:
                version = await self.log.append(wish)
            except Unavailable:
                await asyncio.sleep(0.01)
            else:
                self.acknowledged[stream] = version

    async def goes_on(self):
        """Once so many more appends have been acknowledged."""
        wanted = self.acknowledged.total() + ENOUGH
        async with asyncio.timeout(PATIENCE_S):
            while self.acknowledged.total() < wanted:
                await asyncio.sleep(0.01)

    async def __aenter__(self):
        self._writers = asyncio.gather(*(self.write(number) for number in range(STREAMS)))
        await self.goes_on()
        return self

    async def __aexit__(self, *error):
        self._is_over = True
        await self._writers  # raises Conflict if an append was done twice, or done and refused
        async with asyncio.timeout(PATIENCE_S):
            for stream, version in self.acknowledged.items():
                recorded = (await read(self.log, stream)).recorded
                assert [(each.version, each.event.text) for each in recorded] == [
                    (n, str(n)) for n in range(1, version + 1)
                ]


async def test_nothing_acknowledged_is_lost_or_doubled_when_postgresql_crashes_under_load(durable):
    async with opened(durable.new_database()) as log, Load(log) as load:
        for _ in range(3):
            await asyncio.to_thread(durable.stop)
            assert "lost" in await refused(log)
            with pytest.raises(Unavailable):
                await log.read(ROOM)
            await asyncio.to_thread(durable.start)
            await load.goes_on()


async def read(log, stream):
    """As soon as it can be."""
    while True:
        with contextlib.suppress(Unavailable):
            return await log.read(stream)
        await asyncio.sleep(0.01)


async def test_nothing_acknowledged_is_lost_or_doubled_when_the_standby_takes_over_under_load():
    with postgres_server(is_durable=True) as first, postgres_server(is_durable=True, standby_of=first) as second:
        both = first.new_database().replace(f":{first.port}/", f":{first.port},127.0.0.1:{second.port}/")
        async with opened(both) as log, Load(log) as load:
            await asyncio.to_thread(first.stop)
            assert "lost" in await refused(log)
            await asyncio.to_thread(second.execute, "SELECT pg_promote()")
            await load.goes_on()
        async with opened(both) as log:
            await log.ready()


async def test_nothing_acknowledged_is_lost_or_doubled_by_a_network_that_is_cut_under_load(durable):
    async with cable_to(durable.port) as cable:
        url = durable.new_database().replace(f":{durable.port}/", f":{cable.port}/")
        async with opened(url) as log, Load(log) as load:
            for _ in range(10):
                cable.cut()
                await asyncio.sleep(0.05)
                cable.mend()
                await load.goes_on()


async def test_a_commit_whose_answer_is_cut_off_is_recognised_by_its_cause(durable):
    url = durable.new_database()
    async with cable_to(durable.port) as cable:
        cut_off = url.replace(f":{durable.port}/", f":{cable.port}/")
        async with opened(url) as other, opened(cut_off) as log:
            await log.append(opening())
            await log.append(opening(StreamId("room:b")))
            hold_commits(url)
            waiting = [
                asyncio.ensure_future(log.append(saying("ours", 1, cause=cause("c1")))),
                asyncio.ensure_future(log.append(saying("by time", 1, StreamId("room:b")))),
            ]
            await held_up(url, committing=cable.go_deaf)
            while not await texts(other):
                await asyncio.sleep(0.005)
            assert not any(each.done() for each in waiting)
            cable.cut()
            cable.mend()
            first, second = await asyncio.wait_for(asyncio.gather(*waiting, return_exceptions=True), PATIENCE_S)
            assert first == 2
            assert isinstance(second, Conflict), "without a cause nobody can tell whose it was"
            assert (await texts(log), await texts(log, StreamId("room:b"))) == (["ours"], ["by time"])


def hold_commits(url):
    """From now on a commit waits for an advisory lock, which `held_up` lets go of."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            """CREATE FUNCTION hold() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN PERFORM pg_advisory_xact_lock_shared(1); RETURN NULL; END $$"""
        )
        connection.execute(
            """CREATE CONSTRAINT TRIGGER held AFTER INSERT ON event DEFERRABLE INITIALLY DEFERRED
            FOR EACH ROW EXECUTE FUNCTION hold()"""
        )


async def held_up(url, committing):
    """Calls `committing` while a commit is under way, which is done when this returns, or soon."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SELECT pg_advisory_lock(1)")
        async with asyncio.timeout(PATIENCE_S):
            while not connection.execute("SELECT 1 FROM pg_locks WHERE NOT granted").fetchall():
                await asyncio.sleep(0.005)
        committing()


async def test_a_server_that_stays_silent_is_given_up(durable):
    url = durable.new_database()
    async with cable_to(durable.port) as cable:
        dialect = Postgres(url.replace(f":{durable.port}/", f":{cable.port}/"), answer_s=2)
        log = await SqlLog.open(dialect, on_fatal=never_fatal)
        await log.append(opening())
        cable.go_dead()
        waiting = asyncio.ensure_future(log.append(saying("heard at last", 1, cause=cause("c1"))))
        async with asyncio.timeout(PATIENCE_S):
            assert "lost" in await refused(log)
            cable.cut()
            cable.mend()
            assert await waiting == 2
            assert (await read(log, ROOM)).recorded[1].event.text == "heard at last"
        await log.close()


def test_several_processes_append_to_the_same_streams_and_exactly_one_wins_each_version(postgres, emptied):
    url, rounds = emptied(), 15
    before = len(postgres.log)
    command = [sys.executable, "-m", "tests.store.contender", url]
    names = ("anna", "boris", "clara")
    processes = [
        subprocess.Popen([*command, name, str(STREAMS), str(rounds)], stdout=subprocess.PIPE, cwd=ROOT, text=True)
        for name in names
    ]
    outputs = [process.communicate(timeout=60)[0] for process in processes]
    assert [process.returncode for process in processes] == [0, 0, 0]
    won = {}
    for name, output in zip(names, outputs, strict=True):
        for line in output.splitlines():
            number, version = map(int, line.split())
            assert (number, version) not in won
            won[number, version] = name
    assert len(set(won.values())) > 1, "nobody was in anybody's way"
    rows = postgres.execute(
        """SELECT substr(name, 6)::INTEGER, event.version, body::JSON->>'text'
        FROM event JOIN stream ON stream.id = stream_id""",
        url.rpartition("/")[2],
    )
    assert {(number, version): name for number, version, name in rows} == won
    assert len(rows) == len(won)
    assert "ERROR" not in postgres.log[before:]
