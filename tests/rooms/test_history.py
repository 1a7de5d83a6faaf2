"""How commands were answered: what a room remembers must not depend on whether it has lived through it or was read."""

import random

from hypothesis import given
from hypothesis import strategies as st

from game_server.core.events import PlayerBack
from game_server.core.ids import PlayerId
from game_server.core.refusals import Code
from game_server.rooms.history import REMEMBERED, Answers
from game_server.store.log import Answer, Cause, History, Recorded

PLAYERS = (PlayerId("white"), PlayerId("black"))
causes = st.builds(Cause, st.sampled_from(PLAYERS), st.integers(0, 150).map(str))


@st.composite
def asked(draw: st.DrawFn) -> list[Cause | None]:
    """More than is remembered, mostly, and some of it twice."""
    dice = random.Random(draw(st.integers(0, 2**32)))
    wide, long = draw(st.integers(1, 150)), draw(st.integers(0, 500))
    every = [Cause(player_id, str(number)) for player_id in PLAYERS for number in range(wide)]
    return [None if dice.random() < 0.1 else dice.choice(every) for _ in range(long)]


def recorded(each: list[Cause | None]) -> list[Recorded]:
    return [Recorded(version, PlayerBack(0, "white"), cause) for version, cause in enumerate(each, start=1)]


def lived_through(events: list[Recorded]) -> Answers:
    answers = Answers()
    for version, _, cause in events:
        if cause is not None:
            answers.add(Answer(cause, version))
    return answers


def remembered(events: list[Recorded]) -> dict[Cause, Answer]:
    """The latest answers to each player's last commands."""
    latest = {cause: Answer(cause, version) for version, _, cause in events if cause is not None}
    by_player = [[each for each in latest.values() if each.cause.player_id == player_id] for player_id in PLAYERS]
    newest = [sorted(each, key=lambda answer: answer.version)[-REMEMBERED:] for each in by_player]
    return {answer.cause: answer for each in newest for answer in each}


def known(answers: Answers) -> dict[Cause, Answer | None]:
    every = [Cause(player_id, str(number)) for player_id in PLAYERS for number in range(151)]
    return {cause: answer for cause in every if (answer := answers.get(cause)) is not None}


@given(asked(), st.lists(causes, max_size=5))
def test_a_room_that_is_read_remembers_what_it_would_have_remembered(each: list[Cause | None], later: list[Cause]):
    events = recorded(each)
    lived, read = lived_through(events), Answers()
    read.add_all(History(events, []))
    assert known(read) == known(lived) == remembered(events)
    for cause in later:         # and forgets the same next
        for answers in (lived, read):
            answers.add(Answer(cause, len(events)))
    assert known(read) == known(lived)


@given(asked(), st.integers(0, 400))
def test_it_may_be_read_in_two_parts(each: list[Cause | None], half: int):
    events = recorded(each)
    read = Answers()
    read.add_all(History(events[:half], []))
    read.add_all(History(events[half:], []))
    assert known(read) == remembered(events)


def test_what_was_refused_counts_as_of_its_version():
    acked, refused = Cause(PLAYERS[0], "1"), Cause(PLAYERS[0], "2")
    read = Answers()
    refusal = Answer(refused, 1, Code.ILLEGAL_MOVE, "no")
    others = [Cause(PLAYERS[0], str(10 + n)) for n in range(REMEMBERED - 2)]
    read.add_all(History(recorded([acked, *others]), [refusal]))
    assert read.get(acked) == Answer(acked, 1)
    assert read.get(refused) == refusal
    read.add(Answer(Cause(PLAYERS[0], "3"), 200))
    assert read.get(acked) is None and read.get(refused) == refusal
