"""From which positions a listener goes on where it was, and from which it is told the whole room."""

import pytest

from game_server.store.log import Unavailable
from tests.rooms.worker import Worker, frames, play, say, texts

BEHIND = 512


async def talkative(worker, lines, *listeners):
    """A room with that many versions."""
    live = await worker.game()
    live.spectators.update(listeners)
    while live.version < lines:
        await live.do(say(f"{live.version}"))
    return live


class Slow:
    """A listener who has not been served anything yet."""

    cursor = 0


POSITIONS = {
    #                      position      cursor     of a room at version 600
    "the present one":     ("{epoch}:600", 600),
    "one behind":          ("{epoch}:599", 599),
    "512 behind":          ("{epoch}:88", 88),
    "513 behind":          ("{epoch}:87", None),
    "the very beginning":  ("{epoch}:0", None),
    "a future one":        ("{epoch}:601", None),
    "another epoch":       ("other:600", None),
    "no epoch":            ("600", None),
    "an empty epoch":      (":600", None),
    "no version":          ("{epoch}:", None),
    "only the epoch":      ("{epoch}", None),
    "a negative version":  ("{epoch}:-1", None),
    "a fraction":          ("{epoch}:599.0", None),
    "a sign":              ("{epoch}:+599", None),
    "a space":             ("{epoch}: 599", None),
    "other digits":        ("{epoch}:٥٩٩", None),
    "superscript":         ("{epoch}:59²", None),
    "a huge version":      ("{epoch}:" + "9" * 5_000, None),
    "nothing":             (None, None),
    "an empty text":       ("", None),
}


@pytest.mark.parametrize("is_cold", [False, True])
async def test_positions_and_the_cursors_they_lead_to(is_cold):
    worker = Worker()
    live = await talkative(worker, 600)
    if is_cold:
        live = await worker.another().directory.find("r")
    for name, (position, cursor) in POSITIONS.items():
        position = position and position.replace("{epoch}", live.room.epoch)
        assert await live.resumed(position) == cursor, name


async def test_in_a_young_room_one_may_resume_from_the_beginning():
    live = await Worker().game()
    assert await live.resumed(f"{live.room.epoch}:0") == 0


async def test_what_a_restarted_server_sends_again_is_the_same_text():
    worker = Worker()
    live = await talkative(worker, 700, Slow())
    cold = await worker.another().directory.find("r")
    assert await cold.resumed(f"{live.room.epoch}:{700 - BEHIND}") == 700 - BEHIND
    assert texts(cold)[-BEHIND:] == texts(live)[-BEHIND:]


async def test_frames_that_nobody_waits_for_are_read_from_the_log_when_somebody_does():
    worker = Worker()
    kept, forgetful = await talkative(worker, 300, Slow()), await talkative(Worker(), 300)
    assert kept.forgotten == 0
    assert forgetful.forgotten >= 300 - 32
    assert await forgetful.resumed(f"{forgetful.room.epoch}:0") == 0
    assert [frame.kind for frame in frames(forgetful)] == [frame.kind for frame in frames(kept)]


async def test_a_restarted_room_that_has_gone_on_still_has_the_frames_before():
    worker = Worker()
    live = await worker.game()
    await play(live, "e2e4", "e7e5")
    cold = await worker.another().directory.find("r")
    await play(cold, "g1f3")
    assert await cold.resumed(f"{live.room.epoch}:3") == 3
    assert [frame.position for frame in frames(cold)] == [f"{live.room.epoch}:{v}" for v in range(1, cold.version + 1)]


async def test_a_long_room_keeps_at_least_what_may_be_resumed_and_forgets_the_rest():
    live = await talkative(Worker(), 2_600)
    assert await live.resumed(f"{live.room.epoch}:{2_600 - BEHIND}") == 2_600 - BEHIND
    assert BEHIND <= len(frames(live)) <= 2 * BEHIND
    assert live.frame(2_600).position == f"{live.room.epoch}:2600"


async def test_if_the_store_cannot_be_read_only_who_needs_it_has_to_come_back():
    worker = Worker()
    live = await worker.game()
    cold = await worker.another().directory.find("r")
    await worker.log.close()
    with pytest.raises(Unavailable):
        await cold.resumed(f"{live.room.epoch}:1")
    assert await cold.resumed(f"{live.room.epoch}:{live.version}") == live.version
    assert await cold.resumed("other:1") is None
    assert await cold.resumed(None) is None
