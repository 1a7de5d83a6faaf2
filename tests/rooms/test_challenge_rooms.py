"""The room of a challenge: what was agreed is what is played, although both know its id before it is there."""

import pytest

from game_server.core.clock import parse_time_control
from game_server.core.refusals import Code, Refused
from game_server.rooms import challenges
from tests.rooms.test_accounts import Club
from tests.rooms.worker import ANNA, BORIS, BULLET, seat, unavailable


@pytest.fixture
def club():
    return Club()


async def test_a_room_that_one_of_them_has_opened_before_is_not_the_one_they_agreed_on(club):
    await club.challenge()
    forged = await club.worker.room("c1", time=BULLET, fen="4k3/8/8/8/8/8/8/QQQQK3 w - - 0 1")
    with pytest.raises(Refused) as refused:
        await challenges.accept(club.accounts, "deep", "c1")
    assert (refused.value.code, forged.room.status, forged.room.white) == (Code.NO_SUCH_OFFER, "waiting", None)


async def test_nor_is_one_that_is_closed_already(club):
    await club.challenge()
    forged = await club.worker.room("c1", idle_ms=1_000)
    club.worker.clock.ms += 2_000
    await forged.tick()
    assert forged.is_closed
    with pytest.raises(Refused):
        await challenges.accept(club.accounts, "deep", "c1")


async def test_a_challenge_whose_room_is_taken_is_over_for_both_also_after_a_restart(club, caplog):
    await club.challenge()
    taken = await club.worker.room("c1", public=True)
    for player in (ANNA, BORIS):
        await taken.do(seat(player))
    for _ in range(2):
        with pytest.raises(Refused) as refused:
            await challenges.accept(club.accounts, "deep", "c1")
    assert refused.value.code is Code.NO_SUCH_OFFER
    again = club.another()
    for name in ("anna", "deep"):
        account = await again.account(name)
        assert (account.challenges, account.accepted, account.games) == ((), (), ())
    await again.settle()
    assert not caplog.records


async def test_the_room_that_was_agreed_on_has_the_time_that_was_agreed_on(club):
    await club.challenge()
    await challenges.accept(club.accounts, "deep", "c1")
    room = (await club.worker.directory.find("c1")).room
    assert (room.status, room.options.time) == ("playing", parse_time_control("5+3"))


async def test_an_account_is_told_of_its_game_once_the_store_is_back(club, caplog):
    await club.challenge()
    await challenges.accept(club.accounts, "deep", "c1")
    with unavailable(club.worker.log):
        await club.settle()
    assert (await club.account("deep")).games == ()
    assert "Traceback" not in caplog.text
    await club.settle()
    assert [each.game_id for each in (await club.account("deep")).games] == ["c1"]
