"""Events as stored: round trips, and the golden file that keeps yesterday's events readable."""

import hashlib
import json
from dataclasses import fields, replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from game_server.core.account_events import (
    ChallengeAccepted,
    ChallengeCancelled,
    ChallengeCreated,
    ChallengeDeclined,
    ChallengeExpired,
    GameEntered,
    GameLeft,
)
from game_server.core.clock import parse_time_control
from game_server.core.events import (
    ChatSaid,
    GameEnded,
    GameStarted,
    MovePlayed,
    OfferCancelled,
    OfferMade,
    OutageRepaid,
    PlayerAway,
    PlayerBack,
    RoomClosed,
    RoomOpened,
    SeatFreed,
    SeatTaken,
    TakebackAgreed,
    TimeGiven,
)
from game_server.core.options import Options
from game_server.store.codec import KINDS, UPCASTERS, decode, encode
from tests.strategies import ACCOUNT_EVENT_TYPES, EVENT_TYPES, account_events, events, of_fields

GOLDEN = Path(__file__).parent / "golden" / "events.jsonl"
T = 1_732_166_400_123
START = "rnbqkbnr/pppppppp/8/8/8/8/PPPPPPPP/RNBQKBNR w KQkq - 0 1"

# What each line of the golden file must decode to: only ever added to, like the file. Once an event's fields change,
# the expectation changes with them and the line stays.
EXPECTED = [
    RoomOpened(T, "club-7", "e1", Options()),
    RoomOpened(
        T,
        "Blitz_1",
        "e2",
        Options(
            time=parse_time_control("0.5+2"),
            variant="chess960",
            fen=START,
            rules="fide",
            on_disconnect="claim",
            grace_ms=None,
            first_move_ms=25_000,
            lag_compensation=False,
            public=True,
            spectator_delay_ms=900_000,
        ),
    ),
    RoomOpened(T, "slow", "e3", Options(time=parse_time_control("3d"), on_disconnect="none")),
    SeatTaken(T, "white", "p1", "a" * 43, "Åsa Ö. 👑", is_bot=False, by_socket=True),
    SeatTaken(T, "black", "p2", "b" * 43, "bot", is_bot=True, by_socket=False),
    SeatFreed(T, "black"),
    GameStarted(T, "g1", "p1", "p2", START),
    MovePlayed(T, 1, "white", "e2e4", "e4", 300_000, 0, 0),
    MovePlayed(T, 120, "black", "a2a1q", "axb1=Q#", 1, 2_000, 1_999),
    MovePlayed(T, 2, "black", "e7e5", "e5", None, 34, 0),
    OfferMade(T, "draw", "white"),
    OfferMade(T, "rematch", "black"),
    OfferCancelled(T, "takeback", "black"),
    TakebackAgreed(T, 0),
    PlayerAway(T, "white", T - 2_000, "forfeit", T + 38_000),
    PlayerAway(T, "black", T - 2_000, "none", None),
    PlayerBack(T, "white"),
    TimeGiven(T, "white", 15_000),
    OutageRepaid(T, T - 5_000, T - 1),
    ChatSaid(T, "white", "player", 'gg "\\ \u0000\u2028'),
    ChatSaid(T, "black", "spectator", "привет"),
    GameEnded(T, "1-0", "checkmate"),
    GameEnded(T, "1/2-1/2", "timeout_insufficient_material"),
    GameEnded(T, "*", "aborted"),
    RoomClosed(T, "linger"),
    ChallengeCreated(
        *(T, "g2", "anna", "Anna", None, "deep_1", "Deep_1", "BOT"),
        *("0.5+2", "chess960", START, "random", "black", T + 60_000, "g1"),
    ),
    ChallengeCreated(
        *(T, "g3", "deep_1", "Deep_1", "BOT", "anna", "Anna", None),
        *("unlimited", "standard", None, "white", "white", T + 60_000, None),
    ),
    ChallengeAccepted(T, "g2"),
    ChallengeDeclined(T, "g3", "timecontrol"),
    ChallengeCancelled(T, "g3"),
    ChallengeExpired(T, "g3"),
    GameEntered(T, "g2", "g2"),
    GameLeft(T, "g2"),
]
# The sha256 of the file's first N lines: whoever adds lines adds an entry, and changes none.
HISTORY = {
    25: "cccdd492a3f897ccecd99d5d13867f58e455c7952195b713f3a2d5832e4c6f0e",
    33: "4c112e9ba822322e727e68d0b5ffa56256404c365e349bab4193ce41e44dac51",
}


def golden_lines():
    return GOLDEN.read_text(encoding="ascii").splitlines(keepends=True)


def as_line(event):
    kind, body = encode(event)
    return json.dumps([kind, event.at_ms, body]) + "\n"


@pytest.mark.parametrize("number", range(len(EXPECTED)))
def test_every_line_ever_written_decodes_to_its_event(number):
    assert decode(*json.loads(golden_lines()[number])) == EXPECTED[number]


@pytest.mark.parametrize("event", EXPECTED, ids=repr)
def test_what_is_written_today_is_in_the_golden_file(event):
    assert as_line(event) in golden_lines()


def test_golden_lines_are_only_added():
    lines = golden_lines()
    for count, digest in HISTORY.items():
        assert hashlib.sha256("".join(lines[:count]).encode()).hexdigest() == digest
    assert len(lines) == len(EXPECTED) == max(HISTORY)


def test_the_golden_file_has_every_event():
    assert {type(event) for event in EXPECTED} == {*EVENT_TYPES, *ACCOUNT_EVENT_TYPES} == set(KINDS)


@given(events | account_events)
def test_decoding_undoes_encoding(event):
    kind, body = encode(event)
    assert decode(kind, event.at_ms, body) == event
    assert body.isascii()
    assert "\n" not in body


@given(of_fields(MovePlayed))
def test_a_move_is_a_short_json_list(move):
    kind, body = encode(move)
    assert kind == "move_played"
    assert len(json.loads(body)) == len(MovePlayed._fields) - 1


@given(of_fields(RoomOpened), st.data())
def test_options_that_an_old_body_lacks_have_their_defaults(opened, data):
    lacking = data.draw(st.sets(st.sampled_from([field.name for field in fields(Options) if field.name != "time"])))
    kind, body = encode(opened)
    value = json.loads(body)
    for name in lacking:
        del value["options"][name]
    options = replace(opened.options, **{name: getattr(Options(), name) for name in lacking})
    assert decode(kind, opened.at_ms, json.dumps(value)) == replace(opened, options=options)


def test_old_bodies_are_brought_up_step_by_step():
    upcasters = {
        "seat_left": ("seat_freed.2", lambda body: {"colour": body["side"]}),
        "seat_freed.2": ("seat_freed.3", lambda body: {"color": {"w": "white", "b": "black"}[body["colour"]]}),
        "seat_freed.3": ("seat_freed", lambda body: body),
    }
    assert decode("seat_left", T, '{"side":"b"}', upcasters) == SeatFreed(T, "black")
    assert decode("seat_freed.2", T, '{"colour":"w"}', upcasters) == SeatFreed(T, "white")


def test_every_upcaster_leads_to_a_kind_that_is_written():
    for kind in UPCASTERS:
        assert kind not in KINDS.values()
        while kind in UPCASTERS:
            kind, _ = UPCASTERS[kind]
        assert kind in KINDS.values()


UNREADABLE = {
    "unknown kind": ("queen_promoted", "{}"),
    "newer schema": ("seat_freed.2", '{"color":"white"}'),
    "unknown field": ("seat_freed", '{"color":"white","why":"bored"}'),
    "missing field": ("seat_freed", "{}"),
    "short move": ("move_played", '[1,"w","e2e4"]'),
    "options without time": ("room_opened", '{"room_id":"a","epoch":"e","options":{}}'),
    "a time control that cannot be": ("room_opened", '{"room_id":"a","epoch":"e","options":{"time":"0+0"}}'),
    "a list for an object": ("room_opened", "[1]"),
    "not json": ("seat_freed", "{"),
    "more than json": ("seat_freed", '{"color":"white"}{'),
}


@pytest.mark.parametrize(("kind", "body"), UNREADABLE.values(), ids=UNREADABLE)
def test_what_was_never_written_is_our_bug(kind, body):
    with pytest.raises(AssertionError, match=r"no event is called|unreadable"):
        decode(kind, T, body)
