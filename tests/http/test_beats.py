"""Streams that are kept alive by one timer for all."""

import asyncio
import itertools

from game_server.http.beats import PARTS, Beats

EVERY_S = 0.6
PATIENCE_S = 10


class Stream:
    def __init__(self, fault=None):
        self.beats_s = []
        self.has_beaten = asyncio.Event()
        self._fault = fault

    def beat(self):
        self.beats_s.append(asyncio.get_running_loop().time())
        self.has_beaten.set()
        if self._fault is not None:
            raise self._fault

    async def beaten(self, times):
        async with asyncio.timeout(PATIENCE_S):
            while len(self.beats_s) < times:
                self.has_beaten.clear()
                await self.has_beaten.wait()


async def test_a_stream_is_called_once_in_an_interval_and_never_before_it_has_nearly_passed():
    beats, stream, began_s = Beats(EVERY_S), Stream(), asyncio.get_running_loop().time()
    beats.join(stream)
    await stream.beaten(3)
    times_s = [began_s, *stream.beats_s]
    least_s = EVERY_S * (1 - 1 / PARTS) - 0.1      # of a busy loop, whose timers may be late
    assert all(after_s - before_s >= least_s for before_s, after_s in itertools.pairwise(times_s))


async def test_who_joins_later_is_called_later():
    beats, early, late = Beats(EVERY_S), Stream(), Stream()
    beats.join(early)
    await asyncio.sleep(EVERY_S / 2)
    beats.join(late)
    await early.beaten(1)
    assert late.beats_s == []
    await late.beaten(1)
    assert late.beats_s[0] > early.beats_s[0]


async def test_who_has_left_is_not_called():
    beats, gone, there = Beats(EVERY_S), Stream(), Stream()
    place = beats.join(gone)
    beats.join(there)
    beats.leave(gone, place)
    await there.beaten(1)
    assert gone.beats_s == []


async def test_it_rests_while_nobody_is_there_and_begins_again():
    beats, first, second = Beats(EVERY_S), Stream(), Stream()
    beats.leave(first, beats.join(first))
    await asyncio.sleep(4 * EVERY_S / PARTS)
    assert not beats._is_running
    beats.join(second)
    await second.beaten(2)


async def test_one_fault_keeps_nobody_else_from_being_called():
    reported = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: reported.append(context["exception"]))
    beats, fault = Beats(EVERY_S), RuntimeError("of this stream")
    broken, sound = Stream(fault), [Stream() for _ in range(5)]
    for stream in (broken, *sound):
        beats.join(stream)
    for stream in sound:
        await stream.beaten(2)
    await broken.beaten(2)
    assert reported[:1] == [fault]
