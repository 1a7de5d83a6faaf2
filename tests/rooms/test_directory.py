"""Which room is which, on one worker: one object for each room, as long as somebody needs it."""

import asyncio
import gc
import weakref

import pytest

from game_server.core.commands import CheckTime, Resign
from game_server.core.refusals import Code, Refused
from game_server.rooms.directory import OWED_AT_ONCE
from game_server.store.log import StreamId, Unavailable
from tests.rooms.worker import ANNA, BULLET, Socket, Worker, endings, kinds, play, seat, unavailable, wait

IDLE_MS = 30_000

DAY_MS = 86_400_000


@pytest.fixture
def worker():
    return Worker()


async def swept(worker, ms):
    """Lets `ms` pass, with a sweep each second; what is due in rooms that are open here is done."""
    for _ in range(ms // 1_000):
        await worker.directory.sweep()
        await wait(1_000, worker)
    await worker.directory.sweep()


async def closed_room(worker):
    live = await worker.game(linger_ms=0)
    await live.do(Resign("white"))
    await live.do(CheckTime())
    assert live.is_closed
    return live


async def test_there_is_no_room_that_nobody_opened(worker):
    assert await worker.directory.find("r") is None
    assert worker.directory.rooms() == []


async def test_opening_a_room_that_is_open_gives_that_one_with_its_own_options(worker):
    first = await worker.room(time=BULLET)
    assert await worker.room() is first
    assert first.room.options.time is BULLET


async def test_a_room_that_is_found_is_the_one_that_was_opened(worker):
    live = await worker.room()
    assert await worker.directory.find("r") is live


async def test_a_room_of_which_nothing_is_here_is_read_once_however_many_ask(worker):
    await worker.game()
    again = worker.another()
    asked = (again.directory.find("r") for _ in range(10))
    found = await asyncio.gather(*asked, again.room(), again.directory.find("other"))
    assert len({id(live) for live in found[:11]}) == 1
    assert found[11] is None
    assert again.directory._busy == {}


async def test_a_room_is_opened_once_however_many_open_it(worker):
    lives = await asyncio.gather(*(worker.room() for _ in range(10)))
    assert len({id(live) for live in lives}) == 1
    assert kinds(lives[0]) == ["room_opened"]


async def test_who_stops_waiting_for_a_room_leaves_nothing_behind(worker):
    await worker.game()
    again = worker.another()
    waiting = [asyncio.create_task(again.directory.find("r")) for _ in range(3)]
    await asyncio.sleep(0)
    waiting[0].cancel()
    waiting[1].cancel()
    live = await waiting[2]
    assert again.directory.rooms() == [live]
    assert again.directory._busy == {}


async def test_a_closed_room_is_found_as_it_was(worker):
    live = await closed_room(worker)
    assert await worker.directory.find("r") is live
    again = await worker.another().directory.find("r")
    assert again.is_closed
    assert again.version == live.version


async def test_a_closed_room_that_is_opened_anew_is_another_life_under_another_epoch(worker):
    old = await closed_room(worker)
    new = await worker.room()
    assert new.room.epoch != old.room.epoch
    assert new.version == 1
    assert await worker.directory.find("r") is new
    assert (await worker.another().directory.find("r")).room.epoch == new.room.epoch
    assert new.stream == StreamId("room:r", 2)


async def test_the_lives_of_a_room_go_on_counting_after_a_restart(worker):
    await closed_room(worker)
    again = worker.another()
    assert (await again.room()).stream.life == 2


async def test_a_room_that_could_not_be_stored_was_not_opened(worker):
    with unavailable(worker.log), pytest.raises(Refused) as refused:
        await worker.room()
    assert refused.value.code is Code.TRY_AGAIN
    assert await worker.directory.find("r") is None
    assert (await worker.room()).version == 1


async def test_a_room_that_cannot_be_read_now_is_not_taken_for_a_new_one(worker):
    await worker.game()
    again = worker.another()
    await worker.log.close()
    with pytest.raises(Unavailable):
        await again.room()


# Rooms that nobody has open


async def test_the_sweep_finds_a_game_whose_flag_has_fallen(worker):
    live = await worker.game(time=BULLET, lag_compensation=False)
    await play(live, "e2e4", "e7e5")
    flag_ms = live.due_ms()
    again = worker.another()
    while again.clock.ms <= flag_ms:
        again.clock.ms += 1_000
        again.outages.beat()
    await again.directory.sweep()
    (live,) = again.directory.rooms()
    await wait(0, again)
    (ending,) = await endings(live, again.log)
    assert (ending.reason, ending.at_ms) == ("timeout", flag_ms)


async def test_the_sweep_leaves_alone_what_is_not_due(worker):
    await worker.game(time=BULLET)
    again = worker.another()
    await again.directory.sweep()
    assert again.directory.rooms() == []


async def test_one_room_that_cannot_be_read_stops_neither_the_sweep_nor_the_others(worker, caplog):
    for room_id in ("good", "bad"):
        live = await worker.game(room_id, time=BULLET)
        await play(live, "e2e4", "e7e5")
    again = worker.another()
    read = again.log.read

    async def faulty_read(stream, after=0):
        assert stream.name != "room:bad", "unreadable: never written so"
        return await read(stream, after)

    again.log.read = faulty_read
    again.clock.ms += 120_000
    for _ in range(3):
        await again.directory.sweep()
    assert [live.room.room_id for live in again.directory.rooms()] == ["good"]
    assert caplog.text.count("room bad: cannot be read") == 1


async def test_a_store_that_cannot_answer_does_not_stop_the_sweep(worker):
    await worker.log.close()
    await worker.directory.sweep()


async def test_rooms_that_nobody_is_in_and_that_are_not_due_soon_are_forgotten(worker):
    await worker.room(idle_ms=1_000_000)
    await swept(worker, IDLE_MS - 1_000)
    assert len(worker.directory.rooms()) == 1
    await swept(worker, 2_000)
    assert worker.directory.rooms() == []


async def test_a_forgotten_room_is_found_again_as_it_was_and_goes_on(worker):
    live = await worker.room(idle_ms=1_000_000)
    epoch = live.room.epoch
    await swept(worker, IDLE_MS + 1_000)
    again = await worker.directory.find("r")
    assert again is not live
    assert again.room.epoch == epoch
    await again.do(seat(ANNA))
    assert again.version == 2


async def test_a_room_that_was_forgotten_leaves_no_alarm_and_no_memory(worker):
    live = await worker.room(idle_ms=1_000_000)
    await swept(worker, IDLE_MS + 1_000)
    assert worker.news[-1] is live
    assert live.due_ms() is None
    gone = weakref.ref(live)
    worker.news.clear()
    del live
    gc.collect()
    assert gone() is None


async def test_a_room_that_somebody_is_in_is_not_forgotten(worker):
    live = await worker.room()
    await live.do(seat(ANNA))
    live.seats.arrive(ANNA, Socket())
    await swept(worker, 3 * IDLE_MS)
    assert worker.directory.rooms() == [live]


async def test_a_room_that_is_asked_for_again_and_again_is_not_forgotten(worker):
    live = await worker.room(idle_ms=1_000_000)
    for _ in range(5):
        await swept(worker, IDLE_MS - 5_000)
        assert await worker.directory.find("r") is live


async def test_a_room_that_is_soon_due_is_not_forgotten(worker):
    live = await worker.game(time=BULLET)
    for player in ("anna", "boris"):
        live.seats.leave(player, live.seats._by_player[player].connection, 1006, worker.clock.ms)
    await play(live, "e2e4", "e7e5")
    await swept(worker, 45_000)
    assert worker.directory.rooms() == [live]
    await swept(worker, 20_000)
    assert live.room.game.reason == "timeout"


async def test_a_game_without_a_clock_that_nobody_comes_back_to_after_a_restart_is_found_within_a_day(worker):
    await worker.game()
    worker.clock.ms += 1_000
    later = worker.another()
    await wait(DAY_MS - 2_000, later)
    await later.directory.sweep()
    assert not later.directory.rooms()
    await wait(2_000, later)
    await later.directory.sweep()
    await wait(3_000, later)
    (live,) = later.directory.rooms()
    assert kinds(live)[-2:] == ["player_disconnected", "player_disconnected"]


async def test_after_a_stall_rooms_are_looked_at_a_few_at_a_time_or_that_would_be_the_next_stall(worker):
    rooms = [await worker.game(f"r{number}", time=BULLET) for number in range(OWED_AT_ONCE + 50)]
    worker.clock.ms += 5_000
    worker.outages.beat()
    looked_at = set()
    for sweeps in (OWED_AT_ONCE, 50, 0):
        worker.news.clear()
        await worker.directory.sweep()
        assert len(set(worker.news)) == sweeps
        for live in set(worker.news):
            await live.tick()
        looked_at |= set(worker.news)
    assert looked_at == set(rooms)
