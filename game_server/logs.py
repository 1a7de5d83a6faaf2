"""The server's log on standard error: one line an entry, as text for people or as JSON for programs.

Nobody can write a line of it for us: whatever is not printable is escaped in both formats, and the lines of a traceback
are indented (text) or one string (JSON). What entries are about stands in their templates, ids first: `room %s: …`,
`account %s: …`, `player %s`; JSON has it as fields of those names.
"""

import json
import logging
import re
import sys
import threading
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Final, Literal

LogFormat = Literal["text", "json"]

_PLACEHOLDERS: Final = re.compile(r"%(?:%|[-#0 +]*[0-9]*(?:\.[0-9]+)?[a-zA-Z])")
_SUBJECT: Final = re.compile(r"\b(room|account|player) $")
_PREFIXES: Final = {"room": "room:", "account": "account:"}     # of the names of their streams

logger = logging.getLogger("tabiya")


def escaped(text: str) -> str:
    """`text` in one printable line: what is not printable is written as Python writes it in a string."""
    if text.isprintable():
        return text
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape", "backslashreplace").decode() for char in text
    )


def subjects(record: logging.LogRecord) -> dict[str, str]:
    """Which room, account and player an entry is about, as its template says."""
    found: dict[str, str] = {}
    if not isinstance(record.args, tuple) or not isinstance(record.msg, str):
        return found
    values = iter(record.args)
    for placeholder in _PLACEHOLDERS.finditer(record.msg):
        if placeholder[0] == "%%":
            continue
        value = next(values, None)
        if subject := _SUBJECT.search(record.msg, 0, placeholder.start()):
            found.setdefault(subject[1], str(value).removeprefix(_PREFIXES.get(subject[1], "")))
    return found


class TextLines(logging.Formatter):
    """`2026-01-31 18:05:07,123 INFO tabiya.room: room abc: game_over at version 81`, by the machine's own clock.

    `worker`, where there are several, stands before the message.
    """

    def __init__(self, worker: int | None = None) -> None:
        super().__init__()
        self.worker = worker

    def format(self, record: logging.LogRecord) -> str:
        who = "" if self.worker is None else f"[worker {self.worker}] "
        head = f"{self.formatTime(record)} {record.levelname} {escaped(record.name)}: {who}"
        line = head + escaped(record.getMessage())
        return "\n  ".join((line, *map(escaped, self.trace(record))))

    def trace(self, record: logging.LogRecord) -> list[str]:
        """The lines of the entry's traceback, if it has one."""
        lines: list[str] = []
        if record.exc_info:
            lines += self.formatException(record.exc_info).split("\n")
        if record.stack_info:
            lines += record.stack_info.split("\n")
        return lines


class JsonLines(TextLines):
    """One object a line, in ASCII: time (RFC 3339, UTC), level, logger, message, and where they apply: worker, room,
    account, player, trace.
    """

    def format(self, record: logging.LogRecord) -> str:
        entry = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **({} if self.worker is None else {"worker": self.worker}),
            **subjects(record),
        }
        if trace := self.trace(record):
            entry["trace"] = "\n".join(trace)
        return json.dumps(entry)


def start(level: str, log_format: LogFormat, worker: int | None = None) -> None:
    """Logs to standard error from now on: also warnings, and whatever nobody has caught."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines(worker) if log_format == "json" else TextLines(worker))
    logging.basicConfig(level=level.upper(), handlers=[handler])
    for library in ("uvicorn.error", "websockets"):     # they repeat what we say, without the room
        logging.getLogger(library).setLevel(logging.WARNING)
    logging.captureWarnings(True)
    sys.excepthook = _uncaught
    sys.unraisablehook = _unraisable
    threading.excepthook = _ended


def _uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    logger.critical("not caught", exc_info=(kind, error, trace))


def _unraisable(unraisable: Any) -> None:
    logger.error("Exception ignored in: %r", unraisable.object, exc_info=unraisable.exc_value)


def _ended(ended: threading.ExceptHookArgs) -> None:
    if ended.exc_value is not None:
        logger.critical("a thread has ended", exc_info=ended.exc_value)
