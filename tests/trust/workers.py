"""Two workers that share PostgreSQL and Redis, and all that can happen to each of the four, while games are played
between people who sit at different workers.
"""

import asyncio
import random
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

from tests.cable import Cable, cable_to
from tests.postgres import PostgresServer
from tests.redis_server import RedisServer
from tests.system.cluster import Faults, readiness, tally, worker
from tests.system.movers import CALM, Pace, Resumes, Roamer, Table, playing
from tests.system.process import Server, tabiya
from tests.system.tables import play
from tests.trust.finding import Finding, Size
from tests.trust.kills import PROMISED, seed
from tests.trust.lives import OUTAGE, folder, postgres, redis, require_no_faults

THE_SAME: Final = "the same"
FROZEN_S: Final = 3
CUT_S: Final = 1.0
STALL_S: Final = 5
NOTICED_S: Final = 4     # so late at most everybody knows that a worker has ended
BOTH_IN: Final = 5          # every so many times it is both workers that are killed
BRISK: Final = Pace((0.05, 0.3), 120)


@dataclass
class Cluster:
    """`one` is connected directly; `two` over cables to PostgreSQL and to Redis."""

    one: Server
    two: Server
    postgres: PostgresServer
    redis: RedisServer
    to_postgres: Cable
    to_redis: Cable

    @property
    def workers(self) -> list[Server]:
        return [self.one, self.two]

    @property
    def database_url(self) -> str:
        return self.one.options[1]


@asynccontextmanager
async def a_cluster() -> AsyncIterator[Cluster]:
    with postgres() as database, redis() as bus, folder() as home:
        async with cable_to(database.port) as to_database, cable_to(bus.port) as to_bus:
            url = database.new_database()
            one = worker(home / "one", url, bus.url)
            two_url = database.url(url.rpartition("/")[2], to_database.port)
            two = worker(home / "two", two_url, bus.url_at(to_bus.port))
            try:
                for each in (one, two):
                    await asyncio.to_thread(each.start)
                yield Cluster(one, two, database, bus, to_database, to_bus)
                stops = await asyncio.gather(*(asyncio.to_thread(each.stop) for each in (one, two)))
                assert [status for status, _ in stops] == [0, 0], stops
            finally:
                for each in (one, two):
                    each.end()
            for each in (one, two):
                require_no_faults(each, but=OUTAGE)


# What is done to it


async def restart_in_turn(cluster: Cluster) -> None:
    for each in cluster.workers:
        status, _ = await asyncio.to_thread(each.stop)
        assert status == 0
        await asyncio.to_thread(each.start)


async def freeze_redis(cluster: Cluster) -> None:
    cluster.redis.freeze()
    await asyncio.sleep(FROZEN_S)
    cluster.redis.thaw()


async def kill_redis(cluster: Cluster) -> None:
    cluster.redis.kill()
    await asyncio.sleep(CUT_S)
    cluster.redis.start()


async def crash_postgres(cluster: Cluster) -> None:
    await asyncio.to_thread(cluster.postgres.stop)
    await asyncio.to_thread(cluster.postgres.start)


async def cut_off_from_redis(cluster: Cluster) -> None:
    await _cut(cluster.to_redis)


async def cut_off_from_postgres(cluster: Cluster) -> None:
    await _cut(cluster.to_postgres)


async def _cut(cable: Cable) -> None:
    cable.cut()
    await asyncio.sleep(CUT_S)
    cable.mend()


FAULTS: Final[dict[str, Callable[[Cluster], Awaitable[None]]]] = {
    "both workers are restarted in turn": restart_in_turn,
    f"Redis is frozen for {FROZEN_S} s": freeze_redis,
    "Redis is killed and comes back empty": kill_redis,
    "PostgreSQL crashes and is restarted": crash_postgres,
    "one worker's line to Redis is cut": cut_off_from_redis,
    "one worker's line to PostgreSQL is cut": cut_off_from_postgres,
}


async def workers(size: Size) -> AsyncIterator[Finding]:
    chosen, resumes = seed(), Resumes()
    async with a_cluster() as cluster:
        tables = [
            Table(cluster.workers, number, resumes, random.Random(chosen + number), size.of(BRISK, CALM))
            for number in range(size.of(8, 50))
        ]
        faults = Faults(tables, resumes)
        async with playing(tables):
            yield await killed_again_and_again(faults, cluster, size.of(2, 50))
            await asyncio.sleep(NOTICED_S)      # or the last of them would be given back here
            yield await a_second_before_the_flag(cluster)
            await asyncio.sleep(NOTICED_S)
            async for finding in stalled(faults, cluster):
                yield finding
            for what, harm in FAULTS.items():
                cost = await faults.after(what, lambda harm=harm: harm(cluster))
                yield Finding(what, THE_SAME, cost.told, is_kept=True)
        for each in cluster.workers:
            said = await readiness(each)
            assert said.items() >= {"status": "ready", "bus": "ready", "workers": 2}.items(), said
        checked = await asyncio.to_thread(tabiya, "check", "--database-url", cluster.database_url)
        assert checked[:2] == (0, ""), checked


async def killed_again_and_again(faults: Faults, cluster: Cluster, times: int) -> Finding:
    """One worker after the other, and now and then both at once."""
    took_s: list[float] = []
    moves = killed = 0

    async def kill_and_start() -> None:
        nonlocal killed
        await asyncio.sleep(faults.tables[0].chance.uniform(0, 0.15))
        hit = cluster.workers if (killed + 1) % BOTH_IN == 0 else [cluster.workers[killed % 2]]
        for each in hit:
            each.kill()
            killed += 1
        await asyncio.gather(*(asyncio.to_thread(each.start) for each in hit))

    while killed < times:
        moves += (await faults.after("a worker is killed", kill_and_start)).moves
        took_s += faults.resumes.took_s
    resumes = Resumes()
    resumes.took_s = took_s
    what = f"{killed} × `kill -9` of one of two workers or of both, PostgreSQL and Redis"
    return Finding(what, PROMISED, tally(faults.tables, moves, resumes), is_kept=True)


# Whose time it is


@asynccontextmanager
async def bullet_players(
    cluster: Cluster, room_id: str, time: str, *, black_at: int
) -> AsyncIterator[tuple[Roamer, Roamer]]:
    """White, who is to move, at worker one, Black at the one that is named; two moves have been made."""
    urls, resumes = [each.ws_url for each in cluster.workers], Resumes()
    async with Roamer(urls, room_id, resumes, color="white", name="White", time=time) as white:
        await white.until(lambda: white.welcome)
        async with Roamer(urls[black_at:] + urls[:black_at], room_id, resumes, name="Black") as black:
            await black.until(lambda: black.is_playing)
            await white.until(lambda: white.is_playing)
            await play(white, black, "e2e4", "e7e5")
            yield white, black


async def plays_on(white: Roamer, black: Roamer) -> int:
    """The milliseconds that White has left when she has moved; nobody has lost."""
    answer = await white.move("g1f3")
    assert answer["type"] == "ack", (answer, white.frames[-3:])
    await black.until(lambda: black.ply == 3)
    *_, given = white.of("clock")       # one that came before the clocks ran is of an outage before this room
    assert given["reason"] == "outage"
    assert [frame["v"] for frame in black.of("clock")] == [frame["v"] for frame in white.of("clock")]
    assert not white.of("game_over") + black.of("game_over")
    await white.do(type="resign")
    assert (await black.first("game_over"))["reason"] == "resignation"
    left_ms: int = given["clock"]["white"]
    return left_ms


async def a_second_before_the_flag(cluster: Cluster) -> Finding:
    """Both players are at the worker that dies, and come back to the other."""
    async with bullet_players(cluster, "flag", "0.1+0", black_at=0) as (white, black):
        await asyncio.sleep(white.moves()[-1]["at"] / 1_000 + 5 - time.time())
        cluster.one.kill()
        began_s = time.monotonic()
        await white.until(lambda: white.connects == 2 and white.is_welcome)
        back_s = time.monotonic() - began_s
        await asyncio.sleep(1.5 + began_s - time.monotonic())       # the flag would have fallen by now
        left_ms = await plays_on(white, black)
    await asyncio.to_thread(cluster.one.start)
    return Finding(
        "a worker is killed when its player has 1 s left",
        "the outage is not her time: she plays on",
        f"back at the other worker in {1_000 * back_s:.0f} ms, {left_ms} ms on her clock",
        is_kept=500 <= left_ms <= 3_000,
    )


async def stalled(faults: Faults, cluster: Cluster) -> AsyncIterator[Finding]:
    """The mover's worker; her opponent's serves, sees her flag due, and does not call it."""
    left_ms = 0.0

    async def stall() -> None:
        nonlocal left_ms
        async with bullet_players(cluster, "stall", "0.05+0", black_at=1) as (white, black):
            cluster.one.send(signal.SIGSTOP)
            await asyncio.sleep(STALL_S)
            cluster.one.send(signal.SIGCONT)
            left_ms = await plays_on(white, black)

    what = f"one of two workers stands still for {STALL_S} s (SIGSTOP)"
    cost = await faults.after(what, stall)
    yield Finding(what, THE_SAME, cost.told, is_kept=True)
    yield Finding(
        "the same, the mover's, who has 3 s left on her clock",
        "nobody is flagged or forfeits; what it took is given back",
        f"{left_ms:.0f} ms on her clock when it is back; no game ended",
        is_kept=left_ms >= 1_000,
    )
