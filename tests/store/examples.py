"""Appends for the store's tests, with no more in them than a test is about."""

from game_server.core.events import ChatSaid, MovePlayed, RoomOpened
from game_server.core.ids import GameId, PlayerId
from game_server.core.options import Options
from game_server.core.refusals import Code
from game_server.store.log import Answer, Append, Cause, FinishedGame, StreamId

T = 1_732_166_400_000
ROOM = StreamId("room:a")
OPENED = RoomOpened(T, "a", "e", Options())


def move(ply=1, at_ms=T):
    return MovePlayed(at_ms, ply, "white" if ply % 2 else "black", "e2e4", "e4", 300_000, 20, 10)


def opening(stream=ROOM, **more):
    return Append(stream, 0, (OPENED,), **more)


def moving(expected, stream=ROOM, **more):
    return Append(stream, expected, (move(max(1, expected)),), **more)


def saying(text, expected, stream=ROOM, **more):
    return Append(stream, expected, (ChatSaid(T, "white", "player", text),), **more)


def cause(command_id, player_id="p1"):
    return Cause(PlayerId(player_id), command_id)


def answer(command_id, version=1, player_id="p1", code=None, message=""):
    return Answer(cause(command_id, player_id), version, code, message)


def refusal(command_id, version=1, player_id="p1"):
    return answer(command_id, version, player_id, Code.ILLEGAL_MOVE, "no such move: here é ♞")


def answering(remembered, expected=1, stream=ROOM):
    return Append(stream, expected, (), answer=remembered)


def finished(game_id="g1", stream=ROOM, ended_ms=T, white="Anna", black="Boris", result="1-0", is_public=True):
    return FinishedGame(
        game_id=GameId(game_id),
        stream=stream,
        first=2,
        last=90,
        white_id=PlayerId("p1"),
        white_name=white,
        white_is_bot=False,
        black_id=PlayerId("p2"),
        black_name=black,
        black_is_bot=True,
        variant="standard",
        time_control="5+3",
        result=result,
        reason="resignation",
        plies=80,
        started_ms=ended_ms - 60_000,
        ended_ms=ended_ms,
        is_public=is_public,
    )


async def texts(log, stream=ROOM):
    """What was said in `stream`, in order."""
    history = await log.read(stream)
    return [recorded.event.text for recorded in history.recorded if isinstance(recorded.event, ChatSaid)]
