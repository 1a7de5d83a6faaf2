"""What the HTTP routes answer with, apart from the frames."""

from typing import Literal

from game_server.core.events import Reason, Result
from game_server.core.ids import Color
from game_server.core.room import Status
from game_server.wire.parts import ClockTimes, Model, PlayedMove, Player, RoomOptions


class RoomListing(Model):
    """A public room as the lobby and the wall of live boards show it. `clock` is as of the moment of sending."""

    room_id: str
    status: Status
    white: Player | None
    black: Player | None
    time_control: str
    variant: str
    fen: str
    last_move: str | None
    clock: ClockTimes | None
    spectators: int


class RoomFrame(RoomListing):
    """A public room has changed; the newest takes the place of older ones. With `status: closed` it is the last one."""

    type: Literal["room"] = "room"


class SeatTicket(Model):
    """A seat that was taken over HTTP; its player connects with the token. Without one it is an account's, and opens to
    whoever sends that account's token or cookie."""

    token: str | None
    color: Color
    player_id: str


class RoomTicket(SeatTicket):
    """A room that was created, and its creator's seat. `url` is the page to send to the opponent."""

    room_id: str
    epoch: str
    url: str
    options: RoomOptions


class GamePlayer(Model):
    """Who played a finished game."""

    player_id: str
    name: str
    bot: bool


class GameSummary(Model):
    """A finished game as lists show it."""

    game_id: str
    room_id: str
    white: GamePlayer
    black: GamePlayer
    variant: str
    time_control: str
    result: Result
    winner: Color | None
    reason: Reason
    plies: int
    started_at: int
    ended_at: int
    pgn_url: str


class GameDocument(GameSummary):
    """A finished game, whole."""

    initial_fen: str
    fen: str
    moves: list[PlayedMove]


class RoomPage(Model):
    """Public rooms; `next` is the next page's URL."""

    items: list[RoomListing]
    next: str | None


class GamePage(Model):
    """Finished games, newest first; `next` is the next page's URL."""

    items: list[GameSummary]
    next: str | None


class Health(Model):
    status: str


class Readiness(Model):
    """What a worker can do now. `workers` are those it knows of, itself included."""

    status: Literal["ready", "degraded"]
    store: Literal["ready"]
    bus: Literal["alone", "ready", "away"]
    worker: str
    workers: int
