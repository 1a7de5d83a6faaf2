"""What `/sse/me` tells an account's devices. Pure."""

import json
from collections.abc import Callable, Iterable
from typing import assert_never

from game_server.core.account import Account
from game_server.core.account_events import (
    AccountEvent,
    ChallengeAccepted,
    ChallengeCancelled,
    ChallengeCreated,
    ChallengeDeclined,
    ChallengeExpired,
    GameEntered,
    GameLeft,
)
from game_server.core.ids import Color
from game_server.core.room import Room
from game_server.wire.lichess import Json, game_info
from game_server.wire.lichess_challenges import challenge

Playing = tuple[Room, Color]


def account_frame(event: AccountEvent, version: int) -> Json:
    """The frame of `event`, by which the account's devices show or forget it."""
    head: Json = {"v": version, "at": event.at_ms}
    match event:
        case ChallengeCreated():
            return {"type": "challenge", **head, "challenge": challenge(event, "", _unknown)}
        case ChallengeAccepted():
            return {"type": "challenge_closed", **head, "id": event.id, "outcome": "accepted"}
        case ChallengeDeclined(reason=reason):
            return {"type": "challenge_closed", **head, "id": event.id, "outcome": "declined", "reason": reason}
        case ChallengeCancelled():
            return {"type": "challenge_closed", **head, "id": event.id, "outcome": "cancelled"}
        case ChallengeExpired():
            return {"type": "challenge_closed", **head, "id": event.id, "outcome": "expired"}
        case GameEntered(game_id=game_id, room_id=room_id):
            return {"type": "game_started", **head, "game_id": game_id, "room_id": room_id}
        case GameLeft(game_id=game_id):
            return {"type": "game_over", **head, "game_id": game_id}
        case _:
            assert_never(event)


def me(account: Account, name: str, title: str | None, is_online: Callable[[str], bool]) -> Json:
    """Everything: the first frame."""
    return {
        "type": "me",
        "v": account.version,
        "account": {"id": account.id, "name": name, "title": title},
        "challenges": [challenge(each, "", is_online) for each in account.challenges],
        "games": [{"game_id": each.game_id, "room_id": each.room_id} for each in account.games],
    }


def games_text(playing: Iterable[Playing], now_ms: int) -> str:
    """The account's running games and whose turn it is: soft, the newest replaces older ones."""
    games = [{"room_id": room.room_id, **game_info(room, color, now_ms)} for room, color in playing]
    return json.dumps({"type": "games", "games": games}, separators=(",", ":"))


def _unknown(_: str) -> bool:
    return False
