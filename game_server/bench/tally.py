"""What listeners have counted: what came, when, and what was wrong with it."""

import copy
from array import array
from dataclasses import dataclass, field
from typing import Self


def seconds() -> "array[float]":
    return array("d")


@dataclass(slots=True)
class Tally:
    """Over all connections of one kind. Times are taken only while `is_measuring`; faults always."""

    connections: int = 0
    events: int = 0             # versioned frames heard
    received_bytes: int = 0     # on the sockets: framing, pings and everything
    missing: int = 0
    doubled: int = 0
    disordered: int = 0
    lost: int = 0               # connections that the server ended
    why_lost: str = ""          # the first of their close codes, and its reason
    is_measuring: bool = False
    delays_s: "array[float]" = field(default_factory=seconds)     # from the move's sending to its arrival here

    def since(self, start: Self) -> Self:
        """What came after `start`, a copy of this one."""
        later = copy.copy(self)
        later.events -= start.events
        later.received_bytes -= start.received_bytes
        return later

    def add(self, other: Self) -> None:
        for name in ("connections", "events", "received_bytes", "missing", "doubled", "disordered", "lost"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.why_lost = self.why_lost or other.why_lost
        self.delays_s.extend(other.delays_s)

    @property
    def faults(self) -> int:
        return self.missing + self.doubled + self.disordered


@dataclass(slots=True)
class Score:
    """What the tables of one process have played and their listeners heard."""

    moves: int = 0
    games: int = 0
    refused: int = 0            # commands answered with an error
    why_refused: str = ""
    cpu_s: float = 0.0          # of the process that played them
    players: Tally = field(default_factory=Tally)
    ws: Tally = field(default_factory=Tally)
    sse: Tally = field(default_factory=Tally)
    polls: Tally = field(default_factory=Tally)
    latencies_s: "array[float]" = field(default_factory=seconds)  # from a move's sending until both players have it
    frame_bytes: "array[int]" = field(default_factory=lambda: array("L"))     # of `move` frames, as text

    @property
    def tallies(self) -> dict[str, Tally]:
        return {"players": self.players, "ws": self.ws, "sse": self.sse, "polls": self.polls}

    def measure(self, is_on: bool) -> None:
        for tally in self.tallies.values():
            tally.is_measuring = is_on

    def since(self, start: "Score") -> "Score":
        later = copy.copy(self)
        for name in ("moves", "games", "cpu_s"):
            setattr(later, name, getattr(self, name) - getattr(start, name))
        for name, tally in self.tallies.items():
            setattr(later, name, tally.since(start.tallies[name]))
        return later

    def add(self, other: "Score") -> None:
        for name in ("moves", "games", "refused", "cpu_s"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.why_refused = self.why_refused or other.why_refused
        for name, tally in self.tallies.items():
            tally.add(other.tallies[name])
        self.latencies_s.extend(other.latencies_s)
        self.frame_bytes.extend(other.frame_bytes)

    @property
    def faults(self) -> int:
        """Events that were missing, doubled or out of order, over all feeds."""
        return sum(tally.faults for tally in self.tallies.values())
