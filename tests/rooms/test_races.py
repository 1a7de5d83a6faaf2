"""Two workers serve one room: whatever they do at once, the log makes one history of it, the same for everyone."""

import asyncio
import itertools
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from game_server.core.clock import parse_time_control
from game_server.core.commands import Abort, Accept, CheckTime, Claim, Decline, Offer, Resign
from game_server.core.events import GameEnded, GameStarted, SeatTaken
from game_server.core.ids import GameId
from game_server.core.refusals import Code, Refused
from tests.rooms.worker import (
    BULLET,
    Worker,
    endings,
    move,
    play,
    recorded,
    say,
    seat,
    slipping_in,
    texts,
    wait,
)


class Pair:
    """A room as two workers have it, Anna at the one and Boris at the other."""

    @classmethod
    async def of(cls, **options):
        pair = cls()
        pair.one = Worker()
        pair.two = pair.one.another()
        pair.log = pair.one.log
        pair.a = await pair.one.game(**options)
        pair.b = await pair.two.directory.find("r")
        return pair

    async def catch_up(self):
        """Both know everything: the second worker starts anew."""
        self.two = self.one.another()
        self.b = await self.two.directory.find("r")

    async def raced(self, first, second):
        """Carries `first` out at one worker while `second` slips in at the other. What became of them."""
        answers = {}

        async def at(live, name, command):
            try:
                answers[name] = await live.do(command)
            except Refused as refused:
                answers[name] = refused.code

        await self.catch_up()
        slipping_in(self.log, lambda: at(self.b, "second", second))
        await at(self.a, "first", first)
        if "second" not in answers:     # the first had nothing to append
            self.log.interfere = None
            await at(self.b, "second", second)
        return answers["first"], answers["second"]

    async def agree(self):
        """Both have heard all, and have the very same frames, which are also those of a worker that starts now."""
        for live in (self.a, self.b, self.a):       # who is behind conflicts, and catches up
            await live.do(say("are we agreed?"))
        cold = await Worker(self.log, self.one.clock).directory.find("r")
        assert await cold.resumed(f"{self.a.room.epoch}:0") == 0
        shared = texts(cold)
        for live in (self.a, self.b):
            assert texts(live) == shared[live.forgotten : live.version]
        assert len(shared) == len(await recorded(self.a, self.log))


MOVE, RESIGN = move("white", "g1f3", 3), Resign("black")
ACCEPT = Accept("black", "draw", GameId("g2"), 0)
RACES = {
    "resignation against move": (MOVE, RESIGN, "resignation"),
    "move against resignation": (RESIGN, MOVE, "resignation"),
    "two resignations": (Resign("white"), Resign("black"), "resignation"),
    "draw acceptance against resignation": (ACCEPT, Resign("white"), "resignation"),
    "resignation against draw acceptance": (Resign("white"), ACCEPT, "agreement"),
    "two acceptances of one draw": (ACCEPT, ACCEPT, "agreement"),
    "draw acceptance against the offerer's withdrawal": (ACCEPT, Decline("white", "draw"), None),
    "withdrawal against draw acceptance": (Decline("white", "draw"), ACCEPT, "agreement"),
    "draw acceptance against the offerer's move": (ACCEPT, MOVE, "agreement"),
    "the offerer's move against draw acceptance": (MOVE, ACCEPT, "agreement"),
}


@pytest.mark.parametrize(("first", "second", "reason"), RACES.values(), ids=RACES)
async def test_of_two_commands_at_once_the_log_decides(first, second, reason):
    pair = await Pair.of()
    await play(pair.a, "e2e4", "e7e5")
    await pair.a.do(Offer("white", "draw", GameId("g2"), 0))
    await pair.raced(first, second)
    ended = await endings(pair.a, pair.log)
    assert [ending.reason for ending in ended] == ([reason] if reason else [])
    await pair.agree()


async def test_an_offer_that_the_opponents_move_overtakes_cannot_be_accepted():
    pair = await Pair.of()
    await play(pair.a, "e2e4")
    await pair.a.do(Offer("white", "draw", GameId("g2"), 0))
    answers = await pair.raced(ACCEPT, move("black", "e7e5", 2))
    assert answers[0] is Code.NO_SUCH_OFFER
    assert await endings(pair.a, pair.log) == []


async def test_two_acceptances_of_a_rematch_start_one_game():
    pair = await Pair.of()
    await pair.a.do(Resign("white"))
    await pair.a.do(Offer("white", "rematch", GameId("g2"), 0))
    await pair.raced(Accept("black", "rematch", GameId("g2"), 0), Accept("black", "rematch", GameId("g3"), 0))
    started = [event for event in await recorded(pair.a, pair.log) if isinstance(event, GameStarted)]
    assert [game.game_id for game in started] == ["g1", "g3"]
    await pair.agree()


async def test_two_offers_of_a_rematch_at_once_are_an_agreement():
    pair = await Pair.of()
    await pair.a.do(Resign("white"))
    await pair.raced(Offer("white", "rematch", GameId("g2"), 0), Offer("black", "rematch", GameId("g2"), 0))
    assert pair.a.room.status == "playing"
    assert (pair.a.room.white.player_id, pair.a.room.black.player_id) == ("boris", "anna")


async def test_the_same_move_from_two_tabs_is_played_once():
    pair = await Pair.of()
    answers = await pair.raced(move("white", "e2e4", 1), move("white", "e2e4", 1))
    assert answers[0] == answers[1]
    assert pair.a.room.game.ply == 1
    await pair.agree()


async def test_of_two_moves_at_one_ply_the_second_is_stale():
    pair = await Pair.of()
    answers = await pair.raced(move("white", "e2e4", 1), move("white", "d2d4", 1))
    assert answers[0] is Code.STALE_PLY
    assert pair.a.room.game.plies[0].uci == "d2d4"


async def test_an_abort_and_the_move_that_forbids_it():
    pair = await Pair.of()
    await play(pair.a, "e2e4")
    answers = await pair.raced(Abort("white"), move("black", "e7e5", 2))
    assert answers[0] is Code.NOT_ALLOWED
    assert await endings(pair.a, pair.log) == []


@pytest.mark.parametrize("mover_is_first", [True, False])
@pytest.mark.parametrize("at_ms", [59_998, 59_999, 60_000, 60_001])
async def test_a_move_and_the_flag_race_and_the_clock_decides(at_ms, mover_is_first):
    pair = await Pair.of(time=BULLET, lag_compensation=False)
    await play(pair.a, "e2e4", "e7e5")
    flag_ms = pair.one.clock.ms + 60_000
    set_clock(pair, flag_ms - 60_000 + at_ms)
    commands = (MOVE, CheckTime()) if mover_is_first else (CheckTime(), MOVE)
    await pair.raced(*commands)
    set_clock(pair, flag_ms + 1)
    await pair.agree()
    ended = await endings(pair.a, pair.log)
    was_in_time = at_ms < 60_000
    assert [(ending.reason, ending.at_ms) for ending in ended] == ([] if was_in_time else [("timeout", flag_ms)])
    assert ("g1f3" in [ply.uci for ply in pair.a.room.game.plies]) is was_in_time


def set_clock(pair, ms):
    """Steps there in beats of both workers."""
    clock = pair.one.clock
    while clock.ms < ms:
        clock.ms = min(ms, clock.ms + 1_000)
        for worker in (pair.one, pair.two):
            worker.outages.beat()


async def test_three_joiners_for_two_seats_at_three_workers():
    one = Worker()
    workers = [one, one.another(), one.another()]
    await one.room()
    lives = [await worker.directory.find("r") for worker in workers]
    answers = await asyncio.gather(
        *(live.do(seat(f"p{n}", "white")) for n, live in enumerate(lives)), return_exceptions=True
    )
    refused = [answer for answer in answers if isinstance(answer, Refused)]
    assert [error.code for error in refused] == [Code.SEATS_TAKEN]
    taken = [event for event in await recorded(lives[0], one.log) if isinstance(event, SeatTaken)]
    assert sorted(event.color for event in taken) == ["black", "white"]


@pytest.mark.parametrize("same_worker", [True, False])
async def test_one_secret_that_sits_down_twice_at_once_has_one_seat(same_worker):
    one = Worker()
    live = await one.room()
    other = live if same_worker else await one.another().directory.find("r")
    await asyncio.gather(live.do(seat("anna", "white")), other.do(replace(seat("anna", "black"), player_id="x")))
    taken = [event for event in await recorded(live, one.log) if isinstance(event, SeatTaken)]
    assert len(taken) == 1


async def test_two_workers_that_open_a_room_at_once_open_one():
    one = Worker()
    two = one.another()
    a, b = await asyncio.gather(one.room(), two.room(time=BULLET))
    assert a.room.epoch == b.room.epoch
    assert a.room.options == b.room.options


async def test_two_workers_that_open_a_closed_room_anew_open_one_life():
    one = Worker()
    two = one.another()
    first = await one.game(linger_ms=1_000)
    await first.do(Resign("white"))
    await wait(1_000, one)
    a, b = await asyncio.gather(one.room(), two.room())
    assert first.is_closed
    assert a.room.epoch == b.room.epoch != first.room.epoch


COMMANDS = st.one_of(
    st.builds(move, st.sampled_from(["white", "black"]), st.sampled_from(["e2e4", "e7e5", "g1f3", "b8c6", "f3g1"])),
    st.builds(Resign, st.sampled_from(["white", "black"])),
    st.builds(Abort, st.sampled_from(["white", "black"])),
    st.builds(
        Offer,
        st.sampled_from(["white", "black"]),
        st.sampled_from(["draw", "takeback", "rematch"]),
        st.just(GameId("g2")),
        st.integers(0, 3),
    ),
    st.builds(Decline, st.sampled_from(["white", "black"]), st.sampled_from(["draw", "takeback", "rematch"])),
    st.builds(Claim, st.sampled_from(["white", "black"]), st.just("draw")),
    st.builds(CheckTime),
)
STEPS = st.lists(st.tuples(st.booleans(), COMMANDS, st.integers(0, 9_000)), max_size=12)


@given(st.lists(STEPS, min_size=2, max_size=4))
@settings(max_examples=60, deadline=None)
def test_any_interleaving_of_workers_gives_one_history_with_one_ending_a_game(scripts):
    asyncio.run(interleaved(scripts))


async def interleaved(scripts):
    pair = await Pair.of(time=parse_time_control("0.5+0"))

    async def follow(script):
        for is_first, command, passing_ms in script:
            set_clock(pair, pair.one.clock.ms + passing_ms)
            try:
                await (pair.a if is_first else pair.b).do(command)
            except Refused:
                await asyncio.sleep(0)

    await asyncio.gather(*map(follow, scripts))
    events = await recorded(pair.a, pair.log)
    games = [event for event in events if isinstance(event, GameStarted | GameEnded)]
    for game, following in itertools.pairwise(games):
        assert type(game) is not type(following)
    await pair.agree()
