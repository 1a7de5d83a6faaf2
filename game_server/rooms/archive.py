"""Finished games, read from the log they were played in."""

from game_server.core.evolve import evolve
from game_server.core.room import Room
from game_server.store.log import EventLog, FinishedGame


async def room_at_end(log: EventLog, finished: FinishedGame) -> Room:
    """The room as the game's last event left it. Cost: about 8 µs a move."""
    room: Room | None = None
    for recorded in (await log.read(finished.stream)).recorded[: finished.last]:
        room = evolve(room, recorded.event)
    assert room is not None and room.game is not None and room.game.id == finished.game_id, "the row leads to its game"
    return room
