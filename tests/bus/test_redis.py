"""Redis that is frozen, dies and comes back empty: the bus goes on as soon as it can, and tells again what stands."""

import asyncio

import pytest

from game_server.bus.bus import Attendance, Hint
from game_server.bus.redis import RedisBus
from tests.bus.conftest import Net, now_ms
from tests.redis_server import redis_server

ANNA = Attendance({"anna": 5}, 2)
BORIS = Attendance({"boris": 6}, 0)


@pytest.fixture
async def own():
    """A Redis that a test may kill, and two members on it."""
    with redis_server() as server:
        net = Net(lambda: RedisBus(server.url, now_ms))
        one, two = await net.joined(2)
        one.bus.attend("room:a", ANNA)
        await two.until(lambda each: each.players("room:a"))
        yield server, one, two, net
        await net.close()


async def test_a_restarted_and_empty_redis_is_told_again_who_is_here(own):
    server, one, two, net = own
    server.kill()
    await two.until(lambda each: each.bus.sighted_ms() is None)
    one.bus.attend("room:a", Attendance())
    one.bus.attend("room:b", BORIS)
    assert two.players("room:a") == [["anna"]]      # an absence would prove nothing, and neither does silence
    server.start()
    await two.until(lambda each: each.players("room:b") and each.bus.sighted_ms() is not None)
    assert two.players("room:a") == []
    (late,) = await net.joined(1)
    await late.until(lambda each: each.players("room:b"))


async def test_an_emptied_redis_is_told_again_who_is_here(own):
    server, one, _, net = own
    _, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(b"FLUSHALL\r\n")
    await writer.drain()
    writer.close()
    (late,) = await net.joined(1)
    await late.until(lambda each: each.players("room:a"))
    assert dict(late.bus.attended(one.bus.worker)) == {"room:a": ANNA}


async def test_an_emptied_redis_that_is_told_news_before_the_next_beat_is_told_all_again(own):
    server, one, _, net = own
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(b"FLUSHALL\r\n")
    assert await reader.readline() == b"+OK\r\n"
    writer.close()
    for number in range(2):
        one.bus.attend(f"room:{number}", BORIS)
    (late,) = await net.joined(1)
    everything = ["room:0", "room:1", "room:a"]
    await late.until(lambda each: sorted(name for name, _ in each.bus.attended(one.bus.worker)) == everything)


async def test_a_frozen_redis_holds_nobody_up_and_what_was_missed_is_made_good(own):
    server, one, two, _ = own
    server.freeze()
    await two.until(lambda each: each.bus.sighted_ms() is None)
    for version in range(20_000):
        one.bus.tell(Hint("room:a", 1, version))
    one.bus.attend("room:b", BORIS)
    async with asyncio.timeout(2):
        await one.bus.leave()
    server.thaw()
    await two.until(lambda each: each.bus.sighted_ms() is not None)


async def test_workers_on_two_databases_of_one_redis_do_not_hear_each_other(redis):
    here, there = (Net(lambda url=url: RedisBus(url, now_ms)) for url in (redis.url, redis.url[:-1] + "7"))
    (one,), (two,) = await here.joined(1), await there.joined(1)
    three, four = await here.joined(2)
    assert one.bus.worker in three.bus.workers()
    assert two.bus.worker not in [*three.bus.workers(), *four.bus.workers()]
    await here.close()
    await there.close()


async def test_a_redis_that_is_not_there_holds_nobody_up():
    bus = RedisBus("redis://127.0.0.1:1/0", now_ms)
    running = asyncio.ensure_future(bus.run())
    await asyncio.sleep(0)
    bus.attend("room:a", ANNA)
    bus.tell(Hint("room:a", 1, 1))
    assert bus.sighted_ms() is None
    await bus.leave()
    running.cancel()
    await asyncio.wait([running])


@pytest.mark.parametrize("url", ["http://127.0.0.1", "redis://127.0.0.1:6379/?socket_timeout=soon"])
def test_what_is_no_redis_url_is_refused(url):
    with pytest.raises(ValueError):
        RedisBus(url, now_ms)
