"""What an experiment tells: a row of the table of promises."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import TypeVar

Value = TypeVar("Value")


class NotTried(Exception):  # noqa: N818 - what it says
    """What an experiment needs is not there; says what."""


@dataclass(frozen=True)
class Finding:
    """One fault, what is promised about it, and what came of it."""

    fault: str
    promised: str
    measured: str
    is_kept: bool

    @property
    def row(self) -> str:
        """As a line of a Markdown table."""
        return f"| {self.fault} | {self.promised} | {self.measured}{'' if self.is_kept else ' **broken**'} |"


@dataclass(frozen=True)
class Size:
    """How much is tried: what a test run has time for, or all of it."""

    is_full: bool

    def of(self, small: Value, full: Value) -> Value:
        return full if self.is_full else small


Experiment = Callable[[Size], AsyncIterator[Finding]]
HEAD = "| fault | promised | measured |\n|---|---|---|"
