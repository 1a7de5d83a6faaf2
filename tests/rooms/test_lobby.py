"""All public rooms at a glance: each told of at most twice a second, the newest state in place of older ones."""

import json

import pytest

from game_server.core.commands import Resign
from game_server.rooms.lobby import CLOSES_AFTER_MS, EVERY_MS, KEPT_MS, Lobby
from game_server.store.log import Unavailable
from tests.rooms.listening import Sink, listening
from tests.rooms.worker import ANNA, BULLET, Socket, Worker, play, say, seat, wait


class Hall:
    """A worker with a lobby, and one listener in it: `told` has what it was sent, in order."""

    def __init__(self, worker=None):
        self.worker = worker or Worker()
        self.lobby = Lobby(
            self.worker.log, self.worker.directory, self.worker.clock, show=lambda _: None, wake=lambda _: None
        )
        self.sink = Sink()

    @property
    def told(self):
        return [json.loads(text) for text in self.sink.got]

    async def opened(self):
        await self.lobby.open()
        self.note_all()
        await self.lobby.tick()
        return self

    def note_all(self):
        for live in self.worker.news:
            self.lobby.note(live)
        self.worker.news.clear()

    async def pass_ms(self, ms):
        """Time goes by, and what is due in the lobby happens when it is."""
        until_ms = self.worker.clock.ms + ms
        self.note_all()
        while (due_ms := self.lobby.due_ms()) is not None and due_ms <= until_ms:
            self.worker.clock.ms = max(self.worker.clock.ms, due_ms)
            await self.lobby.tick()
        self.worker.clock.ms = until_ms

    async def hear(self, cursor):
        """What a listener that was at `cursor` is told now; its new cursor."""
        self.sink.got.clear()
        async with listening(self.lobby, self.sink, cursor) as feed:
            await feed.advance()
        return feed.cursor

    def shown(self):
        return [json.loads(frame.text) for frame in self.lobby.everything()]


@pytest.fixture
def hall():
    return Hall()


async def test_who_comes_is_told_of_all_open_public_rooms_also_of_those_that_nobody_has_here(hall):
    await hall.worker.room("waiting", public=True)
    await hall.worker.game("playing", public=True)
    await hall.worker.room("private")
    over = await hall.worker.game("closed", public=True, linger_ms=0)
    await over.do(Resign("white"))
    await wait(0, hall.worker)
    assert over.is_closed
    restarted = await Hall(hall.worker.another()).opened()
    assert sorted((room["room_id"], room["status"]) for room in restarted.shown()) == [
        ("playing", "playing"),
        ("waiting", "waiting"),
    ]


async def test_a_room_is_shown_as_it_stands(hall):
    game = await hall.worker.game("r", public=True, time=BULLET)
    await play(game, "e2e4")
    await hall.opened()
    (room,) = hall.shown()
    assert room["type"] == "room"
    assert (room["fen"].split()[0], room["last_move"]) == ("rnbqkbnr/pppppppp/8/8/4P3/8/PPPP1PPP/RNBQKBNR", "e2e4")
    assert (room["white"]["name"], room["black"]["connected"]) == ("anna", True)
    assert (room["time_control"], room["clock"]["white"], room["spectators"]) == ("1+0", 60_000, 0)


async def test_the_clock_that_runs_is_as_of_the_moment_of_asking(hall):
    game = await hall.worker.game("r", public=True, time=BULLET)
    await play(game, "e2e4", "e7e5")
    await hall.opened()
    await hall.pass_ms(20_000)
    assert hall.shown()[0]["clock"] == {"white": 40_000, "black": 60_000, "running": "white"}


async def test_a_room_is_told_of_at_most_twice_a_second_and_its_newest_state_in_the_end(hall):
    game = await hall.worker.game("r", public=True)
    await hall.opened()
    cursor, told = hall.lobby.version, []
    for uci in ("e2e4", "e7e5", "g1f3", "b8c6", "f1b5", "a7a6"):    # at 200 ms, 400 ms, …
        await hall.pass_ms(200)
        await play(game, uci)
        cursor = await hall.hear(cursor)
        told += [room["last_move"] for room in hall.told]
    await hall.pass_ms(EVERY_MS)
    await hall.hear(cursor)
    told += [room["last_move"] for room in hall.told]
    assert told == ["e7e5", "b8c6", "a7a6"]     # as of 500 ms, 1,000 ms and 1,500 ms


async def test_after_a_pause_a_move_is_told_at_once(hall):
    game = await hall.worker.game("r", public=True)
    await hall.opened()
    await hall.pass_ms(EVERY_MS)
    await play(game, "e2e4")
    hall.note_all()
    assert hall.lobby.due_ms() <= hall.worker.clock.ms


async def test_rooms_do_not_hold_each_other_up(hall):
    one, other = [await hall.worker.game(room_id, public=True) for room_id in ("one", "other")]
    await hall.opened()
    await hall.pass_ms(EVERY_MS)
    cursor = await hall.hear(hall.lobby.version)
    await play(one, "e2e4")
    await hall.pass_ms(0)
    await play(other, "d2d4")
    await hall.pass_ms(0)
    await hall.hear(cursor)
    assert [room["room_id"] for room in hall.told] == ["one", "other"]


async def test_a_slow_reader_gets_the_newest_state_of_each_room_once(hall):
    one, other = [await hall.worker.game(room_id, public=True) for room_id in ("one", "other")]
    await hall.opened()
    cursor = hall.lobby.version
    for uci in ("e2e4", "e7e5", "g1f3"):
        await play(one, uci)
        await hall.pass_ms(EVERY_MS)
    await play(other, "d2d4")
    await hall.pass_ms(EVERY_MS)
    assert await hall.hear(cursor) == cursor + 4
    assert [(room["room_id"], room["last_move"]) for room in hall.told] == [("one", "g1f3"), ("other", "d2d4")]


async def test_every_listener_gets_the_same_text(hall):
    game = await hall.worker.game("r", public=True)
    await hall.opened()
    await hall.pass_ms(EVERY_MS)
    await play(game, "e2e4")
    await hall.pass_ms(0)
    assert hall.lobby.frame(hall.lobby.version) is hall.lobby.frame(hall.lobby.version)
    assert hall.lobby.everything()[0] is hall.lobby.frame(hall.lobby.version)


async def test_what_cannot_be_seen_in_the_lobby_is_no_news_there(hall):
    game = await hall.worker.game("r", public=True)
    await hall.opened()
    await hall.pass_ms(EVERY_MS)
    version = hall.lobby.version
    await game.do(say("hello"))
    await hall.pass_ms(EVERY_MS)
    assert hall.lobby.version == version


async def test_who_is_there_is_news(hall):
    room = await hall.worker.room("r", public=True)
    await hall.opened()
    await hall.pass_ms(EVERY_MS)
    cursor = hall.lobby.version
    await room.do(seat(ANNA, "white"))
    room.seats.arrive(ANNA, Socket())
    room.note_presence()
    await hall.pass_ms(EVERY_MS)
    await hall.hear(cursor)
    assert hall.told[-1]["white"] == {"player_id": "anna", "name": "anna", "connected": True, "bot": False}


async def test_the_last_word_on_a_room_is_that_it_is_closed(hall):
    game = await hall.worker.game("r", public=True, linger_ms=0)
    await hall.opened()
    await hall.pass_ms(EVERY_MS)
    cursor = hall.lobby.version
    await game.do(Resign("white"))
    await wait(0, hall.worker)
    await hall.pass_ms(EVERY_MS)
    await hall.hear(cursor)
    assert [room["status"] for room in hall.told] == ["closed"]
    assert hall.shown() == []


async def test_a_closed_room_is_forgotten_when_the_slowest_has_read_of_it(hall):
    game = await hall.worker.game("r", public=True, linger_ms=0)
    await hall.opened()
    await game.do(Resign("white"))
    await wait(0, hall.worker)
    await hall.pass_ms(EVERY_MS)
    last = hall.lobby.version
    hall.lobby.spectators.add(object())
    await hall.lobby.sweep()
    assert hall.lobby.frame(last) is not None
    hall.worker.clock.ms += KEPT_MS
    await hall.lobby.sweep()
    assert hall.lobby.frame(last) is None


async def test_a_room_that_lives_again_is_shown_again_whatever_its_former_life_says(hall):
    old = await hall.worker.game("r", public=True, linger_ms=0)
    await hall.opened()
    await old.do(Resign("white"))
    await wait(0, hall.worker)
    await hall.worker.room("r", public=True)
    await hall.pass_ms(EVERY_MS)
    hall.lobby.note(old)
    await hall.pass_ms(EVERY_MS)
    assert [room["status"] for room in hall.shown()] == ["waiting"]


async def test_rooms_that_another_worker_opens_and_closes_are_found(hall):
    await hall.opened()
    hall.lobby.spectators.add(object())
    other = hall.worker.another()
    game = await other.game("r", public=True, linger_ms=0)
    await hall.lobby.sweep()
    assert [room["room_id"] for room in hall.shown()] == ["r"]
    hall.worker.directory._live.clear()
    await game.do(Resign("white"))
    await wait(0, other)
    await hall.lobby.sweep()
    assert hall.shown() == []


async def test_without_listeners_the_lobby_closes_and_nothing_is_kept(hall):
    game = await hall.worker.game("r", public=True)
    await hall.opened()
    hall.worker.clock.ms += CLOSES_AFTER_MS
    await hall.lobby.sweep()
    version = hall.lobby.version
    await play(game, "e2e4")
    await hall.pass_ms(EVERY_MS)
    assert (hall.lobby.version, hall.shown()) == (version, [])
    await hall.opened()
    assert hall.shown()[0]["last_move"] == "e2e4"


async def test_a_lobby_that_cannot_read_the_store_says_so_and_opens_later(hall, monkeypatch):
    await hall.worker.room("r", public=True)
    read = hall.worker.log.public_streams

    async def unavailable(_):
        raise Unavailable("the disk is gone")

    monkeypatch.setattr(hall.worker.log, "public_streams", unavailable)
    with pytest.raises(Unavailable):
        await hall.lobby.open()
    monkeypatch.setattr(hall.worker.log, "public_streams", read)
    await hall.opened()
    assert [room["room_id"] for room in hall.shown()] == ["r"]
