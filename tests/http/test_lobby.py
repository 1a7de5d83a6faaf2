"""All public rooms in one stream: `/sse/rooms`."""

import pytest
from starlette.testclient import TestClient
from table import Club, play

from game_server.app import create_app
from game_server.settings import Settings


@pytest.fixture
def club(tmp_path):
    """A lobby of one's own, at which nobody else's rooms are shown."""
    with Club(tmp_path) as club:
        yield club


def public_game(club, **options):
    return club.game(public=True, **options)


def test_a_newcomer_is_told_of_every_public_room_and_of_no_private_one(club):
    white, _ = public_game(club)
    waiting = club.http.post("/rooms", json={"public": True, "name": "Cleo", "time": "3+2"}).json()["room_id"]
    club.http.post("/rooms", json={"public": False})
    club.join("by-its-link-only")
    stream = club.stream("/sse/rooms")
    rooms = {room["room_id"]: room for room in stream.frames(2)}
    assert rooms.keys() == {white.room_id, waiting}
    assert (rooms[white.room_id]["status"], rooms[waiting]["status"]) == ("playing", "waiting")
    assert rooms[waiting]["time_control"] == "3+2"
    assert "Cleo" in [seat["name"] for seat in (rooms[waiting]["white"], rooms[waiting]["black"]) if seat]
    assert stream.silent(0.7)


def test_it_tells_what_the_list_of_rooms_tells(club):
    white, black = public_game(club)
    play(white, black, "e2e4")
    listed = club.http.get("/rooms").json()["items"]
    told = club.stream("/sse/rooms").frame()
    assert [told] == [{**room, "type": "room"} for room in listed]


def test_moves_come_as_they_are_made_and_private_games_never(club):
    white, black = public_game(club)
    stream = club.stream("/sse/rooms")
    assert stream.frame()["last_move"] is None
    hidden = club.game("hidden")
    play(*hidden, "d2d4")
    play(white, black, "e2e4")
    room = stream.frame()
    assert (room["room_id"], room["last_move"], room["fen"].split()[1]) == (white.room_id, "e2e4", "b")


def test_a_room_is_told_of_from_its_opening_to_its_end(club):
    stream = club.stream("/sse/rooms")
    white, black = public_game(club, linger_s=0)
    play(white, black, "e2e4")
    white.acked("resign")
    statuses = [stream.frame()["status"]]
    while statuses[-1] != "closed":
        statuses.append(stream.frame()["status"])
    assert statuses == sorted(statuses, key=("waiting", "playing", "finished", "closed").index)
    assert stream.silent()


def test_who_comes_back_is_told_all_again_but_not_of_what_has_closed(club):
    white, _ = public_game(club, linger_s=0)
    stays, _ = public_game(club)
    stream = club.stream("/sse/rooms")
    white.acked("resign")
    while stream.frame()["status"] != "closed":
        pass
    stream.leave()
    again = club.stream("/sse/rooms")
    assert again.frame()["room_id"] == stays.room_id
    assert again.silent(0.7)


def test_spectators_are_counted_there(club):
    white, _ = public_game(club)
    stream = club.stream("/sse/rooms")
    assert stream.frame()["spectators"] == 0
    club.watch(white.room_id).frame()
    assert stream.frame()["spectators"] == 1


def test_the_stream_says_what_it_is_and_when_to_come_back(club):
    public_game(club)
    stream = club.stream("/sse/rooms")
    stream.frame()
    assert (stream.status, stream.headers["content-type"]) == (200, "text/event-stream; charset=utf-8")
    assert (stream.head, stream.ids) == ("retry: 2000\n\n", [])


def test_its_headers_alone_can_be_asked_for_and_nothing_can_be_sent(club):
    assert club.http.head("/sse/rooms").headers["content-type"].startswith("text/event-stream")
    assert club.http.post("/sse/rooms").status_code == 405


def test_rooms_that_were_opened_before_a_restart_are_shown(tmp_path):
    settings = Settings(database_url=f"sqlite:///{tmp_path}/club.db")
    with TestClient(create_app(settings)) as http:
        room_id = http.post("/rooms", json={"public": True}).json()["room_id"]
    with Club(tmp_path, database_url=settings.database_url) as club:
        assert club.stream("/sse/rooms").frame()["room_id"] == room_id


def test_the_stream_ends_when_the_server_stops_and_a_new_one_is_refused(club):
    public_game(club)
    stream = club.stream("/sse/rooms")
    stream.frame()
    club.http.portal.call(club.http.app.state.edge.drain)
    assert stream.ended() == ([], None, None)
    assert club.stream("/sse/rooms").status == 503


def test_the_description_of_the_streams_names_it(club):
    document = club.http.get("/asyncapi.json").json()
    assert document["channels"]["lobby"]["address"] == "/sse/rooms"
    assert "RoomFrame" in document["components"]["messages"]
    assert "/sse/rooms" in club.http.get("/docs").text.replace("<wbr>", "")
