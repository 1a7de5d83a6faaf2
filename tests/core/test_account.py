"""An account's challenges and games: asked, answered, expired."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from game_server.core.account import (
    MAX_INCOMING,
    Account,
    account_deadline,
    account_id,
    account_of,
    checked_account_name,
    decide_account,
    evolve_account,
    fold_account,
    player_of,
)
from game_server.core.account_events import (
    AcceptChallenge,
    CancelChallenge,
    Challenge,
    ChallengeAccepted,
    ChallengeCancelled,
    ChallengeCreated,
    ChallengeDeclined,
    ChallengeExpired,
    CheckChallenges,
    DeclineChallenge,
    EnterGame,
    GameEntered,
    GameLeft,
    LeaveGame,
    Repeat,
)
from game_server.core.refusals import Code, Refused
from tests.strategies import account_events

ANNA, DEEP = Account("anna"), Account("deep")


def asked(challenge_id="c1", challenger="anna", dest="deep", *, at_ms=0, expires_ms=60_000):
    names = (challenger, challenger.title(), None, dest, dest.title(), "BOT")
    return ChallengeCreated(
        at_ms, challenge_id, *names, "5+3", "standard", None, "random", "white", expires_ms, None
    )


def did(account, *commands, at_ms=1):
    for command in commands:
        account = fold_account(account, decide_account(account, command, at_ms))
    return account


def refused(account, command, at_ms=1):
    with pytest.raises(Refused) as refusal:
        decide_account(account, command, at_ms)
    return refusal.value.code


CHALLENGED = did(DEEP, Challenge(asked()))


def test_a_challenge_is_incoming_to_one_and_outgoing_to_the_other():
    assert CHALLENGED.incoming == (asked(),)
    assert CHALLENGED.outgoing == ()
    assert did(ANNA, Challenge(asked())).outgoing == (asked(),)


@pytest.mark.parametrize(
    ("command", "event"),
    [
        (AcceptChallenge("c1"), ChallengeAccepted(5, "c1")),
        (DeclineChallenge("c1", "later"), ChallengeDeclined(5, "c1", "later")),
        (CancelChallenge("c1"), ChallengeCancelled(5, "c1")),
        (Repeat(ChallengeDeclined(1, "c1", "nobot")), ChallengeDeclined(5, "c1", "nobot")),
        (CheckChallenges(), None),
        (Challenge(asked()), None),
    ],
)
def test_an_answer_closes_it(command, event):
    assert decide_account(CHALLENGED, command, 5) == ((event,) if event else ())
    if event:
        assert evolve_account(CHALLENGED, event).challenges == ()


@pytest.mark.parametrize("command", [AcceptChallenge("c1"), DeclineChallenge("c1", "later"), CancelChallenge("c1")])
@pytest.mark.parametrize("answer", [DeclineChallenge("c1", "generic"), CancelChallenge("c1")])
def test_what_is_closed_cannot_be_answered(command, answer):
    assert refused(did(CHALLENGED, answer), command) is Code.NO_SUCH_OFFER


def test_accepting_twice_is_accepting_once():
    accepted = did(CHALLENGED, AcceptChallenge("c1"))
    assert accepted.accepted == (asked(),)
    assert decide_account(accepted, AcceptChallenge("c1"), 5) == ()
    playing = did(accepted, EnterGame("c1", "c1"))
    assert playing.accepted == ()
    assert decide_account(playing, AcceptChallenge("c1"), 5) == ()


def test_who_challenges_does_not_accept():
    assert refused(did(ANNA, Challenge(asked())), AcceptChallenge("c1")) is Code.NO_SUCH_OFFER


def test_a_challenge_expires_and_then_it_is_too_late():
    assert account_deadline(CHALLENGED) == 60_000
    assert decide_account(CHALLENGED, CheckChallenges(), 59_999) == ()
    assert decide_account(CHALLENGED, AcceptChallenge("c1"), 70_000) == (ChallengeExpired(60_000, "c1"),)
    expired = did(CHALLENGED, CheckChallenges(), at_ms=60_000)
    assert (expired.challenges, account_deadline(expired)) == ((), None)


def test_a_newer_challenge_takes_the_place_of_the_older_one():
    again = asked("c2")
    assert decide_account(CHALLENGED, Challenge(again), 5) == (ChallengeCancelled(5, "c1"), again)
    other = asked("c3", "boris")
    assert decide_account(CHALLENGED, Challenge(other), 5) == (other,)
    back = asked("c4", "deep", "anna")
    assert decide_account(CHALLENGED, Challenge(back), 5) == (back,)


def test_nobody_challenges_himself():
    assert refused(DEEP, Challenge(asked("c1", "deep", "deep"))) is Code.BAD_MESSAGE


def test_challenges_are_limited():
    full = did(DEEP, *(Challenge(asked(f"c{n}", f"p{n}")) for n in range(MAX_INCOMING)))
    assert refused(full, Challenge(asked("c", "anna"))) is Code.RATE_LIMITED
    assert decide_account(full, Challenge(asked("c", "p1")), 5)     # takes the place of its older one


def test_games_are_entered_and_left_once():
    playing = did(DEEP, EnterGame("g1", "r1"))
    assert decide_account(playing, EnterGame("g1", "r1"), 5) == ()
    assert playing.game("g1") == GameEntered(1, "g1", "r1")
    assert decide_account(playing, LeaveGame("g1"), 5) == (GameLeft(5, "g1"),)
    assert decide_account(DEEP, LeaveGame("g1"), 5) == ()
    assert did(playing, LeaveGame("g1")).games == ()
    assert did(playing, LeaveGame("g1")).entered == 1


@pytest.mark.parametrize("name", ["ab", "Anna", "Deep_Thought-2", "0x", "a" * 30])
def test_names_that_can_be(name):
    assert checked_account_name(name) == name
    assert account_of(player_of(account_id(name))) == name.lower()


@pytest.mark.parametrize("name", ["", "a", "a" * 31, "_a", "-a", "a b", "ä1", "AI", "open", "a/b", "@ab", "ab\n"])
def test_names_that_cannot(name):
    with pytest.raises(Refused):
        checked_account_name(name)


def test_a_guest_has_no_account():
    assert account_of("q8Zr3kPw1x") is None


@given(st.lists(account_events, max_size=8))
def test_history_is_not_up_for_debate(happened):
    assert fold_account(DEEP, happened).version == len(happened)
