"""Challenges as the Lichess API writes and reads them. Pure."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from game_server.core.account import is_guest, is_rematch
from game_server.core.account_events import ChallengeCreated, ColorWish
from game_server.core.board import checked_fen, checked_variant
from game_server.core.clock import UNLIMITED, TimeControl, parse_time_control
from game_server.core.ids import GameId
from game_server.core.position import STANDARD_FEN
from game_server.core.refusals import Code, Refused
from game_server.wire.computer import LEVELS
from game_server.wire.lichess import Json, speed_key, speed_name, time_control, user, variant
from game_server.wire.requests import ROOM_ID_PATTERN

_GAME_ID: Final = re.compile(ROOM_ID_PATTERN)
DEEPEST: Final = 4  # levels of objects in a body that are looked at; parameters need two (`clock.limit`)
DECLINE_REASONS: Final = {
    "generic": "I'm not accepting challenges at the moment.",
    "later": "This is not the right time for me, please ask again later.",
    "toofast": "This time control is too fast for me, please challenge again with a slower game.",
    "tooslow": "This time control is too slow for me, please challenge again with a faster game.",
    "timecontrol": "I'm not accepting challenges with this time control.",
    "rated": "Please send me a rated challenge instead.",
    "casual": "Please send me a casual challenge instead.",
    "standard": "I'm not accepting variant challenges right now.",
    "variant": "I'm not willing to play this variant right now.",
    "nobot": "I'm not accepting challenges from bots.",
    "onlybot": "I'm only accepting challenges from bots.",
}


@dataclass(frozen=True, slots=True)
class GameWish:
    """What a challenge or a seek asks for, checked: a room's options, and a colour."""

    time: TimeControl
    variant: str
    fen: str | None
    color: ColorWish


def challenge(created: ChallengeCreated, origin: str, is_online: Callable[[str], bool]) -> Json:
    """The challenge as every response and event has it."""
    time = parse_time_control(created.time)
    by = "" if is_guest(created.challenger) else created.challenger
    challenger = user(by, created.challenger_name, created.challenger_title)
    dest = user(created.dest, created.dest_name, created.dest_title)
    described: Json = {
        "id": created.id,
        "url": f"{origin}/game/{created.rematch_of}" if is_rematch(created) else f"{origin}/room/{created.id}",
        "status": "created",
        "challenger": challenger | {"online": is_online(created.challenger)},
        "destUser": dest | {"online": is_online(created.dest)},
        "variant": variant(created.variant, created.fen),
        "rated": False,
        "speed": speed_key(time),
        "timeControl": time_control(time),
        "color": created.color,
        "finalColor": created.final_color,
        "perf": {"icon": "", "name": speed_name(time)},
    }
    if created.fen is not None:
        described["initialFen"] = created.fen
    if created.rematch_of is not None:
        described["rematchOf"] = created.rematch_of
    return described


def declined(described: Json, reason: str) -> Json:
    return described | {
        "status": "declined",
        "declineReason": DECLINE_REASONS.get(reason, DECLINE_REASONS["generic"]),
        "declineReasonKey": reason,
    }


def decline_reason(text: str | None) -> str:
    """The reason's key; what is unknown or missing is `generic`."""
    key = (text or "").lower()
    return key if key in DECLINE_REASONS else "generic"


def challenge_wish(body: Mapping[str, str]) -> GameWish:
    """What a challenge's body asks for: `clock.limit` and `clock.increment` in seconds, or `days`, or neither.

    Raises Refused(BAD_MESSAGE).
    """
    limit, increment, days = body.get("clock.limit"), body.get("clock.increment"), body.get("days")
    if limit is not None or increment is not None:
        time = clock_time(_number(limit or "0", "clock.limit") / 60, _number(increment or "0", "clock.increment"))
    elif days is not None:
        time = parse_time_control(f"{days[:8]}d")
    else:
        time = UNLIMITED
    return _wish(body, time)


def rematched(body: Mapping[str, str]) -> GameId | None:
    """The game that a challenge says it repeats; what cannot be a game's id counts as nothing."""
    claimed = body.get("rematchOf", "")
    return GameId(claimed) if _GAME_ID.fullmatch(claimed) else None


def computer_wish(body: Mapping[str, str]) -> tuple[int, GameWish]:
    """The computer's level, and the game, that a challenge to it asks for. Raises Refused(BAD_MESSAGE)."""
    level = body.get("level", "")
    if level not in {str(each) for each in range(1, LEVELS + 1)}:
        raise Refused(Code.BAD_MESSAGE, f"level is a number from 1 to {LEVELS}")
    return int(level), challenge_wish(body)


def seek_wish(body: Mapping[str, str]) -> GameWish:
    """What a seek's body asks for: `time` in minutes and `increment` in seconds, or `days`.

    Raises Refused(BAD_MESSAGE).
    """
    if (days := body.get("days")) is not None:
        return _wish(body, parse_time_control(f"{days[:8]}d"))
    if body.get("time") is None:
        raise Refused(Code.BAD_MESSAGE, "time: minutes are missing")
    return _wish(body, clock_time(_number(body["time"], "time"), _number(body.get("increment", "0"), "increment")))


def clock_time(minutes: Decimal, increment_s: Decimal) -> TimeControl:
    return parse_time_control(f"{_plain(minutes)}+{_plain(increment_s)}")


def _plain(number: Decimal) -> str:
    text = f"{number.quantize(Decimal('0.000001')):f}"
    return text.rstrip("0").rstrip(".")


def _number(text: str, name: str) -> Decimal:
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise Refused(Code.BAD_MESSAGE, f"{name} is a number") from None
    if not number.is_finite() or not 0 <= number <= 1_000_000:
        raise Refused(Code.BAD_MESSAGE, f"{name} is too large or negative")
    return number


def _wish(body: Mapping[str, str], time: TimeControl) -> GameWish:
    """Raises Refused(BAD_MESSAGE). `rated` is not looked at: there are no ratings here, and every game says so."""
    named, fen = body.get("variant") or "standard", body.get("fen")
    if named == "fromPosition" and fen is None:
        raise Refused(Code.BAD_MESSAGE, "fen: a game from a position needs one")
    name = checked_variant("standard" if named == "fromPosition" else named)
    start = checked_fen(name, fen) if fen is not None else None
    return GameWish(time, name, None if start == STANDARD_FEN else start, _color(body.get("color")))


def _color(text: str | None) -> ColorWish:
    match text:
        case "white" | "black" | "random":
            return text
        case None:
            return "random"
        case _:
            raise Refused(Code.BAD_MESSAGE, "color is white, black or random")


def is_true(value: str | None) -> bool:
    """A boolean in any of the spellings that clients use."""
    return value is not None and value.lower() in ("true", "yes", "1", "on")


def texts(values: Mapping[Any, Any], prefix: str = "", levels: int = DEEPEST) -> dict[str, str]:
    """A body's values as texts by dotted keys; what is null, or nested deeper than `levels`, is left out."""
    found: dict[str, str] = {}
    for key, value in values.items():
        name = f"{prefix}{key}"
        if isinstance(value, Mapping):
            found |= texts(value, f"{name}.", levels - 1) if levels > 1 else {}
        elif isinstance(value, bool):
            found[name] = "true" if value else "false"
        elif isinstance(value, str | int | float):
            found[name] = str(value)
    return found
