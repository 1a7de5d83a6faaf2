"""What a room does with a command: once, in the order of time, and only if it is stored."""

import asyncio

import pytest

from game_server.core.commands import AddTime, Offer, Resign
from game_server.core.ids import GameId
from game_server.core.refusals import Code, Refused
from tests.rooms.worker import (
    ANNA,
    BORIS,
    BULLET,
    HandClock,
    Worker,
    cause,
    endings,
    holding_up,
    kinds,
    move,
    play,
    recorded,
    say,
    texts,
    unavailable,
    wait,
)

DRAW = Offer("white", "draw", GameId("g2"), 0)


@pytest.fixture
def worker():
    return Worker()


async def refusal(live, command, cause=None):
    with pytest.raises(Refused) as refused:
        await live.do(command, cause)
    return refused.value.code, refused.value.message


async def test_a_repeated_command_is_answered_as_before_and_not_carried_out_twice(worker):
    live = await worker.game()
    version = await live.do(say("hello"), cause("c1"))
    assert await live.do(say("hello"), cause("c1")) == version
    assert kinds(live).count("chat") == 1


async def test_a_repeated_id_is_answered_as_before_whatever_the_command(worker):
    live = await worker.game()
    version = await live.do(say("hello"), cause("c1"))
    assert await live.do(Resign("white"), cause("c1")) == version
    assert live.room.status == "playing"


async def test_a_repeated_refusal_is_the_same_although_the_command_would_now_be_allowed(worker):
    live = await worker.game()
    before = await refusal(live, move("black", "e7e5"), cause("c1", BORIS))
    await play(live, "e2e4")
    assert await refusal(live, move("black", "e7e5"), cause("c1", BORIS)) == before
    assert before[0] is Code.NOT_YOUR_TURN


async def test_a_repeated_command_that_changed_nothing_is_answered_with_the_version_of_then(worker):
    live = await worker.game()
    await play(live, "e2e4")
    version = await live.do(move("white", "e2e4", 1), cause("c1"))
    await play(live, "e7e5")
    assert await live.do(move("white", "e2e4", 1), cause("c1")) == version < live.version


async def test_the_same_id_of_two_players_is_two_commands(worker):
    live = await worker.game()
    await live.do(say("one"), cause("c1", ANNA))
    await live.do(say("two", "black"), cause("c1", BORIS))
    assert kinds(live).count("chat") == 2


async def test_answers_are_remembered_over_a_restart(worker):
    live = await worker.game()
    version = await live.do(move("white", "e2e4"), cause("c1"))
    before = await refusal(live, move("white", "d2d4"), cause("c2"))
    nothing = await live.do(move("white", "e2e4", 1), cause("c3"))
    again = await worker.another().directory.find("r")
    assert await again.do(move("white", "e2e4"), cause("c1")) == version
    assert await refusal(again, say("hello"), cause("c2")) == before
    assert await again.do(say("hello"), cause("c3")) == nothing
    assert again.version == live.version


async def test_the_last_hundred_commands_are_remembered_also_over_a_restart(worker):
    live = await worker.game()
    for number in range(101):
        await live.do(say(f"{number}"), cause(f"c{number}"))
    for room in (live, await worker.another().directory.find("r")):
        version = room.version
        assert await room.do(say("1"), cause("c1")) < version      # the 100th from the end
        assert room.version == version
        assert await room.do(say("0"), cause("c0")) > version      # the 101st


async def test_old_refusals_do_not_push_out_later_answers_when_another_worker_has_written(worker):
    live = await worker.game()
    for number in range(100):
        await refusal(live, move("black", "e7e5"), cause(f"refused{number}"))
    version = await live.do(say("hello"), cause("said"))
    other = await worker.another().directory.find("r")
    await other.do(say("from elsewhere", "black"))
    await live.do(say("this conflicts"))
    assert await live.do(say("hello"), cause("said")) == version


async def test_pestering_is_not_remembered(worker):
    live = await worker.game()
    await play(live, "e2e4", "e7e5")
    await live.do(DRAW)
    await play(live, "g1f3", "b8c6")
    assert (await refusal(live, DRAW, cause("c1")))[0] is Code.RATE_LIMITED
    assert (await refusal(live, move("black", "e2e4"), cause("c1", BORIS)))[0] is Code.NOT_YOUR_TURN
    await live.do(say("with the same id"), cause("c1"))
    assert kinds(live)[-1] == "chat"


async def test_what_cannot_be_stored_has_not_happened_and_may_be_tried_again(worker):
    live = await worker.game()
    before = live.state().text
    with unavailable(worker.log):
        assert (await refusal(live, move("white", "e2e4"), cause("c1")))[0] is Code.TRY_AGAIN
        assert (await refusal(live, move("white", "e2e5"), cause("c2")))[0] is Code.TRY_AGAIN
    assert live.state().text == before
    await live.do(move("white", "e2e4"), cause("c1"))
    assert live.room.game.ply == 1


async def test_a_command_that_was_cut_off_while_being_stored_is_found_in_the_log(worker):
    live = await worker.game()
    go = holding_up(worker.log)
    cut_off = asyncio.create_task(live.do(move("white", "e2e4"), cause("c1")))
    await asyncio.sleep(0.001)
    go.set()
    await asyncio.sleep(0)      # the append is being committed
    cut_off.cancel()
    with pytest.raises(asyncio.CancelledError):
        await cut_off
    assert live.room.game.ply == 0, "the test must cut it off before its answer"
    await live.do(move("black", "e7e5"))
    assert await live.do(move("white", "e2e4"), cause("c1")) == live.version - 1
    assert [event.uci for event in (await recorded(live, worker.log))[-2:]] == ["e2e4", "e7e5"]


async def test_every_version_is_one_frame_with_that_version(worker):
    live = await worker.game()
    await play(live, "e2e4", "e7e5")
    await live.do(DRAW)
    await play(live, "g1f3")
    numbers = [frame.position for frame in map(live.frame, range(1, live.version + 1))]
    assert numbers == [f"{live.room.epoch}:{v}" for v in range(1, live.version + 1)]


async def test_a_command_may_cause_several_frames_and_is_answered_with_the_last(worker):
    live = await worker.game()
    await play(live, "e2e4")
    await live.do(DRAW)
    version = await live.do(move("black", "e7e5"))
    assert version == live.version
    assert kinds(live)[-2:] == ["move", "offer_cancelled"]


async def test_a_move_after_the_flag_is_refused_after_the_end(worker):
    live = await worker.game(time=BULLET)
    await play(live, "e2e4", "e7e5")
    for _ in range(61):
        worker.clock.ms += 1_000
        worker.outages.beat()
    assert (await refusal(live, move("white", "g1f3"), cause("c1")))[0] is Code.GAME_OVER
    (ending,) = await endings(live, worker.log)
    assert ending.reason == "timeout"
    assert ending.at_ms == worker.clock.ms - 1_000


class RunningClock(HandClock):
    """A millisecond passes whenever somebody looks."""

    def __call__(self):
        self.ms += 1
        return self.ms


async def test_a_move_at_the_very_moment_of_the_flag_is_either_played_or_refused():
    """Time is looked at once for a command, or the flag's fall would be answered as if it were the move."""
    for early_ms in range(12):
        worker = Worker(clock=RunningClock())
        live = await worker.game(time=BULLET, lag_compensation=False)
        await play(live, "e2e4", "e7e5")
        flag_ms = live.due_ms()
        while worker.clock.ms < flag_ms - early_ms - 300:
            worker.clock.ms += 250
            worker.outages.beat()
        worker.clock.ms = flag_ms - early_ms
        (answer,) = await asyncio.gather(live.do(move("white", "g1f3"), cause("c1")), return_exceptions=True)
        if isinstance(answer, Refused):
            assert (answer.code, kinds(live)[-1]) == (Code.GAME_OVER, "game_over")
        else:
            assert live.frame(answer).kind == "move"


async def test_a_room_never_dates_an_event_before_the_last_one(worker):
    live = await worker.game()
    worker.clock.ms -= 5_000
    await play(live, "e2e4")
    events = await recorded(live, worker.log)
    assert sorted(event.at_ms for event in events) == [event.at_ms for event in events]


async def test_given_time_is_seen_by_the_timer(worker):
    live = await worker.game(time=BULLET, lag_compensation=False)
    await play(live, "e2e4", "e7e5")
    before_ms = live.due_ms()
    await live.do(AddTime("black", 15_000))
    assert live.due_ms() == before_ms + 15_000


async def test_a_flag_falls_once_and_exactly_when_it_is_due(worker):
    live = await worker.game(time=BULLET, lag_compensation=False)
    await play(live, "e2e4", "e7e5")
    moved_ms = worker.clock.ms
    await wait(90_000, worker)
    (ending,) = await endings(live, worker.log)
    assert ending.at_ms == moved_ms + 60_000


async def test_frames_are_the_same_text_when_made_again_from_the_log(worker):
    live = await worker.game(time=BULLET)
    await play(live, "e2e4", "e7e5", "g1f3")
    await live.do(say("hello"))
    again = await worker.another().directory.find("r")
    assert await again.resumed(f"{live.room.epoch}:0") == 0
    assert texts(again) == texts(live)
