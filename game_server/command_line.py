"""The command line: what `tabiya` understands."""

import argparse
import logging
import ssl
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from game_server import logs, tokens, upkeep
from game_server import serve as serving
from game_server.settings import Settings
from game_server.store.dialect import CannotOpen

logger = logging.getLogger("tabiya")

EXIT_USAGE = 2
EXIT_CANNOT_OPEN = 1


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command; its exit status."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    if not words or (words[0].startswith("-") and words[0] not in ("-h", "--help")):
        words.insert(0, "serve")
    if words[0] == "bot":
        from game_server.client import cli as bot  # a server's start need not wait for it

        return bot.main(words[1:])
    if words[0] == "bench":
        from game_server.bench import cli as bench

        return bench.main(words[1:])
    parsed = vars(_parser().parse_args(words))
    command = parsed.pop("command")
    if command == "token":
        return tokens.run(**parsed)
    if command in ("backup", "restore", "check"):
        return upkeep.run(command, **parsed)
    return serve({name: value for name, value in parsed.items() if value is not None})


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="tabiya",
        description="A chess server you run yourself. Without a command it serves.",
        epilog="tabiya serve --help lists every setting. Stop the server with Ctrl-C: no game is lost.",
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    server = commands.add_parser(
        "serve",
        help="start the server (the default)",
        description="Starts the server. Every option can also be set in the environment, in upper case with the prefix "
        "TABIYA_ (--first-move-blitz-s 20 is TABIYA_FIRST_MOVE_BLITZ_S=20).",
    )
    commands.add_parser("bot", help="let an engine play in a room, or two engines a match", add_help=False)
    commands.add_parser("bench", help="measure how fast it is, and whether anything gets lost", add_help=False)
    for name, field in Settings.model_fields.items():
        default = "none" if field.default in (None, frozenset()) else field.default
        if isinstance(field.default, frozenset) and field.default:
            default = ",".join(sorted(field.default))
        if isinstance(field.default, bool):
            default = "on" if field.default else "off"
        server.add_argument(
            f"--{name.replace('_', '-')}",
            dest=name,
            help=f"{field.description} (default: {default})",
            **_form(field.annotation, field.default),
        )
    tokens.add_arguments(commands)
    upkeep.add_arguments(commands)
    return parser


def _form(annotation: Any, default: Any) -> dict[str, Any]:
    if isinstance(default, bool):
        return {"nargs": "?", "const": "on", "metavar": "on|off"}
    return {"metavar": {int: "N", int | None: "N", float: "S", Path | None: "FILE"}.get(annotation, "TEXT")}


def serve(chosen: dict[str, str]) -> int:
    """Serves until stopped. Exit status 0 after a clean stop, 2 for bad settings, 1 if it cannot start."""
    try:
        settings = Settings(**chosen)  # type: ignore[arg-type]  # texts: pydantic reads them as in the environment
    except ValidationError as invalid:
        for fault in invalid.errors():
            option = ".".join(str(part) for part in fault["loc"]).replace("_", "-")
            place = f"--{option}" if option else "settings"
            print(f"tabiya: {place}: {fault['msg'].removeprefix('Value error, ')}", file=sys.stderr)
        return EXIT_USAGE
    logs.start(settings.log_level, settings.log_format)
    try:
        return serving.run(settings)
    except KeyboardInterrupt:       # before the server took over the signals
        return 0
    except ssl.SSLError as error:
        return _cannot_start(settings, f"the certificate or its key cannot be used: {error}")
    except (CannotOpen, OSError) as error:
        return _cannot_start(settings, str(error))


def _cannot_start(settings: Settings, reason: str) -> int:
    if settings.log_format == "json":
        logger.critical("cannot start: %s", reason)
    else:
        print(f"tabiya: cannot start: {reason}", file=sys.stderr)
    return EXIT_CANNOT_OPEN
