"""Which challenges a bot that is online accepts, and with which reason it declines the others."""

from typing import Any

import pytest

from game_server.client.online import Terms


def asked(speed: str = "blitz", variant: str = "standard", title: str | None = None, kind: str = "clock") -> Any:
    return {
        "variant": {"key": variant},
        "speed": speed,
        "timeControl": {"type": kind},
        "challenger": {"title": title},
    }


CHESS = Terms(variants=("standard",))
BLITZ = Terms(speeds=("bullet", "rapid"))
TERMS = {
    # terms, challenge, games that are being played, reason
    "anything with a clock": (Terms(), asked(), 0, None),
    "ultra-bullet": (Terms(), asked("ultraBullet"), 1, None),
    "one too many": (Terms(at_once=1), asked(), 1, "later"),
    "without a clock": (Terms(), asked("correspondence", kind="unlimited"), 0, "tooSlow"),
    "by mail": (Terms(), asked("correspondence", kind="correspondence"), 0, "tooSlow"),
    "by mail, wanted": (Terms(speeds=("correspondence",)), asked("correspondence", kind="correspondence"), 0, None),
    "no clock is not by mail": (
        Terms(speeds=("correspondence",)), asked("correspondence", kind="unlimited"), 0, "tooSlow",
    ),
    "faster than it likes": (BLITZ, asked("ultraBullet"), 0, "tooFast"),
    "between what it likes": (BLITZ, asked("blitz"), 0, "timeControl"),
    "slower than it likes": (BLITZ, asked("classical"), 0, "tooSlow"),
    "a variant, to who plays chess": (CHESS, asked(variant="chess960"), 0, "standard"),
    "chess, to who plays variants": (Terms(variants=("chess960",)), asked(), 0, "variant"),
    "a bot, to who plays people": (Terms(against="people"), asked(title="BOT"), 0, "noBot"),
    "a person, to who plays bots": (Terms(against="bots"), asked(), 0, "onlyBot"),
    "a bot, to who plays bots": (Terms(against="bots"), asked(title="BOT"), 0, None),
    "what it never wants is not put off": (Terms(at_once=1, against="bots"), asked(), 1, "onlyBot"),
}  # fmt: skip


@pytest.mark.parametrize(("terms", "challenge", "playing", "reason"), TERMS.values(), ids=TERMS)
def test_terms(terms: Terms, challenge: Any, playing: int, reason: str | None) -> None:
    assert terms.refusal(challenge, playing) == reason
