"""People at browsers: what they do with mouse, finger and keyboard, and what they see.

Nothing here waits for a length of time, only for what is to be seen; PATIENCE_MS is when a test gives up.
"""

import asyncio
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final, Literal, Self

import chess
from playwright.async_api import Browser, BrowserContext, Locator, Page, WebSocket, expect

PATIENCE_MS: Final = 30_000
expect.set_options(timeout=PATIENCE_MS)

Hand = Literal["drag", "click", "tap", "swipe"]

# What a page shows of a game, in one look. Squares are chessground's own keys.
LOOK: Final = """() => {
  const board = document.querySelector('[data-testid=board] cg-board');
  const squares = name => [...(board?.querySelectorAll(`square.${name}`) ?? [])].map(square => square.cgKey).sort();
  const pieces = [...(board?.querySelectorAll('piece') ?? [])].filter(
    piece => piece.cgKey && !['ghost', 'fading'].some(name => piece.classList.contains(name)));
  return {
    pieces: Object.fromEntries(pieces.map(piece => [piece.cgKey, piece.className])),
    last: squares('last-move'),
    check: squares('check'),
    targets: squares('move-dest'),
    moves: [...document.querySelectorAll('[data-testid=moves] .move:not(.pending)')].map(move => move.textContent),
    pending: [...document.querySelectorAll('[data-testid=moves] .move.pending')].map(move => move.textContent),
  };
}"""
# What stands on the board before the room is known is nobody's to move.
SEEN: Final = f"""wanted => {{
  if (document.querySelector('[data-testid=game].loading')) return false;
  const look = ({LOOK})();
  const pieces = Object.entries(look.pieces).map(([key, name]) => key + name.split(' ').slice(0, 2)).sort();
  const seen = {{...look, pieces}};
  return Object.keys(wanted).every(key => JSON.stringify(seen[key]) === JSON.stringify(wanted[key]));
}}"""

# Where the board is, its squares' width, and whether Black sits below.
BOX: Final = """() => {
  const board = document.querySelector('[data-testid=board] cg-board');
  board.scrollIntoView({block: 'nearest', behavior: 'instant'});
  const {x, y, width} = board.getBoundingClientRect();
  return [x, y, width / 8, board.closest('.orientation-black') !== null];
}"""


@dataclass
class Visitor:
    """One person with one browser profile. `page` is the tab they look at; it may be replaced."""

    context: BrowserContext
    page: Page
    is_touch: bool
    name: str = ""
    sockets: list[WebSocket] = field(default_factory=list)
    sent: list[dict[str, Any]] = field(default_factory=list)
    received: list[dict[str, Any]] = field(default_factory=list)
    requested: list[str] = field(default_factory=list)
    _said: list[str] = field(default_factory=list)
    _foreseen: list[str] = field(default_factory=list)

    @classmethod
    async def at(cls, browser: Browser, url: str, **profile: Any) -> Self:
        context = await browser.new_context(**profile)
        context.set_default_timeout(PATIENCE_MS)
        visitor = cls(context, await context.new_page(), bool(profile.get("has_touch")))
        context.on(
            "console",
            lambda said: visitor._said.append(f"{said.type}: {said.text} ({said.location.get('url', '')})"),
        )
        context.on("weberror", lambda error: visitor._said.append(f"error: uncaught {error.error}"))
        context.on("request", lambda request: visitor.requested.append(request.url))
        context.on("page", visitor._listen)
        visitor._listen(visitor.page)
        await visitor.wait_outside(url)
        return visitor

    async def wait_outside(self, url: str) -> None:
        """Goes away from every room to this server's plainest page, and forgets everything there."""
        await self.context.set_offline(False)
        self.page = await self.context.new_page() if self.page.is_closed() else self.page
        for page in self.context.pages:
            if page is not self.page:
                await page.close()
        await self.page.goto(f"{url}/healthz")
        await self.page.evaluate("() => localStorage.clear()")
        await self.context.clear_cookies()
        for kept in (self.sockets, self.sent, self.received, self.requested, self._said, self._foreseen):
            kept.clear()

    async def remember(self, room_id: str, token: str) -> None:
        """What a browser keeps of a seat that it has taken here (web_client/src/storage.ts)."""
        entry = [f"tabiya.seat.{room_id}", f"{token} 0"]
        await self.page.evaluate("([key, value]) => localStorage.setItem(key, value)", entry)

    def _listen(self, page: Page) -> None:
        def opened(socket: WebSocket) -> None:
            self.sockets.append(socket)
            socket.on("framesent", lambda text: self.sent.append(json.loads(text)))
            socket.on("framereceived", lambda text: self.received.append(json.loads(text)))

        page.on("websocket", opened)

    def foresees(self, *patterns: str) -> None:
        """These errors in the console belong to the test: what a browser logs of a network that fails, say."""
        self._foreseen += patterns

    def foresees_a_lost_network(self) -> None:
        self.foresees(r"net::ERR_", r"WebSocket connection to .* failed", r"WebSocket is closed before")

    def faults(self) -> list[str]:
        """What the console has told of errors (a violated content security policy is one) that nobody foresaw."""
        return [
            said
            for said in self._said
            if said.startswith(("error:", "warning:")) and not any(re.search(known, said) for known in self._foreseen)
        ]

    def see(self, testid: str) -> Locator:
        return self.page.get_by_test_id(testid)

    async def press(self, target: Locator | str) -> None:
        """A click, or a tap where there is a touchscreen."""
        locator = self.see(target) if isinstance(target, str) else target
        await (locator.tap() if self.is_touch else locator.click())

    async def choose(self, option: str) -> None:
        """Chooses the option of the first page whose label begins with these words."""
        radio = self.page.get_by_role("radio", name=re.compile(rf"^{re.escape(option)}(?!\\w)"))
        await self.press(self.page.locator("label").filter(has=radio))

    async def host(
        self, url: str, *, time: str = "Unlimited", color: str = "White", variant: str = "Standard", fen: str = ""
    ) -> str:
        """Creates a room on the first page; its invite link. `time` is an option, or `0.1+2` in the custom fields."""
        await self.page.goto(url)
        await expect(self.see("create")).to_be_visible()
        if await self.page.get_by_role("radio", name=re.compile(rf"^{re.escape(time)}(?!\\w)")).count():
            await self.choose(time)
        else:
            minutes, increment = time.split("+")
            await self.choose("Custom")
            await self.page.get_by_label("Minutes").fill(minutes)
            await self.page.get_by_label("Increment").fill(increment)
        await self.choose(color)
        await self.choose("From position" if fen else variant)
        if fen:
            await self.see("fen").fill(fen)
        await self.see("name").fill(self.name)
        await self.press("create")
        return await self.see("invite-link").input_value()

    async def join(self, link: str) -> None:
        await self.page.goto(link)
        await self.see("name").fill(self.name)
        await self.press("join-button")
        await expect(self.see("join")).to_have_count(0)

    async def is_linked(self, kind: str = "live") -> None:
        await expect(self.see("link")).to_have_attribute("data-link", kind)

    async def sees(self, board: chess.Board, **more: Any) -> None:
        """The board's position, its moves in notation, the last one marked, and check."""
        moves = list(board.move_stack)
        squares = sorted({chess.square_name(square) for square in _ends(moves[-1])}) if moves else []
        king = board.king(board.turn)
        wanted = {
            "pieces": sorted(
                f"{chess.square_name(square)}{chess.COLOR_NAMES[piece.color]},{chess.piece_name(piece.piece_type)}"
                for square, piece in board.piece_map().items()
            ),
            "last": squares,
            "check": [chess.square_name(king)] if board.is_check() and king is not None else [],
            "moves": notation(board),
            "pending": [],
            **more,
        }
        await self.shows(wanted)

    async def shows(self, wanted: dict[str, Any]) -> None:
        """That much of a look (see LOOK), sooner or later."""
        try:
            await self.page.wait_for_function(SEEN, arg=wanted, polling=20)
        except Exception as error:
            raise AssertionError(f"{self.name} sees {await self.page.evaluate(LOOK)}, not {wanted}") from error

    async def centre(self, square: str) -> tuple[float, float]:
        """Where the middle of a square is on the page as it is scrolled."""
        x, y, side, is_flipped = await self.page.evaluate(BOX)
        column, row = ord(square[0]) - ord("a"), int(square[1]) - 1
        if is_flipped:
            column, row = 7 - column, 7 - row
        return x + (column + 0.5) * side, y + (7.5 - row) * side

    async def touch(self, square: str) -> None:
        """Clicks or taps on a square."""
        x, y = await self.centre(square)
        await (self.page.touchscreen.tap(x, y) if self.is_touch else self.page.mouse.click(x, y))

    async def hold(self, origin: str, target: str) -> None:
        """Picks a piece up with the mouse and carries it to the target, without letting go."""
        mouse = self.page.mouse
        await mouse.move(*await self.centre(origin))
        await mouse.down()
        await mouse.move(*await self.centre(target), steps=4)

    async def carry(self, origin: str, target: str, hand: Hand) -> None:
        """Moves a piece between two squares, legal or not."""
        match hand:
            case "drag":
                await self.hold(origin, target)
                await self.page.mouse.up()
            case "click" | "tap":
                await self.touch(origin)
                await self.touch(target)
            case "swipe":
                await self._swipe(origin, target)

    async def _swipe(self, origin: str, target: str) -> None:
        (x, y), (to_x, to_y) = await self.centre(origin), await self.centre(target)
        finger = await self.context.new_cdp_session(self.page)
        for kind, part in (("touchStart", 0.0), ("touchMove", 0.3), ("touchMove", 0.7), ("touchMove", 1.0)):
            points = [{"x": x + part * (to_x - x), "y": y + part * (to_y - y)}]
            await finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
        await finger.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
        await finger.detach()

    async def move(self, move: chess.Move, hand: Hand) -> None:
        await self.carry(chess.square_name(move.from_square), chess.square_name(move.to_square), hand)
        if move.promotion:
            await self.press(f"promote-{chess.piece_name(move.promotion)}")

    def frames(self, type_: str) -> list[dict[str, Any]]:
        """The frames of a type that came over this visitor's WebSockets, as far as the browser has told of them."""
        return [frame for frame in self.received if frame["type"] == type_]

    async def heard(self, type_: str, count: int = 1) -> list[dict[str, Any]]:
        """As `frames`, once there are `count`: the browser may tell of a frame after its page has shown it."""
        async with asyncio.timeout(PATIENCE_MS / 1_000):
            while len(self.frames(type_)) < count:
                await asyncio.sleep(0.01)
        return self.frames(type_)

    async def does_not_scroll_sideways(self) -> None:
        width, inner = await self.page.evaluate("() => [document.documentElement.scrollWidth, innerWidth]")
        assert width <= inner, f"{self.page.url} is {width} px wide in a window of {inner}"


@dataclass
class Table:
    """A game in browsers and, beside it, python-chess's own."""

    white: Visitor
    black: Visitor
    link: str
    board: chess.Board = field(default_factory=chess.Board)
    hands: dict[chess.Color, Hand] = field(default_factory=lambda: {chess.WHITE: "drag", chess.BLACK: "click"})
    watchers: list[Visitor] = field(default_factory=list)

    @property
    def everyone(self) -> list[Visitor]:
        return [self.white, self.black, *self.watchers]

    @property
    def mover(self) -> Visitor:
        return self.white if self.board.turn == chess.WHITE else self.black

    async def play(self, *sans: str) -> None:
        """The moves in turn; after each, everyone sees the same."""
        await self.all_see()
        for san in sans:
            move = self.board.parse_san(san)
            await self.mover.move(move, self.hands[self.board.turn])
            self.board.push(move)
            await self.all_see()

    async def all_see(self) -> None:
        for visitor in self.everyone:
            await visitor.sees(self.board)

    async def result(self, *words: str) -> None:
        """Everyone is told how the game ended."""
        for visitor in self.everyone:
            for word in words:
                await expect(visitor.see("result")).to_contain_text(word)


def notation(board: chess.Board) -> list[str]:
    """The moves of the board in SAN, from its first position on."""
    replay = board.root()
    sans = []
    for move in board.move_stack:
        sans.append(replay.san(move))
        replay.push(move)
    return sans


def _ends(move: chess.Move) -> Iterable[chess.Square]:
    return move.from_square, move.to_square
