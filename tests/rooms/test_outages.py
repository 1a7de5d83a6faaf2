"""Time in which nobody was served is not the players' time."""

import json

import pytest

from game_server.core.refusals import Code, Refused
from game_server.rooms.outages import Outages
from tests.rooms.worker import BULLET, HandClock, T, Worker, endings, frames, kinds, move, play, seat, wait


@pytest.fixture
def worker():
    return Worker()


async def bullet(worker):
    live = await worker.game(time=BULLET, lag_compensation=False)
    await play(live, "e2e4", "e7e5")
    return live


STALLS = {
    #               ms between two signs of life, outages
    "a turn":       (250, 0),
    "a busy loop":  (1_250, 0),
    "a stall":      (1_251, 1),
}


@pytest.mark.parametrize(("stood_still_ms", "count"), STALLS.values(), ids=STALLS)
def test_a_loop_that_stood_still_for_more_than_a_second_is_an_outage(stood_still_ms, count):
    clock = HandClock()
    outages = Outages(clock)
    clock.ms += stood_still_ms
    outages.beat()
    assert outages.count == count
    outages.beat()
    assert outages.count == count


def test_an_outage_lasts_from_the_last_sign_of_life_to_the_next():
    clock = HandClock()
    outages = Outages(clock)
    clock.ms += 5_000
    assert outages.now() == T + 5_000
    assert (outages[0].from_ms, outages[0].until_ms) == (T, T + 5_000)


async def test_a_stall_is_given_back_before_the_flag_falls(worker):
    live = await bullet(worker)
    worker.clock.ms += 90_000
    await live.tick()
    assert await endings(live, worker.log) == []
    frame = json.loads(frames(live)[-1].text)
    assert (frame["type"], frame["reason"], frame["clock"]["white"]) == ("clock", "outage", 60_000)


async def test_a_stall_that_only_the_command_after_it_notices_is_given_back_too(worker):
    live = await bullet(worker)
    worker.clock.ms += 90_000
    await live.do(move("white", "g1f3"))
    assert kinds(live)[-2:] == ["clock", "move"]
    assert json.loads(frames(live)[-1].text)["clock"]["white"] == 60_000


async def test_a_stall_is_given_back_once(worker):
    live = await bullet(worker)
    worker.clock.ms += 30_000
    await live.tick()
    await live.tick()
    assert kinds(live).count("clock") == 1
    await wait(60_000, worker)
    assert [ending.reason for ending in await endings(live, worker.log)] == ["timeout"]


async def test_who_had_already_lost_on_time_before_the_stall_has_lost(worker):
    live = await bullet(worker)
    for _ in range(60):
        worker.clock.ms += 1_000
        worker.outages.beat()
    worker.clock.ms += 5_000
    with pytest.raises(Refused) as refused:
        await live.do(move("white", "g1f3"))
    assert refused.value.code is Code.GAME_OVER


async def test_the_time_the_server_was_down_is_given_back_when_the_room_is_found_again(worker):
    live = await bullet(worker)
    down_ms = worker.clock.ms
    worker.clock.ms += 3_600_000
    await worker.log.note_outage(down_ms, worker.clock.ms)
    again = worker.another()
    live = await again.directory.find("r")
    assert live.room.status == "playing"
    assert json.loads(live.state().text)["clock"]["white"] == 60_000
    cold = await again.another().directory.find("r")
    assert cold.version == live.version


async def test_an_outage_that_is_known_here_but_not_yet_noted_in_the_store_is_given_back_to_a_room_found_later(worker):
    other = worker.another()
    await bullet(worker)
    worker.clock.ms += 30_000
    live = await other.directory.find("r")
    await live.tick()
    assert json.loads(live.state().text)["clock"]["white"] == 60_000


async def test_an_outage_is_given_back_once_though_the_store_and_the_worker_both_know_it(worker):
    await bullet(worker)
    other = worker.another()
    worker.clock.ms += 30_000
    other.outages.beat()
    await worker.log.note_outage(other.outages[0].from_ms, other.outages[0].until_ms)
    live = await other.directory.find("r")
    await live.tick()
    assert json.loads(live.state().text)["clock"]["white"] == 60_000


async def test_a_room_that_was_opened_after_an_outage_gets_nothing_back(worker):
    worker.clock.ms += 30_000
    live = await bullet(worker)
    await live.tick()
    assert "clock" not in kinds(live)


async def test_the_grace_of_the_absent_stands_still_too(worker):
    live = await worker.game(grace_ms=20_000)
    await play(live, "e2e4", "e7e5")
    white = live.seats._by_player["anna"].connection
    live.seats.leave("anna", white, 1006, worker.clock.ms)
    await wait(2_000, worker)
    until_ms = live.room.away_white.until_ms
    worker.clock.ms += 60_000
    await live.tick()
    assert live.room.status == "playing"
    assert live.room.away_white.until_ms == until_ms + 60_000


async def test_a_waiting_room_is_told_nothing_of_an_outage(worker):
    live = await worker.room()
    await live.do(seat("anna"))
    worker.clock.ms += 60_000
    await live.tick()
    assert "clock" not in kinds(live)
