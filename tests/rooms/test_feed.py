"""What a listener gets: the frames after its cursor, in order, none twice, and nobody waits for it."""

import asyncio

import pytest

from game_server.rooms import feed as feeds
from game_server.rooms.feed import TooSlow
from game_server.rooms.frame import Frame
from tests.rooms.listening import Sink, Source, listening, numbers, turns


def frame(text):
    return Frame("other", text)


async def served(source, sink, cursor):
    """A connection that is served twice and would then stay for a second."""
    async with listening(source, sink, cursor) as feed:
        await feed.advance()
        await feed.advance()
        await asyncio.sleep(1)


async def test_a_listener_gets_what_follows_its_cursor():
    source, sink = Source(5), Sink()
    async with listening(source, sink, cursor=2) as feed:
        await feed.advance()
    assert sink.got == numbers(3, 5)


async def test_a_listener_that_has_heard_all_gets_nothing():
    source, sink = Source(5), Sink()
    async with listening(source, sink) as feed:
        await feed.advance()
        await feed.advance()
    assert sink.got == []


async def test_a_greeting_comes_before_everything_else():
    source, sink = Source(5), Sink()
    source.be_present("old")
    async with listening(source, sink, cursor=3) as feed:
        await feed.greet(frame("welcome"), frame("state"))
    assert sink.got == ["welcome", "state", "4", "5"]


async def test_nothing_overtakes_a_greeting_that_takes_long():
    source, sink = Source(1), Sink()
    sink.stall()
    async with listening(source, sink) as feed, asyncio.TaskGroup() as tasks:
        tasks.create_task(feed.greet(frame("welcome"), frame("state")))
        await turns()
        source.version = 3
        await feed.advance()
        sink.go_on()
    assert sink.got == ["welcome", "state", "2", "3"]


async def test_a_reply_comes_after_all_that_is_new():
    source, sink = Source(3), Sink()
    async with listening(source, sink, cursor=1) as feed:
        await feed.reply(lambda: frame("ack"))
    assert sink.got == ["2", "3", "ack"]


async def test_a_reply_is_made_of_the_room_as_it_is_when_it_is_sent():
    source, sink = Source(1), Sink()
    sink.stall()
    async with listening(source, sink, cursor=0) as feed, asyncio.TaskGroup() as tasks:
        tasks.create_task(feed.reply(lambda: frame(f"state at {source.version}")))
        await turns()
        source.version = 3
        sink.go_on()
    assert sink.got == ["1", "2", "3", "state at 3"]


async def test_what_happens_while_a_reply_is_being_sent_is_sent_after_it():
    source, sink = Source(1), Sink()
    sink.stall()
    async with listening(source, sink) as feed, asyncio.TaskGroup() as tasks:
        tasks.create_task(feed.reply(lambda: frame("ack")))
        await turns()
        source.version = 2
        await feed.advance()
        sink.go_on()
    assert sink.got == ["ack", "2"]


async def test_of_presence_only_the_newest_is_sent_and_after_the_frames():
    source, sink = Source(1), Sink()
    async with listening(source, sink) as feed:
        for text in ("one", "two"):
            source.be_present(text)
        source.version = 2
        await feed.advance()
        await feed.advance()
    assert sink.got == ["2", "two"]


async def test_what_closed_the_room_is_answered_before_the_end():
    source, sink = Source(1), Sink()
    async with listening(source, sink) as feed:
        source.version, source.is_closed = 2, True
        await feed.reply(lambda: frame("ack"))
    assert sink.got == ["2", "ack", "end"]


async def test_when_the_room_has_closed_the_end_comes_last_and_once():
    source, sink = Source(1), Sink()
    async with listening(source, sink) as feed:
        source.version, source.is_closed = 3, True
        source.be_present("nobody")
        await feed.advance()
        await feed.reply(lambda: frame("ack"))
        await feed.advance()
    assert sink.got == ["2", "3", "end"]
    assert feed.is_over


async def test_who_comes_to_a_closed_room_is_greeted_and_then_told_the_end():
    source, sink = Source(3), Sink()
    source.is_closed = True
    async with listening(source, sink) as feed:
        await feed.greet(frame("state"))
    assert sink.got == ["state", "end"]


async def test_a_peer_that_is_gone_ends_the_feed_without_a_fault():
    source, sink = Source(1), Sink()
    sink.fault = ConnectionResetError()
    async with listening(source, sink, cursor=0) as feed:
        await feed.advance()
        await feed.reply(lambda: frame("ack"))
    assert feed.is_over
    assert sink.got == []


async def test_nobody_waits_for_a_listener_that_does_not_read_and_it_catches_up_in_order():
    source, sink = Source(1), Sink()
    sink.stall()
    async with listening(source, sink, cursor=0) as feed:
        for version in range(2, 200):
            source.version = version
            async with asyncio.timeout(1):
                await feed.advance()
        await turns()
        sink.go_on()
    assert sink.got == numbers(1, 199)


async def test_a_listener_that_stops_reading_half_way_is_left_to_a_task_of_its_own():
    source, sink = Source(3), Sink()

    class Half(Sink):
        async def send(self, frame):
            await super().send(frame)
            if len(self.got) == 2:
                self.stall()

    sink = Half()
    async with listening(source, sink, cursor=0) as feed:
        async with asyncio.timeout(1):
            await feed.advance()
        assert sink.got == numbers(1, 2)
        await turns()
        sink.go_on()
    assert sink.got == numbers(1, 3)


async def test_a_listener_that_does_not_read_for_long_ends_its_own_connection(monkeypatch):
    monkeypatch.setattr(feeds, "SEND_TIMEOUT_S", 0.01)
    source, sink = Source(1), Sink()
    sink.stall()
    with pytest.raises(ExceptionGroup) as ended:
        await served(source, sink, cursor=0)
    assert ended.group_contains(TooSlow)


async def test_a_listener_behind_all_that_is_kept_is_too_slow_and_gets_nothing_wrong():
    source, sink = Source(1_000), Sink()
    source.forgotten = 400
    with pytest.raises(ExceptionGroup) as ended:
        await served(source, sink, cursor=399)
    assert ended.group_contains(TooSlow)
    assert sink.got == []


async def test_a_fault_is_raised_in_the_listeners_own_connection_not_where_it_was_served():
    source, sink = Source(1), Sink()
    sink.fault = ZeroDivisionError("a bug")
    with pytest.raises(ExceptionGroup) as ended:
        await served(source, sink, cursor=0)
    assert ended.group_contains(ZeroDivisionError)


async def test_serving_a_listener_whose_connection_is_ending_is_no_fault():
    source, sink = Source(1), Sink()
    async with listening(source, sink, cursor=0) as feed:
        pass
    sink.stall()
    await feed.advance()
    await turns()
    assert sink.got == []
