"""A stateful test of the real edge: hypothesis chooses what people do over HTTP, WebSockets and event streams, and
after it every feed, document and answer must tell the same story.

What a rule draws never depends on what the server did, so that a choice of steps is the same steps again.
"""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Coroutine
from contextlib import suppress
from typing import Any, ClassVar, Final

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from tests.core.walks import FENS, NONSENSE
from tests.system.player import Player
from tests.system.process import Server
from tests.trust.finding import Finding, Size
from tests.trust.lives import started
from tests.trust.room import Person, RoomAtTheEdge

STEPS: Final = 25
STEP_WITHIN_S: Final = 40
LONG_GRACE_S: Final = 60.0
KINDS: Final = st.sampled_from(["draw", "takeback", "rematch"])
ROOMS: Final = st.fixed_dictionaries(
    {
        "time": st.sampled_from(["unlimited", "5+3", "1d"]),
        "variant": st.sampled_from(["standard", "standard", "chess960"]),
        "rules": st.sampled_from(["lichess", "fide"]),
        "on_disconnect": st.sampled_from(["none", "claim", "forfeit"]),
        "grace_s": st.sampled_from([LONG_GRACE_S, LONG_GRACE_S, LONG_GRACE_S, 0.0]),
        "flicker_s": st.sampled_from([0.0, 30.0]),
        "chat": st.sampled_from([True, True, False]),
        "takebacks": st.sampled_from([True, True, False]),
        "draw_offers": st.sampled_from([True, True, False]),
        "rematch": st.sampled_from([True, True, False]),
        "public": st.booleans(),
    },
    optional={"fen": st.sampled_from([fen for fen in FENS if fen])},
)
OTHERS: Final = st.sampled_from(
    [
        *({"type": "claim", "kind": kind} for kind in ("draw", "victory")),
        *({"type": "claim", "kind": "draw", "uci": uci} for uci in ("g1f3", "a1a1")),
        *({"type": kind, "ms": 5_000, "t": 1} for kind in ("add_time", "add_time", "abort", "resign", "dance", "ping")),
        {"type": "move"},
        {"type": "offer", "kind": "peace"},
    ]
)
SIDE: Final = st.integers(0, 1)
NUMBER: Final = st.integers(0, 2**16)


class BrokenOff(BaseException):
    """No more is to be tried. Hypothesis lets it through: it is no failure to be looked at again."""


class Edge(RuleBasedStateMachine):
    """Two people and their spectators in one room."""

    server: ClassVar[Server]
    did: ClassVar[Counter[str]]
    restarts_left: ClassVar[int]
    is_broken_off: ClassVar[bool]
    step: ClassVar[asyncio.Task[Any] | None] = None

    @classmethod
    def break_off(cls) -> None:
        """Ends what goes on in another thread, at the step that it is at."""
        cls.is_broken_off = True
        if (step := cls.step) is not None:
            with suppress(RuntimeError):    # its loop has been closed
                step.get_loop().call_soon_threadsafe(step.cancel)

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.Runner()
        self.room = RoomAtTheEdge(self.server)
        self.is_certain = True      # nobody is away in a room where that has consequences at once
        self.is_open = self.is_broken = False

    def do(self, what: str, step: Coroutine[Any, Any, None]) -> None:
        async def bounded() -> None:
            type(self).step = asyncio.current_task()
            if self.is_broken_off:
                step.close()
                raise BrokenOff
            async with asyncio.timeout(STEP_WITHIN_S):
                await step

        self.did[what] += 1
        try:
            self.loop.run(bounded())
        except asyncio.CancelledError:
            self.is_broken = True
            raise BrokenOff from None
        except BaseException:
            self.is_broken = True
            raise

    def here(self, side: int) -> Person | None:
        person = self.room.people.get(side)
        return person if person is not None and person.is_here else None

    @initialize(
        asked=ROOMS, by_socket=st.sampled_from([False, False, True]), is_met=st.sampled_from([True] * 5 + [False])
    )
    def open(self, asked: dict[str, Any], by_socket: bool, is_met: bool) -> None:
        if asked["variant"] == "chess960" or asked.get("fen") is None:
            asked.pop("fen", None)
        self.grace_s = LONG_GRACE_S if by_socket else asked["grace_s"]
        self.do("rooms", self.room.open(asked, by_socket=by_socket))
        self.is_open = True     # else hypothesis has broken off before
        if is_met:
            self.sit_down_or_come_back(1)

    def expect_losses(self, *people: Person) -> None:
        """Without grace a loss may cost the game, and before the game the seat: then they come back as others."""
        if self.grace_s < LONG_GRACE_S:
            self.is_certain = False
            for person in people:
                person.welcome = {}

    # coming and going

    @rule(side=SIDE)
    def sit_down_or_come_back(self, side: int) -> None:
        async def step() -> None:
            person = self.room.people.get(side)
            if self.room.told().status == "closed" or (person is not None and not person.is_away):
                return
            if person is None:
                await self.room.enter(side, Person(self.server.ws_url, self.room.room_id, name="Second"))
                return
            if person.welcome.get("player_id") in self.room.told().left:
                person.welcome = {}     # the seat was freed
            person.is_away = person.is_welcome = False
            person._task = asyncio.create_task(person._guarded())
            await person.until(lambda: person.is_welcome or person.is_over)

        self.do("comings", step())

    @rule(side=SIDE, code=st.sampled_from([None, 1000, 1001, 3000, 4010, 4999]))
    def leave(self, side: int, code: int | None) -> None:
        async def step() -> None:
            if (person := self.here(side)) is None:
                return
            await (person.vanish() if code is None else person.go(code))
            if self.grace_s < LONG_GRACE_S or code == 4010:
                self.is_certain = False

        self.do("leavings", step())

    @rule(side=SIDE)
    def lose_the_connection_and_come_back(self, side: int) -> None:
        async def step() -> None:
            if (person := self.here(side)) is None:
                return
            self.expect_losses(person)
            connects = person.connects
            await person.drop()
            await person.until(lambda: (person.connects > connects and person.is_welcome) or person.is_over)

        self.do("losses", step())

    @rule(side=SIDE, is_third=st.booleans())
    def come_once_more(self, side: int, is_third: bool) -> None:
        self.do(*(("thirds", self._third()) if is_third else ("devices", self._on_another_device(side))))

    async def _on_another_device(self, side: int) -> None:
        if (person := self.here(side)) is None:
            return
        other = Person(person.ws_url, person.room_id, token=person.token, position=person.position)
        other.board, other.is_playing, other.may_be_told_all = person.board.copy(), person.is_playing, False
        other.answers, other.sent, other.shown = dict(person.answers), dict(person.sent), dict(person.shown)
        await self.room.enter(side, other)
        await person.until(lambda: person.is_over)
        assert person.close_code == 4005, person.close_code

    async def _third(self) -> None:
        if not self.is_certain or self.room.told().status not in ("playing", "finished"):
            return
        async with Player(self.server.ws_url, self.room.room_id) as third:
            assert await third.ended() == 4003, third.close_code

    @rule(by_socket=st.booleans(), at=st.sampled_from(["", "start", "now", "future", "elsewhere"]), number=NUMBER)
    def watch(self, by_socket: bool, at: str, number: int) -> None:
        async def step() -> None:
            if len(self.room.watchers) >= 4:
                watcher = self.room.watchers[number % 4]
                if not watcher.is_over and not isinstance(watcher, type(self.room.record)) and watcher.socket:
                    await watcher.drop()
                return
            epoch, v = self.room.epoch, self.room.record.v
            positions = {"start": f"{epoch}:{number % (v + 1)}", "now": f"{epoch}:{v}", "future": f"{epoch}:{v + 99}"}
            position = positions.get(at, "other:3" if at else None)
            if self.room.told().status == "closed" and not by_socket and position is not None:
                return      # 204, which is tested elsewhere
            is_told_all = at not in ("start", "now")
            await self.room.watch(by_socket=by_socket, position=position, is_told_all=is_told_all)

        self.do("watchers", step())

    # playing

    def command(self, what: str, side: int, **message: Any) -> None:
        async def step() -> None:
            if (person := self.here(side)) is not None:
                await person.say(**message)

        self.do(what, step())

    @rule(numbers=st.lists(NUMBER, min_size=1, max_size=12))
    def play_on(self, numbers: list[int]) -> None:
        async def step() -> None:
            for number in numbers:
                await self.room.settle()
                on_turn = [person for person in self.room.people.values() if person.is_here and person.is_to_move]
                if on_turn:
                    await self._move(on_turn[0], number, has_ply=True)

        self.do("lines played", step())

    @rule(side=SIDE, number=NUMBER, has_ply=st.booleans(), offers=st.booleans())
    def move(self, side: int, number: int, has_ply: bool, offers: bool) -> None:
        async def step() -> None:
            await self.room.settle()
            if (person := self.here(side)) is not None:
                await self._move(person, number, has_ply=has_ply, **({"offer_draw": True} if offers else {}))

        self.do("moves tried", step())

    async def _move(self, person: Person, number: int, *, has_ply: bool, **more: Any) -> None:
        """A legal move is acknowledged if it is its player's turn, else refused; as long as time decides nothing."""
        legal = sorted(move.uci() for move in person.board.legal_moves)
        message = {"type": "move", "uci": legal[number % len(legal)] if legal else "e2e4"} | more
        is_due = person.is_to_move and bool(legal)
        answer = await person.say(**message, **({"ply": person.ply + 1} if has_ply else {}))
        if self.is_certain:
            assert answer is not None
            assert (answer["type"] == "ack") == is_due, (message, answer, person.frames[-3:])
            self.did["moves made"] += is_due

    @rule(side=SIDE, number=NUMBER, uci=st.sampled_from([uci for uci in NONSENSE if uci.isascii()]))
    def move_illegally(self, side: int, number: int, uci: str) -> None:
        async def step() -> None:
            await self.room.settle()
            if (person := self.here(side)) is None:
                return
            is_legal = person.is_to_move and uci in {move.uci() for move in person.board.legal_moves}
            answer = await person.say(type="move", uci=uci)
            assert answer is None or is_legal or answer["type"] == "error", (uci, answer)

        self.do("illegal moves", step())

    @rule(side=SIDE, number=NUMBER)
    def send_again(self, side: int, number: int) -> None:
        async def step() -> None:
            if (person := self.here(side)) is None:
                return
            remembered = [
                (command_id, message)
                for command_id, message in list(person.sent.items())[-50:]
                if command_id in person.answers and message["type"] not in ("sync", "ping")
            ]
            if remembered:
                command_id, message = remembered[number % len(remembered)]
                await person.send(**message, id=command_id)     # a Person breaks if the answer is another one
                await person.until(lambda: command_id not in person.pending or person.is_over)

        self.do("resends", step())

    @rule(side=SIDE, verb=st.sampled_from(["offer", "offer", "accept", "accept", "decline"]), kind=KINDS)
    def talk_it_over(self, side: int, verb: str, kind: str) -> None:
        self.command("offers", side, type=verb, kind=kind)

    @rule(side=SIDE, text=st.text(min_size=1, max_size=12))
    def chat(self, side: int, text: str) -> None:
        self.command("chat lines", side, type="chat", text=text)

    @rule(side=SIDE, message=OTHERS)
    def do_something_else(self, side: int, message: dict[str, Any]) -> None:
        self.command("other commands", side, **message)

    # reading, and the server's end

    @rule(number=st.integers(0, 9))
    def read_or_restart(self, number: int) -> None:
        if number or self.restarts_left <= 0:
            self.do("documents", self.room.require_documents())
        else:
            type(self).restarts_left -= 1
            self.do("restarts", self._restart())

    async def _restart(self) -> None:
        here = [(person, person.connects) for person in self.room.people.values() if person.is_here]
        self.expect_losses(*(person for person, _ in here))
        await asyncio.to_thread(self.server.kill)
        await asyncio.to_thread(self.server.start)
        for person, before in here:
            await person.until_it(lambda it, before=before: (it.connects > before and it.is_welcome) or it.is_over)

    def teardown(self) -> None:
        async def step() -> None:
            await self.room.settle()
            self.room.require_same()
            await self.room.require_documents()
            self.did["rooms compared"] += 1     # hypothesis lets no error through when it has broken off itself
            self.did["frames"] += len(self.room.record.texts)
            self.did["games ended"] += len(self.room.told().ends)

        try:
            if self.is_open and not self.is_broken:
                self.do("comparisons", step())
        finally:
            self.loop.run(self.room.end())
            self.loop.close()


async def feeds(size: Size) -> AsyncIterator[Finding]:
    """Derandomized at the small size: CI plays the same rooms each time."""
    chosen = settings(
        max_examples=size.of(15, 2_000),
        stateful_step_count=STEPS,
        derandomize=not size.is_full,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate, Phase.shrink],
        print_blob=True,
    )
    async with started("--rate-limits", "off") as server:
        Edge.server, Edge.did, Edge.restarts_left, Edge.is_broken_off = server, Counter(), size.of(1, 60), False
        began_s = time.monotonic()
        trying = asyncio.create_task(asyncio.to_thread(run_state_machine_as_test, Edge, settings=chosen))
        try:
            await asyncio.shield(trying)
        finally:
            Edge.break_off()
            await asyncio.gather(trying, return_exceptions=True)        # it may be starting the server
        took_s = time.monotonic() - began_s
    did = Edge.did
    yield Finding(
        f"{did['rooms']:,} rooms in which hypothesis chooses what people do over HTTP, WebSockets and event streams",
        "all feeds show the same frames without a gap; documents, PGN and answers tell the same; one end a game",
        f"{sum(did.values()) - did['frames']:,} steps in {took_s:.0f} s, {did['moves made']:,} moves, "
        f"{did['resends']:,} resends, {did['leavings'] + did['losses']:,} connections lost, "
        f"{did['restarts']} `kill -9`, {did['games ended']:,} games ended; {did['frames']:,} frames compared",
        is_kept=did["rooms compared"] == did["rooms"] > 0,
    )
