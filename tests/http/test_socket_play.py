"""What players say over `/ws/game/{room_id}` and what they are answered."""

import json

import pytest
from table import Club, Ended, play

FOOLS_MATE = ("f2f3", "e7e5", "g2g4", "d8h4")


def test_a_move_is_shown_to_both_and_acknowledged_after_it(club, room_id):
    white, black = club.game(room_id)
    frames, ack = white.ask("move", uci="e2e4", ply=1, id="m1")
    (move,) = frames
    assert (move["uci"], move["san"], move["ply"], move["color"]) == ("e2e4", "e4", 1, "white")
    assert move["fen"] == "rnbqkbnr/pppppppp/8/8/4P3/8/PPPP1PPP/RNBQKBNR b KQkq - 0 1"
    assert ack == {"type": "ack", "id": "m1", "v": move["v"]}
    assert black.frame() == move


def test_every_listener_gets_the_same_text_byte_for_byte(club, room_id):
    white, black = club.game(room_id)
    watcher, stream = club.watch(room_id), club.stream(f"/sse/game/{room_id}")
    for listener in (watcher, stream):
        assert listener.frame()["type"] == "state"
    white.texts.clear()
    play(white, black, *FOOLS_MATE)
    for listener in (white, black, watcher, stream):
        while "game_over" not in (listener.texts or [""])[-1]:
            listener.frame()
    assert len(white.texts) == 5
    assert white.texts == black.texts == watcher.texts == stream.texts


def test_a_game_to_its_end(club, room_id):
    white, black = club.game(room_id)
    play(white, black, *FOOLS_MATE)
    over = white.until("game_over")
    assert (over["result"], over["winner"], over["reason"]) == ("0-1", "black", "checkmate")
    assert over["score"] == {"white": 0, "black": 1}
    assert json.loads(white.texts[-2])["check"] is True
    (state,) = white.acked("sync")
    assert (state["status"], state["result"], state["reason"], state["check"]) == ("finished", "0-1", "checkmate", True)
    assert [move["san"] for move in state["moves"]] == ["f3", "e5", "g4", "Qh4#"]


def test_the_clock_runs_when_both_have_moved(club):
    white, black = club.game(time="5+3")
    assert white.acked("move", uci="e2e4")[0]["clock"] == {"white": 300_000, "black": 300_000, "running": None}
    assert black.acked("move", uci="e7e5")[-1]["clock"]["running"] == "white"


def test_a_player_without_a_clock_has_none(club, room_id):
    white, _ = club.game(room_id)
    assert white.acked("move", uci="e2e4")[0]["clock"] is None


def test_commands_without_an_id_are_carried_out_without_an_answer(club, room_id):
    white, _ = club.game(room_id)
    white.tell("move", uci="e2e4")
    assert white.frame()["type"] == "move"
    assert white.silent()


def test_a_refused_command_without_an_id_gets_an_error_without_one(club, room_id):
    white, _ = club.game(room_id)
    white.tell("move", uci="e2e5")
    error = white.frame()
    assert (error["type"], error["code"]) == ("error", "illegal_move")
    assert "id" not in error


# Refusals: the code, and what leads to it. The connection stays open and the game goes on.

BEFORE_THE_START = {
    "a move": ("move", {"uci": "e2e4"}, "game_not_started"),
    "a resignation": ("resign", {}, "game_not_started"),
    "an abort": ("abort", {}, "game_not_started"),
    "a draw offer": ("offer", {"kind": "draw"}, "game_not_started"),
    "a rematch offer": ("offer", {"kind": "rematch"}, "game_not_started"),
    "a claim": ("claim", {"kind": "draw"}, "game_not_started"),
    "a gift of time": ("add_time", {}, "game_not_started"),
}
DURING_THE_GAME = {
    "a move that chess does not have": ("move", {"uci": "e2e5"}, "illegal_move"),
    "no move at all": ("move", {"uci": "castle"}, "illegal_move"),
    "an empty move": ("move", {"uci": ""}, "illegal_move"),
    "the null move": ("move", {"uci": "0000"}, "illegal_move"),
    "king takes rook": ("move", {"uci": "e1h1"}, "illegal_move"),
    "a move in capitals": ("move", {"uci": "E2E4"}, "illegal_move"),
    "a move of the wrong type": ("move", {"uci": 5}, "bad_message"),
    "a move without a move": ("move", {}, "bad_message"),
    "a move for a later ply": ("move", {"uci": "g1f3", "ply": 9}, "stale_ply"),
    "a move for an earlier ply": ("move", {"uci": "d2d4", "ply": 1}, "stale_ply"),
    "ply zero": ("move", {"uci": "g1f3", "ply": 0}, "stale_ply"),
    "a negative ply": ("move", {"uci": "g1f3", "ply": -1}, "stale_ply"),
    "a ply in words": ("move", {"uci": "g1f3", "ply": "3"}, "bad_message"),
    "half a ply": ("move", {"uci": "g1f3", "ply": 3.5}, "bad_message"),
    "an abort that is too late": ("abort", {}, "not_allowed"),
    "an offer of nothing": ("offer", {}, "bad_message"),
    "an offer of tea": ("offer", {"kind": "tea"}, "bad_message"),
    "a rematch before the end": ("offer", {"kind": "rematch"}, "not_allowed"),
    "accepting what was not offered": ("accept", {"kind": "draw"}, "no_such_offer"),
    "declining what was not offered": ("decline", {"kind": "takeback"}, "no_such_offer"),
    "a draw that does not stand": ("claim", {"kind": "draw"}, "not_allowed"),
    "victory over somebody who is here": ("claim", {"kind": "victory"}, "not_allowed"),
    "time without a clock": ("add_time", {"ms": 15_000}, "not_allowed"),
    "too much time": ("add_time", {"ms": 60_001}, "bad_message"),
    "saying nothing": ("chat", {"text": ""}, "bad_message"),
    "saying too much": ("chat", {"text": "x" * 281}, "bad_message"),
    "saying it nowhere": ("chat", {"text": "x", "room": "kitchen"}, "bad_message"),
    "an unknown type": ("castle", {}, "unknown_type"),
    "a type in capitals": ("MOVE", {"uci": "g1f3"}, "unknown_type"),
    "a type of the wrong type": (5, {}, "bad_message"),
    "a frame of the server": ("game_over", {}, "unknown_type"),
}
AFTER_THE_END = {
    "a move": ("move", {"uci": "g1f3"}, "game_over"),
    "a resignation": ("resign", {}, "game_over"),
    "an abort": ("abort", {}, "game_over"),
    "a draw offer": ("offer", {"kind": "draw"}, "game_over"),
    "a takeback offer": ("offer", {"kind": "takeback"}, "game_over"),
    "a claim": ("claim", {"kind": "draw"}, "game_over"),
    "a gift of time": ("add_time", {}, "game_over"),
}


@pytest.mark.parametrize(("kind", "fields", "code"), BEFORE_THE_START.values(), ids=BEFORE_THE_START)
def test_before_the_start(club, room_id, kind, fields, code):
    player = club.join(room_id)
    assert player.refused(kind, **fields) == code


@pytest.mark.parametrize(("kind", "fields", "code"), DURING_THE_GAME.values(), ids=DURING_THE_GAME)
def test_during_the_game(club, room_id, kind, fields, code):
    white, black = club.game(room_id)
    play(white, black, "e2e4", "e7e5")
    assert white.refused(kind, **fields) == code
    assert white.acked("move", uci="g1f3", ply=3)[0]["ply"] == 3


@pytest.mark.parametrize(("kind", "fields", "code"), AFTER_THE_END.values(), ids=AFTER_THE_END)
def test_after_the_end(club, room_id, kind, fields, code):
    white, _ = club.game(room_id)
    white.acked("resign")
    assert white.refused(kind, **fields) == code


def test_a_move_out_of_turn(club, room_id):
    white, black = club.game(room_id)
    assert black.refused("move", uci="e7e5") == "not_your_turn"
    white.acked("move", uci="e2e4")
    assert white.refused("move", uci="d2d4") == "not_your_turn"


UNREADABLE = {
    "no JSON": "e2e4",
    "nothing": "",
    "a list": '["move"]',
    "a text": '"move"',
    "a number": "5",
    "null": "null",
    "no type": '{"uci":"e2e4"}',
    "a lone surrogate": '{"type":"chat","text":"\\ud800"}',
    "half an object": '{"type":"move"',
    "two objects": '{"type":"sync"}{"type":"sync"}',
    "deep nesting": "[" * 4_000,
    "a deep field": '{"type":"sync","x":' + "[" * 3_000 + "]" * 3_000 + "}",
    "a number beyond all bounds": '{"type":"ping","t":' + "1" * 8_000 + "}",
    "infinity": '{"type":"ping","t":1e999}',
    "a long id": '{"type":"sync","id":"' + "x" * 65 + '"}',
    "an id that is no text": '{"type":"sync","id":5}',
}


@pytest.mark.parametrize("text", UNREADABLE.values(), ids=UNREADABLE)
def test_what_cannot_be_read_is_a_bad_message_and_the_game_goes_on(club, room_id, text):
    white, _ = club.game(room_id)
    white.session.send_text(text)
    assert white.frame()["code"] == "bad_message"
    assert white.acked("move", uci="e2e4")


def test_unknown_fields_are_ignored(club, room_id):
    white, _ = club.game(room_id)
    assert white.acked("move", uci="e2e4", color="black", token="x", v=5)[0]["color"] == "white"


def test_unreadable_messages_again_and_again_are_1008(club, room_id):
    white, _ = club.game(room_id)
    for _ in range(51):
        white.session.send_text("nonsense")
    frames, code, _ = white.ended()
    assert {frame["type"] for frame in frames} == {"error"}
    assert code == 1008


def test_an_unreadable_message_now_and_then_is_forgiven(club, room_id):
    white, _ = club.game(room_id)
    for _ in range(2):
        for _ in range(40):
            white.session.send_text("nonsense")
        white.acked("sync")
    assert white.acked("move", uci="e2e4")


def test_a_binary_message_is_1008(club, room_id):
    white, black = club.game(room_id)
    white.session.send_bytes(b"e2e4")
    assert white.ended()[1] == 1008
    assert black.acked("chat", text="still here")


# Resending


def test_a_repeated_id_is_answered_as_before(club, room_id):
    white, black = club.game(room_id)
    _, first = white.ask("move", uci="e2e4", id="m1")
    assert white.ask("move", uci="e2e4", id="m1") == ([], first)
    black.acked("move", uci="e7e5")
    assert white.ask("move", uci="d2d4", id="m1")[1] == first


def test_a_repeated_id_is_answered_as_before_over_a_reconnect(club, room_id):
    white, _ = club.game(room_id)
    _, first = white.ask("move", uci="e2e4", id="m1")
    again = club.join(room_id, token=white.token)
    assert again.ask("move", uci="e2e4", id="m1") == ([], first)


def test_a_repeated_refusal_is_the_same(club, room_id):
    white, black = club.game(room_id)
    _, first = black.ask("move", uci="e7e5", id="m1")
    white.acked("move", uci="e2e4")
    black.until("move")
    assert black.ask("move", uci="e7e5", id="m1")[1] == first


def test_sync_and_ping_are_answered_every_time(club, room_id):
    white, _ = club.game(room_id)
    for _ in range(2):
        assert [frame["type"] for frame in white.acked("sync", id="s")] == ["state"]
        assert [frame["type"] for frame in white.acked("ping", id="s", t=1)] == ["pong"]
    assert white.acked("move", uci="e2e4", id="s")


def test_a_move_that_stands_already_may_be_sent_again_with_its_ply_also_after_the_end(club, room_id):
    white, black = club.game(room_id)
    play(white, black, *FOOLS_MATE)
    white.until("game_over")
    frames, ack = white.ask("move", uci="g2g4", ply=3)
    assert frames == []
    assert ack["v"] == white.v


# Questions


@pytest.mark.parametrize("t", [0, 1.5, -7, 2**53, "a text", None, 1732166400000])
def test_a_pong_echoes_what_the_ping_said(club, room_id, t):
    player = club.join(room_id)
    (pong,) = player.acked("ping", t=t)
    assert pong["t"] == t
    assert pong["server_time"] >= player.welcome["server_time"]


def test_sync_tells_the_whole_room(club, room_id):
    white, black = club.game(room_id)
    play(white, black, "e2e4", "e7e5")
    (state,) = white.acked("sync")
    assert state["v"] == white.v
    assert [move["uci"] for move in state["moves"]] == ["e2e4", "e7e5"]
    assert (state["turn"], state["ply"]) == ("white", 2)


# Offers


def test_a_draw_is_offered_and_accepted(club, room_id):
    white, black = club.game(room_id)
    (offer,) = white.acked("offer", kind="draw")
    assert (offer["kind"], offer["by"]) == ("draw", "white")
    black.until("offer")
    (over,) = black.acked("accept", kind="draw")
    assert (over["result"], over["winner"], over["reason"]) == ("1/2-1/2", None, "agreement")
    assert over["score"] == {"white": 0.5, "black": 0.5}


def test_an_offer_stands_in_the_state_until_it_is_declined(club, room_id):
    white, black = club.game(room_id)
    white.acked("offer", kind="draw")
    black.until("offer")
    assert black.acked("sync")[0]["offers"] == {"draw": "white", "takeback": None, "rematch": None}
    (cancelled,) = black.acked("decline", kind="draw")
    assert (cancelled["type"], cancelled["by"]) == ("offer_cancelled", "black")
    assert black.acked("sync")[0]["offers"]["draw"] is None


def test_a_draw_offer_lapses_after_the_move_that_overtakes_it(club, room_id):
    white, black = club.game(room_id)
    white.acked("move", uci="e2e4", offer_draw=True)
    black.until("offer")
    move, cancelled = black.acked("move", uci="e7e5")
    assert (move["type"], cancelled["type"], cancelled["by"]) == ("move", "offer_cancelled", "black")


def test_a_takeback_takes_back_the_askers_move(club, room_id):
    white, black = club.game(room_id)
    play(white, black, "e2e4", "e7e5")
    white.acked("offer", kind="takeback")
    black.until("offer")
    (takeback,) = black.acked("accept", kind="takeback")
    assert takeback["ply"] == 0
    assert white.until("takeback") == takeback
    assert white.acked("move", uci="d2d4", ply=1)


def test_pestering_is_rate_limited(club, room_id):
    white, black = club.game(room_id)
    white.acked("offer", kind="draw")
    black.until("offer")
    black.acked("decline", kind="draw")
    white.until("offer_cancelled")
    assert white.refused("offer", kind="draw") == "rate_limited"


def test_a_rematch_swaps_the_colours_on_the_same_sockets(club, room_id):
    white, black = club.game(room_id)
    first = white.acked("sync")[0]["game_id"]
    white.acked("resign")
    black.until("game_over")
    black.acked("offer", kind="rematch")
    white.until("offer")
    (started,) = white.acked("accept", kind="rematch")
    assert started["game_id"] != first
    assert (started["white"]["name"], started["black"]["name"]) == ("Boris", "Anna")
    assert started["score"] == {"white": 1, "black": 0}
    black.until("game_started")
    assert white.refused("move", uci="e2e4") == "not_your_turn"
    assert black.acked("move", uci="e2e4")[0]["color"] == "white"
    again = club.join(room_id, token=white.token)
    assert again.color == "black"


SWITCHED_OFF = {
    "chat": ("chat", {"text": "hello"}),
    "draw_offers": ("offer", {"kind": "draw"}),
    "takebacks": ("offer", {"kind": "takeback"}),
}


@pytest.mark.parametrize(("option", "command"), SWITCHED_OFF.items(), ids=SWITCHED_OFF)
def test_what_the_room_has_switched_off_is_not_allowed(club, option, command):
    kind, fields = command
    white, black = club.game(**{option: False})
    play(white, black, "e2e4", "e7e5")
    assert white.refused(kind, **fields) == "not_allowed"


def test_a_room_without_rematches(club):
    white, _ = club.game(rematch=False)
    white.acked("resign")
    assert white.refused("offer", kind="rematch") == "not_allowed"


# Chat and presence


def test_what_a_player_says_everyone_hears(club, room_id):
    white, black = club.game(room_id)
    watcher = club.watch(room_id)
    watcher.frame()
    (said,) = white.acked("chat", text="gl hf 🙂", room="spectator")
    assert (said["by"], said["name"], said["room"], said["text"]) == ("white", "Anna", "spectator", "gl hf 🙂")
    assert black.frame() == watcher.frame() == said
    assert club.join(room_id, token=black.token).state["chat"] == [
        {"at": said["at"], "by": "white", "name": "Anna", "room": "spectator", "text": "gl hf 🙂"}
    ]


def test_presence_says_who_is_connected(club, room_id):
    white, black = club.game(room_id)
    white.present(white=True, black=True)
    club.watch(room_id)
    white.present(spectators=1)
    black.leave()
    white.present(white=True, black=False)


# Coming back


def test_who_comes_back_with_its_position_gets_exactly_what_it_missed(club, room_id):
    white, black = club.game(room_id)
    play(white, black, "e2e4", "e7e5")
    white.leave()
    heard = len(black.texts)
    for text in ("one", "two", "three"):
        black.acked("chat", text=text)
    again = club.connect(room_id, token=white.token, since=white.position)
    again.v, again.epoch = white.v, white.epoch
    assert again.frame()["type"] == "welcome"
    again.frames(3)
    assert again.texts == black.texts[heard:]


def test_who_missed_nothing_is_only_welcomed(club, room_id):
    white, _ = club.game(room_id)
    again = club.connect(room_id, token=white.token, since=white.position)
    assert again.frame()["type"] == "welcome"
    assert again.silent()


@pytest.mark.parametrize("since", ["", "x", "other:3", "{epoch}:999", "{epoch}:-1", "{epoch}:x", ":3"])
def test_who_comes_back_from_nowhere_is_told_the_whole_room(club, room_id, since):
    white, _ = club.game(room_id)
    again = club.connect(room_id, token=white.token, since=since.replace("{epoch}", white.epoch))
    assert [frame["type"] for frame in again.frames(2)] == ["welcome", "state"]


def test_the_newest_connection_of_a_seat_replaces_the_older_one(club, room_id):
    white, black = club.game(room_id)
    again = club.join(room_id, token=white.token)
    assert white.ended()[1] == 4005
    assert again.acked("move", uci="e2e4")
    assert [frame["type"] for frame in black.frames(1)] == ["move"]


def test_a_game_survives_a_restart_of_the_server(tmp_path):
    with Club(tmp_path, database_url=f"sqlite:///{tmp_path}/r.db") as club:
        white, black = club.game("r")
        play(white, black, "e2e4")
        _, ack = white.ask("chat", text="before", id="c1")
    with Club(tmp_path, database_url=f"sqlite:///{tmp_path}/r.db") as club:
        again = club.connect("r", token=white.token, since=white.position)
        again.v, again.epoch = white.v, white.epoch
        assert again.frame()["type"] == "welcome"
        assert again.ask("chat", text="before", id="c1")[1] == ack
        black = club.join("r", token=black.token)
        assert [move["uci"] for move in black.state["moves"]] == ["e2e4"]
        assert black.acked("move", uci="e7e5")


def test_a_draining_server_sends_1012_and_forfeits_nobody(tmp_path):
    with Club(tmp_path) as club:
        white, black = club.game("r")
        watcher = club.watch("r")
        watcher.frame()
        stream = club.stream("/sse/game/r")
        stream.frame()
        edge = club.http.app.state.edge
        club.http.portal.call(edge.drain)
        assert [listener.ended()[1] for listener in (white, black, watcher, stream)] == [1012, 1012, 1012, None]
        with pytest.raises(Ended) as ended:
            club.connect("r").frame()
        assert ended.value.code == 1012
        assert club.http.get("/readyz").status_code == 503
        assert club.http.get("/healthz").status_code == 200
        assert club.http.get("/rooms/r").json()["status"] == "playing"
