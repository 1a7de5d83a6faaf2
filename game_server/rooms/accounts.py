"""Which account is which, and what its rooms and its challenges mean for it.

Rooms do not know of accounts: this module looks at every room that has news and in which an account has a seat, and
notes in the account's stream that a game has started or is over. All of it may be done twice, and what a crash cut off
is made good when the account is next looked at.
"""

import asyncio
import logging
from collections.abc import Callable
from typing import Final

from game_server.bus.bus import Bus
from game_server.core.account import account_of, seat_key
from game_server.core.account_events import EnterGame, LeaveGame
from game_server.core.ids import COLORS, AccountId, Color, RoomId
from game_server.core.options import Defaults
from game_server.core.refusals import Code, Refused
from game_server.core.room import Seat
from game_server.rooms import challenges, rematches
from game_server.rooms.directory import Directory
from game_server.rooms.live import LiveRoom
from game_server.rooms.live_account import PREFIX, LiveAccount
from game_server.store.log import EventLog, Unavailable
from game_server.wire.me import Playing, games_text

logger = logging.getLogger("tabiya.account")

SWEEP_S: Final = 1.0
SWEPT: Final = 1_000
RETRY_S: Final = 0.5
MOST_LIVE: Final = 10_000   # accounts kept folded here although nobody follows them


class Accounts:
    """This worker's accounts. `on_news` is handed to each of them."""

    def __init__(
        self,
        log: EventLog,
        directory: Directory,
        now: Callable[[], int],
        defaults: Defaults,
        on_news: Callable[[LiveAccount], None],
        bus: Bus,
    ) -> None:
        self._bus = bus
        self.defaults = defaults
        self.log = log
        self.directory = directory
        self._now = now
        self._on_news = on_news
        self._live: dict[AccountId, LiveAccount] = {}
        self._seen: dict[RoomId, tuple[str, str, int, Color | None]] = {}
        self._noted: dict[RoomId, None] = {}
        self._unchecked: dict[AccountId, None] = {}
        self._wake = asyncio.Event()

    def is_online(self, account_id: str) -> bool:
        """Whether one of its devices or bots follows its events, at whichever worker."""
        live = self._live.get(AccountId(account_id))
        return (live is not None and live.is_online) or any(self._bus.elsewhere(PREFIX + account_id))

    def online(self) -> list[AccountId]:
        here = {live.id for live in self.followed()}
        return sorted(here | {AccountId(name.removeprefix(PREFIX)) for name in self._bus.names(PREFIX)})

    def live(self, account_id: AccountId) -> LiveAccount | None:
        """The account, if it is live here."""
        return self._live.get(account_id)

    def followed(self) -> list[LiveAccount]:
        """The accounts whose devices or bots are connected here."""
        return [live for live in self._live.values() if live.players]

    async def refresh(self, account_id: AccountId) -> None:
        """Catches up with other workers, if it is live here. Raises Unavailable."""
        live = self._live.get(account_id)
        if live is not None:
            await live.refresh()

    async def find(self, account_id: AccountId) -> LiveAccount:
        """The account, which must exist, with all that any worker has written to it before. Raises Unavailable."""
        live = await self.glance(account_id)
        if not self._bus.is_alone:
            await live.refresh()
        return live

    async def glance(self, account_id: AccountId) -> LiveAccount:
        """As `find`, but what other workers have written may be missing."""
        live = self._live.get(account_id)
        if live is None:
            live = LiveAccount(account_id, self.log, self._now, self._on_news, self._bus)
            self._live[account_id] = live
        if not live.is_loaded:
            await live.refresh()
            self._unchecked[account_id] = None
            self._wake.set()
        return live

    # Rooms

    def note_room(self, live: LiveRoom) -> None:
        """To be called whenever a room has news. Must not wait."""
        room = live.room
        if live.is_retired:     # who has it open next looks anew
            self._seen.pop(room.room_id, None)
            return
        if _account_at(room.white) is None and _account_at(room.black) is None:
            return
        game = room.game
        seen = (game.id if game else "", room.status, game.ply if game else 0, room.offers.rematch)
        if self._seen.get(room.room_id) != seen:
            self._noted[room.room_id] = None
            self._wake.set()
        if room.status == "closed":
            self._seen.pop(room.room_id, None)
        else:
            self._seen[room.room_id] = seen

    async def follow_rooms(self) -> None:
        """Tells accounts what happens in their rooms, until cancelled."""
        while True:
            if not self._noted and not self._unchecked:
                await self._wake.wait()
            self._wake.clear()
            try:
                while self._noted or self._unchecked:
                    await self._follow_next()
            except Unavailable as unavailable:
                logger.warning("accounts wait: the store is unavailable: %s", unavailable)
                await asyncio.sleep(RETRY_S)

    async def _follow_next(self) -> None:
        noted, unchecked = next(iter(self._noted), None), next(iter(self._unchecked), None)
        try:
            if noted is not None:
                await self._look_at(noted)
            elif unchecked is not None:
                await self._check(unchecked)
        except Unavailable:
            raise
        except Refused as refused:
            if refused.code is Code.TRY_AGAIN:
                raise Unavailable(refused.message) from None
            logger.info("%s: %s", noted or unchecked, refused.message)
        except Exception:   # one room's fault must not stop all accounts
            logger.exception("room %s: its players' accounts were not told", noted or unchecked)
        if noted is not None:
            self._noted.pop(noted, None)
        elif unchecked is not None:
            self._unchecked.pop(unchecked, None)

    async def _look_at(self, room_id: RoomId) -> None:
        live = await self.directory.glance(room_id)
        if live is None or live.room.game is None:
            return
        for color in COLORS:
            account_id = _account_at(live.room.seat(color))
            if account_id is not None:
                await self._tell(await self.glance(account_id), live)

    async def _tell(self, account: LiveAccount, live: LiveRoom) -> None:
        room, game = live.room, live.room.game
        assert game is not None
        is_on = game.result is None and room.status == "playing"
        for entered in account.account.games:
            if entered.room_id == room.room_id and not (is_on and entered.game_id == game.id):
                await account.do(LeaveGame(entered.game_id))
        await rematches.follow(self, account, live)
        if is_on or any(each.id == game.id for each in account.account.accepted):   # it may be over already
            await account.do(EnterGame(game.id, room.room_id))
        if not is_on:
            await account.do(LeaveGame(game.id))
        account.show_games(games_text(await self.playing(account), self._now()))

    async def playing(self, account: LiveAccount) -> list[Playing]:
        """The rooms in which the account is playing, and its colour. Raises Unavailable."""
        found: list[Playing] = []
        for entered in account.account.games:
            live = await self.directory.glance(entered.room_id)
            if live is not None and live.room.game is not None and live.room.game.id == entered.game_id:
                color = live.room.color_of(seat_key(account.id))
                if color is not None and live.room.status == "playing":
                    found.append((live.room, color))
        return found

    async def _check(self, account_id: AccountId) -> None:
        """Makes good what a crash may have cut off."""
        account = await self.find(account_id)
        for created in account.account.accepted:
            await challenges.start(self, created)
        for entered in account.account.games:
            live = await self.directory.find(entered.room_id)
            game = live.room.game if live else None
            if game is None or game.id != entered.game_id or game.result is not None:
                await account.do(LeaveGame(entered.game_id))
        account.show_games(games_text(await self.playing(account), self._now()))

    # Time

    async def sweep_forever(self) -> None:
        """Finds accounts whose challenges have expired while nobody had them here, and forgets those nobody needs."""
        while True:
            await asyncio.sleep(SWEEP_S)
            try:
                for stream in await self.log.overdue(self._now(), SWEPT):
                    if stream.name.startswith(PREFIX):
                        await (await self.find(AccountId(stream.name.removeprefix(PREFIX)))).tick()
            except (Unavailable, Refused) as unavailable:
                logger.warning("no sweep of accounts: %s", unavailable)
            if len(self._live) > MOST_LIVE:
                self._live = {key: live for key, live in self._live.items() if live.players}


def _account_at(seat: Seat | None) -> AccountId | None:
    return None if seat is None else account_of(seat.player_id)
