"""Everybody is served, players first, and nobody waits for anybody."""

import asyncio
import contextlib

import pytest

from game_server.rooms.feed import Feed
from game_server.rooms.pump import SLICE, TURNS, Pump
from tests.rooms.listening import Sink, Source, numbers, turns


class Hall:
    """A pump at work, and the connections it serves. `journal` has whom it served, in order."""

    def __init__(self, tasks):
        self.is_storing = False
        self.pump = Pump(lambda: self.is_storing)
        self.tasks = tasks
        self.journal = []

    def table(self, players=0, spectators=0, name="r"):
        source = Source()
        for kind, count in ((source.players, players), (source.spectators, spectators)):
            for number in range(count):
                role = "player" if kind is source.players else "spectator"
                sink = Sink(self.journal, f"{name} {role}{number}")
                kind.append(Feed(source, sink, 0, self.tasks))
        return source

    def tell(self, source, count=1):
        source.version += count
        self.pump.add(source)


@pytest.fixture
async def hall():
    async with asyncio.TaskGroup() as tasks:
        hall = Hall(tasks)
        task = tasks.create_task(hall.pump.run())
        yield hall
        assert not task.done()
        task.cancel()


def sinks(source):
    return [feed._sink for feed in (*source.players, *source.spectators)]


async def test_every_listener_is_served(hall):
    table = hall.table(players=2, spectators=5)
    hall.tell(table, 3)
    await turns()
    assert [sink.got for sink in sinks(table)] == [numbers(1, 3)] * 7


async def test_players_are_served_before_spectators_at_all_tables(hall):
    tables = [hall.table(2, 2, name) for name in ("a", "b")]
    for table in tables:
        hall.tell(table)
    await turns()
    assert [name.split()[1][0] for name in hall.journal] == ["p"] * 4 + ["s"] * 4


async def test_a_full_house_does_not_hold_up_the_players_of_another_table(hall):
    full, other = hall.table(2, 10 * SLICE, "full"), hall.table(2, 0, "other")
    hall.tell(full)
    await turns(2)
    hall.tell(other)
    await turns(40)
    assert hall.journal.index("other player0") < 2 + 4 * SLICE
    assert all(sink.got == ["1"] for sink in sinks(full))


async def test_a_spectator_is_served_though_something_happens_all_the_time(hall):
    full = hall.table(0, 10 * SLICE)
    for _ in range(40):
        hall.tell(full)
        await asyncio.sleep(0)
    assert all(sink.got for sink in sinks(full))
    await turns(40)
    assert all(sink.got == numbers(1, 40) for sink in sinks(full))


async def test_while_something_is_being_stored_spectators_have_a_slice_each_time_that_it_was(hall, monkeypatch):
    monkeypatch.setattr("game_server.rooms.pump.HOLD_S", 60)
    hall.is_storing = True
    full, other = hall.table(2, 3 * SLICE, "full"), hall.table(1, 0, "other")
    hall.tell(full)
    await turns(20)
    assert [name.split()[1] for name in hall.journal] == ["player0", "player1"]
    hall.tell(other)
    await turns(20)
    assert hall.journal[2] == "other player0"
    assert len(hall.journal) == 3 + SLICE
    hall.is_storing = False
    hall.tell(other)
    await turns(40)
    assert all(sink.got == ["1"] for sink in sinks(full))


async def test_a_slice_goes_to_many_rooms_with_a_few_spectators_each(hall, monkeypatch):
    monkeypatch.setattr("game_server.rooms.pump.HOLD_S", 60)
    hall.is_storing = True
    tables = [hall.table(0, 2, f"{number}") for number in range(SLICE)]
    for table in tables:
        hall.tell(table)
    await turns(20)
    assert hall.journal == []
    hall.tell(hall.table())
    await turns(20)
    assert len(hall.journal) == SLICE
    assert len(set(hall.journal)) == SLICE


async def test_who_is_late_does_not_wait_for_the_store(hall, monkeypatch):
    monkeypatch.setattr("game_server.rooms.pump.HOLD_S", 60)
    monkeypatch.setattr("game_server.rooms.pump.LATE_S", 0)
    hall.is_storing = True
    full = hall.table(0, 4 * SLICE)
    hall.tell(full)
    await turns(40)
    assert all(sink.got == ["1"] for sink in sinks(full))


async def test_players_wait_for_one_turn_of_the_loop_and_no_more(hall):
    full, other = hall.table(0, 20 * SLICE), hall.table(1, 0, "other")
    hall.tell(full)
    await turns(2)
    waited = []
    for number in range(1, 10):
        hall.tell(other)
        waited.append(0)
        while sinks(other)[0].got != numbers(1, number):
            await turns(1)
            waited[-1] += 1
    assert max(waited) == 1


async def test_the_last_frame_comes_before_the_end(hall):
    table = hall.table(2, 5)
    table.is_closed = True
    hall.tell(table)
    await turns()
    assert [sink.got for sink in sinks(table)] == [["1", "end"]] * 7


async def test_spectators_do_not_wait_for_ever_for_what_is_being_stored(hall):
    hall.is_storing = True
    full = hall.table(0, 10 * SLICE)
    hall.tell(full)
    async with asyncio.timeout(10):
        while not all(sink.got for sink in sinks(full)):
            await asyncio.sleep(0.01)


async def test_who_does_not_read_holds_up_nobody_and_catches_up_later_in_order(hall):
    table = hall.table(2, 100)
    stuck = [sinks(table)[0], sinks(table)[50]]
    for sink in stuck:
        sink.stall()
    for _ in range(30):
        hall.tell(table)
        await turns(4 * TURNS)
    assert all(sink.got == numbers(1, 30) for sink in sinks(table) if sink not in stuck)
    assert [sink.got for sink in stuck] == [[], []]
    for sink in stuck:
        sink.go_on()
    await turns()
    assert [sink.got for sink in stuck] == [numbers(1, 30)] * 2


async def test_a_listener_that_comes_while_others_are_being_served_is_served_by_the_next_news(hall):
    table = hall.table(0, 3 * SLICE)
    hall.tell(table)
    await turns(2)
    late = Sink()
    table.spectators.append(Feed(table, late, table.version, hall.tasks))
    hall.tell(table)
    await turns(40)
    assert late.got == ["2"]


async def test_a_connection_that_is_lost_is_passed_over(hall):
    table = hall.table(2, 2)
    sinks(table)[0].fault = ConnectionResetError()
    hall.tell(table)
    await turns()
    assert [sink.got for sink in sinks(table)] == [[], ["1"], ["1"], ["1"]]


async def test_the_fault_of_one_connection_stops_neither_the_pump_nor_the_others():
    pump, table = Pump(), Source()

    async def connection(sink):
        async with asyncio.TaskGroup() as tasks:
            table.players.append(Feed(table, sink, 0, tasks))
            await asyncio.sleep(0.05)

    broken, whole = Sink(), Sink()
    broken.fault = ZeroDivisionError("a bug")
    running = [asyncio.ensure_future(job) for job in (pump.run(), connection(broken), connection(whole))]
    await turns(2)
    table.version = 1
    pump.add(table)
    await turns()
    assert whole.got == ["1"]
    assert isinstance(running[1].exception(), ExceptionGroup)
    assert not running[0].done()
    running[0].cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await asyncio.gather(running[0])
    await running[2]
