"""Leaving, staying away and coming back, by PROTOCOL's table of endings: frames first, then the close code."""

import time

import pytest
from table import SOON, Club, play

BOTH_MOVED = ("e2e4", "e7e5")
LINGER = {"linger_s": 0.1}


def kinds(frames):
    return [frame["type"] for frame in frames]


def codes_of_who_come_later(club, room_id, *players):
    """How each is told on coming back: `welcome`, `state`, and a code."""
    codes = []
    for player in players:
        frames, code, _ = club.connect(room_id, token=player.token).ended()
        assert kinds(frames) == ["welcome", "state"]
        assert frames[1]["status"] == "closed"
        codes.append(code)
    return codes


# The game ends on the board: both stay


def test_after_a_resignation_both_stay_until_linger_is_over_then_4000(club):
    white, black = club.game(**LINGER)
    assert kinds(white.acked("resign")) == ["game_over"]
    for player in (white, black):
        frames, code, reason = player.ended()
        assert kinds(frames)[-1] == "room_closed"
        assert frames[-1]["reason"] == "linger"
        assert (code, reason) == (4000, "0-1 resignation")
    assert codes_of_who_come_later(club, white.room_id, white, black) == [4000, 4000]


def test_within_linger_one_may_come_back(club, room_id):
    white, _ = club.game(room_id)
    white.acked("resign")
    white.leave()
    again = club.join(room_id, token=white.token)
    assert again.state["status"] == "finished"
    assert again.acked("chat", text="well played")


def test_when_both_have_left_a_finished_game_its_room_closes(club):
    white, black = club.game(flicker_s=0.05)
    watcher = club.watch(white.room_id)
    white.acked("resign")
    white.leave()
    black.leave()
    frames, code, _ = watcher.ended()
    assert kinds(frames)[-1] == "room_closed"
    assert frames[-1]["reason"] == "left"
    assert code == 4000


def test_closing_with_4010_resigns_and_the_other_stays(club, room_id):
    white, black = club.game(room_id)
    white.leave(4010)
    over = black.until("game_over")
    assert (over["reason"], over["winner"]) == ("resignation", "black")
    assert black.acked("chat", text="thank you")


def test_closing_with_4010_before_the_start_is_only_leaving(club, room_id):
    white = club.join(room_id, color="white")
    white.leave(4010)
    assert club.join(room_id).state["status"] == "playing"


def test_an_abort_ends_the_game_without_a_result(club, room_id):
    white, black = club.game(room_id)
    (over,) = white.acked("abort")
    assert (over["result"], over["winner"], over["reason"]) == ("*", None, "aborted")
    assert black.until("game_over") == over


# The game ends by absence


def test_who_stays_away_forfeits_and_each_is_told_by_its_code(club):
    white, black = club.game(**SOON)
    play(white, black, *BOTH_MOVED)
    black.leave()
    frames, code, reason = white.ended()
    assert kinds(frames) == ["player_disconnected", "game_over", "room_closed"]
    away, over, closed = frames
    assert (away["color"], away["policy"]) == ("black", "forfeit")
    assert over["at"] == away["forfeit_at"]
    assert (over["result"], over["winner"], over["reason"]) == ("1-0", "white", "abandonment")
    assert closed["reason"] == "abandonment"
    assert (code, reason) == (4007, "1-0 abandonment")
    assert codes_of_who_come_later(club, white.room_id, black, white) == [4006, 4000]


@pytest.mark.parametrize("moves", [(), ("e2e4",)], ids=["no move", "one move"])
def test_who_stays_away_before_both_have_moved_aborts_the_game(club, moves):
    white, black = club.game(**SOON)
    play(white, black, *moves)
    black.leave()
    frames, code, _ = white.ended()
    assert kinds(frames) == ["player_disconnected", "game_over", "room_closed"]
    assert (frames[1]["result"], frames[1]["reason"]) == ("*", "aborted")
    assert frames[2]["reason"] == "aborted"
    assert code == 4000
    assert codes_of_who_come_later(club, white.room_id, black, white) == [4000, 4000]


def test_coming_back_in_time_cancels_the_forfeit(club):
    white, black = club.game(flicker_s=0.02, grace_s=0.4)
    play(white, black, *BOTH_MOVED)
    black.leave()
    white.until("player_disconnected")
    again = club.join(white.room_id, token=black.token)
    assert white.until("player_reconnected")["color"] == "black"
    assert white.silent(0.6)
    assert white.acked("move", uci="g1f3")
    assert again.until("move")


def test_a_flicker_is_not_worth_a_word(club):
    white, black = club.game(flicker_s=0.3)
    black.leave()
    club.join(white.room_id, token=black.token)
    assert white.silent(0.5)


def test_who_closes_on_purpose_is_waited_for_less(tmp_path):
    with Club(tmp_path, goodbye_grace_s=0.1, grace_unlimited_s=60, flicker_s=0.02) as club:
        white, black = club.game("r")
        play(white, black, *BOTH_MOVED)
        black.leave(1001)
        assert white.ended()[1] == 4007


def test_who_lets_the_opponent_claim_is_not_forfeited_by_itself(club):
    white, black = club.game(on_disconnect="claim", flicker_s=0.05, grace_s=0.6)
    play(white, black, *BOTH_MOVED)
    black.leave()
    away = white.until("player_disconnected")
    assert away["policy"] == "claim"
    assert white.refused("claim", kind="victory") == "not_allowed"
    time.sleep(max(0.0, (away["forfeit_at"] - away["at"]) / 1_000) + 0.05)
    frames, answer = white.ask("claim", kind="victory")
    assert kinds(frames) == ["game_over", "room_closed"]
    assert answer["type"] == "ack"
    assert (frames[0]["winner"], frames[0]["reason"]) == ("white", "abandonment")
    assert white.ended()[1] == 4007
    assert codes_of_who_come_later(club, white.room_id, black, white) == [4006, 4000]


def test_where_absence_costs_nothing_the_game_waits(club):
    white, black = club.game(on_disconnect="none", **SOON)
    play(white, black, *BOTH_MOVED)
    black.leave()
    away = white.until("player_disconnected")
    assert (away["policy"], away["forfeit_at"]) == ("none", None)
    assert white.silent(0.4)


def test_both_away_is_nobodys_victory(club):
    white, black = club.game(**SOON)
    play(white, black, *BOTH_MOVED)
    watcher = club.watch(white.room_id)
    watcher.frame()
    white.leave()
    black.leave()
    assert [watcher.frame()["type"] for _ in range(2)] == ["player_disconnected"] * 2
    assert watcher.silent(0.5)
    assert club.join(white.room_id, token=white.token).state["status"] == "playing"


# The flag and the first move


def test_the_flag_falls_at_its_moment(club):
    white, black = club.game(time="0.01+0", lag_compensation=False)
    play(white, black, *BOTH_MOVED)
    moved_ms = white.acked("sync")[0]
    over = white.until("game_over")
    assert (over["reason"], over["winner"], over["clock"]["white"]) == ("timeout", "black", 0)
    assert over["at"] - moved_ms["at"] <= 600
    assert white.refused("move", uci="g1f3") == "game_over"


def test_a_first_move_that_does_not_come_aborts_the_game_and_both_stay(club):
    white, black = club.game(time="5+0", first_move_s=0.1)
    for player in (white, black):
        over = player.until("game_over")
        assert (over["result"], over["reason"]) == ("*", "aborted")
    assert white.acked("chat", text="still here")


# Before the start, and after the end of the room


def test_a_waiting_seat_is_freed_after_the_grace(tmp_path):
    with Club(tmp_path, flicker_s=0.02, grace_unlimited_s=0.1) as club:
        white = club.join("r", color="white", name="Anna")
        watcher = club.watch("r")
        watcher.frame()
        white.leave()
        away, left = watcher.frames(2)
        assert kinds([away, left]) == ["player_disconnected", "player_left"]
        assert (left["color"], left["name"]) == ("white", "Anna")
        again = club.join("r", color="white", token=white.token)
        assert again.welcome["player_id"] != white.welcome["player_id"]
        assert watcher.until("player_joined")["color"] == "white"


def test_until_the_grace_is_over_the_token_leads_back_to_the_waiting_seat(club, room_id):
    white = club.join(room_id, color="white")
    white.leave()
    again = club.join(room_id, token=white.token)
    assert again.welcome["player_id"] == white.welcome["player_id"]


def test_what_was_said_in_a_waiting_room_outlives_its_speaker(tmp_path):
    with Club(tmp_path, flicker_s=0.02, grace_unlimited_s=0.1) as club:
        white = club.join("r", name="Anna")
        white.acked("chat", text="anybody?")
        watcher = club.watch("r")
        white.leave()
        watcher.until("player_left")
        assert [line["name"] for line in club.watch("r").frame()["chat"]] == ["Anna"]


def test_a_room_made_over_http_keeps_its_seat_until_a_connection_was_lost(club):
    room = club.http.post("/rooms", json={"color": "white", **SOON}).json()
    watcher = club.watch(room["room_id"])
    watcher.frame()
    assert watcher.silent(0.5)
    club.join(room["room_id"], token=room["token"]).leave()
    assert watcher.kinds_until("player_left") == ["player_disconnected", "player_left"]


def test_a_waiting_room_that_nobody_is_in_closes(tmp_path):
    with Club(tmp_path, flicker_s=0.02, grace_unlimited_s=0.02, idle_room_s=0.2) as club:
        club.join("r").leave()
        time.sleep(0.5)
        assert club.http.get("/rooms/r").json()["status"] == "closed"


def test_a_closed_room_stays_readable_until_a_newcomer_opens_it_anew(club):
    white, black = club.game(linger_s=0)
    room_id = white.room_id
    white.acked("resign")
    assert white.ended()[1] == black.ended()[1] == 4000
    frames, code, _ = club.watch(room_id).ended()
    assert (kinds(frames), code) == (["state"], 4000)
    newcomer = club.join(room_id, time="5+3")
    assert newcomer.epoch != white.epoch
    assert newcomer.state["v"] == 2
    assert newcomer.state["time_control"] == "5+3"
    assert status_for_a_former_player(club, room_id, white) == "playing"


def status_for_a_former_player(club, room_id, player):
    """A token of the former life opens nothing in the new one: its bearer takes the free seat."""
    return club.join(room_id, token=player.token, since=player.position).state["status"]


def test_a_position_of_a_former_life_leads_to_the_whole_room(club):
    white, _ = club.game(linger_s=0)
    white.acked("resign")
    white.ended()
    club.join(white.room_id)
    watcher = club.watch(white.room_id, since=white.position)
    assert watcher.frame()["type"] == "state"
