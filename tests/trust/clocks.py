"""A host whose clock jumps, and a server that stands still: neither is the players' time."""

import asyncio
import os
import re
import signal
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from tests.system.guests import Guest, at_order, table
from tests.system.process import Server
from tests.system.tables import play
from tests.trust.finding import Finding, NotTried, Size
from tests.trust.lives import folder, started

HOUR_S: Final = 3_600
STALL_S: Final = 5
BULLET: Final = "0.05+0"        # 3 s: less than the server stands still
GRACE_S: Final = 3              # less, too
SLACK_MS: Final = 1_000
LIMIT_MS: Final = 180_000       # of 3+0


def require_unharmed(*players: Guest) -> None:
    for player in players:
        assert not player.of("game_over"), player.of("game_over")
        assert at_order(player)
    texts = [dict(player.shown) for player in players]
    for v in texts[0].keys() & texts[-1].keys():
        assert texts[0][v] == texts[-1][v]


class HostClock:
    """The wall clock of server processes that start while it is set up; the monotonic one is left alone."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self.step(0)

    def step(self, offset_s: int) -> None:
        """From now on the clock is `offset_s` off."""
        new = self._file.with_suffix(".new")
        new.write_text(f"{offset_s:+d}\n")
        new.replace(self._file)


@contextmanager
def host_clock() -> Iterator[HostClock]:
    """Raises NotTried where libfaketime is not installed."""
    library = next(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"), None)
    if library is None:
        raise NotTried("libfaketime is not installed")
    with folder() as home:
        file, before = home / "faketime", dict(os.environ)
        os.environ |= {
            "TZ": "UTC",
            "LD_PRELOAD": str(library),
            "FAKETIME_TIMESTAMP_FILE": str(file),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }
        try:
            yield HostClock(file)
        finally:
            os.environ.clear()
            os.environ |= before


async def require_step(server: Server, offset_s: int) -> None:
    """That the server's wall clock is off by so much, as the line has it that it logs for a new room."""
    async with table(server):
        stamp = re.findall(r"^(\d{4}-\d\d-\d\d.\d\d:\d\d:\d\d)", server.log, re.MULTILINE)[-1]
        logged_s = datetime.fromisoformat(stamp).replace(tzinfo=UTC).timestamp()
        assert abs(logged_s - time.time() - offset_s) < 60, "the step had no effect"


async def steps(_: Size) -> AsyncIterator[Finding]:
    with host_clock() as clock:
        async with started() as server, table(server, time="3+0") as (white, black):
            await play(white, black, "e2e4", "e7e5")
            for offset_s, uci in ((HOUR_S, "g1f3"), (-HOUR_S, "b8c6"), (0, "f1b5")):
                clock.step(offset_s)
                await require_step(server, offset_s)
                await play(white, black, uci)
            running_ms = white.moves()[-1]["at"] - white.moves()[0]["at"]
            given = [ms for frame in white.of("clock") for ms in (frame["clock"]["white"], frame["clock"]["black"])]
            assert max(given, default=0) <= LIMIT_MS     # a machine that stalls is given back, and never a step
            lost_ms = 0
            for offset_s, uci in ((-HOUR_S, "a7a6"), (HOUR_S, "b5a4"), (0, "g8f6")):    # across a restart
                clock.step(offset_s)
                mark = len(white.frames)
                server.kill()
                await asyncio.to_thread(server.start)
                await white.following(mark, "welcome")
                await require_step(server, offset_s)
                mover = white if white.is_to_move else black
                before_ms = white.moves()[-1]["clock"][mover.color]
                await play(white, black, uci)
                lost_ms = max(lost_ms, before_ms - white.moves()[-1]["clock"][mover.color])
            require_unharmed(white, black)
    yield Finding(
        "the host's clock jumps by ±1 h and ±2 h, while the server runs and across `kill -9`",
        "flags nobody, costs nobody time; the room's time never runs backwards",
        f"6 jumps in a game of 3+0: by the server's time it took {running_ms / 1_000:.1f} s until the third; "
        f"{lost_ms / 1_000:.1f} s of thinking at most; no game ended",
        is_kept=running_ms < 60_000 and lost_ms <= 60_000,
    )


async def stall(_: Size) -> AsyncIterator[Finding]:
    """Three games at once: White about to lose on time, Black just gone, a move sent while nobody hears it."""
    async with started("--flicker-s", "0.5") as server, AsyncExitStack() as tables:
        flagging = await tables.enter_async_context(table(server, time=BULLET))
        leaving = await tables.enter_async_context(table(server, time="5+0", grace_s=GRACE_S))
        moving = await tables.enter_async_context(table(server, time=BULLET))
        for players in (leaving, moving, flagging):
            await play(*players, "e2e4", "e7e5")
        await leaving[1].vanish()
        await asyncio.sleep(0.1)        # so that the server has noticed
        before_ms = 3_000 - (time.time() * 1_000 - flagging[0].moves()[-1]["at"])
        server.send(signal.SIGSTOP)
        command_id = await moving[0].send(type="move", uci="g1f3", ply=3)
        await asyncio.sleep(STALL_S)
        server.send(signal.SIGCONT)
        repaid = await flagging[0].first("clock", reason="outage")
        await play(*flagging, "g1f3")
        await moving[0].until(lambda: command_id not in moving[0].pending)
        gone = await leaving[0].first("player_disconnected", color="black")
        await leaving[1].come_back()
        await leaving[0].first("player_reconnected", color="black")
        await play(*leaving, "g1f3")
        for players in (flagging, leaving, moving):
            require_unharmed(*players)
        left_ms, grace_ms = repaid["clock"]["white"], gone["forfeit_at"] - gone["at"]
        is_acknowledged = '"ack"' in moving[0].answers[command_id]
    yield Finding(
        f"the server stands still for {STALL_S} s (SIGSTOP)",
        "nobody is flagged, nobody forfeits, a move sent meanwhile counts; the time is given back",
        f"{before_ms:.0f} ms on the mover's clock before, {left_ms} ms after; {grace_ms} of {1_000 * GRACE_S} ms of "
        f"grace left to who was just gone; the move {'acknowledged' if is_acknowledged else 'refused'}; no game ended",
        is_kept=left_ms >= before_ms - SLACK_MS and grace_ms >= 1_000 and is_acknowledged,
    )
