"""Accounts as this worker serves them: folded from their streams, followed by their devices and bots."""

import asyncio
import json
import logging
from collections.abc import Callable
from typing import Final

from game_server.bus.bus import Attendance, Bus, Hint
from game_server.core.account import Account, account_deadline, decide_account, evolve_account
from game_server.core.account_events import AccountCommand, AccountEvent, CheckChallenges
from game_server.core.ids import AccountId
from game_server.core.refusals import Code, Refused
from game_server.rooms.feed import Feed
from game_server.rooms.frame import Frame
from game_server.store.log import Append, Conflict, EventLog, StreamId, Unavailable, Version
from game_server.wire.me import account_frame

logger = logging.getLogger("tabiya.account")

PREFIX: Final = "account:"
KEPT: Final = 256   # events that a listener may be behind


class LiveAccount:
    """One account: what a Feed reads, what the pump serves and what the timekeeper wakes.

    `players` are the feeds of its devices and bots; `presence_frame` tells whose turn it is in its games.
    """

    spectators: tuple[Feed, ...] = ()
    is_closed = False

    def __init__(
        self,
        account_id: AccountId,
        log: EventLog,
        now: Callable[[], int],
        on_news: Callable[["LiveAccount"], None],
        bus: Bus,
    ) -> None:
        self.account = Account(account_id)
        self.players: set[Feed] = set()
        self.presence_frame: Frame | None = None
        self.is_loaded = False
        self.forgotten: Version = 0
        self.stream = StreamId(PREFIX + account_id)
        self._bus = bus
        self._log = log
        self._now = now
        self._on_news = on_news
        self._lock = asyncio.Lock()
        self._kept: list[AccountEvent] = []

    @property
    def id(self) -> AccountId:
        return self.account.id

    @property
    def version(self) -> Version:
        return self.account.version

    @property
    def is_online(self) -> bool:
        """Whether a device or bot follows it, at whichever worker."""
        return bool(self.players) or any(self._bus.elsewhere(self.stream.name))

    def follow(self, feed: Feed) -> None:
        """One more device or bot."""
        self.players.add(feed)
        self._attend()

    def unfollow(self, feed: Feed) -> None:
        self.players.discard(feed)
        self._attend()

    def _attend(self) -> None:
        if not self._bus.is_alone:
            self._bus.attend(self.stream.name, Attendance({}, len(self.players)))

    def tell(self) -> None:
        """Lets the other workers at which it is followed know how far it has come."""
        if not self._bus.is_alone and self.is_loaded:
            self._bus.tell(Hint(*self.stream, self.version))

    def event(self, version: Version) -> AccountEvent:
        """The event that raised the account to `version`, which must be after `forgotten`."""
        return self._kept[version - self.forgotten - 1]

    def frame(self, version: Version) -> Frame:
        frame = account_frame(self.event(version), version)
        return Frame(frame["type"], json.dumps(frame, separators=(",", ":")), str(version))

    async def refresh(self) -> None:
        """Reads what other workers have added. Raises Unavailable."""
        async with self._lock:
            await self._refresh()

    async def _refresh(self) -> None:
        history = await self._log.read(self.stream, after=self.version)
        for recorded in history.recorded:
            self._adopt(recorded.event)
        if not self.is_loaded:      # nobody has followed yet
            self.is_loaded = True
            self._kept.clear()
            self.forgotten = self.version
        if history.recorded:
            self._on_news(self)

    def _adopt(self, event: AccountEvent) -> None:
        self.account = evolve_account(self.account, event)
        self._kept.append(event)
        if len(self._kept) > 2 * KEPT:
            self.forgotten += KEPT
            del self._kept[:KEPT]

    async def do(self, command: AccountCommand) -> tuple[AccountEvent, ...]:
        """Carries `command` out; the events it caused. Raises Refused, TRY_AGAIN if it cannot be stored now."""
        async with self._lock:
            while True:
                try:
                    if not self.is_loaded:
                        await self._refresh()
                    await self._append(decide_account(self.account, CheckChallenges(), self.now_ms()))
                    events = decide_account(self.account, command, self.now_ms())
                    await self._append(events)
                except Conflict:
                    await self._refresh_now()
                except Refused:
                    before = self.version       # what is refused may be allowed by what another worker has written
                    if not self._bus.is_alone:
                        await self._refresh_now()
                    if self.version == before:
                        raise
                except Unavailable as unavailable:
                    logger.warning("account %s: %s not stored: %s", self.id, type(command).__name__, unavailable)
                    raise Refused(Code.TRY_AGAIN, "the server cannot store this now: try again") from None
                else:
                    return events

    async def _refresh_now(self) -> None:
        """Raises Refused(TRY_AGAIN)."""
        try:
            await self._refresh()
        except Unavailable:
            raise Refused(Code.TRY_AGAIN, "the server cannot read its store now: try again") from None

    def require(self, command: AccountCommand) -> None:
        """Raises Refused if `command` would be, as far as is known here."""
        decide_account(self.account, command, self.now_ms())

    def now_ms(self) -> int:
        return max(self._now(), self.account.at_ms)

    async def _append(self, events: tuple[AccountEvent, ...]) -> None:
        if not events:
            return
        after = self.account
        for event in events:
            after = evolve_account(after, event)
        await self._log.append(Append(self.stream, self.version, events, deadline_ms=account_deadline(after)))
        for event in events:
            self._adopt(event)
            logger.info("account %s: %s at version %d", self.id, type(event).__name__, self.version)
        self.tell()
        self._on_news(self)

    def show_games(self, text: str) -> None:
        """Tells the listeners whose turn it is, if that is news."""
        if self.presence_frame is None or self.presence_frame.text != text:
            self.presence_frame = Frame("games", text)
            self._on_news(self)

    def due_ms(self) -> int | None:
        return account_deadline(self.account)

    async def tick(self) -> None:
        """Raises Unavailable."""
        try:
            await self.do(CheckChallenges())
        except Refused as refused:      # nothing but TRY_AGAIN: an outage is no fault of this account
            raise Unavailable(refused.message) from None
