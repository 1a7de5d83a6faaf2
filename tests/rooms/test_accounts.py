"""Accounts as a worker serves them: challenges between them, their games, and what a crash has cut off."""

import asyncio
import contextlib
from dataclasses import replace

import pytest

from game_server.core.account import MAX_INCOMING
from game_server.core.account_events import AcceptChallenge, CheckChallenges
from game_server.core.commands import Accept, Decline, Offer, Resign
from game_server.core.options import Defaults
from game_server.core.refusals import Code, Refused
from game_server.rooms import challenges
from game_server.rooms.accounts import Accounts
from tests.core.test_account import asked
from tests.rooms.worker import Socket, T, Worker, slipping_in, unavailable


class Club:
    """A worker with accounts; `another` is a second one over the same log, or a restart."""

    def __init__(self, worker=None):
        self.worker = worker or Worker()
        self.accounts = Accounts(
            self.worker.log, self.worker.directory, self.worker.clock, Defaults(), lambda _: None, self.worker.bus
        )

    def another(self):
        return Club(self.worker.another())

    def challenge(self, challenge_id="c1", **more):
        created = asked(challenge_id, at_ms=T, expires_ms=T + 60_000, **more)
        return challenges.challenge(self.accounts, created)

    async def account(self, name):
        live = await self.accounts.find(name)
        await live.refresh()
        return live.account

    async def settle(self):
        """Lets the worker's task do what is waiting for it."""
        for live in self.worker.directory.rooms():
            self.accounts.note_room(live)
        following = asyncio.ensure_future(self.accounts.follow_rooms())
        for _ in range(200):
            await asyncio.sleep(0)
        following.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await following


@pytest.fixture
def club():
    return Club()


async def test_a_challenge_stands_in_both_streams(club):
    await club.challenge()
    assert [each.id for each in (await club.account("deep")).incoming] == ["c1"]
    assert [each.id for each in (await club.account("anna")).outgoing] == ["c1"]


async def test_accepting_starts_the_game_in_a_room_of_the_same_id(club):
    await club.challenge()
    await challenges.accept(club.accounts, "deep", "c1")
    live = await club.worker.directory.find("c1")
    assert (live.room.game.id, live.room.status) == ("c1", "playing")
    assert (live.room.white.name, live.room.black.name, live.room.black.is_bot) == ("Anna", "Deep", True)
    await club.settle()
    for name in ("anna", "deep"):
        account = await club.account(name)
        assert (account.challenges, [each.game_id for each in account.games]) == ((), ["c1"])


async def test_a_game_that_is_over_is_left(club):
    await club.challenge()
    await challenges.accept(club.accounts, "deep", "c1")
    await club.settle()
    live = await club.worker.directory.find("c1")
    await live.do(Resign("white"))
    await club.settle()
    assert (await club.account("anna")).games == (await club.account("deep")).games == ()


async def test_a_game_that_is_over_at_once_is_entered_and_left(club):
    await club.challenge()
    await challenges.accept(club.accounts, "deep", "c1")
    await (await club.worker.directory.find("c1")).do(Resign("white"))
    await club.settle()
    for name in ("anna", "deep"):
        account = await club.account(name)
        assert (account.accepted, account.games, account.entered) == ((), (), 1)


async def test_accepting_again_changes_nothing(club):
    await club.challenge()
    await challenges.accept(club.accounts, "deep", "c1")
    await challenges.accept(club.accounts, "deep", "c1")
    await club.settle()
    await challenges.accept(club.accounts, "deep", "c1")
    live = await club.worker.directory.find("c1")
    assert live.version == 4    # opened, two seats, started


async def test_only_one_of_accepting_and_cancelling_succeeds_between_two_workers(club):
    other = club.another()
    await club.challenge()
    await other.account("deep")

    async def cancel():
        await challenges.cancel(other.accounts, "anna", "c1")

    slipping_in(club.worker.log, cancel)
    with pytest.raises(Refused) as refused:
        await challenges.accept(club.accounts, "deep", "c1")
    assert refused.value.code is Code.NO_SUCH_OFFER
    assert await club.worker.directory.find("c1") is None
    assert (await club.account("anna")).challenges == ()


async def test_a_crash_after_accepting_is_made_good(club):
    await club.challenge()
    await (await club.accounts.find("deep")).do(AcceptChallenge("c1"))      # and here the process was killed
    after = club.another()
    await after.account("deep")
    await after.settle()
    live = await after.worker.directory.find("c1")
    assert live.room.game.id == "c1"
    assert (await after.account("anna")).challenges == ()


async def test_a_crash_after_a_game_is_made_good(club):
    await club.challenge()
    await challenges.accept(club.accounts, "deep", "c1")
    await club.settle()
    live = await club.worker.directory.find("c1")
    await live.do(Resign("white"))                                          # and here the process was killed
    after = club.another()
    await after.account("anna")
    await after.settle()
    assert (await after.account("anna")).games == ()


async def test_challenges_expire_by_themselves_on_both_sides(club):
    await club.challenge()
    club.worker.clock.ms += 60_000
    for name in ("anna", "deep"):
        live = await club.accounts.find(name)
        assert live.due_ms() == T + 60_000
        await live.tick()
        assert live.account.challenges == ()
        assert live.due_ms() is None


async def test_a_store_that_cannot_be_written_refuses_and_nothing_has_happened(club):
    await club.challenge()
    with unavailable(club.worker.log), pytest.raises(Refused) as refused:
        await challenges.accept(club.accounts, "deep", "c1")
    assert refused.value.code is Code.TRY_AGAIN
    assert [each.id for each in (await club.account("deep")).incoming] == ["c1"]
    await challenges.accept(club.accounts, "deep", "c1")


async def test_listeners_may_be_256_events_behind(club):
    live = await club.accounts.find("deep")
    for number in range(600):
        await live.do(CheckChallenges())
        created = asked(f"c{number}", at_ms=T, expires_ms=T + 60_000)
        await challenges.challenge(club.accounts, created)
    assert live.version - live.forgotten >= 256
    assert live.frame(live.version).kind == "challenge"


async def test_nothing_is_kept_of_rooms_that_are_not_here_any_more(club):
    await club.challenge()
    await challenges.accept(club.accounts, "deep", "c1")
    await club.settle()
    live = await club.worker.directory.find("c1")
    assert list(club.accounts._seen) == ["c1"]
    live.retire()
    club.accounts.note_room(live)
    assert not club.accounts._seen
    assert not club.accounts._noted


# A rematch that is offered to who has left the room


async def game_over(club, *, opponent_stays=True):
    """Anna and Deep's game c1, which Deep has lost; Anna's socket stays open."""
    await club.challenge()
    await challenges.accept(club.accounts, "deep", "c1")
    await club.settle()
    live = await club.worker.directory.find("c1")
    live.seats.arrive("@anna", Socket())
    if not opponent_stays:
        live.seats.arrive("@deep", Socket())
    await live.do(Resign("black"))
    await club.settle()
    return live


async def offered(club):
    live = await game_over(club)
    await live.do(Offer("white", "rematch", "unused", 0))
    await club.settle()
    (asked_for,) = (await club.account("deep")).incoming
    return live, asked_for


async def test_a_rematch_is_a_challenge_to_who_has_left(club):
    _, created = await offered(club)
    assert (created.challenger_name, created.dest_name, created.rematch_of) == ("Anna", "Deep", "c1")
    assert (created.color, created.final_color, created.time) == ("black", "black", "5+3")    # swapped
    assert (await club.account("anna")).outgoing == ()


async def test_who_is_in_the_room_hears_of_a_rematch_only_there(club):
    live = await game_over(club, opponent_stays=False)
    await live.do(Offer("white", "rematch", "unused", 0))
    await club.settle()
    assert (await club.account("deep")).incoming == ()


async def test_accepting_a_rematch_starts_it_in_the_same_room_under_the_challenges_id(club):
    live, created = await offered(club)
    for _ in range(2):
        await challenges.accept(club.accounts, "deep", created.id)
    assert (live.room.status, live.room.game.id, live.room.game.white) == ("playing", created.id, "@deep")
    await club.settle()
    await challenges.accept(club.accounts, "deep", created.id)
    account = await club.account("deep")
    assert (account.challenges, account.accepted) == ((), ())
    assert [(each.game_id, each.room_id) for each in account.games] == [(created.id, "c1")]


async def test_declining_a_rematch_declines_it_in_the_room(club):
    live, created = await offered(club)
    await challenges.decline(club.accounts, "deep", created.id, "later")
    assert live.room.offers.rematch is None
    await club.settle()
    assert (await club.account("deep")).incoming == ()


@pytest.mark.parametrize("end", ["withdrawn", "closed"])
async def test_a_rematch_that_is_not_offered_any_more_vanishes_and_cannot_be_accepted(club, end):
    live, created = await offered(club)
    if end == "withdrawn":
        await live.do(Decline("white", "rematch"))
    else:
        club.worker.clock.ms += live.room.options.linger_ms
        live.seats.leave("@anna", live.seats._by_player["@anna"].connection, 1000, club.worker.clock.ms)
        await live.tick()
        club.worker.clock.ms += live.room.options.linger_ms
        await live.tick()
        assert live.is_closed
    with pytest.raises(Refused) as refused:
        await challenges.accept(club.accounts, "deep", created.id)
    assert refused.value.code is Code.NO_SUCH_OFFER
    await club.settle()
    assert (await club.account("deep")).incoming == ()


async def test_a_rematch_is_offered_again_after_a_crash(club):
    _, created = await offered(club)
    after = club.another()
    live = await after.worker.directory.find("c1")
    await challenges.accept(after.accounts, "deep", created.id)     # and here the process was killed
    assert live.room.game.id == created.id
    last = after.another()
    await last.worker.directory.find("c1")
    await last.settle()
    account = await last.account("deep")
    assert (account.challenges, [each.game_id for each in account.games]) == ((), [created.id])


async def test_who_has_too_many_challenges_is_not_told_of_a_rematch_and_nothing_else_is_lost(club, caplog):
    live = await game_over(club)
    for number in range(MAX_INCOMING):
        await club.challenge(f"c{number + 2}", challenger=f"rival{number}")
    await live.do(Offer("white", "rematch", "unused", 0))
    await club.settle()
    assert len((await club.account("deep")).incoming) == MAX_INCOMING
    await live.do(Accept("black", "rematch", "g2", 0))
    await club.settle()
    assert [each.game_id for each in (await club.account("deep")).games] == ["g2"]
    assert [record.message for record in caplog.records if record.levelname == "ERROR"] == []


async def test_a_challenge_that_only_says_it_is_a_rematch_is_none(club):
    await game_over(club)
    created = replace(asked("c2", at_ms=T, expires_ms=T + 60_000), rematch_of="c1")
    await challenges.challenge(club.accounts, created)
    await challenges.accept(club.accounts, "deep", "c2")
    assert (await club.worker.directory.find("c2")).room.game.id == "c2"
