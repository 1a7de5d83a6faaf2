"""Accounts as a worker serves them: challenges between them, their games, and what a crash has cut off."""

import asyncio
import contextlib

import pytest

from game_server.core.account_events import AcceptChallenge, CheckChallenges
from game_server.core.commands import Resign
from game_server.core.options import Defaults
from game_server.core.refusals import Code, Refused
from game_server.rooms import challenges
from game_server.rooms.accounts import Accounts
from tests.core.test_account import asked
from tests.rooms.worker import T, Worker, slipping_in, unavailable


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
