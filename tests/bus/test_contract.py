"""The promises of Bus, kept by every implementation."""

import asyncio

from game_server.bus.bus import LOBBY, Attendance, Hint
from tests.bus.conftest import now_ms

ROOM = "room:a"
ANNA = Attendance({"anna": 5}, 2)


async def test_who_attends_at_one_worker_is_known_at_the_others(net):
    one, two, three = await net.joined(3)
    one.bus.attend(ROOM, ANNA)
    for other in (two, three):
        await other.until(lambda each: each.players(ROOM) == [["anna"]])
        (seen,) = other.bus.elsewhere(ROOM)
        assert seen == (one.bus.worker, ANNA)
        assert other.changes == [ROOM]
        assert list(other.bus.names("room:")) == [ROOM]
    assert one.players(ROOM) == []


async def test_the_latest_attendance_stands_until_nobody_is_there(net):
    one, two = await net.joined(2)
    for others in range(20):
        one.bus.attend(ROOM, Attendance({"anna": 5}, others))
    await two.until(lambda each: [seen.attendance.others for seen in each.bus.elsewhere(ROOM)] == [19])
    one.bus.attend(ROOM, Attendance())
    await two.until(lambda each: not each.players(ROOM))
    assert list(two.bus.names("room:")) == []


async def test_a_worker_that_comes_later_is_told_what_stands(net):
    (one,) = await net.joined(1)
    names = [f"room:{n}" for n in range(1_200)]
    for name in names:
        one.bus.attend(name, ANNA)
    (late,) = await net.joined(1)
    await late.until(lambda each: sorted(each.bus.names("room:")) == sorted(names))
    assert dict(late.bus.attended(one.bus.worker))[ROOM.replace("a", "7")] == ANNA


async def test_a_hint_reaches_the_workers_at_which_somebody_attends_and_no_other(net):
    one, two, three = await net.joined(3)
    two.bus.attend(ROOM, ANNA)
    three.bus.attend("room:b", ANNA)
    await one.until(lambda each: each.players(ROOM) and each.players("room:b"))
    one.bus.tell(Hint(ROOM, 1, 7))
    one.bus.tell(Hint("room:b", 2, 9, True))
    await two.until(lambda each: each.hints)
    await three.until(lambda each: each.hints)
    assert (two.hints, three.hints, one.hints) == ([Hint(ROOM, 1, 7)], [Hint("room:b", 2, 9, True)], [])


async def test_hints_of_public_rooms_reach_a_worker_with_listeners_in_the_lobby(net):
    one, two = await net.joined(2)
    two.bus.attend(LOBBY, Attendance({}, 1))
    await one.until(lambda each: list(each.bus.elsewhere(LOBBY)))
    one.bus.tell(Hint("room:secret", 1, 3))
    one.bus.tell(Hint(ROOM, 1, 3, is_public=True))
    await two.until(lambda each: each.hints)
    assert two.hints == [Hint(ROOM, 1, 3, True)]


async def test_of_many_hints_the_newest_arrives(net):
    one, two = await net.joined(2)
    two.bus.attend(ROOM, ANNA)
    await one.until(lambda each: each.players(ROOM))
    for version in range(1, 500):
        one.bus.tell(Hint(ROOM, 1, version))
        if version % 100 == 0:
            await asyncio.sleep(0)
    await two.until(lambda each: each.hints and each.hints[-1].version == 499)
    assert two.hints == sorted(two.hints)


async def test_a_worker_that_leaves_says_so_and_what_it_told_is_void(net):
    one, two = await net.joined(2)
    one.bus.attend(ROOM, ANNA)
    await two.until(lambda each: each.players(ROOM))
    await one.bus.leave()
    await two.until(lambda each: each.ended)
    assert two.ended == [one.bus.worker]
    assert two.players(ROOM) == []
    assert list(two.bus.workers()) == []


async def test_what_a_dead_worker_told_stands_until_it_is_forgotten(net):
    one, two = await net.joined(2)
    one.bus.attend(ROOM, ANNA)
    await two.until(lambda each: each.players(ROOM))
    await one.vanish()
    assert two.players(ROOM) == [["anna"]]
    two.bus.forget(one.bus.worker)
    assert two.players(ROOM) == []
    assert two.changes[-1] == ROOM


async def test_workers_say_that_they_live(net):
    began_ms = now_ms()
    one, two = await net.joined(2)
    assert began_ms <= two.bus.alive_ms(one.bus.worker) <= now_ms()
    assert two.bus.alive_ms("nobody") == 0
    assert two.bus.sighted_ms() <= now_ms()


async def test_who_is_vouched_for_lives_if_it_was_ever_heard_of(net):
    one, two = await net.joined(2)
    later_ms = now_ms() + 60_000
    for worker in (one.bus.worker, "nobody"):
        two.bus.vouch(worker, later_ms)
        two.bus.vouch(worker, 5)
    assert (two.bus.alive_ms(one.bus.worker), two.bus.alive_ms("nobody")) == (later_ms, 0)
    assert "nobody" not in two.bus.workers()
