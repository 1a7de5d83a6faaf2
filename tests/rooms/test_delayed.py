"""What is shown of a room whose spectators see it late: the same, later, and never anything younger."""

import json

import pytest

from game_server.core.commands import Resign
from game_server.core.options import Options
from game_server.rooms.feed import Feed
from tests.rooms.listening import Sink, listening, turns
from tests.rooms.test_lobby import Hall
from tests.rooms.worker import ANNA, BORIS, BULLET, T, Worker, play, say, texts, wait

DELAY_MS = 10_000
LATE = {"spectator_delay_ms": DELAY_MS}


@pytest.fixture
def worker():
    return Worker()


async def late_game(worker, **options):
    return await worker.game(**LATE, **options)


def state(shown):
    return json.loads(shown.state().text)


def told(feed):
    """The kinds of what the listener was sent, but for presence, which may come at any time."""
    kinds = [text if text == "end" else json.loads(text)["type"] for text in feed._sink.got]
    return [kind for kind in kinds if kind != "presence"]


async def test_a_room_without_a_delay_is_shown_as_it_is(worker):
    live = await worker.game()
    assert live.shown is live


async def test_every_event_is_shown_when_it_is_as_old_as_the_delay(worker):
    live = await late_game(worker)
    began = live.version
    for number, uci in enumerate(("e2e4", "e7e5", "g1f3")):
        worker.clock.ms = T + number * 1_000
        await play(live, uci)
    expected = {-1: 1, 0: began + 1, 999: began + 1, 1_000: began + 2, 1_999: began + 2, 2_000: began + 3}
    for after_ms, version in expected.items():
        worker.clock.ms = T + DELAY_MS + after_ms
        assert live.shown.version == version, after_ms


async def test_the_opening_is_shown_at_once_and_nothing_but_it(worker):
    live = await late_game(worker)
    shown = live.shown
    assert (shown.version, shown.room.status, shown.room.white, shown.room.game) == (1, "waiting", None, None)
    assert state(shown)["white"] is None
    assert state(shown)["at"] == T - DELAY_MS      # so that a listener's clock is set right from the beginning


async def test_state_has_the_time_and_the_clocks_of_the_moment_that_is_shown(worker):
    live = await late_game(worker, time=BULLET)
    for thought_ms, uci in ((0, "e2e4"), (1_000, "e7e5"), (2_000, "g1f3")):
        await wait(thought_ms, worker)
        await play(live, uci)
    worker.clock.ms = T + DELAY_MS + 2_500     # it is White's turn there, since 1.5 s
    told = state(live.shown)
    assert (told["at"], told["ply"], told["v"]) == (T + 2_500, 2, live.version - 1)
    assert told["clock"] == {"white": 58_500, "black": 60_000, "running": "white"}
    assert state(live)["ply"] == 3


async def test_state_is_never_of_a_moment_after_an_event_that_is_not_shown_yet(worker):
    live = await late_game(worker, time=BULLET)
    await play(live, "e2e4", "e7e5")
    await wait(5_000, worker)
    await play(live, "g1f3")
    worker.clock.ms = T + DELAY_MS
    shown = live.shown
    worker.clock.ms = T + DELAY_MS + 5_700      # the worker was slow to wake the room
    assert (state(shown)["at"], state(shown)["clock"]["white"]) == (T + 5_000, 55_000)


async def test_nothing_goes_on_between_two_looks(worker):
    """A feed's cursor and the state it begins with are of one moment, however long the state takes."""
    live = await late_game(worker)
    shown = live.shown
    worker.clock.ms = T + DELAY_MS
    assert (shown.version, state(shown)["v"]) == (1, 1)
    assert live.shown is shown
    assert shown.version == live.version


async def test_a_feed_gets_the_same_texts_the_delay_later(worker):
    live = await late_game(worker)
    shown = live.shown
    async with listening(shown) as feed:
        live.spectators.add(feed)
        await play(live, "e2e4", "e7e5")
        await live.do(say("hello"))
        await feed.advance()
        assert told(feed) == []
        await wait(DELAY_MS - 1, worker)
        await feed.advance()
        assert feed.cursor == 1
        await wait(1, worker)
        worker.news.clear()
        await feed.advance()
        assert [text for text in feed._sink.got if "presence" not in text] == texts(live)[1:]


async def test_the_room_wakes_its_spectators_when_something_becomes_visible(worker):
    live = await late_game(worker)
    assert live.shown.version == 1
    worker.clock.ms = T + 4_000
    await play(live, "e2e4")
    worker.clock.ms = T + DELAY_MS
    await live.tick()
    assert live.shown.version == live.version - 1
    assert live.due_ms() == T + DELAY_MS + 4_000
    worker.news.clear()
    worker.clock.ms += 4_000
    await live.tick()
    assert live in worker.news
    assert live.shown.version == live.version


POSITIONS = {
    #                       position        cursor      of a room that is shown at version 4 and is at 6
    "the shown one":        ("{epoch}:4", 4),
    "one behind":           ("{epoch}:3", 3),
    "the very beginning":   ("{epoch}:0", 0),
    "not shown yet":        ("{epoch}:5", None),
    "the present":          ("{epoch}:6", None),
    "a future one":         ("{epoch}:7", None),
    "another epoch":        ("other:4", None),
    "nothing":              (None, None),
}


@pytest.mark.parametrize("is_cold", [False, True], ids=["warm", "cold"])
async def test_a_position_that_is_not_shown_yet_is_a_future_one(worker, is_cold):
    live = await late_game(worker)
    assert live.version == 4
    worker.clock.ms = T + DELAY_MS
    await play(live, "e2e4", "e7e5")
    if is_cold:
        live = await worker.another().directory.find("r")
    for name, (position, cursor) in POSITIONS.items():
        given = position and position.replace("{epoch}", live.room.epoch)
        assert await live.shown.resumed(given) == cursor, name
    assert await live.resumed(f"{live.room.epoch}:6") == 6, "to a player it is the present"


@pytest.mark.parametrize("is_cold", [False, True], ids=["warm", "cold"])
async def test_more_than_any_resume_reaches_may_happen_within_the_delay(worker, is_cold):
    live = await late_game(worker)
    async with listening(live.shown) as feed:
        while live.version < 1_400:
            await live.do(say(f"{live.version}"))
        if is_cold:
            live = await worker.another().directory.find("r")
            feed = Feed(live.shown, Sink(), 1, feed._tasks)
        worker.clock.ms = T + DELAY_MS
        assert live.shown.version == live.version
        await feed.advance()
        versions = [json.loads(text).get("v") for text in feed._sink.got]
        assert [v for v in versions if v is not None] == list(range(2, 1_401))


async def test_frames_are_forgotten_but_none_that_is_not_shown_yet(worker):
    live = await late_game(worker)
    for _ in range(1_300):
        await live.do(say("a"))
        worker.clock.ms += 100
    hidden = live.version - live.shown.version
    assert 90 <= hidden <= 110
    assert live.shown.version >= live.forgotten > 0
    assert await live.shown.resumed(f"{live.room.epoch}:{live.shown.version - 512}") is not None
    assert await live.shown.resumed(f"{live.room.epoch}:{live.shown.version - 513}") is None


async def over(worker, **options):
    """A room that has closed at T, by resignation."""
    live = await late_game(worker, linger_ms=0, public=True, **options)
    await play(live, "e2e4", "e7e5")
    await live.do(Resign("white"))
    await wait(0, worker)
    assert live.is_closed
    return live


async def test_a_room_that_has_closed_ends_for_its_spectators_the_delay_later(worker):
    live = await over(worker)
    async with listening(live.shown) as feed:
        live.spectators.add(feed)
        await feed.advance()
        assert told(feed) == []
        await wait(DELAY_MS, worker)
        await feed.advance()
        assert told(feed)[-3:] == ["game_over", "room_closed", "end"]


async def test_a_room_is_kept_until_its_end_is_known(worker):
    live = await over(worker)
    for player in (ANNA, BORIS):
        live.seats._by_player.pop(player)
    assert live.is_needed
    worker.clock.ms += DELAY_MS - 1
    assert live.is_needed
    worker.clock.ms += 1
    assert not live.is_needed


async def test_after_a_restart_it_is_shown_as_late_as_before(worker):
    live = await late_game(worker, linger_ms=0)
    await play(live, "e2e4", "e7e5")
    worker.clock.ms = T + 3_000
    await live.do(Resign("white"))
    await wait(0, worker)
    worker.clock.ms = T + DELAY_MS
    again = worker.another()
    shown = (await again.directory.find("r")).shown
    assert (shown.room.status, shown.room.game.ply) == ("playing", 2)
    async with listening(shown) as feed:
        await wait(3_000, again)
        await feed.advance()
        assert told(feed) == ["game_over", "room_closed", "end"]


async def test_another_worker_shows_it_as_late(worker):
    live = await late_game(worker)
    other = worker.another()
    there = await other.directory.find("r")
    assert there.shown.version == 1
    await play(live, "e2e4")
    await there.catch_up()
    assert there.version == live.version
    assert there.shown.version == 1
    worker.clock.ms += DELAY_MS
    assert there.shown.version == live.version


async def test_who_is_connected_is_told_as_the_log_knew_it_then_and_how_many_watch_as_it_is(worker):
    live = await late_game(worker, flicker_ms=0, grace_ms=60_000)
    await play(live, "e2e4", "e7e5")
    worker.clock.ms = T + DELAY_MS
    shown = live.shown
    assert (shown.presence.white, shown.presence.black, shown.presence.spectators) == (True, True, 0)
    live.seats.leave(ANNA, live.seats._by_player[ANNA].connection, 1006, worker.clock())
    await wait(0, worker)
    assert live.presence.white is False
    assert live.shown.presence.white is True
    async with listening(shown) as feed:
        live.spectators.add(feed)
        assert live.shown.presence.spectators == 1
        await wait(DELAY_MS, worker)
        assert live.shown.presence.white is False
        assert json.loads(shown.presence_frame.text) == {
            "type": "presence", "white": False, "black": True, "spectators": 1
        }


async def test_spectators_are_told_who_is_here_at_most_once_a_second(worker):
    live = await late_game(worker)
    shown, announced = live.shown, []
    async with listening(shown) as feed:
        for _ in range(30):
            (live.spectators.discard if feed in live.spectators else live.spectators.add)(feed)
            live.note_presence()
            if shown.presence_frame not in announced:
                announced.append(shown.presence_frame)
            await wait(100, worker)
    assert 2 <= len(announced) <= 4


# Lists

async def test_a_room_that_has_closed_stays_in_its_place_in_the_lists_until_that_is_known(worker):
    await worker.room("older", public=True)
    worker.clock.ms += 1
    live = await over(worker, room_id="late")
    worker.clock.ms += 1
    await worker.room("younger", public=True)
    assert [each.room.room_id async for each in worker.directory.public(9)] == ["younger", "late", "older"]
    assert await worker.directory.public_ids(9) == ["younger", "late", "older"]
    worker.clock.ms = live.room.at_ms + DELAY_MS
    assert await worker.directory.public_ids(9) == ["younger", "older"]


async def test_so_it_does_after_a_restart(worker):
    live = await over(worker, room_id="late")
    await worker.game("prompt", linger_ms=0, public=True)
    again = worker.another()
    await again.directory.sweep()
    assert await again.directory.public_ids(9) == ["prompt", "late"]
    worker.clock.ms = live.room.at_ms + DELAY_MS
    assert await again.directory.public_ids(9) == ["prompt"]


async def test_the_lobby_shows_what_spectators_see(worker):
    hall = await Hall(worker).opened()
    live = await late_game(worker, public=True, linger_ms=0, time=BULLET)
    await play(live, "e2e4", "e7e5")
    worker.clock.ms += 1_000
    await live.do(Resign("black"))
    await wait(0, worker)
    assert live.is_closed
    cursor = hall.lobby.version
    seen = []
    for _ in range(12):
        await wait(1_000, worker)
        await hall.pass_ms(0)
        cursor = await hall.hear(cursor)
        seen += [(room["status"], room["last_move"]) for room in hall.told]
    assert seen == [("waiting", None), ("playing", "e7e5"), ("closed", "e7e5")]


async def test_who_comes_to_the_lobby_is_shown_what_the_others_are(worker):
    live = await over(worker, room_id="late")
    hall = await Hall(worker.another()).opened()
    await hall.worker.directory.sweep()
    await hall.lobby.sweep()
    assert [(room["room_id"], room["status"]) for room in hall.shown()] == [("late", "waiting")]
    worker.clock.ms = live.room.at_ms + DELAY_MS
    assert hall.shown() == []


async def test_the_old_life_of_a_room_still_ends_for_its_spectators(worker):
    live = await over(worker)
    async with listening(live.shown) as feed:
        live.spectators.add(feed)
        again = await worker.directory.open("r", Options())
        assert again is not live
        assert again.shown is again
        while (due_ms := live.due_ms()) is not None:
            worker.clock.ms = max(worker.clock.ms, due_ms)
            await live.tick()
        await feed.advance()
        await turns()
        assert feed._sink.got[-1] == "end"
