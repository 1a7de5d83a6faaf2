"""Several workers over one log and one bus: what one does the others show, once; what one cannot do the others may."""

import asyncio
import json

import pytest

from game_server.bus.local import Exchange, LocalBus
from game_server.core.account import player_of
from game_server.core.account_events import Challenge
from game_server.core.clock import parse_time_control
from game_server.core.commands import Offer, Resign
from game_server.core.events import OutageRepaid, PlayerAway, PlayerBack
from game_server.core.ids import AccountId, GameId
from game_server.core.options import Defaults
from game_server.core.refusals import Code, Refused
from game_server.rooms import challenges
from game_server.rooms.accounts import Accounts
from game_server.rooms.company import BLIND_MS
from game_server.rooms.directory import FORGOTTEN_AFTER_MS
from game_server.rooms.neighbours import LEASE_MS, RETURN_MS, Neighbours
from game_server.store.log import Unavailable
from tests.core.test_account import asked
from tests.rooms.test_accounts import Club
from tests.rooms.test_lobby import Hall
from tests.rooms.worker import (
    ANNA,
    BORIS,
    HandClock,
    Socket,
    T,
    Worker,
    endings,
    kinds,
    move,
    play,
    recorded,
    say,
    seat,
    slipping_in,
    texts,
    unavailable,
    wait,
)

MINUTE = parse_time_control("1+0")


class Member(Worker):
    """A worker with its part of the bus; `beat` does what its tasks do each second, and the poll."""

    def __init__(self, log, clock, exchange):
        super().__init__(log, clock, LocalBus(exchange))
        self.accounts = Accounts(self.log, self.directory, self.clock, Defaults(), lambda _: None, self.bus)
        self.neighbours = Neighbours(self.bus, self.log, self.outages, self.directory, self.accounts)

    async def beat(self):
        self.bus.repeat()
        await self.neighbours.renew()
        await self.neighbours.poll()


class Cluster:
    """Two members, and a clock that is stepped with all of them alive."""

    def __init__(self):
        self.clock = HandClock()
        self.exchange = Exchange(self.clock)
        self.log = None
        self.members = []
        self.one, self.two = self.join(), self.join()

    def join(self):
        member = Member(self.log, self.clock, self.exchange)
        self.log = member.log
        self.members.append(member)
        return member

    def kill(self, member):
        self.members.remove(member)
        member.bus.vanish()

    async def wait(self, ms):
        """Lets `ms` pass: each second every member renews and polls, and what is due is done when it is."""
        while ms > 0:
            step_ms = min(ms, 500)
            await wait(step_ms, *self.members)
            ms -= step_ms
            for member in self.members:
                await member.beat()

    async def game(self, **options):
        """A game in which Anna has White at the first member and Boris Black at the second."""
        options = {"time": MINUTE, "lag_compensation": False} | options
        a = await self.one.room(**options)
        await a.do(seat(ANNA, "white"))
        b = await self.two.directory.find("r")
        await b.do(seat(BORIS, "black"))
        self.sockets = {ANNA: Socket(), BORIS: Socket()}
        a.company.arrive(ANNA, self.sockets[ANNA])
        b.company.arrive(BORIS, self.sockets[BORIS])
        await self.wait(1_500)
        return a, b


@pytest.fixture
def cluster():
    return Cluster()


async def repaid_ms(live, log):
    return [event.until_ms - event.from_ms for event in await recorded(live, log) if isinstance(event, OutageRepaid)]


async def of(kind, live, log):
    return [event for event in await recorded(live, log) if isinstance(event, kind)]


# What is written


async def test_a_move_at_one_worker_is_shown_at_the_other_though_the_hint_is_lost(cluster):
    a, b = await cluster.game()
    cluster.exchange.cut()
    await a.do(move("white", "e2e4", 1))
    await cluster.two.neighbours.poll()
    assert texts(b)[-1] == texts(a)[-1]


async def test_a_move_that_comes_before_the_hint_of_its_predecessor_is_played(cluster):
    a, b = await cluster.game()
    await a.do(move("white", "e2e4"))
    await b.do(move("black", "e7e5"))     # no id, no ply: nothing would tell later that it was refused wrongly
    assert b.room.game.ply == 2


async def test_what_is_still_wrong_after_reading_the_log_is_refused(cluster):
    _, b = await cluster.game()
    with pytest.raises(Refused) as refused:
        await b.do(move("black", "e7e5"))
    assert refused.value.code is Code.NOT_YOUR_TURN


async def test_a_position_that_another_worker_has_told_is_resumed_from(cluster):
    a, b = await cluster.game()
    await a.do(move("white", "e2e4"))
    position = f"{a.room.epoch}:{a.version}"
    assert b.version < a.version
    assert await b.resumed(position) == a.version


async def test_a_room_that_was_closed_and_opened_anew_elsewhere_is_found_in_its_new_life(cluster):
    a, _ = await cluster.game(linger_ms=1_000)
    await a.do(Resign("white"))
    await cluster.wait(1_500)
    again = await cluster.one.room()
    found = await cluster.two.directory.find("r")
    assert a.is_closed
    assert (found.stream, found.room.epoch) == (again.stream, again.room.epoch)


async def test_all_who_look_at_once_for_a_room_that_was_opened_anew_elsewhere_find_the_same(cluster):
    a, _ = await cluster.game(linger_ms=1_000)
    await a.do(Resign("white"))
    await cluster.wait(1_500)
    again = await cluster.one.room()
    found = await asyncio.gather(*(cluster.two.directory.find("r") for _ in range(5)))
    assert found == [cluster.two.directory.live("r")] * 5
    assert found[0].stream == again.stream


async def test_the_lobby_shows_a_move_whose_hint_was_lost_however_long_ago_the_one_before_was(cluster):
    await cluster.game(public=True, time=parse_time_control("30+0"))
    three = cluster.join()
    hall = await Hall(three).opened()
    for _ in range(2 * FORGOTTEN_AFTER_MS // 5_000):
        await cluster.wait(5_000)
        await hall.lobby.open()
        await hall.lobby.sweep()
        await three.directory.sweep()
    cluster.exchange.cut()
    await cluster.one.directory.live("r").do(move("white", "e2e4"))
    await cluster.wait(500)
    await hall.pass_ms(1_000)
    assert [room["last_move"] for room in hall.shown()] == ["e2e4"]


# Who is there


async def test_presence_is_that_of_all_workers(cluster):
    a, b = await cluster.game()
    b.spectators.add(object())
    b.note_presence()
    for live in (a, b):
        assert (live.presence.white, live.presence.black, live.presence.spectators) == (True, True, 1)
        assert json.loads(live.state().text)["white"]["connected"]
    b.company.leave(BORIS, cluster.sockets[BORIS], 1006)
    assert not a.presence.black


async def test_a_seat_that_is_opened_at_another_worker_is_closed_here_and_nobody_was_away(cluster):
    a, b = await cluster.game()
    newer = Socket()
    b.company.arrive(ANNA, newer)
    assert (cluster.sockets[ANNA].ended, newer.ended) == ("replaced", None)
    a.company.leave(ANNA, cluster.sockets[ANNA], 4005)
    await cluster.wait(10_000)
    assert not await of(PlayerAway, a, cluster.log)


async def test_a_seat_that_is_opened_elsewhere_while_nothing_is_heard_is_closed_when_it_is(cluster):
    a, b = await cluster.game()
    cluster.exchange.cut()
    await cluster.wait(1_000)
    newer = Socket()
    b.company.arrive(ANNA, newer)
    assert cluster.sockets[ANNA].ended is None
    cluster.exchange.mend()
    assert (cluster.sockets[ANNA].ended, newer.ended) == ("replaced", None)
    assert a.presence.white


async def test_who_comes_back_at_another_worker_in_time_was_not_away(cluster):
    a, b = await cluster.game()
    a.company.leave(ANNA, cluster.sockets[ANNA], 1006)
    await cluster.wait(1_000)
    b.company.arrive(ANNA, Socket())
    await cluster.wait(10_000)
    assert not await of(PlayerAway, a, cluster.log)


async def test_who_does_not_is_away_once_and_comes_back_once(cluster):
    a, b = await cluster.game(grace_ms=60_000)
    a.company.leave(ANNA, cluster.sockets[ANNA], 1006)
    await cluster.wait(3_000)
    b.company.arrive(ANNA, Socket())
    await cluster.wait(3_000)
    assert len(await of(PlayerAway, a, cluster.log)) == 1
    assert len(await of(PlayerBack, a, cluster.log)) == 1


async def test_an_absence_is_not_believed_at_once_while_the_others_cannot_be_heard(cluster):
    a, b = await cluster.game(grace_ms=60_000)
    cluster.exchange.cut()
    a.company.leave(ANNA, cluster.sockets[ANNA], 1006)
    b.company.arrive(ANNA, Socket())
    await cluster.wait(BLIND_MS)
    assert not await of(PlayerAway, a, cluster.log)
    await cluster.wait(5_000)       # too long: but who has her says that she is back, and that stands
    assert len(await of(PlayerAway, a, cluster.log)) == 1
    assert len(await of(PlayerBack, a, cluster.log)) == 1


async def test_a_worker_that_starts_marks_nobody_away_who_is_connected_to_another(cluster):
    a, _ = await cluster.game()
    three = cluster.join()
    await three.directory.find("r")
    await cluster.wait(10_000)
    assert not await of(PlayerAway, a, cluster.log)


# Time


async def test_a_flag_is_called_once_by_whichever_worker(cluster):
    a, b = await cluster.game()
    await play(a, "e2e4")
    await b.do(move("black", "e7e5"))
    began_ms = a.room.at_ms
    await cluster.wait(61_000)
    (ended,) = await endings(a, cluster.log)
    assert (ended.reason, ended.at_ms) == ("timeout", b.room.game.moved_ms + 60_000)
    assert began_ms <= ended.at_ms
    assert texts(a)[-1] == texts(b)[-1]


async def started(cluster):
    """The game of `cluster.game` after two moves: Anna's clock runs, at the first member."""
    a, b = await cluster.game()
    await a.do(move("white", "e2e4"))
    await b.do(move("black", "e7e5"))
    await cluster.wait(500)
    return a, b


async def test_the_flag_of_a_player_whose_worker_died_before_it_fell_is_not_called(cluster):
    _, b = await started(cluster)
    await cluster.wait(58_500)
    assert json.loads(b.state().text)["clock"]["white"] == 1_000
    cluster.kill(cluster.one)
    await cluster.wait(2_000)       # the flag would have fallen, and nobody knows yet that she could not move
    assert not await endings(b, cluster.log)
    await cluster.wait(1_500)       # they do
    assert not await endings(b, cluster.log)


async def test_who_comes_back_has_what_she_had_when_her_worker_died(cluster):
    _, b = await started(cluster)
    await cluster.wait(58_500)
    cluster.kill(cluster.one)
    await cluster.wait(500)
    b.company.arrive(ANNA, Socket())
    await cluster.wait(LEASE_MS)
    assert not await endings(b, cluster.log)
    assert await repaid_ms(b, cluster.log) == [LEASE_MS]    # until it was known that it was an outage
    await cluster.wait(10_000)
    assert [ended.reason for ended in await endings(b, cluster.log)] == ["timeout"]


async def test_her_move_is_in_time_though_it_waits_until_her_worker_is_known_to_be_dead(cluster):
    _, b = await started(cluster)
    await cluster.wait(58_500)
    cluster.kill(cluster.one)
    await cluster.wait(500)
    b.company.arrive(ANNA, Socket())
    await cluster.wait(1_000)       # half a second too late, by the clock
    moving = asyncio.ensure_future(b.do(move("white", "g1f3", 3)))
    while not moving.done():
        await asyncio.sleep(0)
        for member in cluster.members:
            member.outages.beat()
            await member.beat()
        if list(cluster.two.bus.workers()):     # it is still waited for
            cluster.clock.ms += 5
    await moving
    assert b.room.game.ply == 3


async def test_her_move_that_comes_after_the_flag_would_have_fallen_counts(cluster):
    _, b = await started(cluster)
    await cluster.wait(58_500)
    cluster.kill(cluster.one)
    await cluster.wait(LEASE_MS + 1_000)
    b.company.arrive(ANNA, Socket())
    await b.do(move("white", "g1f3", 3))
    assert b.room.game.ply == 3


async def test_what_others_do_meanwhile_costs_her_nothing(cluster):
    _, b = await started(cluster)
    await cluster.wait(55_000)
    cluster.kill(cluster.one)
    await cluster.wait(LEASE_MS + 500)
    await b.do(say("where are you?", "black"))
    await cluster.wait(1_500)
    b.company.arrive(ANNA, Socket())
    await b.do(move("white", "g1f3", 3))
    assert b.room.game.clock.white_ms >= 4_000      # she had 5 s, and a worker is alive until it fails to say so


async def test_who_never_comes_back_is_waited_for_no_longer_than_a_moment(cluster):
    _, b = await started(cluster)
    await cluster.wait(58_500)
    cluster.kill(cluster.one)
    await cluster.wait(LEASE_MS + RETURN_MS + 3_000)
    assert [ended.reason for ended in await endings(b, cluster.log)] == ["timeout"]
    assert sum(await repaid_ms(b, cluster.log)) <= RETURN_MS + 1_000
    assert [away.color for away in await of(PlayerAway, b, cluster.log)] == ["white"]


async def in_turns(cluster, doing):
    """Waits for `doing` while time passes and the members do what their tasks do."""
    for _ in range(100):
        if doing.done():
            break
        cluster.clock.ms += 100
        for member in cluster.members:
            member.outages.beat()
            await member.neighbours.renew()
        await asyncio.sleep(0.02)
    doing.cancel()
    await asyncio.wait([doing])
    return doing


async def test_a_flag_that_falls_while_the_bus_is_away_is_called_by_either_worker(cluster):
    _, b = await started(cluster)
    await cluster.wait(58_500)
    cluster.exchange.cut()
    cluster.clock.ms += 500
    cluster.clock.ms += 600     # it has fallen, and only Boris's worker looks
    for member in cluster.members:
        member.outages.beat()
    saying = await in_turns(cluster, asyncio.ensure_future(b.do(say("well played", "black"))))
    assert saying.result() == b.version
    assert [ended.reason for ended in await endings(b, cluster.log)] == ["timeout"]


async def test_who_waits_for_another_worker_to_call_a_flag_sees_that_it_has(cluster):
    a, b = await started(cluster)
    await cluster.wait(58_500)
    cluster.exchange.cut()
    cluster.clock.ms += 1_100
    for member in cluster.members:
        member.outages.beat()
    saying = asyncio.ensure_future(b.do(say("well played", "black")))
    await asyncio.sleep(0)
    await a.tick()
    async with asyncio.timeout(5):
        await saying
    assert kinds(a)[-1] == "game_over"
    assert kinds(b)[-2:] == ["game_over", "chat"]


async def test_an_opponent_who_was_served_gets_nothing_back_for_the_others_worker(cluster):
    a, _ = await started(cluster)
    cluster.kill(cluster.two)
    await cluster.wait(20_000)
    assert await repaid_ms(a, cluster.log) == []


async def test_a_room_that_nobody_has_open_is_found_and_its_time_given_back_by_who_finds_it(cluster):
    a, _ = await started(cluster)
    stream = a.stream
    cluster.kill(cluster.one)
    cluster.kill(cluster.two)
    three = Member(cluster.log, cluster.clock, Exchange(cluster.clock))
    await cluster.log.note_outage(cluster.clock.ms, cluster.clock.ms + 30_000)
    cluster.members = [three]
    await cluster.wait(62_000)
    await three.directory.sweep()
    live = three.directory.live("r")
    assert live.stream == stream
    assert await repaid_ms(live, cluster.log) == [30_000]


async def test_a_worker_that_says_farewell_costs_its_players_nothing(cluster):
    _, b = await started(cluster)
    await cluster.wait(10_000)
    left_ms = json.loads(b.state().text)["clock"]["white"]
    await cluster.one.bus.leave()
    cluster.members.remove(cluster.one)
    await cluster.wait(1_000)
    b.company.arrive(ANNA, Socket())
    await cluster.wait(10)
    assert json.loads(b.state().text)["clock"]["white"] >= left_ms - 20
    assert kinds(b).count("clock") == 1


async def test_a_store_that_could_not_be_written_is_an_outage(cluster):
    a, _ = await started(cluster)
    with unavailable(cluster.log):
        cluster.one.outages.note_unavailable()
        for _ in range(130):
            cluster.clock.ms += 500
            for member in cluster.members:
                member.outages.beat()
    await cluster.wait(1_000)
    assert not await endings(a, cluster.log)
    assert sum(await repaid_ms(a, cluster.log)) >= 65_000


async def test_a_lease_that_ran_out_while_nobody_could_renew_ends_nobody(cluster):
    _, b = await started(cluster)
    cluster.clock.ms += 500
    cluster.two.neighbours._renewed_ms = None       # its own renewal has just failed
    for _ in range(7):
        cluster.clock.ms += 500
        cluster.two.outages.beat()
    await cluster.two.neighbours.renew()
    assert cluster.one.bus.worker in cluster.two.bus.workers()
    assert b.presence.white


# Accounts


async def test_an_account_that_is_woken_while_the_store_is_away_is_woken_again_soon(cluster):
    created = asked("c1", at_ms=T, expires_ms=T + 60_000)
    await challenges.challenge(cluster.one.accounts, created)
    boris = await cluster.one.accounts.find(created.dest)
    cluster.clock.ms += 60_000
    with unavailable(cluster.log), pytest.raises(Unavailable):      # what the timekeeper takes for an outage
        await boris.tick()
    await boris.tick()
    assert not boris.account.challenges


async def test_a_challenge_that_lost_a_race_as_the_store_went_away_may_be_tried_again(cluster):
    one, two = [await member.accounts.find(AccountId("deep")) for member in cluster.members]
    before = asked("c1", at_ms=T, expires_ms=T + 60_000)

    async def elsewhere_first():
        await two.do(Challenge(before))
        await cluster.log.close()

    slipping_in(cluster.log, elsewhere_first)
    with pytest.raises(Refused) as refused:
        await one.do(Challenge(asked("c2", at_ms=T, expires_ms=T + 60_000)))
    assert refused.value.code is Code.TRY_AGAIN


async def test_a_challenge_made_at_one_worker_can_be_accepted_at_once_at_the_other(cluster):
    await cluster.two.accounts.find("boris")
    created = asked("c1", at_ms=T, expires_ms=T + 60_000)
    await challenges.challenge(cluster.one.accounts, created)
    await challenges.accept(cluster.two.accounts, created.dest, GameId("c1"))
    account = (await cluster.one.accounts.find(created.challenger)).account
    assert not account.challenges
    assert (await cluster.one.directory.find("c1")).room.status == "playing"


async def test_an_account_is_online_wherever_it_is_followed_and_hears_of_challenges_there(cluster):
    created = asked("c1", at_ms=T, expires_ms=T + 60_000)
    boris = await cluster.two.accounts.find(created.dest)
    boris.follow(object())
    assert cluster.one.accounts.is_online(created.dest)
    assert cluster.one.accounts.online() == [created.dest]
    await challenges.challenge(cluster.one.accounts, created)
    await cluster.two.neighbours.poll()
    assert [each.id for each in boris.account.incoming] == ["c1"]


@pytest.mark.parametrize("hears", [True, False])
async def test_who_hears_of_a_rematch_in_the_room_at_another_worker_is_not_challenged_too(cluster, hears):
    clubs = [Club(member) for member in cluster.members]
    created = asked("c1", at_ms=T, expires_ms=T + 60_000)
    await challenges.challenge(clubs[0].accounts, created)
    await challenges.accept(clubs[0].accounts, created.dest, GameId("c1"))
    here, there = [await member.directory.find("c1") for member in cluster.members]
    socket = Socket()
    socket.hears_offers = hears
    there.company.arrive(player_of(created.dest), socket)
    await here.do(Resign("white"))
    await here.do(Offer("white", "rematch", "unused", 0))
    await clubs[0].settle()
    assert not (await clubs[0].account(created.dest)).incoming
    await cluster.two.neighbours.poll()
    await clubs[1].settle()
    assert len((await clubs[0].account(created.dest)).incoming) == (0 if hears else 1)
