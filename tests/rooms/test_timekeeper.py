"""Alarms ring on time, whatever becomes of the other ones. Time is the loop's own here, in milliseconds."""

import asyncio
import contextlib
import gc
import time
import weakref

import pytest

from game_server.rooms import timekeeper
from game_server.rooms.timekeeper import Timekeeper
from game_server.store.log import Unavailable


def now():
    return time.monotonic_ns() // 1_000_000


class Timed:
    """Is due at `dues`, one after the other, and notes when it was woken. `fault` is raised once."""

    def __init__(self, *in_ms, fault=None):
        self.dues = [now() + ms for ms in in_ms]
        self.woken = []
        self.fault = fault

    def due_ms(self):
        return self.dues[0] if self.dues else None

    async def tick(self):
        fault, self.fault = self.fault, None
        if fault is not None:
            raise fault
        while self.dues and self.dues[0] <= now():
            self.woken.append(now() - self.dues.pop(0))


@contextlib.asynccontextmanager
async def running():
    keeper = Timekeeper(now)
    task = asyncio.create_task(keeper.run())
    await asyncio.sleep(0)
    yield keeper
    assert not task.done()
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


async def until(is_so, timeout_s=3):
    async with asyncio.timeout(timeout_s):
        while not is_so():
            await asyncio.sleep(0.002)


async def test_what_is_due_is_woken_then_and_not_before():
    async with running() as keeper:
        timed = Timed(30)
        keeper.watch(timed)
        await until(lambda: timed.woken)
        assert 0 <= timed.woken[0] < 20


async def test_what_is_due_again_is_woken_again():
    async with running() as keeper:
        timed = Timed(5, 10, 15)
        keeper.watch(timed)
        await until(lambda: len(timed.woken) == 3)


async def test_an_earlier_alarm_wakes_a_sleeping_timekeeper():
    async with running() as keeper:
        late, early = Timed(60_000), Timed(10)
        keeper.watch(late)
        await asyncio.sleep(0.005)
        keeper.watch(early)
        await until(lambda: early.woken)
        assert late.woken == []


async def test_what_has_been_put_off_is_woken_at_the_later_moment():
    async with running() as keeper:
        timed = Timed(10)
        keeper.watch(timed)
        timed.dues[0] += 30
        keeper.watch(timed)
        await until(lambda: timed.woken)
        assert timed.woken[0] >= 0


async def test_what_is_due_earlier_than_it_was_is_woken_at_the_earlier_moment():
    async with running() as keeper:
        timed = Timed(60_000)
        keeper.watch(timed)
        timed.dues[0] = now() + 10
        keeper.watch(timed)
        await until(lambda: timed.woken)
        assert timed.woken[0] < 20


async def test_what_is_not_due_any_more_is_not_woken():
    async with running() as keeper:
        timed = Timed(10)
        keeper.watch(timed)
        timed.dues.clear()
        keeper.watch(timed)
        await asyncio.sleep(0.02)
        assert timed.woken == []


async def test_the_fault_of_one_does_not_stop_the_others(caplog):
    async with running() as keeper:
        broken, whole = Timed(5, fault=ZeroDivisionError("a bug")), Timed(10)
        keeper.watch(broken)
        keeper.watch(whole)
        await until(lambda: whole.woken)
    assert "a bug" in caplog.text


async def test_that_one_cannot_say_when_it_is_due_does_not_stop_the_others(caplog):
    class Mute(Timed):
        def due_ms(self):
            if self.woken:
                raise ZeroDivisionError("a bug")
            return super().due_ms()

    async with running() as keeper:
        broken, whole = Mute(5), Timed(10)
        keeper.watch(broken)
        keeper.watch(whole)
        await until(lambda: whole.woken)
    assert "a bug" in caplog.text


async def test_what_could_not_be_stored_is_tried_again(monkeypatch):
    monkeypatch.setattr(timekeeper, "RETRY_MS", 10)
    async with running() as keeper:
        timed = Timed(5, fault=Unavailable("the disk is full"))
        keeper.watch(timed)
        await until(lambda: timed.woken)


async def test_one_that_takes_long_does_not_hold_up_the_others():
    class Slow(Timed):
        async def tick(self):
            await asyncio.sleep(0.05)
            await super().tick()

    async with running() as keeper:
        slow, quick = Slow(5), Timed(10)
        keeper.watch(slow)
        keeper.watch(quick)
        await until(lambda: quick.woken)
        assert slow.woken == []
        await until(lambda: slow.woken)


async def test_one_that_stays_due_does_not_starve_the_loop():
    class Stubborn(Timed):
        async def tick(self):
            self.woken.append(now())

    async with running() as keeper:
        stubborn, other = Stubborn(0), Timed(30)
        keeper.watch(stubborn)
        keeper.watch(other)
        await until(lambda: other.woken)
        assert len(stubborn.woken) <= 60


async def test_what_is_not_due_is_not_kept_in_memory():
    async with running() as keeper:
        timed = Timed(60_000)
        keeper.watch(timed)
        timed.dues.clear()
        keeper.watch(timed)
        gone = weakref.ref(timed)
        del timed
        gc.collect()
        assert gone() is None


@pytest.mark.parametrize("count", [1_000])
async def test_many_alarms_ring_in_order(count):
    async with running() as keeper:
        rung = []

        class Noted(Timed):
            async def tick(self):
                rung.append(self.dues.pop())

        for number in range(count):
            keeper.watch(Noted((number * 37) % 50))
        await until(lambda: len(rung) == count)
        assert rung == sorted(rung)
