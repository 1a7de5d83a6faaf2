"""What events look like on the wire: exactly the fields of the protocol, the same text for everyone."""

import json
from typing import get_args

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import given as for_all

from game_server.core.commands import (
    Abort,
    AddTime,
    CheckTime,
    Decline,
    NoteAway,
    NoteBack,
    NoteOutage,
    OpenRoom,
    PlayMove,
    Resign,
    Say,
)
from game_server.core.consequences import late_consequences
from game_server.core.decide import decide
from game_server.core.events import Event
from game_server.core.evolve import evolve
from game_server.core.ids import BLACK, WHITE
from game_server.core.position import STANDARD_FEN
from game_server.wire.frames import event_frame, event_text
from game_server.wire.outbound import server_message
from tests.core.rooms import (
    accept,
    offer,
    options,
    take_seat,
)
from tests.core.walks import options as any_options
from tests.core.walks import steps, walk

# PROTOCOL.md, Server → client: every frame with a `v`, and its fields beside `type`, `v` and `at`.
FIELDS = {
    "room_opened": {"room_id", "epoch", "options"},
    "player_joined": {"color", "player_id", "name", "bot"},
    "player_left": {"color", "player_id", "name", "bot"},
    "game_started": {"game_id", "white", "black", "variant", "fen", "clock", "score"},
    "move": {"ply", "color", "uci", "san", "fen", "check", "clock", "lag_ms", "given_back_ms"},
    "takeback": {"ply", "fen", "clock"},
    "offer": {"kind", "by"},
    "offer_cancelled": {"kind", "by"},
    "player_disconnected": {"color", "policy", "forfeit_at"},
    "player_reconnected": {"color"},
    "clock": {"clock", "reason"},
    "game_over": {"game_id", "result", "winner", "reason", "clock", "score", "pgn_url"},
    "chat": {"by", "name", "room", "text"},
    "room_closed": {"reason"},
}
PLAYER = {"player_id", "name", "connected", "bot"}
CLOCK = {"white", "black", "running"}


class Teller:
    """Tells a room's events as they happen."""

    def __init__(self):
        self.room, self.events, self.frames = None, [], []

    def tell(self, events):
        for event in events:
            after = evolve(self.room, event)
            self.events.append(event)
            self.frames.append(json.loads(event_frame(self.room, event, after).model_dump_json()))
            self.room = after


def told(*story):
    """The events and frames of a story: commands, each with its time. What time causes comes before, but an outage."""
    teller = Teller()
    for at_ms, command in story:
        if teller.room is not None and not isinstance(command, NoteOutage):
            teller.tell(late_consequences(teller.room, at_ms))
        teller.tell(decide(teller.room, command, at_ms))
    return teller.events, teller.frames


STORY = [
    (0, OpenRoom("room", "epoch", options("5+3"))),
    (10, take_seat(WHITE)),
    (20, NoteAway(WHITE, 20, on_purpose=True)),
    (20_000, take_seat(WHITE)),                                 # after the first seat was freed
    (21_000, take_seat(BLACK)),
    (22_000, PlayMove(WHITE, "e2e4", lag_ms=80)),
    (23_000, PlayMove(BLACK, "e7e5", lag_ms=40)),
    (25_000, PlayMove(WHITE, "d1h5", lag_ms=90, offer_draw=True)),
    (25_500, Decline(BLACK, "draw")),
    (26_000, offer(WHITE, "takeback")),
    (26_500, accept(BLACK, "takeback")),
    (27_000, AddTime(BLACK, 15_000)),
    (28_000, Say(BLACK, "spectator", "hello")),
    (29_000, NoteAway(BLACK, 28_500, on_purpose=False)),
    (30_000, NoteBack(BLACK)),
    (40_000, NoteOutage(31_000, 40_000)),
    (41_000, Resign(BLACK)),
    (42_000, offer(BLACK, "rematch")),
    (43_000, accept(WHITE, "rematch")),
    (44_000, Abort(WHITE)),
    (999_000, CheckTime()),
]
EVENTS, FRAMES = told(*STORY)


def test_the_story_has_every_kind_of_event_and_of_frame():
    assert {type(event) for event in EVENTS} == set(get_args(Event))
    assert {frame["type"] for frame in FRAMES} == set(FIELDS)


@pytest.mark.parametrize("frame", FRAMES, ids=lambda frame: f"{frame['v']}-{frame['type']}")
def test_every_frame_has_exactly_the_fields_of_the_protocol(frame):
    assert set(frame) == FIELDS[frame["type"]] | {"type", "v", "at"}
    for name in ("white", "black"):
        if name in frame:
            assert set(frame[name]) == PLAYER
    if frame.get("clock") is not None:
        assert set(frame["clock"]) == CLOCK
    assert server_message.validate_python(frame).model_dump(mode="json") == frame


def test_each_event_is_one_frame_and_raises_the_version_by_one():
    assert [frame["v"] for frame in FRAMES] == list(range(1, len(EVENTS) + 1))
    assert [frame["at"] for frame in FRAMES] == [event.at_ms for event in EVENTS]


def texts(room, events):
    written = []
    for event in events:
        after = evolve(room, event)
        kind, text = event_text(room, event, after)
        frame = event_frame(room, event, after)
        assert (kind, text) == (frame.type, frame.model_dump_json())    # also the moves, which have no model on the way
        written.append(text)
        room = after
    return room, written


def test_the_same_events_give_the_same_text_byte_for_byte():
    _, once = texts(None, EVENTS)
    _, again = texts(None, EVENTS)
    assert once == again
    half = len(EVENTS) // 2
    room, first = texts(None, EVENTS[:half])        # as after a restart
    _, rest = texts(room, EVENTS[half:])
    assert first + rest == once
    assert [json.loads(text) for text in once] == FRAMES


def frames_of(kind):
    return [{key: value for key, value in frame.items() if key not in ("type", "v")} for frame in FRAMES
            if frame["type"] == kind]


def test_a_seat_that_is_taken_and_freed():
    anna = {"color": "white", "player_id": "white", "name": "Anna", "bot": False}
    assert frames_of("player_joined")[0] == {"at": 10, **anna}
    assert frames_of("player_left") == [{"at": 10_020, **anna}]


def test_the_start_of_a_game_and_of_a_rematch():
    first, second = frames_of("game_started")
    assert first == {
        "at": 21_000, "game_id": "g1", "variant": "standard", "fen": STANDARD_FEN,
        "white": {"player_id": "white", "name": "Anna", "connected": True, "bot": False},
        "black": {"player_id": "black", "name": "Boris", "connected": True, "bot": False},
        "clock": {"white": 300_000, "black": 300_000, "running": None}, "score": {"white": 0.0, "black": 0.0},
    }
    assert second["white"]["name"] == "Boris" and second["black"]["name"] == "Anna"
    assert second["score"] == {"white": 0.0, "black": 1.0}


def test_moves():
    first, second, third = frames_of("move")
    assert first == {
        "at": 22_000, "ply": 1, "color": "white", "uci": "e2e4", "san": "e4", "check": False,
        "fen": "rnbqkbnr/pppppppp/8/8/4P3/8/PPPP1PPP/RNBQKBNR b KQkq - 0 1",
        "clock": {"white": 300_000, "black": 300_000, "running": None}, "lag_ms": 80, "given_back_ms": 0,
    }
    assert second["clock"]["running"] == "white"
    assert third["clock"] == {"white": 300_000 - 2_000 + 90 + 3_000, "black": 300_000, "running": "black"}
    assert (third["lag_ms"], third["given_back_ms"]) == (90, 90)


def test_offers_takebacks_gifts_and_outages():
    assert frames_of("offer")[0] == {"at": 25_000, "kind": "draw", "by": "white"}
    assert frames_of("offer_cancelled") == [{"at": 25_500, "kind": "draw", "by": "black"}]
    assert frames_of("takeback") == [{
        "at": 26_500, "ply": 2, "fen": "rnbqkbnr/pppp1ppp/8/4p3/4P3/8/PPPP1PPP/RNBQKBNR w KQkq - 0 2",
        "clock": {"white": 300_000, "black": 300_000, "running": "white"},
    }]
    assert frames_of("clock") == [
        {"at": 27_000, "reason": "given", "clock": {"white": 314_500, "black": 300_000, "running": "white"}},
        {"at": 40_000, "reason": "outage", "clock": {"white": 310_500, "black": 300_000, "running": "white"}},
    ]


def test_absences():
    assert frames_of("player_disconnected") == [
        {"at": 20, "color": "white", "policy": "forfeit", "forfeit_at": None},      # before the start
        {"at": 29_000, "color": "black", "policy": "forfeit", "forfeit_at": 68_500},
    ]
    assert frames_of("player_reconnected") == [{"at": 30_000, "color": "black"}]


def test_the_end_and_the_close():
    first, second = frames_of("game_over")
    assert first == {
        "at": 41_000, "game_id": "g1", "result": "1-0", "winner": "white", "reason": "resignation",
        "clock": {"white": 309_500, "black": 300_000, "running": None}, "score": {"white": 1.0, "black": 0.0},
        "pgn_url": "/games/g1/pgn",
    }
    assert (second["result"], second["winner"], second["reason"]) == ("*", None, "aborted")
    assert frames_of("room_closed") == [{"at": 344_000, "reason": "linger"}]


def test_nobody_forfeits_while_both_are_away_and_the_frames_say_so():
    story = [*STORY[:2], *STORY[4:7], (24_000, NoteAway(WHITE, 24_000, on_purpose=False)),
             (25_000, NoteAway(BLACK, 25_000, on_purpose=False)), (26_000, NoteBack(WHITE))]
    frames = told(*story)[1]
    disconnected = [frame["forfeit_at"] for frame in frames if frame["type"] == "player_disconnected"]
    assert disconnected == [64_000, None, 66_000]


@settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@for_all(any_options, steps)
def test_whatever_happens_can_be_told(chosen, numbers):
    for step in walk(chosen, numbers):
        room = step.before
        for event in step.events:
            after = evolve(room, event)
            model = event_frame(room, event, after)
            assert event_text(room, event, after) == (model.type, model.model_dump_json())
            frame = model.model_dump(mode="json")
            assert set(frame) == FIELDS[frame["type"]] | {"type", "v", "at"}
            room = after
