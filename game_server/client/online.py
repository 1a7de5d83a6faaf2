"""A bot that is online: it accepts challenges to its account as its terms say, and plays several games at once.

Every game is a seat of its own with a mover of its own. What is lost with a connection, the server or an engine comes
back; what is over with a crash of the bot itself goes on when it is started again, because the account knows its games.
"""

import asyncio
import logging
import ssl
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final, Literal

from game_server.client.account import Event, account_events
from game_server.client.address import Address, room_address
from game_server.client.bot import Habits, play
from game_server.client.endings import ClientError, Unreachable
from game_server.client.engine import EngineFault
from game_server.client.mover import Mover
from game_server.client.patience import Patience
from game_server.client.rooms import request
from game_server.client.seat import Seat
from game_server.client.view import RoomView
from game_server.core.refusals import Refused
from game_server.wire.lichess import SPEEDS

logger = logging.getLogger("tabiya.bot")

Against = Literal["all", "people", "bots"]
ALL_VARIANTS: Final = ("standard", "fromPosition", "chess960")
FAST_TO_SLOW: Final = tuple(SPEEDS)
CLOCKED: Final = FAST_TO_SLOW[: FAST_TO_SLOW.index("correspondence")]


@dataclass(frozen=True, slots=True)
class Terms:
    """Which challenges a bot accepts: variants by their keys, speeds, opponents, and how many games at once."""

    variants: tuple[str, ...] = ALL_VARIANTS
    speeds: tuple[str, ...] = CLOCKED
    against: Against = "all"
    at_once: int = 2

    def refusal(self, asked: dict[str, Any], playing: int) -> str | None:
        """The reason for which a challenge is declined (a key of the Lichess API); None if it is welcome.

        >>> asked = {"variant": {"key": "standard"}, "speed": "blitz", "timeControl": {}, "challenger": {"title": None}}
        >>> Terms().refusal(asked, playing=0)
        >>> Terms().refusal(asked, playing=2)
        'later'
        >>> Terms(speeds=("rapid", "classical")).refusal(asked, playing=0)
        'tooFast'
        """
        variant, is_bot = asked["variant"]["key"], asked["challenger"]["title"] == "BOT"
        if variant not in self.variants:
            return "standard" if self.variants == ("standard",) else "variant"
        if (too := self._misfit(speed_of(asked))) is not None:
            return too
        if is_bot and self.against == "people":
            return "noBot"
        if not is_bot and self.against == "bots":
            return "onlyBot"
        return "later" if playing >= self.at_once else None

    def _misfit(self, speed: str) -> str | None:
        if speed in self.speeds:
            return None
        place, places = FAST_TO_SLOW.index(speed), [FAST_TO_SLOW.index(each) for each in self.speeds]
        return "tooFast" if place < min(places) else "tooSlow" if place > max(places) else "timeControl"


def speed_of(asked: dict[str, Any]) -> str:
    """The speed of a challenged game; the API has no word of its own for games without a clock."""
    if asked["timeControl"].get("type") == "unlimited":
        return "unlimited"
    return next(speed for speed, (key, _) in SPEEDS.items() if key == asked["speed"])


class Online:
    """`run` it. `mover` makes what plays one game; `tell` is told in sentences what happens."""

    def __init__(
        self,
        place: Address,
        token: str,
        mover: Callable[[], Mover],
        terms: Terms | None = None,
        habits: Habits | None = None,
        *,
        tell: Callable[[str], None] = logger.info,
        tls: ssl.SSLContext | None = None,
        patience: Patience | None = None,
    ) -> None:
        self.games: dict[str, asyncio.Task[None]] = {}      # by room
        self._place = place
        self._token = token
        self._mover = mover
        self._terms = terms or Terms()
        self._habits = habits or Habits()
        self._tell = tell
        self._tls = tls
        self._patience = patience
        self._accepted: set[str] = set()    # challenges whose game is about to start
        self._id = ""

    async def run(self) -> None:
        """Plays until cancelled. Raises BadToken, Unreachable, or ClientError if the account is no bot's."""
        events = account_events(self._place, self._token, tls=self._tls, patience=self._patience)
        try:
            async with asyncio.TaskGroup() as group:
                async for event in events:
                    await self._hear(event, group)
        except ExceptionGroup as failed:
            raise failed.exceptions[0] from None
        finally:
            await events.aclose()

    async def _hear(self, event: Event, group: asyncio.TaskGroup) -> None:
        match event["type"]:
            case "me":
                self._introduce(event["account"])
                self._accepted.clear()
                for game in event["games"]:
                    self._join(game["room_id"], group)
                for asked in event["challenges"]:
                    await self._consider(asked)
            case "challenge":
                await self._consider(event["challenge"])
            case "challenge_closed" if event["outcome"] != "accepted":
                self._accepted.discard(event["id"])
            case "game_started":
                self._accepted -= {event["game_id"], event["room_id"]}
                self._join(event["room_id"], group)
            case _:
                pass

    def _introduce(self, account: dict[str, Any]) -> None:
        if account["title"] != "BOT":
            raise ClientError(f"{account['name']} is a person's account: tabiya token NAME --bot makes one for a bot")
        if not self._id:
            self._tell(f"{account['name']} is online at {self._place.origin} and waits for challenges  (Ctrl-C ends)")
        self._id = account["id"]

    async def _consider(self, asked: dict[str, Any]) -> None:
        """Accepts or declines; a challenge that is gone by then, or was its own, is nothing."""
        if asked["destUser"]["id"] != self._id or asked["id"] in self._accepted:
            return
        reason = self._terms.refusal(asked, len(self.games) + len(self._accepted))
        action = "accept" if reason is None else "decline"
        try:
            if reason is None:
                self._accepted.add(asked["id"])
            path = f"/api/challenge/{asked['id']}/{action}"
            await request("POST", self._place, path, {"reason": reason}, token=self._token, tls=self._tls)
        except (Refused, Unreachable) as error:     # what is still open is told again with the next connection
            self._accepted.discard(asked["id"])
            logger.info("challenge %s: %s", asked["id"], error)
            return
        what = f"{asked['challenger']['name']}: {asked['variant']['name']}, {speed_of(asked)}"
        self._tell(f"accepted a challenge by {what}" if reason is None else f"declined one by {what} ({reason})")

    def _join(self, room_id: str, group: asyncio.TaskGroup) -> None:
        if room_id not in self.games:
            self.games[room_id] = group.create_task(self._play(room_id), name=f"game in {room_id}")

    async def _play(self, room_id: str) -> None:
        """The games in one room. What goes wrong there is the end of that game, not of the bot."""
        place = room_address(self._place.origin, room_id)
        try:
            async with Seat(place, token=self._token, tls=self._tls, patience=self._patience) as seat:
                self._tell(f"plays {seat.color} in {place.page}")
                try:
                    async with self._mover() as mover:
                        await play(seat, mover, self._habits, lambda view: self._tell(told(seat, view)))
                except EngineFault:
                    with suppress(ClientError, Refused):
                        await seat.resign()
                    raise
        except (ClientError, Refused) as error:
            logger.warning("room %s: given up: %s", room_id, error)
        except Exception:
            logger.exception("room %s: the bot failed", room_id)
        finally:
            del self.games[room_id]


def told(seat: Seat, view: RoomView) -> str:
    """How a game ended, in one line."""
    against = seat.opponent.name if seat.opponent is not None else "nobody"
    return f"{view.result} ({view.reason}), as {seat.color} against {against}, {view.ply} half-moves"
