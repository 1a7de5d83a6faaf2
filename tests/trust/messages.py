"""Hostile messages beside, and about, games that go on: mutated, malformed, deep, huge, fragmented, in floods."""

import secrets
from collections.abc import AsyncIterator
from typing import Final

from tests.system.process import memory_bytes
from tests.trust.finding import Finding, Size
from tests.trust.play import P99_MS, PARTS, both_playing, is_prompt, served
from tests.trust.strangers import Elsewhere, Outcome, attack

MB: Final = 1_048_576
GROWTH_MB: Final = 16
WARM_UP: Final = 400
PROMISED: Final = (
    f"no crash, no close 1011, no traceback or error in the log; the games' p99 ≤ {P99_MS} ms; memory grows by "
    f"≤ {GROWTH_MB} MB"
)


async def hostile_messages(size: Size) -> AsyncIterator[Finding]:
    yield await attacked("off", size.of(3_000, 100_000), "--rate-limits", "off")
    yield await attacked("on", size.of(1_000, 10_000))


async def attacked(limits: str, count: int, *options: str) -> Finding:
    seed = secrets.randbits(32)
    outcome = Outcome()
    async with served(*options) as server, both_playing(server, *options) as (play, control):
        with Elsewhere() as elsewhere:
            rooms = [table.room_id for table in play.tables]
            await elsewhere.run(attack, server.port, rooms, seed, WARM_UP)
            before_bytes, _ = memory_bytes(server.pid)
            for number in range(PARTS):
                play.forget()
                control.forget()
                outcome.add(await elsewhere.run(attack, server.port, rooms, seed + 1 + number, count // PARTS))
                play.end_part()
                control.end_part()
        grown_mb = (memory_bytes(server.pid)[0] - before_bytes) / MB
        has_died = server.process.poll() is not None
    faults = server.faults()
    codes = ", ".join(f"{code} {times} times" for code, times in sorted(outcome.codes.items()))
    measured = (
        f"{outcome.messages:,} messages over {outcome.connections:,} connections (seed {seed}), ended by {codes}; "
        f"{'a crash' if has_died else 'no crash'}, {len(faults)} faults in the log, "
        f"{outcome.silent} salvoes unanswered; games: {play} (beside it, unharmed: {control.p99_ms:.0f} ms); "
        f"memory {grown_mb:+.1f} MB"
    )
    is_kept = not faults and not has_died and 1011 not in outcome.codes and not outcome.silent and play.is_untouched
    return Finding(
        f"hostile messages, rate limits {limits}", PROMISED, measured,
        is_kept and is_prompt(play.parts_ms, control) and grown_mb <= GROWTH_MB,
    )     # fmt: skip
