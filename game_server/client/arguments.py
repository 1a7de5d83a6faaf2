"""What `tabiya bot` and `tabiya bot match` understand, and their help."""

import argparse
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

from game_server.client.online import ALL_VARIANTS, CLOCKED, FAST_TO_SLOW
from game_server.client.openings import LINES
from game_server.wire.requests import TOKEN_PATTERN

TOKEN_VARIABLE: Final = "TABIYA_TOKEN"
VARIANTS: Final = ("standard", "chess960")

BOT_HELP: Final = """\
Lets a UCI engine play on any Tabiya server.

In a room: URL is the room's page (http://localhost:8000/room/mine), its WebSocket, or a server, with ROOM or without:
then a new room is opened, and the link for the opponent is printed.

Online: with the token of a bot's account (tabiya token NAME --bot) and a server without ROOM, it waits for challenges,
from browsers and from other bots, and plays several games at once. What it does not want is declined with the reason.

The bot keeps its seats when the connection or the server is lost, and its engine is started again if it crashes; an
engine that crashes again and again on one move gives that game up. A bot that was stopped goes on with its games when
it is started again before their time runs out.

tabiya bot match --help: a match between two engines.
"""
MATCH_HELP: Final = """\
Lets two engines play a match on a running server. Games come in pairs, with one opening and both colours; each table is
a room that anyone can watch live in a browser (the link is printed). At the end: the score, the difference in Elo with
error bars, and the PGN of all games.
"""
EXAMPLES: Final = """\
examples:
  tabiya bot http://localhost:8000/room/mine                 Stockfish takes the free seat
  tabiya bot --skill 3 --color black --time 5+3 http://localhost:8000
  tabiya bot --engine "lc0 --threads=2" --option MinibatchSize=32 http://localhost:8000/room/mine
  TABIYA_TOKEN=acct_... tabiya bot http://localhost:8000     online, as that account
  tabiya bot --token acct_... --speeds blitz,rapid --against people --at-once 4 https://chess.example.org
"""
MATCH_EXAMPLES: Final = """\
examples:
  tabiya bot match --first-skill 5 --second-skill 3 --games 20 --time 1+1
  tabiya bot match --second random --games 4 --time 0.5+0.5 http://localhost:8000
  tabiya bot match --variant chess960 --games 50 --time 0.5+0.5
  tabiya bot match --first ./new --second ./old --openings book.pgn --concurrency 2 --games 200
"""


def with_tokens_joined(words: Iterable[str]) -> list[str]:
    """The words with `--token X` as `--token=X`, if X looks like one: argparse takes an X that begins with a dash for
    another option, and one of 64 tokens that browsers make does."""
    joined: list[str] = []
    for word in words:
        if joined and joined[-1] == "--token" and re.fullmatch(TOKEN_PATTERN, word):
            joined[-1] = f"--token={word}"
        else:
            joined.append(word)
    return joined


def bot_parser() -> argparse.ArgumentParser:
    form = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(
        prog="tabiya bot", description=BOT_HELP, epilog=EXAMPLES, formatter_class=form
    )
    parser.add_argument("url", metavar="URL", help="the room's page or WebSocket, or the server")
    parser.add_argument("room", metavar="ROOM", nargs="?", help="the room's id, if URL is a server")
    seat = parser.add_argument_group("the seat")
    seat.add_argument("--name", help="what the opponent sees (default: the engine's name and its strength)")
    seat.add_argument("--color", choices=("white", "black", "random"), help="wished for (default: random)")
    seat.add_argument("--time", help="if this opens the room: 5+3, 3d or unlimited (default)")
    seat.add_argument("--variant", help="if this opens the room: standard (default) or chess960")
    seat.add_argument(
        "--token", help=f"leads back to a seat; or an account's: it sits down as that (or set {TOKEN_VARIABLE})"
    )
    seat.add_argument("--rematches", default="all", metavar="N|all", help="how many to accept (default: all)")
    seat.add_argument("--no-takebacks", action="store_true", help="decline them (default: agree)")
    _add_terms(parser.add_argument_group("online, with an account's token: which challenges to accept"))
    _add_engine(parser.add_argument_group("the engine"), "", "the engine")
    _add_pace(parser)
    return parser


def _add_terms(group: "argparse._ArgumentGroup") -> None:
    group.add_argument(
        "--at-once", type=_positive, default=2, metavar="N",
        help="games at once, each with an engine of its own; more are declined with 'later' (default: %(default)s)",
    )  # fmt: skip
    group.add_argument(
        "--speeds", type=_choices(FAST_TO_SLOW), default=CLOCKED, metavar="LIST",
        help=f"of {','.join(FAST_TO_SLOW)} (default: all but the last two)",
    )  # fmt: skip
    group.add_argument(
        "--variants", type=_choices(ALL_VARIANTS), default=ALL_VARIANTS, metavar="LIST",
        help=f"of {','.join(ALL_VARIANTS)} (default: all)",
    )  # fmt: skip
    group.add_argument("--against", choices=("all", "people", "bots"), default="all", help="(default: all)")


def match_parser() -> argparse.ArgumentParser:
    form = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(
        prog="tabiya bot match", description=MATCH_HELP, epilog=MATCH_EXAMPLES, formatter_class=form
    )
    parser.add_argument(
        "url", metavar="URL", nargs="?", default="http://localhost:8000", help="the server (default: %(default)s)"
    )
    parser.add_argument("--games", type=_positive, default=10, metavar="N", help="how many (default: %(default)s)")
    parser.add_argument("--time", default="1+1", help="minutes + seconds a move (default: %(default)s)")
    parser.add_argument(
        "--variant", choices=VARIANTS, default="standard", help="chess960: a start position for each pair of games"
    )
    parser.add_argument("--concurrency", type=_positive, default=1, metavar="N", help="games at once (default: 1)")
    parser.add_argument(
        "--openings", type=Path, metavar="FILE",
        help=f".pgn, or lines of moves (SAN or UCI) or FENs (default: {len(LINES)} well-known lines of four moves; in "
        "chess960 its start positions, in random order)",
    )  # fmt: skip
    parser.add_argument(
        "--pgn", type=Path, default=Path("match.pgn"), metavar="FILE", help="games are added to it (default: match.pgn)"
    )
    parser.add_argument("--private", action="store_true", help="only who has the link can watch; not in the lobby")
    for which in ("first", "second"):
        group = parser.add_argument_group(f"the {which} player")
        group.add_argument(f"--{which}-name", metavar="NAME", help="what spectators see")
        _add_engine(group, f"{which}-", f"the {which} engine")
    _add_pace(parser)
    return parser


def _add_engine(group: "argparse._ArgumentGroup", prefix: str, what: str) -> None:
    engine = f"--{prefix}engine"
    flags = (f"--{prefix.rstrip('-')}", engine) if prefix else (engine,)
    group.add_argument(
        *flags, dest=f"{prefix}engine".replace("-", "_"), default="stockfish", metavar="CMD",
        help=f"the command that starts {what}, or `random` for any legal move (default: stockfish)",
    )  # fmt: skip
    group.add_argument(f"--{prefix}skill", type=int, metavar="N", help="its option Skill Level (Stockfish: 0 to 20)")
    group.add_argument(f"--{prefix}elo", type=int, metavar="N", help="its option UCI_Elo, with UCI_LimitStrength")
    group.add_argument(
        f"--{prefix}option", action="append", type=_option, default=[], metavar="NAME=VALUE",
        help="any UCI option; may be repeated",
    )  # fmt: skip


def _add_pace(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("time and manners")
    group.add_argument(
        "--move-time", type=float, default=1.0, metavar="S", help="seconds a move where no clock runs (default: 1)"
    )
    group.add_argument("--nodes", type=_positive, metavar="N", help="search no more nodes a move")
    group.add_argument("--depth", type=_positive, metavar="N", help="search no deeper")
    group.add_argument(
        "--margin", type=int, default=100, metavar="MS", help="kept on the clock for the way, a move (default: 100)"
    )
    group.add_argument(
        "--resign", type=_score, default=900, metavar="CP|never", help="so far behind for 4 moves (default: 900)"
    )
    group.add_argument(
        "--draw", type=_score, default=20, metavar="CP|never",
        help="late in the game, draws are accepted within so many centipawns (default: 20)",
    )  # fmt: skip
    parser.add_argument("--verbose", action="store_true", help="tell of reconnects and restarts of the engine")


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be 1 or more")
    return number


def _choices(possible: tuple[str, ...]) -> Callable[[str], tuple[str, ...]]:
    """Reads a list of some of `possible`, separated by commas."""

    def chosen(text: str) -> tuple[str, ...]:
        names = tuple(part.strip() for part in text.split(","))
        for name in names:
            if name not in possible:
                raise argparse.ArgumentTypeError(f"{name!r} is none of {', '.join(possible)}")
        return names

    return chosen


def _score(text: str) -> int | None:
    return None if text == "never" else int(text)


def _option(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise argparse.ArgumentTypeError(f"an option is NAME=VALUE; got {text!r}")
    return name, value
