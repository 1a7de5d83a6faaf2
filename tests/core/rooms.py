"""Rooms for the tests of core: given (what has happened), when (a command at a time), then (events or a refusal).

Instants are small: every room is opened at 0.
"""

from collections.abc import Callable
from typing import Any

import pytest

from game_server.core.board import checked_fen
from game_server.core.clock import parse_time_control
from game_server.core.commands import (
    Accept,
    Claim,
    Command,
    Decline,
    NoteAway,
    NoteBack,
    NoteOutage,
    Offer,
    OpenRoom,
    PlayMove,
    TakeSeat,
)
from game_server.core.consequences import late_consequences
from game_server.core.decide import decide
from game_server.core.events import Event
from game_server.core.evolve import fold
from game_server.core.ids import BLACK, WHITE, Color
from game_server.core.options import FIRST_MOVE_MS, GRACE_MS, Options
from game_server.core.refusals import Code, Refused
from game_server.core.room import Room

Step = Callable[[Room], Room]
NAMES = {WHITE: "Anna", BLACK: "Boris"}


def options(time: str = "unlimited", *, variant: str = "standard", fen: str | None = None, **more: Any) -> Options:
    """What the edge makes of a request: the defaults by speed filled in, the FEN checked."""
    control = parse_time_control(time)
    limits = {"grace_ms": GRACE_MS[control.speed], "first_move_ms": FIRST_MOVE_MS[control.speed]}
    start = checked_fen(variant, fen, more.get("rules", "lichess")) if fen else None
    return Options(time=control, variant=variant, fen=start, **(limits | more))


def take_seat(color: Color | None, *, player: str | None = None, chance: int = 0, by_socket: bool = True) -> TakeSeat:
    player = player or (color or "someone")
    name = NAMES.get(color or "", player)
    return TakeSeat(color, player, f"hash of {player}", name, False, by_socket, "g1", chance)


def opened(time: str = "unlimited", **more: Any) -> Room:
    """A room that waits for both players."""
    room = fold(None, decide(None, OpenRoom("room", "epoch", options(time, **more)), 0))
    assert room is not None
    return room


def started(time: str = "unlimited", *, chance: int = 0, **more: Any) -> Room:
    """A room whose first game has just begun, between the players "white" and "black"."""
    return given(
        opened(time, **more), did(take_seat(WHITE), at_ms=0), did(take_seat(BLACK, chance=chance), at_ms=0)
    )


def given(room: Room, *steps: Step) -> Room:
    for step in steps:
        room = step(room)
    return room


def when(room: Room, command: Command, at_ms: int) -> tuple[Event, ...]:
    """What `decide` says: the command's events, or only those that time has caused before it."""
    return decide(room, command, at_ms)


def refused(room: Room, command: Command, at_ms: int) -> Code:
    """The code with which `command` is refused."""
    with pytest.raises(Refused) as refusal:
        decide(room, command, at_ms)
    assert refusal.value.message, "a refusal says in a sentence what would be right"
    return refusal.value.code


def did(command: Command, *, at_ms: int) -> Step:
    """`command` as a live room carries it out: what time has caused comes first."""

    def step(room: Room) -> Room:
        room = settled(room, at_ms)
        after = fold(room, decide(room, command, max(at_ms, room.at_ms)))
        assert after is not None
        return after

    return step


def settled(room: Room, at_ms: int) -> Room:
    """`room` after everything that time alone has caused by `at_ms`."""
    after = fold(room, late_consequences(room, at_ms, is_occupied=True))
    assert after is not None
    return after


def white(uci: str, *, at_ms: int, **more: Any) -> Step:
    return did(PlayMove(WHITE, uci, **more), at_ms=at_ms)


def black(uci: str, *, at_ms: int, **more: Any) -> Step:
    return did(PlayMove(BLACK, uci, **more), at_ms=at_ms)


def moves(sans: str, *, at_ms: int = 0) -> Step:
    """Moves in standard notation, in turn, all at one moment."""

    def step(room: Room) -> Room:
        for san in sans.split():
            assert room.game is not None
            uci = room.game.position.board.parse_san(san).uci()
            room = did(PlayMove(room.game.turn, uci), at_ms=at_ms)(room)
        return room

    return step


def offer(color: Color, kind: Any, game_id: str = "g2", chance: int = 0) -> Offer:
    return Offer(color, kind, game_id, chance)


def accept(color: Color, kind: Any, game_id: str = "g2", chance: int = 0) -> Accept:
    return Accept(color, kind, game_id, chance)


def offered(color: Color, kind: Any, *, at_ms: int = 0) -> Step:
    return did(offer(color, kind), at_ms=at_ms)


def accepted(color: Color, kind: Any, *, at_ms: int = 0) -> Step:
    return did(accept(color, kind), at_ms=at_ms)


def declined(color: Color, kind: Any, *, at_ms: int = 0) -> Step:
    return did(Decline(color, kind), at_ms=at_ms)


def claim(color: Color, kind: Any = "draw", uci: str | None = None) -> Claim:
    return Claim(color, kind, uci)


def gone(color: Color, *, at_ms: int, lost_ms: int | None = None, on_purpose: bool = False) -> Step:
    lost_ms = at_ms if lost_ms is None else lost_ms
    return did(NoteAway(color, lost_ms=lost_ms, on_purpose=on_purpose), at_ms=at_ms)


def back(color: Color, *, at_ms: int) -> Step:
    return did(NoteBack(color), at_ms=at_ms)


def down(from_ms: int, until_ms: int) -> Step:
    """The server was down, and notices it before it looks at anything else."""

    def step(room: Room) -> Room:
        after = fold(room, decide(room, NoteOutage(from_ms, until_ms), until_ms))
        assert after is not None
        return after

    return step


def outcome(room: Room) -> tuple[str | None, str | None]:
    """Why and for whom the game has ended: (reason, winner's colour), or (None, None) while it goes on."""
    assert room.game is not None
    return room.game.reason, room.game.winner
