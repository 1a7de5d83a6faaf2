"""How a room with a delay for its spectators answers over HTTP; tests/system looks at it from everywhere."""

import pytest
from table import play


@pytest.fixture
def late(club):
    """A table whose spectators see it a minute late."""
    white, black = club.game(spectator_delay_s=60)
    return white, black


def test_the_state_says_how_late_it_is(club, late):
    white, _ = late
    state = club.http.get(f"/rooms/{white.room_id}").json()
    assert (state["v"], state["options"]["spectator_delay_s"]) == (1, 60)
    assert state["at"] <= white.state["at"] - 59_000


def test_the_entity_tag_tells_nothing_of_what_is_not_shown(club, late):
    white, black = late
    tag = club.http.get(f"/rooms/{white.room_id}").headers["ETag"]
    play(white, black, "e2e4", "e7e5")
    answer = club.http.get(f"/rooms/{white.room_id}", headers={"If-None-Match": tag})
    assert (answer.status_code, answer.headers["ETag"]) == (304, tag)


def test_a_players_entity_tag_is_of_the_present(club, late):
    white, black = late
    own = {"Authorization": f"Bearer {white.token}"}
    first = club.http.get(f"/rooms/{white.room_id}", headers=own)
    play(white, black, "e2e4")
    second = club.http.get(f"/rooms/{white.room_id}", headers=own | {"If-None-Match": first.headers["ETag"]})
    assert (second.status_code, second.json()["ply"]) == (200, 1)
    assert {"Authorization", "Cookie"} <= set(second.headers["Vary"].split(", "))


def test_there_is_no_pgn_before_the_start_of_the_game_is_shown(club, late):
    white, black = late
    play(white, black, "e2e4")
    assert club.http.get(f"/rooms/{white.room_id}/pgn").status_code == 404
    own = club.http.get(f"/rooms/{white.room_id}/pgn", headers={"Authorization": f"Bearer {white.token}"})
    assert "1. e4" in own.text


@pytest.mark.parametrize("delay_s", [0, 0.5, 900])
def test_every_delay_up_to_a_quarter_of_an_hour_is_taken(club, delay_s):
    made = club.http.post("/rooms", json={"spectator_delay_s": delay_s})
    assert made.json()["options"]["spectator_delay_s"] == delay_s


def test_a_player_who_watches_his_own_room_is_a_spectator(club, late):
    white, black = late
    play(white, black, "e2e4")
    watching = club.connect(white.room_id, path="/ws/watch/", token=white.token)
    assert watching.frame()["v"] == 1


def test_the_list_of_games_goes_on_where_games_are_not_told_of_yet(club):
    ended = []
    for delay_s in (0, 60, 0, 60, 60, 0):
        white, _ = club.game(public=True, spectator_delay_s=delay_s, time="1+0")
        white.acked("resign")
        white.leave()
        if not delay_s:
            ended.append(white.room_id)
    listed, path = [], "/games?limit=1&result=0-1"
    while path:
        page = club.http.get(path).json()
        listed += [game["room_id"] for game in page["items"]]
        path = page["next"]
    assert listed == ended[::-1]
