"""Finished games whose end only their players may know yet: the rooms they were played in show it later."""

from collections.abc import Sequence

from game_server.core.ids import GameId
from game_server.core.options import LONGEST_SPECTATOR_DELAY_MS
from game_server.store.log import EventLog, FinishedGame


async def under_embargo(log: EventLog, rows: Sequence[FinishedGame], now_ms: int) -> dict[GameId, int]:
    """Those of `rows` whose end is not shown yet, each with the delay of its room (ms). Raises Unavailable.

    Cost: none if all are older than the longest delay, else one query.
    """
    young = [row for row in rows if row.ended_ms + LONGEST_SPECTATOR_DELAY_MS > now_ms]
    if not young:
        return {}
    openings = await log.openings({row.stream for row in young})
    delays = {row.game_id: openings[row.stream].options.spectator_delay_ms for row in young}
    return {row.game_id: delays[row.game_id] for row in young if row.ended_ms + delays[row.game_id] > now_ms}
