"""A private room is for those who hold its link: nothing else leads to it, its players, or its games."""

import pytest
from table import Club, play

USERS = ("Anna", "Boris")
LISTS = (
    "/rooms",
    "/rooms?status=waiting",
    "/rooms?status=playing",
    "/games",
    "/games?player=Anna",
    "/games?result=0-1",
    "/api/games/user/Anna",
    "/api/games/user/Boris",
    "/api/tv/channels",
    "/api/users/status?ids=Anna,Boris",
    "/api/user/Anna",
    "/api/bot/online",
    "/metrics",
    "/healthz",
    "/readyz",
)


@pytest.fixture(params=[0, 60], ids=["at once", "with a delay"])
def private(request, tmp_path):
    """A club, and the two accounts at a private room in it."""
    with Club(tmp_path) as club:
        tokens = [club.http.post("/accounts", json={"name": name}).json()["token"] for name in USERS]
        club.http.cookies.clear()
        asked = {"color": "white", "linger_s": 60, "spectator_delay_s": request.param}
        room = club.http.post("/rooms", json=asked, headers={"Authorization": f"Bearer {tokens[0]}"}).json()
        white = club.join(room["room_id"], token=tokens[0])
        black = club.join(room["room_id"], token=tokens[1])
        game_id = white.until("game_started")["game_id"]
        yield club, room["room_id"], game_id, white, black


def require_unknown(club, room_id, game_id):
    for path in LISTS:
        for accept in ("application/json", "*/*"):
            answer = club.http.get(path, headers={"Accept": accept})
            assert answer.status_code == 200, path
            assert room_id not in answer.text, path
            assert game_id not in answer.text, path
    assert club.stream("/sse/rooms").silent(0.6)


def test_no_list_and_no_search_leads_to_it_while_it_is_played_or_afterwards(private):
    club, room_id, game_id, white, black = private
    play(white, black, "e2e4", "e7e5")
    require_unknown(club, room_id, game_id)
    white.acked("resign")
    require_unknown(club, room_id, game_id)


def test_television_never_shows_it(private):
    club, _, _, white, black = private
    stream = club.stream("/api/tv/feed")
    play(white, black, "e2e4", "e7e5")
    assert stream.chunk() == ""         # the head
    with pytest.raises(TimeoutError):
        stream.chunk(1.5)               # it looks for a game each second


def test_who_holds_the_link_sees_it(private):
    club, room_id, _, white, black = private
    play(white, black, "e2e4", "e7e5")
    assert club.http.get(f"/rooms/{room_id}").json()["room_id"] == room_id
    assert club.watch(room_id).frame()["type"] == "state"
    assert club.stream(f"/sse/game/{room_id}").frame()["type"] == "state"


def test_its_players_find_their_games_in_their_own_lists_only(private):
    club, _, game_id, white, _ = private
    white.acked("resign")
    own = {"Authorization": f"Bearer {white.token}"}
    assert game_id in club.http.get("/api/games/user/Anna", headers=own).text
    assert game_id not in club.http.get("/api/games/user/Boris", headers=own).text
    assert game_id not in club.http.get("/games", headers=own).text
