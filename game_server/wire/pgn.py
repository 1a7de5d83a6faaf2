"""A game in Portable Game Notation (PGN Standard, 1994; `%clk` as the later supplement defines it).

Tags follow lichess's exports, so that other programs find the start position, the time control and how it ended.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Final

from game_server.core.clock import TimeControl
from game_server.core.events import Reason
from game_server.core.options import Options
from game_server.core.position import STANDARD_FEN
from game_server.core.room import Game, Seat

WIDTH: Final = 80  # PGN 4.3: lines of the movetext have fewer than 80 characters, the line feed counted
_VARIANTS: Final = {"standard": "From Position", "chess960": "Chess960"}  # as lichess calls them
_TERMINATIONS: Final[dict[Reason, str]] = {  # all others are Normal (PGN 9.8.1)
    "timeout": "Time forfeit",
    "timeout_insufficient_material": "Time forfeit",
    "abandonment": "Abandoned",
    "aborted": "Abandoned",
}


def pgn(game: Game, white: Seat, black: Seat, options: Options, *, site: str) -> str:
    """`game` as far as it has come, between the players who had these seats; `site` is where it was played, a URL."""
    tags = "".join(f'[{name} "{_escaped(value)}"]\n' for name, value in _tags(game, white, black, options, site))
    words = [*_moves(game, has_clocks=options.time.is_timed), game.result or "*"]
    return f"{tags}\n{_wrapped(words)}\n"


def _tags(game: Game, white: Seat, black: Seat, options: Options, site: str) -> Iterator[tuple[str, str]]:
    started = datetime.fromtimestamp(game.started_ms / 1_000, UTC)
    yield "Event", "Tabiya game"
    yield "Site", site
    yield "Date", started.strftime("%Y.%m.%d")
    yield "Round", "-"
    yield "White", white.name
    yield "Black", black.name
    yield "Result", game.result or "*"
    yield "GameId", game.id
    yield "UTCDate", started.strftime("%Y.%m.%d")
    yield "UTCTime", started.strftime("%H:%M:%S")
    if options.variant != "standard" or game.initial_fen != STANDARD_FEN:
        yield "Variant", _VARIANTS[options.variant]
        yield "SetUp", "1"
        yield "FEN", game.initial_fen
    for name, seat in (("WhiteTitle", white), ("BlackTitle", black)):
        if seat.is_bot:
            yield name, "BOT"
    yield "TimeControl", _time_control(options.time)
    yield "Termination", _TERMINATIONS.get(game.reason, "Normal") if game.reason else "Unterminated"


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"')


def _time_control(control: TimeControl) -> str:
    """Seconds and increment (`300+3`), one move in so many seconds (`1/259200`), or none (`-`)."""
    if control.is_correspondence:
        return f"1/{control.per_move_ms // 1_000}"
    if control.is_unlimited:
        return "-"
    return f"{_seconds(control.initial_ms)}+{_seconds(control.increment_ms)}"


def _seconds(ms: int) -> str:
    return f"{ms / 1_000:.3f}".rstrip("0").rstrip(".")


def _moves(game: Game, *, has_clocks: bool) -> Iterator[str]:
    """Move numbers, moves, and the mover's clock after each, every one in a piece that no line break may divide."""
    fields = game.initial_fen.split()
    number, is_white = int(fields[5]), fields[1] == "w"
    needs_number = True
    for ply in game.plies:
        if is_white or needs_number:
            yield f"{number}{'.' if is_white else '...'}"
        yield ply.san
        left_ms = ply.white_ms if is_white else ply.black_ms
        needs_number = has_clocks and left_ms is not None  # a comment stands between the moves
        if has_clocks and left_ms is not None:
            yield f"{{ [%clk {_clock(left_ms)}] }}"
        number, is_white = number + (not is_white), not is_white


def _clock(ms: int) -> str:
    """h:mm:ss, as lichess and python-chess read it, with the part of the second that was left."""
    seconds, rest_ms = divmod(ms, 1_000)
    fraction = f".{rest_ms:03d}".rstrip("0") if rest_ms else ""
    return f"{seconds // 3_600}:{seconds // 60 % 60:02d}:{seconds % 60:02d}{fraction}"


def _wrapped(words: Iterable[str]) -> str:
    lines = [""]
    for word in words:
        if lines[-1] and len(lines[-1]) + 1 + len(word) >= WIDTH:
            lines.append(word)
        else:
            lines[-1] += f" {word}" if lines[-1] else word
    return "\n".join(lines)
