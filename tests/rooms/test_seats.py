"""Who is connected, who is away, and when the log gets to know it."""

import json

import pytest

from game_server.core.commands import Accept, Offer, Resign
from game_server.rooms.seats import Seats
from tests.rooms.worker import ANNA, BORIS, BULLET, Socket, Worker, frames, kinds, play, recorded, seat, wait

FLICKER_MS = 2_000
LOST = 1006
AWAY, BACK = "player_disconnected", "player_reconnected"


@pytest.fixture
def worker():
    return Worker()


def leave(worker, live, player, code=LOST):
    connection = live.seats._by_player[player].connection
    live.seats.leave(player, connection, code, worker.clock.ms)
    live.note_presence()


def arrive(live, player):
    socket = Socket()
    live.seats.arrive(player, socket)
    live.note_presence()
    return socket


async def test_who_is_lost_is_away_after_a_flicker_as_of_the_moment_of_the_loss(worker):
    live = await worker.game()
    leave(worker, live, ANNA)
    lost_ms = worker.clock.ms
    await wait(FLICKER_MS - 1, worker)
    assert AWAY not in kinds(live)
    await wait(1, worker)
    assert kinds(live)[-1] == AWAY
    assert live.room.away_white.lost_ms == lost_ms


async def test_who_is_back_before_the_flicker_is_over_was_never_away(worker):
    live = await worker.game()
    version = live.version
    leave(worker, live, ANNA)
    await wait(FLICKER_MS - 1, worker)
    arrive(live, ANNA)
    await wait(10_000, worker)
    assert live.version == version


async def test_who_comes_back_later_is_said_to_be_back_at_once(worker):
    live = await worker.game()
    leave(worker, live, ANNA)
    await wait(5_000, worker)
    arrive(live, ANNA)
    back_ms = worker.clock.ms
    await wait(0, worker)
    assert kinds(live)[-1] == BACK
    assert live.room.at_ms == back_ms
    assert live.room.away_white is None


GRACE = {
    "a lost connection": (1006, 80_000),
    "no close frame": (1005, 80_000),
    "closed by the player": (1000, 10_000),
    "a page that goes away": (1001, 10_000),
    "no heartbeat": (4501, 80_000),
}


@pytest.mark.parametrize(("code", "grace_ms"), GRACE.values(), ids=GRACE)
async def test_who_left_on_purpose_is_waited_for_less(worker, code, grace_ms):
    live = await worker.game(grace_ms=80_000)
    await play(live, "e2e4", "e7e5")
    lost_ms = worker.clock.ms
    leave(worker, live, ANNA, code)
    await wait(FLICKER_MS, worker)
    assert json.loads(frames(live)[-1].text)["forfeit_at"] == lost_ms + grace_ms
    await wait(grace_ms, worker)
    assert live.room.game.reason == "abandonment"
    assert (await recorded(live, worker.log))[-1].at_ms == lost_ms + grace_ms


async def test_both_away_forfeits_nobody(worker):
    live = await worker.game()
    await play(live, "e2e4", "e7e5")
    leave(worker, live, ANNA)
    leave(worker, live, BORIS)
    await wait(600_000, worker)
    assert live.room.status == "playing"


async def test_the_newest_connection_has_the_seat_and_the_older_one_is_closed(worker):
    live = await worker.game()
    old = live.seats._by_player[ANNA].connection
    new = arrive(live, ANNA)
    assert (old.ended, new.ended) == ("replaced", None)


async def test_that_the_older_connection_ends_means_nothing(worker):
    live = await worker.game()
    old = live.seats._by_player[ANNA].connection
    arrive(live, ANNA)
    live.seats.leave(ANNA, old, 4005, worker.clock.ms)
    assert live.seats.is_connected(ANNA)
    version = live.version
    await wait(10_000, worker)
    assert live.version == version


async def test_a_rematch_leaves_everybody_connected_in_the_other_seat(worker):
    live = await worker.game()
    await live.do(Resign("white"))
    leave(worker, live, BORIS)
    await live.do(Offer("white", "rematch", "g2", 0))
    await live.do(Accept("black", "rematch", "g2", 0))
    assert live.room.black.player_id == ANNA
    assert (live.presence.white, live.presence.black) == (False, True)


# The waiting room


async def test_a_waiting_seat_is_freed_after_the_grace_and_its_player_is_forgotten(worker):
    live = await worker.room(grace_ms=5_000)
    await live.do(seat(ANNA, "white"))
    arrive(live, ANNA)
    await wait(60_000, worker)
    assert live.room.white is not None
    leave(worker, live, ANNA)
    await wait(4_999, worker)
    assert live.room.white is not None
    await wait(1, worker)
    assert live.room.white is None
    assert live.seats == Seats()


async def test_a_seat_that_was_taken_over_http_waits_without_a_connection(worker):
    live = await worker.room()
    await live.do(seat(ANNA, "white", by_socket=False))
    await wait(500_000, worker)
    assert live.room.white is not None
    assert kinds(live) == ["room_opened", "player_joined"]


async def test_a_seat_that_was_taken_over_http_counts_as_absent_once_a_connection_was_lost(worker):
    live = await worker.room()
    await live.do(seat(ANNA, "white", by_socket=False))
    arrive(live, ANNA)
    await wait(10_000, worker)
    leave(worker, live, ANNA)
    await wait(FLICKER_MS, worker)
    assert kinds(live)[-1] == AWAY


async def test_who_comes_back_to_a_seat_that_has_just_been_freed_is_sent_away_to_come_again(worker):
    """The connection found its seat, but the grace ended before the log knew that its player was back."""
    live = await worker.room(grace_ms=5_000)
    await live.do(seat(ANNA, "white"))
    arrive(live, ANNA)
    leave(worker, live, ANNA)
    await wait(4_999, worker)
    back = arrive(live, ANNA)
    worker.clock.ms += 1
    await live.tick()
    assert back.ended == "seat freed"
    assert live.seats == Seats()


async def test_a_waiting_room_closes_when_nobody_was_in_it_for_long(worker):
    live = await worker.room(idle_ms=600_000)
    await wait(599_999, worker)
    assert not live.is_closed
    await wait(1, worker)
    assert kinds(live)[-1] == "room_closed"


# A restart


async def restarted(worker, down_ms=5_000, **more):
    """The server is gone for so long; then another one finds the room."""
    worker.clock.ms += down_ms
    again = worker.another()
    await again.log.note_outage(worker.clock.ms - down_ms, worker.clock.ms)
    return again, await again.directory.find("r")


async def test_after_a_restart_players_are_away_only_if_they_do_not_come_back(worker):
    await worker.game()
    again, live = await restarted(worker)
    arrive(live, ANNA)
    await wait(1_000 + FLICKER_MS - 1, again)
    assert AWAY not in kinds(live)
    await wait(1, again)
    assert kinds(live)[-1] == AWAY
    assert live.room.away_white is None
    assert live.room.away_black is not None


async def test_after_a_restart_the_absence_counts_from_the_start_of_the_server(worker):
    await worker.game(grace_ms=20_000)
    again, live = await restarted(worker, down_ms=60_000)
    started_ms = again.clock.ms
    await wait(3_000, again)
    assert live.room.away_white.lost_ms >= started_ms
    await wait(10_000, again)
    assert live.room.status == "playing"


async def test_after_a_restart_an_http_seat_still_waits(worker):
    live = await worker.room()
    await live.do(seat(ANNA, "white", by_socket=False))
    again, live = await restarted(worker)
    await wait(60_000, again)
    assert AWAY not in kinds(live)
    assert live.room.white is not None


async def test_after_a_restart_nobody_is_away_who_never_was_here(worker):
    """A seat taken over HTTP counts as absent only after a first connection was lost; who has moved had one."""
    live = await worker.room()
    await live.do(seat(ANNA, "white", by_socket=False))
    await live.do(seat(BORIS, "black", by_socket=False))
    arrive(live, BORIS)
    again, live = await restarted(worker)
    await wait(60_000, again)
    assert live.room.away_white is None


async def test_after_a_restart_a_player_over_http_who_has_moved_is_missed(worker):
    live = await worker.room()
    await live.do(seat(ANNA, "white", by_socket=False))
    await live.do(seat(BORIS, "black", by_socket=False))
    await play(live, "e2e4")
    again, live = await restarted(worker)
    await wait(60_000, again)
    assert live.room.away_white is not None
    assert live.room.away_black is None


async def test_a_room_that_was_forgotten_and_found_again_misses_nobody_who_is_not_here(worker):
    live = await worker.room()
    await live.do(seat(ANNA, "white", by_socket=False))
    await live.do(seat(BORIS, "black", by_socket=False))
    await wait(1_000, worker)
    for _ in range(2):
        await worker.directory.sweep()
        await wait(31_000, worker)
    assert worker.directory.rooms() == []
    again = await worker.directory.find("r")
    await wait(60_000, worker)
    assert again.version == live.version


async def test_a_bot_that_plays_over_http_is_never_missed(worker):
    live = await worker.room()
    await live.do(seat(ANNA, "white", by_socket=False, is_bot=True))
    await live.do(seat(BORIS, "black", by_socket=False, is_bot=True))
    await play(live, "e2e4", "e7e5")
    again, live = await restarted(worker)
    await wait(60_000, again)
    assert AWAY not in kinds(live)


# Presence


def presence(live):
    frame = json.loads(live.presence_frame.text)
    return frame["white"], frame["black"], frame["spectators"]


async def test_the_first_change_of_presence_is_told_at_once_and_the_last_within_a_second(worker):
    live = await worker.room()
    await live.do(seat(ANNA, "white"))
    arrive(live, ANNA)
    assert presence(live) == (True, False, 0)
    await live.do(seat(BORIS, "black"))
    arrive(live, BORIS)
    assert presence(live) == (True, False, 0)
    await wait(1_000, worker)
    assert presence(live) == (True, True, 0)


async def test_presence_is_told_at_most_once_a_second(worker):
    live = await worker.game()
    told = {id(live.presence_frame): live.presence_frame}
    for _ in range(100):
        leave(worker, live, ANNA)
        await wait(50, worker)
        arrive(live, ANNA)
        await wait(50, worker)
        told[id(live.presence_frame)] = live.presence_frame
    assert len(told) <= 12


async def test_presence_that_is_as_it_was_is_not_told(worker):
    live = await worker.game()
    await wait(2_000, worker)
    frame = live.presence_frame
    leave(worker, live, ANNA)
    arrive(live, ANNA)
    await wait(2_000, worker)
    assert presence(live) == (True, True, 0)
    leave(worker, live, ANNA)
    assert presence(live) == (False, True, 0)
    assert frame is not live.presence_frame


async def test_a_game_in_which_nothing_happens_is_not_woken(worker):
    live = await worker.game()
    await wait(2_000, worker)
    assert live.due_ms() is None


async def test_a_bullet_game_is_due_at_its_first_move_limit(worker):
    live = await worker.game(time=BULLET, first_move_ms=20_000)
    await wait(2_000, worker)
    assert live.due_ms() == live.room.game.started_ms + 20_000


async def test_a_closed_room_is_not_due_whoever_leaves(worker):
    live = await worker.game(linger_ms=0)
    await live.do(Resign("white"))
    await wait(0, worker)
    assert live.is_closed
    leave(worker, live, ANNA)
    leave(worker, live, BORIS)
    await wait(2_000, worker)
    assert live.due_ms() is None
