"""Thousands of races against a real server: of what is said at the same moment, exactly one thing happens first.

Every game has exactly one ending, every command is answered by `ack` or a named error, and every listener was shown the
same frames, byte for byte. The seed is printed; TABIYA_SEED repeats the choices (not the moments).
"""

import asyncio
import json
import os
import random
import secrets
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import pytest

from tests.system.flags import offset_ms
from tests.system.guests import Guest, at_order, monotonic_ms, opened, shown, table
from tests.system.player import Broken, Frame, Listener, Player, Stream, Watcher
from tests.system.process import Server
from tests.system.tables import new_room_id

RACES = 800             # and about as many for the rematches
TABLES = 8
GAMES_A_ROOM = 20
LONGEST_S = 30          # on a slow machine there are fewer races
FLAG_RACES = 240
FLAG_TABLES = 20
JOINER_RACES = 100
TAB_RACES = 100
NAMED = frozenset(
    {
        "bad_message",
        "unknown_type",
        "illegal_move",
        "not_your_turn",
        "stale_ply",
        "game_not_started",
        "game_over",
        "no_such_offer",
        "not_allowed",
        "rate_limited",
        "try_again",
    }
)
OTHER = {"white": "black", "black": "white"}


@pytest.fixture(scope="module")
def module_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(tmp_path_factory.mktemp("server"), "--rate-limits", "off", "--flicker-s", "30").start()
    yield server
    server.end()


@pytest.fixture
def chance() -> random.Random:
    seed = int(os.environ.get("TABIYA_SEED", random.randrange(1_000_000)))
    print(f"TABIYA_SEED={seed}")
    return random.Random(seed)


async def soon(chance: random.Random, doing: Awaitable[Frame]) -> Frame:
    """Does it now or up to 2 ms later."""
    if chance.random() < 0.5:       # else in the order of mention
        await asyncio.sleep(chance.uniform(0, 0.002))
    answer = await doing
    if answer["type"] != "ack" and answer["code"] not in NAMED:
        raise Broken(f"answered with {answer}")
    return answer


def said(answer: Frame) -> str:
    """`ack`, or the name of the error."""
    return str(answer["type"] if answer["type"] == "ack" else answer["code"])


class Table:
    """Two players who race, game after game in one room, and two spectators."""

    def __init__(self, chance: random.Random, white: Guest, black: Guest, *watching: Listener) -> None:
        self.chance = chance
        self.seats = {"white": white, "black": black}
        self.listeners: tuple[Listener, ...] = (white, black, *watching)
        self.games = 1
        self.outcomes: Counter[str] = Counter()

    async def do(self, color: str, command: str, /, **fields: Any) -> Frame:
        return await self.seats[color].do(type=command, **fields)

    async def at_once(self, *doings: Awaitable[Frame]) -> tuple[str, ...]:
        """How each was answered."""
        tasks = [asyncio.ensure_future(soon(self.chance, doing)) for doing in doings]
        return tuple([said(await task) for task in tasks])

    def move(self, color: str, uci: str, ply: int) -> Awaitable[Frame]:
        return self.do(color, "move", uci=uci, ply=ply)

    async def moves(self, *ucis: str) -> None:
        for ply, uci in enumerate(ucis, 1):
            answer = await self.move("white" if ply % 2 else "black", uci, ply)
            assert answer["type"] == "ack", answer

    async def over(self) -> Frame:
        """How this game ended, as every listener knows by now."""
        for listener in self.listeners:
            await listener.until(lambda listener=listener: len(listener.of("game_over")) >= self.games)  # type: ignore[misc]
            assert len(listener.of("game_over")) == self.games
        return self.listeners[0].of("game_over")[-1]

    async def rematch(self) -> None:
        """The next game, by offers that cross or an acceptance that somebody's resignation crosses."""
        match self.chance.randrange(4):
            case 0:
                await self.at_once(*(self.do(color, "offer", kind="rematch") for color in OTHER))
            case 1:
                await self.do("white", "offer", kind="rematch")
                accept = self.do("black", "accept", kind="rematch")
                withdrawn, accepted = await self.at_once(self.do("white", "decline", kind="rematch"), accept)
                self.outcomes[f"rematch withdrawn {withdrawn}, accepted {accepted}"] += 1
                if accepted != "ack":
                    await self.at_once(*(self.do(color, "offer", kind="rematch") for color in OTHER))
            case 2:
                await self.do("black", "offer", kind="rematch")
                two = (self.do("white", "accept", kind="rematch") for _ in range(2))
                assert sorted(await self.at_once(*two)) in (["ack", "not_allowed"],)
            case _:
                await self.rematch_and_resign()
                return
        await self.swapped()

    async def rematch_and_resign(self) -> None:
        """Who resigns at the moment of the rematch resigns for itself, or is told that the game is over."""
        offerer = self.chance.choice(("white", "black"))
        await self.do(offerer, "offer", kind="rematch")
        accept = self.do(OTHER[offerer], "accept", kind="rematch")
        resigned, accepted = await self.at_once(self.do(offerer, "resign"), accept)
        assert accepted == "ack"
        await self.swapped()
        self.outcomes[f"resignation in a rematch: {resigned}"] += 1
        if resigned == "ack":
            over = await self.over()
            assert over["winner"] == offerer, "somebody resigned for the opponent"      # who has the other colour now
            await self.rematch()

    async def swapped(self) -> None:
        self.games += 1
        self.seats = {color: self.seats[OTHER[color]] for color in OTHER}
        for listener in self.listeners:
            await listener.until(lambda listener=listener: len(listener.of("game_started")) >= self.games)  # type: ignore[misc]

    async def run(self, races: int) -> None:
        for _ in range(races):
            race = self.chance.choice(RACE_KINDS)
            outcome = await race(self)
            self.outcomes[f"{race.__name__}: {outcome}"] += 1
            await self.rematch()
        await require_same(self.listeners)


async def require_same(listeners: tuple[Listener, ...]) -> None:
    """That all were shown the same frames, with one ending for each start and nothing played between games."""
    latest = max(listener.v for listener in listeners)
    for listener in listeners:
        await listener.until(lambda listener=listener: listener.v == latest)  # type: ignore[misc]
        assert listener.texts == listeners[0].texts
    assert at_order(listeners[0])
    is_on = False
    for text in listeners[0].texts:
        kind = json.loads(text)["type"]
        if kind in ("game_started", "game_over"):
            assert is_on == (kind == "game_over"), text
            is_on = not is_on
        elif kind in ("move", "takeback"):
            assert is_on, text


# The races: each leaves a game that has ended, and says what came first


async def resignation_against_move(at: Table) -> str:
    await at.moves("e2e4", "e7e5")
    resigned, moved = await at.at_once(at.do("black", "resign"), at.move("white", "g1f3", 3))
    assert resigned == "ack"
    assert (await at.over())["reason"] == "resignation"
    assert moved in ("ack", "game_over")
    return moved


async def both_resign(at: Table) -> str:
    answers = await at.at_once(at.do("black", "resign"), at.do("white", "resign"))
    assert sorted(answers) == ["ack", "game_over"]
    winner = "white" if answers[0] == "ack" else "black"
    assert (await at.over())["winner"] == winner
    return winner


async def mate_against_resignation(at: Table) -> str:
    await at.moves("f2f3", "e7e5", "g2g4")
    mated, resigned = await at.at_once(at.move("black", "d8h4", 4), at.do("black", "resign"))
    over = await at.over()
    assert (over["winner"], over["reason"]) == (("black", "checkmate") if mated == "ack" else ("white", "resignation"))
    assert sorted((mated, resigned)) == ["ack", "game_over"]
    return str(over["reason"])


async def acceptance_against_move(at: Table) -> str:
    await at.moves("e2e4", "e7e5")
    await at.do("black", "offer", kind="draw")
    if at.chance.random() < 0.5:        # of who is asked: the move declines
        accepted, moved = await at.at_once(at.do("white", "accept", kind="draw"), at.move("white", "g1f3", 3))
        assert (accepted, moved) in (("ack", "game_over"), ("no_such_offer", "ack"))
    else:                               # of who has asked, after the move of who is asked
        await at.do("black", "decline", kind="draw")
        await at.do("white", "offer", kind="draw")
        accepted, moved = await at.at_once(at.do("black", "accept", kind="draw"), at.move("white", "g1f3", 3))
        assert (accepted, moved) in (("ack", "game_over"), ("ack", "ack"))
    if accepted != "ack":
        await at.do("black", "resign")
    assert (await at.over())["reason"] == ("agreement" if accepted == "ack" else "resignation")
    return f"accepted {accepted}, moved {moved}"


async def two_acceptances(at: Table) -> str:
    await at.do("white", "offer", kind="draw")
    answers = await at.at_once(*(at.do("black", "accept", kind="draw") for _ in range(2)))
    assert sorted(answers) == ["ack", "game_over"]
    assert (await at.over())["reason"] == "agreement"
    return "one"


async def two_draw_offers(at: Table) -> str:
    answers = await at.at_once(*(at.do(color, "offer", kind="draw") for color in OTHER))
    assert answers == ("ack", "ack")
    assert (await at.over())["reason"] == "agreement"
    return "agreement"


async def withdrawal_against_acceptance(at: Table) -> str:
    await at.do("white", "offer", kind="draw")
    decline = at.do("white", "decline", kind="draw")
    withdrawn, accepted = await at.at_once(decline, at.do("black", "accept", kind="draw"))
    assert (withdrawn, accepted) in (("ack", "no_such_offer"), ("game_over", "ack"))
    if accepted != "ack":
        await at.do("black", "resign")
    await at.over()
    return f"accepted {accepted}"


async def abort_against_second_move(at: Table) -> str:
    await at.moves("e2e4")
    aborted, moved = await at.at_once(at.do("white", "abort"), at.move("black", "e7e5", 2))
    assert (aborted, moved) in (("ack", "game_over"), ("not_allowed", "ack"))
    if aborted != "ack":
        await at.do("white", "resign")
    assert (await at.over())["reason"] == ("aborted" if aborted == "ack" else "resignation")
    return f"aborted {aborted}"


async def takeback_against_move(at: Table) -> str:
    await at.moves("e2e4", "e7e5")
    await at.do("white", "offer", kind="takeback")      # both plies, as White is to move
    accepted, moved = await at.at_once(at.do("black", "accept", kind="takeback"), at.move("white", "g1f3", 3))
    assert (accepted, moved) in (("ack", "stale_ply"), ("no_such_offer", "ack"))
    plies = [frame["ply"] for frame in (await shown_now(at))]
    assert plies[-1] == (0 if accepted == "ack" else 3)
    await at.do("white", "resign")
    await at.over()
    return f"accepted {accepted}"


async def shown_now(at: Table) -> list[Frame]:
    """The moves and takebacks that White has been shown."""
    white = at.seats["white"]
    await white.do(type="ping")
    return [frame for frame in white.frames if frame["type"] in ("move", "takeback")]


async def everything_at_once(at: Table) -> str:
    await at.moves("e2e4", "e7e5", "g1f3")
    await at.at_once(
        at.do("white", "offer", kind="takeback"),
        at.do("black", "offer", kind="draw"),
        at.do("white", "accept", kind="draw"),
        at.move("black", "b8c6", 4),
        at.do("black", "accept", kind="takeback"),
        at.do("white", "chat", text="hello"),
        at.move("white", "f1b5", 5),
        at.do(at.chance.choice(("white", "black")), "resign"),
    )
    return str((await at.over())["reason"])


RACE_KINDS: tuple[Callable[[Table], Awaitable[str]], ...] = (
    resignation_against_move,
    both_resign,
    mate_against_resignation,
    acceptance_against_move,
    two_acceptances,
    two_draw_offers,
    withdrawal_against_acceptance,
    abort_against_second_move,
    takeback_against_move,
    everything_at_once,
)


@asynccontextmanager
async def racing(server: Server, chance: random.Random) -> AsyncIterator[Table]:
    async with AsyncExitStack() as stack:
        white, black = await stack.enter_async_context(table(server))
        start = f"{white.welcome['epoch']}:0"
        watcher = await stack.enter_async_context(Watcher(server.ws_url, white.room_id, start))
        stream = await stack.enter_async_context(Stream(server.url, white.room_id, start))
        yield Table(random.Random(chance.random()), white, black, watcher, stream)


async def test_of_two_things_at_once_one_is_first_and_all_see_the_same(server: Server, chance: random.Random) -> None:
    outcomes: Counter[str] = Counter()
    races = rematches = 0

    async def run() -> None:
        nonlocal races, rematches
        for _ in range(RACES // TABLES // GAMES_A_ROOM):
            if time.monotonic() < ends_s:
                async with racing(server, chance) as at:
                    await at.run(GAMES_A_ROOM)
                    outcomes.update(at.outcomes)
                    races += GAMES_A_ROOM
                    rematches += at.games - 1

    ends_s = time.monotonic() + LONGEST_S
    await asyncio.gather(*(run() for _ in range(TABLES)))
    print(f"{races} races, and {rematches} for the rematches after them: {dict(sorted(outcomes.items()))}")
    assert races >= TABLES * GAMES_A_ROOM


async def test_a_move_races_the_flag_and_the_clock_decides(server: Server, chance: random.Random) -> None:
    async with table(server) as (white, _):
        offset = await offset_ms(white)
    outcomes: Counter[str] = Counter()

    async def run() -> None:
        for _ in range(FLAG_RACES // FLAG_TABLES):
            if time.monotonic() < ends_s:
                outcomes[await move_against_flag(server, chance, offset)] += 1

    ends_s = time.monotonic() + LONGEST_S / 3
    await asyncio.gather(*(run() for _ in range(FLAG_TABLES)))
    print(f"{outcomes.total()} moves against the flag: {dict(outcomes)}")
    assert outcomes.total() >= FLAG_TABLES


async def move_against_flag(server: Server, chance: random.Random, offset: float) -> str:
    """White moves within some milliseconds of its flag, in either direction."""
    async with table(server, time="0.005+0", lag_compensation=False) as (white, black):
        for player, uci, ply in ((white, "e2e4", 1), (black, "e7e5", 2)):
            assert (await player.do(type="move", uci=uci, ply=ply))["type"] == "ack"
        await white.until(lambda: len(white.moves()) == 2)
        zero_ms = white.moves()[1]["at"] + 300
        await asyncio.sleep((zero_ms - monotonic_ms() - offset + chance.uniform(-6, 4)) / 1_000)
        answer = await white.do(type="move", uci="g1f3", ply=3)
        if answer["type"] == "ack":
            moved = await black.first("move", ply=3)
            assert moved["at"] < zero_ms
            assert moved["clock"]["white"] == zero_ms - moved["at"]
            await black.do(type="resign")
        else:
            assert answer["code"] == "game_over"
        for player in (white, black):
            over = await player.first("game_over")
            assert len(player.of("game_over")) == 1
        if answer["type"] != "ack":
            assert (over["at"], over["reason"]) == (zero_ms, "timeout")
            assert len(white.moves()) == 2
        await require_same((white, black))
        return said(answer)


async def test_three_joiners_for_two_seats(server: Server) -> None:
    async def race() -> None:
        room_id = new_room_id()
        joiners = [Player(server.ws_url, room_id) for _ in range(3)]
        async with AsyncExitStack() as stack:
            await asyncio.gather(*(stack.enter_async_context(joiner) for joiner in joiners))
            for joiner in joiners:
                await joiner.until(lambda joiner=joiner: joiner.is_over or joiner.is_playing)  # type: ignore[misc]
            (refused,) = (joiner for joiner in joiners if joiner.is_over)
            assert refused.close_code == 4003
            assert not refused.frames
            seated = [joiner for joiner in joiners if joiner is not refused]
            assert {joiner.color for joiner in seated} == {"white", "black"}
            state = await shown(server, room_id)
            assert {state[joiner.color]["player_id"] for joiner in seated} == {
                joiner.welcome["player_id"] for joiner in seated
            }

    for _ in range(JOINER_RACES // 4):
        await asyncio.gather(*(race() for _ in range(4)))
    print(f"{JOINER_RACES // 4 * 4} races of three joiners")


async def test_two_tabs_of_one_seat(server: Server, chance: random.Random) -> None:
    """They connect at the same moment with a secret of their own, and both move: one seat, one move, one tab left."""
    outcomes: Counter[str] = Counter()

    async def race() -> None:
        made = await opened(server, color="black")
        token = secrets.token_urlsafe(24)
        async with AsyncExitStack() as stack:
            black = await stack.enter_async_context(Guest(server.ws_url, made["room_id"], token=made["token"]))
            tabs = [Guest(server.ws_url, made["room_id"], token=token) for _ in range(2)]
            await asyncio.gather(*(stack.enter_async_context(tab) for tab in tabs))
            for tab, uci in zip(tabs, ("e2e4", "d2d4"), strict=True):
                await tab.until(lambda tab=tab: tab.is_welcome or tab.is_over)  # type: ignore[misc]
                await tab.send(type="move", uci=uci, ply=1)
            await tabs[0].until(lambda: any(tab.is_over for tab in tabs))
            (replaced,) = (tab for tab in tabs if tab.is_over)
            (kept,) = (tab for tab in tabs if not tab.is_over)
            assert replaced.close_code == 4005
            await kept.until(lambda: not kept.pending)
            answers = [json.loads(answer) for tab in tabs for answer in tab.answers.values()]
            await black.first("move", ply=1)
            assert sorted(map(said, answers)) in (["ack"], ["stale_ply"], ["ack", "stale_ply"])
            assert kept.welcome["player_id"] == replaced.welcome["player_id"]
            outcomes[" and ".join(sorted(map(said, answers)))] += 1

    for _ in range(TAB_RACES // 4):
        await asyncio.gather(*(race() for _ in range(4)))
    print(f"{outcomes.total()} races of two tabs: {dict(outcomes)}")
