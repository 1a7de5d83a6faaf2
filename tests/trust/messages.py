"""Hostile messages beside, and about, games that go on: mutated, malformed, deep, huge, fragmented, in floods."""

import secrets
from collections.abc import AsyncIterator
from typing import Final

from tests.system.process import Server, memory_bytes
from tests.trust.finding import Finding, Size
from tests.trust.play import P99_MS, Play, playing, served
from tests.trust.strangers import Outcome, attack

MB: Final = 1_048_576
GROWTH_MB: Final = 16
WARM_UP: Final = 400
PROMISED: Final = (
    f"no crash, no close 1011, no traceback or error in the log; the games' p99 ≤ {P99_MS} ms; memory grows by "
    f"≤ {GROWTH_MB} MB"
)


async def hostile_messages(size: Size) -> AsyncIterator[Finding]:
    for options, count in ((("--rate-limits", "off"), size.of(6_000, 100_000)), ((), size.of(1_500, 10_000))):
        limits = "off" if options else "on"
        seed = secrets.randbits(32)
        async with served(*options) as server, playing(server) as play:
            rooms = [table.room_id for table in play.tables]
            await attack(server.port, rooms, seed + 1, WARM_UP)
            before_bytes, _ = memory_bytes(server.pid)
            outcome = await attack(server.port, rooms, seed, count)
            grown_mb = (memory_bytes(server.pid)[0] - before_bytes) / MB
        yield finding(f"hostile messages, rate limits {limits}", seed, outcome, play, server, grown_mb)


def finding(fault: str, seed: int, outcome: Outcome, play: Play, server: Server, grown_mb: float) -> Finding:
    faults, has_died = server.faults(), server.process.returncode != -9     # which is how `served` ends it
    codes = ", ".join(f"{code} {count} times" for code, count in sorted(outcome.codes.items()))
    measured = (
        f"{outcome.messages:,} messages over {outcome.connections:,} connections (seed {seed}), ended by {codes}; "
        f"{len(faults)} faults in the log{', a crash' if has_died else ''}; {outcome.silent} salvoes unanswered; "
        f"games: {play}; memory {grown_mb:+.1f} MB"
    )
    is_kept = not faults and not has_died and 1011 not in outcome.codes and not outcome.silent and play.is_untouched
    return Finding(fault, PROMISED, measured, is_kept and play.p99_ms <= P99_MS and grown_mb <= GROWTH_MB)
