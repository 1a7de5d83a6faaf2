"""Random walks through a room: any commands by anyone, at any times, as a live room would carry them out.

A walk is a list of steps of plain numbers, so that hypothesis can shrink it; what a number means depends on the room.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, get_args

from hypothesis import strategies as st

from game_server.core.clock import parse_time_control
from game_server.core.commands import (
    Abort,
    Accept,
    AddTime,
    CheckTime,
    Claim,
    Command,
    Decline,
    NoteAway,
    NoteBack,
    NoteOutage,
    Offer,
    OpenRoom,
    PlayMove,
    Resign,
    Say,
    TakeSeat,
)
from game_server.core.consequences import late_consequences
from game_server.core.decide import decide
from game_server.core.events import Event, OfferKind
from game_server.core.evolve import fold
from game_server.core.ids import BLACK, COLORS, WHITE
from game_server.core.options import Options
from game_server.core.refusals import Code, Refused
from game_server.core.room import Room

PAUSES_MS = [*[0, 1, 50, 400, 999] * 20, 2_500, 7_000, 19_000, 45_000, 90_000, 300_000, 90_000_000]
# Moves come often and endings seldom, so that there is a game in most walks.
KINDS = [*["move"] * 40, *["offer", "accept"] * 8, *["sit", "decline", "away", "back"] * 2, "claim", "claim", "give",
         "chat", "outage", "check", "again", "again", "nonsense", "resign"]
NONSENSE = ["", "0000", "e1e1", "e2e4", "e7e5", "e1g1", "e1h1", "e8c8", "a7a8q", "P@e4", "zz", "e2e4\ud800"]
KINDS_OF_OFFER: tuple[OfferKind, ...] = get_args(OfferKind)
FENS = [None, None, None, "4k3/8/8/8/3p4/8/4P3/4K1N1 w - - 0 1", "8/P6k/8/8/8/8/7p/K7 b - - 80 60",
        "r3k2r/8/8/8/8/8/8/R3K2R w KQkq - 95 70"]

options = st.builds(
    Options,
    time=st.sampled_from(["unlimited", "1+0", "0+1", "5+3", "1d"]).map(parse_time_control),
    variant=st.sampled_from(["standard", "chess960"]),
    fen=st.sampled_from(FENS),
    rules=st.sampled_from(["lichess", "fide"]),
    on_disconnect=st.sampled_from(["forfeit", "claim", "none"]),
    grace_ms=st.sampled_from([80_000, None, 0, 20_000]),
    linger_ms=st.sampled_from([300_000, 0, 10_000]),
    first_move_ms=st.sampled_from([None, 25_000]),
    lag_compensation=st.booleans(),
    chat=st.booleans(),
    takebacks=st.booleans(),
    draw_offers=st.booleans(),
    rematch=st.booleans(),
)
Numbers = tuple[str, int, int, int]     # a kind, a pause, a side, and what the rest depends on
_few = st.lists(
    st.tuples(st.sampled_from(KINDS), st.sampled_from(PAUSES_MS), st.integers(0, 1), st.integers(0, 2**32 - 1)),
    max_size=40,
)


def _many(seed: int) -> list[Numbers]:
    """A long walk: hypothesis by itself makes short ones."""
    draw = random.Random(seed)
    return [
        (draw.choice(KINDS), draw.choice(PAUSES_MS), draw.randrange(2), draw.randrange(2**32))
        for _ in range(draw.randrange(40, 120))
    ]


steps = st.one_of(_few, st.integers(0, 2**32).map(_many))


@dataclass(frozen=True)
class Step:
    """One command: the room before (time's consequences already in it), and what came of it."""

    before: Room
    command: Command
    now_ms: int
    events: tuple[Event, ...]
    refused: Code | None
    after: Room


def walk(chosen: Options, numbers: list[Numbers]) -> Iterator[Step]:
    """Carries the steps out. Lets everything but Refused through."""
    now_ms = 1_000
    room = fold(None, decide(None, OpenRoom("room", "epoch", chosen), now_ms))
    assert room is not None
    for kind, pause_ms, side, number in [("sit", 0, 0, 0), ("sit", 0, 1, 1), *numbers]:
        now_ms = max(now_ms + pause_ms, room.at_ms)
        command = _command(room, kind, side, number, now_ms)
        if not isinstance(command, NoteOutage):
            while events := late_consequences(room, now_ms, is_occupied=True):
                room = _stepped(room, events)
                yield Step(room, CheckTime(is_occupied=True), now_ms, (), None, room)
        try:
            events, refused = decide(room, command, now_ms), None
        except Refused as refusal:
            events, refused = (), refusal.code
        after = _stepped(room, events)
        yield Step(room, command, now_ms, events, refused, after)
        room = after


def _stepped(room: Room, events: tuple[Event, ...]) -> Room:
    after = fold(room, events)
    assert after is not None
    return after


def _command(room: Room, kind: str, side: int, number: int, now_ms: int) -> Any:
    color, game_id = COLORS[side], f"game at {room.version}"
    offer = KINDS_OF_OFFER[number % 3]
    match kind:
        case "sit":
            player = f"player {number % 5}"
            wish = (WHITE, BLACK, None)[number % 3]
            by_socket = number % 7 > 0
            return TakeSeat(wish, player, f"hash of {player}", player, bool(number % 2), by_socket, game_id, number)
        case "move":
            legal = sorted(map(str, room.game.position.board.legal_moves)) if room.game else []
            uci = legal[number % len(legal)] if legal else "e2e4"
            mover = room.game.turn if room.game and number % 11 else color
            ply = room.game.ply + 1 if room.game and number % 2 else None
            return PlayMove(mover, uci, ply, offer_draw=number % 13 == 0, lag_ms=number % 3_000)
        case "again":
            plies = room.game.plies if room.game else ()
            ply = number % (len(plies) + 2)
            return PlayMove(color, plies[ply - 1].uci if 1 <= ply <= len(plies) else "e2e4", ply)
        case "nonsense":
            return PlayMove(color, NONSENSE[number % len(NONSENSE)], number % 5 - 2, lag_ms=0)
        case "resign":
            return Abort(color) if number % 2 else Resign(color)
        case "offer":
            return Offer(color, offer, game_id, number)
        case "accept":
            standing = next((kind for kind in KINDS_OF_OFFER if room.offers.by(kind)), offer)
            return Accept(color, standing if number % 5 else offer, game_id, number)
        case "decline":
            return Decline(color, offer)
        case "claim":
            legal = sorted(map(str, room.game.position.board.legal_moves)) if room.game else []
            uci = [*legal, *NONSENSE][number % len([*legal, *NONSENSE])] if number % 2 else None
            return Claim(color, "victory" if number % 3 == 0 else "draw", uci)
        case "give":
            return AddTime(color, 1 + number % 60_000)
        case "chat":
            return Say(color, "player", f"line {number}")
        case "away":
            return NoteAway(color, now_ms - number % 3_000, on_purpose=number % 2 == 0)
        case "back":
            return NoteBack(color)
        case "outage":
            return NoteOutage(now_ms - number % 100_000, now_ms - number % 7)
        case _:
            return CheckTime(is_occupied=number % 2 == 0)
