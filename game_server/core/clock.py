"""Chess clocks as arithmetic.

Nothing here knows what time it is: callers pass `now_ms`. All durations and instants are integer milliseconds; instants
are Unix time, so that two workers and a restarted one agree.

Rules: FIDE Laws of Chess (2023) 6.2-6.9 for the clock. Lag compensation follows lichess (scalachess, LagTracker): a
move is given back its lag out of a quota that every move refills.
"""

import re
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from typing import Final, Literal, NamedTuple

from game_server.core.ids import BLACK, WHITE, Color
from game_server.core.refusals import Code, Refused

Speed = Literal["ultra-bullet", "bullet", "blitz", "rapid", "classical", "correspondence", "unlimited"]

MAX_MINUTES: Final = 1_440
MAX_INCREMENT_S: Final = 600
MAX_DAYS: Final = 366
LEAST_INITIAL_MS: Final = 3_000  # an increment-only game starts with its increment or this, whichever is more
DAY_MS: Final = 86_400_000
FLAG_GRACE_MS: Final = 2_000  # lag holds a flag up for no longer than this (scalachess Clock: 2 s)
MAX_REMAINING_MS: Final = DAY_MS  # giving time stops here

# Upper bounds of limit + 40 increments, in seconds (lichess Speed.scala).
SPEEDS: Final[tuple[tuple[int, Speed], ...]] = ((30, "ultra-bullet"), (180, "bullet"), (480, "blitz"), (1_500, "rapid"))


@dataclass(frozen=True, slots=True)
class TimeControl:
    """How much time the players have; `text` is how people write it and is what is stored.

    Exactly one of: unlimited (all zero), correspondence (`per_move_ms`), Fischer (`initial_ms` and `increment_ms`).
    `lag_gain_ms` is by how much each move refills the lag quota, as on lichess: min(100, estimate_s * 2/5 + 15)
    centiseconds.
    """

    text: str
    initial_ms: int = 0
    increment_ms: int = 0
    per_move_ms: int = 0
    lag_gain_ms: int = field(init=False, repr=False, compare=False)     # asked for with every move

    def __post_init__(self) -> None:
        object.__setattr__(self, "lag_gain_ms", min(1_000, (self._estimate_ms * 2 // 5) // 100 + 150))

    @property
    def is_unlimited(self) -> bool:
        return self.initial_ms == 0 and self.per_move_ms == 0

    @property
    def is_correspondence(self) -> bool:
        return self.per_move_ms > 0

    @property
    def is_timed(self) -> bool:
        """Played in one sitting against the clock: first-move limits and increments apply."""
        return self.initial_ms > 0

    @property
    def start_ms(self) -> int:
        """What each clock shows at the start."""
        return self.per_move_ms or self.initial_ms

    @property
    def speed(self) -> Speed:
        if self.is_correspondence:
            return "correspondence"
        if self.is_unlimited:
            return "unlimited"
        estimate_s = self._estimate_ms // 1_000
        return next((speed for bound_s, speed in SPEEDS if estimate_s < bound_s), "classical")

    @property
    def _estimate_ms(self) -> int:
        return self.limit_ms + 40 * self.increment_ms

    @property
    def limit_ms(self) -> int:
        """The minutes as written: zero in an increment-only game, although its clocks start above it."""
        return 0 if self.text.startswith("0+") else self.initial_ms


UNLIMITED: Final = TimeControl("unlimited")
_NUMBER: Final = r"[0-9]{0,4}(?:[0-9]|\.[0-9]{1,6})"
_HOW_TO_WRITE_TIME: Final = (
    f"time is minutes+seconds like 5+3 or 0.5+0 (up to {MAX_MINUTES} minutes and {MAX_INCREMENT_S} seconds, not 0+0), "
    f"days per move like 3d (1d to {MAX_DAYS}d), or unlimited"
)


@lru_cache(1_024)
def parse_time_control(text: str) -> TimeControl:
    """The time control that `text` names: `5+3`, `0.5+0`, `3d` or `unlimited`; a space counts as plus.

    Raises Refused(BAD_MESSAGE) with a sentence that says what would be right.
    """
    if text == "unlimited":
        return UNLIMITED
    control = _correspondence(text) if text.endswith("d") else _fischer(text)
    if control is None:
        raise Refused(Code.BAD_MESSAGE, f"{_HOW_TO_WRITE_TIME}; got {text[:32]!r}")
    return control


def _correspondence(text: str) -> TimeControl | None:
    if not re.fullmatch(r"[0-9]{1,4}d", text) or not 1 <= int(text[:-1]) <= MAX_DAYS:
        return None
    return TimeControl(f"{int(text[:-1])}d", per_move_ms=int(text[:-1]) * DAY_MS)


def _fischer(text: str) -> TimeControl | None:
    written = re.fullmatch(rf"({_NUMBER})[+ ]({_NUMBER})", text)
    if written is None:
        return None
    limit, increment = Decimal(written[1]), Decimal(written[2])
    limit_ms, increment_ms = round(limit * 60_000), round(increment * 1_000)
    if limit > MAX_MINUTES or increment > MAX_INCREMENT_S or limit_ms + increment_ms == 0:
        return None
    initial_ms = limit_ms or max(increment_ms, LEAST_INITIAL_MS)
    return TimeControl(f"{_plain(limit, limit_ms)}+{_plain(increment, increment_ms)}", initial_ms, increment_ms)


def _plain(number: Decimal, ms: int) -> str:
    """`number` in its shortest form, which parses to the same; 0 if it is less than half a millisecond."""
    return f"{number.normalize():f}" if ms else "0"


class Clock(NamedTuple):
    """Both sides' remaining time as of `since_ms`; only `running`'s goes down from there.

    `white_quota_ms` and `black_quota_ms`: how much lag can still be given back. `white_lag_ms` and `black_lag_ms`: each
    side's lag as of its last move, by which its flag waits.
    """

    white_ms: int
    black_ms: int
    running: Color | None
    since_ms: int
    white_quota_ms: int = 0
    black_quota_ms: int = 0
    white_lag_ms: int = 0
    black_lag_ms: int = 0

    def of(self, color: Color) -> int:
        return self.white_ms if color == WHITE else self.black_ms

    def quota_ms(self, color: Color) -> int:
        return self.white_quota_ms if color == WHITE else self.black_quota_ms


def fresh_clock(control: TimeControl, now_ms: int, *, compensate: bool) -> Clock | None:
    """The clock at the start of a game, standing; None if the game is unlimited."""
    if control.is_unlimited:
        return None
    quota_ms = 3 * control.lag_gain_ms if compensate and control.is_timed else 0
    return Clock(control.start_ms, control.start_ms, None, now_ms, quota_ms, quota_ms)


def remaining_ms(clock: Clock, color: Color, now_ms: int) -> int:
    """Time left for `color` at `now_ms`; may be negative, by how much the flag is overdue.

    `now_ms` must not precede the start of the turn; callers clamp it (see LiveRoom.now_ms).
    """
    return clock.of(color) - (now_ms - clock.since_ms if clock.running == color else 0)


def flag_at_ms(clock: Clock) -> int | None:
    """When the running side's flag falls; None while no clock runs.

    It waits after zero for that side's last measured lag, within its quota and FLAG_GRACE_MS.
    """
    if clock.running is None:
        return None
    if clock.running == WHITE:
        return clock.since_ms + clock.white_ms + min(clock.white_lag_ms, clock.white_quota_ms, FLAG_GRACE_MS)
    return clock.since_ms + clock.black_ms + min(clock.black_lag_ms, clock.black_quota_ms, FLAG_GRACE_MS)


def given_back_ms(clock: Clock, color: Color, lag_ms: int, now_ms: int) -> int:
    """How much of its lag a move of `color` at `now_ms` is given back: all that its quota holds, never more than the
    turn took; and a move within the flag's grace at least what keeps one millisecond on the clock.

    `now_ms` must precede `flag_at_ms`.
    """
    if clock.running != color:
        return 0
    overdue_ms = max(0, 1 - remaining_ms(clock, color, now_ms))
    return min(max(min(lag_ms, clock.quota_ms(color)), overdue_ms), now_ms - clock.since_ms)


def left_after_move_ms(clock: Clock, control: TimeControl, color: Color, now_ms: int, given_ms: int) -> int:
    """What `color`'s clock shows once it has moved at `now_ms` and was given back `given_ms`: its increment earned, in
    correspondence the whole time again; unchanged by a first move, for which no clock ran.
    """
    if control.is_correspondence:
        return control.per_move_ms
    if clock.running != color:
        return clock.of(color)
    return remaining_ms(clock, color, now_ms) + given_ms + control.increment_ms


def after_move(
    clock: Clock, color: Color, now_ms: int, *, left_ms: int, lag_ms: int, given_ms: int, gain_ms: int, starts: bool
) -> Clock:
    """The clock after `color` moved at `now_ms` and has `left_ms` left: the opponent's side runs.

    `starts` says that both sides have now moved, so that a clock may run. `gain_ms` refills the lag quota, up to seven
    gains (0 where lag is not compensated).
    """
    white_ms, black_ms, running, _, white_quota_ms, black_quota_ms, white_lag_ms, black_lag_ms = clock
    if color == WHITE:
        quota_ms = min(white_quota_ms + gain_ms - given_ms, 7 * gain_ms) if running == WHITE else white_quota_ms
        runs: Color | None = BLACK if starts else None
        return Clock(left_ms, black_ms, runs, now_ms, quota_ms, black_quota_ms, lag_ms, black_lag_ms)
    quota_ms = min(black_quota_ms + gain_ms - given_ms, 7 * gain_ms) if running == BLACK else black_quota_ms
    runs = WHITE if starts else None
    return Clock(white_ms, left_ms, runs, now_ms, white_quota_ms, quota_ms, white_lag_ms, lag_ms)


def with_added(clock: Clock, color: Color, ms: int) -> Clock:
    """The clock, still running since when it ran, with `ms` more for `color`."""
    if color == WHITE:
        return clock._replace(white_ms=clock.white_ms + ms)
    return clock._replace(black_ms=clock.black_ms + ms)


def held_up(clock: Clock, ms: int) -> Clock:
    """The clock as if the last `ms` had not passed."""
    return clock._replace(since_ms=clock.since_ms + ms)


def reset(clock: Clock, white_ms: int, black_ms: int, running: Color | None, now_ms: int) -> Clock:
    """The same clock showing other times as of `now_ms`."""
    return clock._replace(white_ms=white_ms, black_ms=black_ms, running=running, since_ms=now_ms)


def stopped(clock: Clock, now_ms: int) -> Clock:
    """The clock with nobody running, showing what was left at `now_ms`, never less than zero."""
    white_ms = max(0, remaining_ms(clock, WHITE, now_ms))
    black_ms = max(0, remaining_ms(clock, BLACK, now_ms))
    return reset(clock, white_ms, black_ms, None, now_ms)
