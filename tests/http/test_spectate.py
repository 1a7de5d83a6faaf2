"""Watching, over `/ws/watch/{room_id}` and `/sse/game/{room_id}`: the same frames, and nothing else."""

import pytest
from table import play


@pytest.fixture
def feeds(club):
    """Both kinds of feed, as functions of the room and a position."""

    def over_websocket(room_id, since=None):
        return club.watch(room_id, **({} if since is None else {"since": since}))

    def over_sse(room_id, since=None):
        return club.stream(f"/sse/game/{room_id}", **({} if since is None else {"Last-Event-ID": since}))

    return {"WebSocket": over_websocket, "SSE": over_sse}


@pytest.fixture(params=["WebSocket", "SSE"])
def watch(request, feeds):
    return feeds[request.param]


def test_a_spectator_is_told_the_room_first_and_then_what_happens(club, room_id, watch):
    white, black = club.game(room_id)
    watcher = watch(room_id)
    state = watcher.frame()
    assert (state["type"], state["status"], state["v"]) == ("state", "playing", white.v)
    play(white, black, "e2e4")
    assert watcher.frame()["uci"] == "e2e4"


def test_a_spectator_that_comes_back_gets_what_it_missed(club, room_id, watch):
    white, black = club.game(room_id)
    watcher = watch(room_id)
    watcher.frame()
    watcher.leave()
    white.texts.clear()
    play(white, black, "e2e4", "e7e5")
    again = watch(room_id, watcher.position)
    again.frames(2)
    assert again.texts == white.texts
    assert again.silent()


def test_a_spectator_with_an_impossible_position_is_told_the_room(club, room_id, watch):
    white, _ = club.game(room_id)
    for position in ("other:3", f"{white.epoch}:99", "nonsense"):
        assert watch(room_id, position).frame()["type"] == "state"


def test_spectators_are_counted(club, room_id, watch):
    white, _ = club.game(room_id)
    watcher = watch(room_id)
    white.present(spectators=1)
    watcher.leave()
    white.present(spectators=0)


def test_the_feed_ends_with_the_room(club, watch):
    white, _ = club.game(linger_s=0)
    watcher = watch(white.room_id)
    watcher.frame()
    white.acked("resign")
    frames, code, reason = watcher.ended()
    assert [frame["type"] for frame in frames] == ["game_over", "room_closed"]
    assert (code, reason) in ((4000, "0-1 resignation"), (None, None))


def test_the_feed_of_a_closed_room_is_its_state_and_the_end(club, watch):
    white, _ = club.game(linger_s=0)
    white.acked("resign")
    white.ended()
    frames, _, _ = watch(white.room_id).ended()
    assert [frame["type"] for frame in frames] == ["state"]


def test_who_missed_the_end_of_a_closed_room_gets_that_and_the_end(club, watch):
    white, _ = club.game(linger_s=0)
    position = white.position
    white.acked("resign")
    white.ended()
    frames, _, _ = watch(white.room_id, position).ended()
    assert [frame["type"] for frame in frames] == ["game_over", "room_closed"]


# Over WebSocket


def test_spectators_cannot_act(club, room_id):
    club.game(room_id)
    watcher = club.watch(room_id)
    watcher.frame()
    for kind, fields in (("move", {"uci": "e2e4"}), ("resign", {}), ("chat", {"text": "hello"})):
        assert watcher.refused(kind, **fields) == "not_allowed"


def test_spectators_may_ask_for_the_state_and_for_the_time(club, room_id):
    club.game(room_id)
    watcher = club.watch(room_id)
    watcher.frame()
    watcher.tell("sync")
    assert watcher.frame()["type"] == "state"
    watcher.tell("ping", t=7)
    assert watcher.frame()["t"] == 7


def test_what_a_spectator_says_that_cannot_be_read_is_a_bad_message(club, room_id):
    club.game(room_id)
    watcher = club.watch(room_id)
    watcher.frame()
    watcher.session.send_text("nonsense")
    assert watcher.frame()["code"] == "bad_message"


def test_a_spectator_that_sends_nonsense_again_and_again_is_1008(club, room_id):
    club.game(room_id)
    watcher = club.watch(room_id)
    watcher.frame()
    for _ in range(51):
        watcher.session.send_text("nonsense")
    assert watcher.ended()[1] == 1008


def test_a_binary_message_of_a_spectator_is_1008(club, room_id):
    club.game(room_id)
    watcher = club.watch(room_id)
    watcher.frame()
    watcher.session.send_bytes(b"x")
    assert watcher.ended()[1] == 1008


# Over SSE


def test_a_stream_says_what_it_is_and_when_to_come_back(club, room_id):
    club.game(room_id)
    stream = club.stream(f"/sse/game/{room_id}")
    stream.frame()
    assert stream.status == 200
    assert stream.headers["content-type"].startswith("text/event-stream")
    assert stream.headers["cache-control"] == "no-store"
    assert stream.head == "retry: 2000\n\n"


def test_every_versioned_event_of_a_stream_has_its_position_as_id(club, room_id):
    white, black = club.game(room_id)
    stream = club.stream(f"/sse/game/{room_id}")
    stream.frame()
    play(white, black, "e2e4", "e7e5")
    stream.frames(2)
    first = stream.v - 2
    assert stream.ids == [f"{white.epoch}:{first + number}" for number in range(3)]


def test_the_last_event_id_beats_the_query(club, room_id):
    white, black = club.game(room_id)
    play(white, black, "e2e4", "e7e5")
    v, epoch = white.acked("sync")[0]["v"], white.epoch
    stream = club.stream(f"/sse/game/{room_id}?since={epoch}:{v - 2}", **{"Last-Event-ID": f"{epoch}:{v - 1}"})
    assert stream.frame()["v"] == v
    stream = club.stream(f"/sse/game/{room_id}?since={epoch}:{v - 2}")
    assert stream.frame()["v"] == v - 1


def test_a_reconnect_to_a_closed_room_gets_204_so_that_it_stops(club):
    white, _ = club.game(linger_s=0)
    stream = club.stream(f"/sse/game/{white.room_id}")
    stream.frame()
    white.acked("resign")
    stream.ended()
    again = club.stream(f"/sse/game/{white.room_id}", **{"Last-Event-ID": stream.ids[-1]})
    assert again.status == 204
    assert again.body() == ""


@pytest.mark.parametrize("room_id", ["nobody-made-it", "a.b", "x" * 65])
def test_an_unknown_or_bad_room_is_404_with_a_problem(club, room_id):
    stream = club.stream(f"/sse/game/{room_id}")
    assert stream.status == 404
    assert stream.headers["content-type"] == "application/problem+json"
    assert '"status":404' in stream.body()


def test_a_stream_can_only_be_read(club, room_id):
    club.game(room_id)
    assert club.http.post(f"/sse/game/{room_id}").status_code == 405


def test_asking_for_a_streams_headers_does_not_hang(club, room_id):
    club.game(room_id)
    answer = club.http.head(f"/sse/game/{room_id}")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/event-stream")
