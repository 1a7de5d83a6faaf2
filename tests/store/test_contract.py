"""The promises of EventLog, kept by every implementation."""

import asyncio
import time
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from game_server.store.log import REMEMBERED, Append, Conflict, GameQuery, History, Recorded, StreamId, Unavailable
from tests.store.conftest import IMPLEMENTATIONS
from tests.store.examples import (
    OPENED,
    ROOM,
    T,
    answer,
    answering,
    cause,
    finished,
    move,
    moving,
    opening,
    refusal,
    saying,
    texts,
)
from tests.strategies import events

OTHER = StreamId("room:b")


async def conflict_of(appending):
    with pytest.raises(Conflict) as caught:
        await appending
    return caught.value.actual


async def test_what_was_appended_is_read_in_order(log):
    assert await log.append(opening(cause=cause("c1"))) == 1
    assert await log.append(Append(ROOM, 1, (move(1), move(2)), cause=cause("c2"))) == 3
    assert await log.append(moving(3)) == 4
    recorded = [
        Recorded(1, OPENED, cause("c1")),
        Recorded(2, move(1), cause("c2")),
        Recorded(3, move(2), cause("c2")),
        Recorded(4, move(3)),
    ]
    assert list((await log.read(ROOM)).recorded) == recorded
    assert list((await log.read(ROOM, after=2)).recorded) == recorded[2:]
    assert list((await log.read(ROOM, after=4)).recorded) == []


async def test_a_stream_that_was_never_written_is_empty(log):
    history = await log.read(ROOM)
    assert not history.recorded
    assert not history.answers
    assert isinstance(history, History)


@pytest.mark.parametrize("expected", [0, 1, 3, 99])
async def test_an_append_at_another_version_conflicts_and_writes_nothing(log, expected):
    await log.append(opening())
    await log.append(moving(1))
    late = Append(ROOM, expected, (move(1),), 5, answer=answer("c1"), finished=(finished(),), is_public=True)
    assert await conflict_of(log.append(late)) == 2
    history = await log.read(ROOM)
    assert (len(history.recorded), len(history.answers)) == (2, 0)
    assert await log.finished_game("g1") is None
    assert await log.overdue(T, 9) == []
    assert await log.public_streams(9) == []


async def test_an_append_to_a_stream_that_does_not_exist_conflicts_at_zero(log):
    assert await conflict_of(log.append(moving(1))) == 0
    assert await conflict_of(log.append(answering(answer("c1"), 1))) == 0
    assert await log.recall(ROOM.name) is None
    assert await log.append(opening()) == 1


async def test_without_events_only_the_version_is_verified_and_the_answer_stored(log):
    await log.append(opening(deadline_ms=T, is_public=True))
    assert await log.append(answering(refusal("c1"), 1)) == 1
    assert await conflict_of(log.append(answering(answer("c2"), 2))) == 1
    history = await log.read(ROOM)
    assert (len(history.recorded), list(history.answers)) == (1, [refusal("c1")])
    assert await log.overdue(T, 9) == [ROOM]
    assert await log.public_streams(9) == [ROOM]


async def test_an_append_without_events_needs_a_stream(log):
    with pytest.raises(AssertionError):
        await log.append(answering(answer("c1"), 0))


async def test_of_several_appends_at_one_version_exactly_one_succeeds(log):
    await log.append(opening())
    outcomes = await asyncio.gather(*(log.append(saying(str(n), 1)) for n in range(20)), return_exceptions=True)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Conflict"] * 19 + ["int"]
    winner = next(n for n, outcome in enumerate(outcomes) if outcome == 2)
    assert await texts(log) == [str(winner)]
    assert {outcome.actual for outcome in outcomes if isinstance(outcome, Conflict)} == {2}


async def test_one_conflict_does_not_spoil_what_is_committed_with_it(log):
    rooms = [StreamId(f"room:{n}") for n in range(150)]
    await asyncio.gather(*(log.append(opening(room)) for room in rooms[::2]))
    outcomes = await asyncio.gather(*(log.append(opening(room)) for room in rooms), return_exceptions=True)
    for n, outcome in enumerate(outcomes):
        assert outcome == 1 if n % 2 else isinstance(outcome, Conflict)
    for room in rooms:
        assert len((await log.read(room)).recorded) == 1


async def test_appends_that_follow_each_other_may_wait_together(log):
    appends = [opening(), moving(1), moving(2), moving(2), moving(3), answering(answer("c1"), 4), moving(9)]
    outcomes = await asyncio.gather(*map(log.append, appends), return_exceptions=True)
    assert [outcome.actual if isinstance(outcome, Conflict) else outcome for outcome in outcomes] == [
        *(1, 2, 3, 3, 4, 4, 4)
    ]
    assert len((await log.read(ROOM)).recorded) == 4


async def test_the_lives_of_a_name_are_separate_streams(log):
    await log.append(opening())
    await log.append(moving(1))
    second = StreamId(ROOM.name, 2)
    assert (await log.recall(ROOM.name)).stream == ROOM
    assert await log.append(opening(second)) == 1
    assert (await log.recall(ROOM.name)).stream == second
    assert await log.recall("room:unheard-of") is None
    assert (len((await log.read(ROOM)).recorded), len((await log.read(second)).recorded)) == (2, 1)


async def test_openings_are_the_first_events_of_those_lives(log):
    first, second = StreamId("room:a", 1), StreamId("room:a", 2)
    for stream in (first, second, OTHER):
        await log.append(opening(stream))
        await log.append(moving(1, stream))
    assert await log.openings({second, OTHER, StreamId("room:none")}) == {second: OPENED, OTHER: OPENED}
    assert await log.openings([]) == {}


async def test_heads_are_the_newest_lives_and_their_versions(log):
    await log.append(opening())
    await log.append(moving(1))
    await log.append(opening(StreamId(ROOM.name, 2)))
    await log.append(opening(OTHER))
    await log.append(moving(1, OTHER))
    names = [ROOM.name, "room:unheard-of", OTHER.name, *(f"room:{n}" for n in range(100))]
    assert await log.heads(names) == {ROOM.name: (StreamId(ROOM.name, 2), 1), OTHER.name: (OTHER, 2)}
    assert await log.heads([]) == {}


async def test_read_sees_every_append_that_was_answered_before(log):
    await log.append(opening())
    for version in range(1, 40):
        await log.append(saying(str(version), version))
        assert (await texts(log))[-1] == str(version)


async def test_a_cancelled_append_spoils_nothing(log):
    appending = [asyncio.ensure_future(log.append(opening(StreamId(f"room:{n}")))) for n in range(5)]
    await asyncio.sleep(0)
    appending[2].cancel()
    outcomes = await asyncio.gather(*appending, return_exceptions=True)
    assert [outcome for n, outcome in enumerate(outcomes) if n != 2] == [1] * 4
    assert isinstance(outcomes[2], asyncio.CancelledError)
    assert await log.append(opening(OTHER)) == 1


# --- answers


async def test_answers_are_read_as_they_were_given(log):
    await log.append(opening())
    given = [answer("c1"), refusal("c2"), answer("c1", player_id="p2")]
    for each in given:
        await log.append(answering(each))
    history = await log.read(ROOM, after=1)
    assert sorted(history.answers, key=repr) == sorted(given, key=repr)
    assert not history.recorded


async def test_the_last_hundred_answers_of_each_player_are_kept_in_order(log):
    await log.append(opening())
    numbers = range(REMEMBERED + 7)
    await asyncio.gather(*(log.append(answering(answer(f"c{n}"))) for n in numbers))
    await log.append(answering(answer("c1", player_id="p2")))
    answers = (await log.read(ROOM)).answers
    assert [each for each in answers if each.cause.player_id == "p1"] == [answer(f"c{n}") for n in numbers[7:]]
    assert [each for each in answers if each.cause.player_id == "p2"] == [answer("c1", player_id="p2")]


async def test_the_first_answer_to_a_command_stays(log):
    await log.append(opening())
    await log.append(answering(refusal("c1")))
    await log.append(answering(answer("c1")))
    assert list((await log.read(ROOM)).answers) == [refusal("c1")]


async def test_an_id_may_hold_any_character(log):
    odd = cause("\0\ue000\ue001\ue000\0\U0001f451'\"\\?$1", player_id="\0")
    await log.append(opening(cause=odd))
    await log.append(answering(answer(odd.command_id, player_id=odd.player_id)))
    history = await log.read(ROOM)
    assert history.recorded[0].cause == odd
    assert [each.cause for each in history.answers] == [odd]


async def test_answers_belong_to_one_life_of_one_stream(log):
    for stream in (ROOM, OTHER, StreamId(ROOM.name, 2)):
        await log.append(opening(stream))
    await log.append(answering(answer("c1")))
    assert not (await log.read(OTHER)).answers
    assert not (await log.read(StreamId(ROOM.name, 2))).answers


async def test_an_answer_may_come_with_the_events_of_time(log):
    await log.append(opening())
    await log.append(moving(1, answer=refusal("c1", 2)))
    history = await log.read(ROOM)
    assert (len(history.recorded), list(history.answers)) == (2, [refusal("c1", 2)])


# --- deadlines and the lobby


async def test_overdue_names_the_earliest_first(log):
    due = {"room:late": T + 3, "room:first": T + 1, "room:second": T + 2, "room:future": T + 4, "room:never": None}
    for name, deadline_ms in due.items():
        await log.append(opening(StreamId(name), deadline_ms=deadline_ms))
    assert [stream.name for stream in await log.overdue(T + 3, 9)] == ["room:first", "room:second", "room:late"]
    assert [stream.name for stream in await log.overdue(T + 3, 2)] == ["room:first", "room:second"]
    assert await log.overdue(T, 9) == []


async def test_the_deadline_is_that_of_the_last_append(log):
    await log.append(opening(deadline_ms=T))
    await log.append(moving(1, deadline_ms=T + 1))
    assert await log.overdue(T, 9) == []
    assert await log.overdue(T + 1, 9) == [ROOM]
    await log.append(moving(2))
    assert await log.overdue(T + 99, 9) == []


async def test_public_streams_are_open_and_public_and_the_newest_first(log):
    for n, (is_open, is_public) in enumerate([(True, True), (True, False), (False, True), (True, True)]):
        await log.append(opening(StreamId(f"room:{n}"), is_open=is_open, is_public=is_public))
    assert [stream.name for stream in await log.public_streams(9)] == ["room:3", "room:0"]
    assert [stream.name for stream in await log.public_streams(1)] == ["room:3"]
    await log.append(moving(1, StreamId("room:3"), is_open=False, is_public=True))
    assert [stream.name for stream in await log.public_streams(9)] == ["room:0"]


# --- finished games


async def test_a_finished_game_is_there_with_its_ending(log):
    game, other = finished("g1"), finished("g2", is_public=False)
    await log.append(opening(finished=(game, other)))
    assert await log.finished_game("g1") == game
    assert await log.finished_game("g2") == other
    assert await log.finished_game("g3") is None


async def names_of(log, query):
    return [game.game_id for game in await log.finished_games(query)]


async def test_finished_games_are_public_and_the_newest_first(log):
    games = (
        finished("b", ended_ms=T),
        finished("a", ended_ms=T),
        finished("c", ended_ms=T + 1),
        finished("z", ended_ms=T - 1),
        finished("secret", ended_ms=T, is_public=False),
    )
    await log.append(opening(finished=games))
    assert await names_of(log, GameQuery()) == ["c", "b", "a", "z"]
    assert await names_of(log, GameQuery(limit=2)) == ["c", "b"]
    assert await names_of(log, GameQuery(before=(T, "b"))) == ["a", "z"]
    assert await names_of(log, GameQuery(before=(T - 1, "z"))) == []


SEARCHES = {
    "part of a name": ("nn", ["1"]),
    "either colour": ("o", ["3", "2", "1"]),
    "any case": ("ÉLO", ["2"]),
    "wild cards are letters": ("%", ["3"]),
    "so is the underscore": ("_", ["3"]),
    "and the backslash": ("\\", ["3"]),
    "sharp s": ("STRASSE", ["3"]),
    "nobody": ("Anna Boris", []),
    "everybody": ("", ["3", "2", "1"]),
}


@pytest.mark.parametrize(("name", "found"), SEARCHES.values(), ids=SEARCHES)
async def test_games_are_found_by_a_players_name(log, name, found):
    games = (
        finished("1", white="Anna", black="Boris"),
        finished("2", white="Éloïse", black="Bob"),
        finished("3", white="100%_\\", black="Otto Straße"),
    )
    await log.append(opening(finished=games))
    assert await names_of(log, GameQuery(name=name)) == found


async def test_games_are_found_by_result_and_name_together(log):
    games = (finished("1"), finished("2", result="0-1"), finished("3", white="Zoë", black="Ian", result="0-1"))
    await log.append(opening(finished=games))
    assert await names_of(log, GameQuery(result="0-1")) == ["3", "2"]
    assert await names_of(log, GameQuery(result="0-1", name="anna", before=(T, "3"))) == ["2"]


# --- workers and outages


async def test_the_latest_moment_anyone_was_alive(log):
    assert await log.last_alive() is None
    await log.renew("w1", T + 5)
    await log.renew("w2", T + 3)
    await log.renew("w1", T + 1)
    assert await log.last_alive() == T + 5
    await log.renew("w3", T + 10 * 86_400_000)
    assert await log.last_alive() == T + 10 * 86_400_000


async def test_the_workers_alive_after_a_moment(log):
    assert await log.alive_after(0) == {}
    for worker, alive_ms in (("w1", T + 5), ("w2", T + 3), ("w1", T + 4), ("w3", T + 9), ("w3", T + 10)):
        await log.renew(worker, alive_ms)
    assert await log.alive_after(T + 2) == {"w1": T + 5, "w2": T + 3, "w3": T + 10}
    assert await log.alive_after(T + 3) == {"w1": T + 5, "w3": T + 10}
    assert await log.alive_after(T + 10) == {}


async def test_the_databases_clock_tells_the_present(log):
    before_ms = time.time_ns() // 1_000_000
    told_ms = await log.time_ms()
    assert before_ms - 1 <= told_ms <= time.time_ns() // 1_000_000 + 1


async def test_a_stream_is_recalled_with_all_that_reading_it_tells(log):
    await log.append(opening())
    await log.append(moving(1))
    await log.append(answering(answer("c1"), 2))
    await log.append(opening(StreamId("room:other"), finished=(finished("g2"),)))
    assert await log.recall(ROOM.name) == (ROOM, await log.read(ROOM), [])


async def test_a_stream_is_recalled_with_the_outages_after_its_last_event_the_oldest_first(log):
    outages = [(T + 10, T + 20), (T + 30, T + 40), (T + 50, T + 60)]
    for outage in [outages[2], outages[0], outages[1], outages[0]]:
        await log.note_outage(*outage)
    for at_ms, version, owed in ((T, 0, outages), (T + 19, 1, outages), (T + 20, 2, outages[1:]), (T + 99, 3, [])):
        await log.append(Append(ROOM, version, (replace(OPENED, at_ms=at_ms),)))
        assert (await log.recall(ROOM.name)).outages == owed


# --- the end


async def test_a_store_is_ready_until_it_is_closed(log):
    await log.ready()
    await log.close()
    with pytest.raises(Unavailable):
        await log.ready()
    with pytest.raises(Unavailable):
        await log.append(opening())


async def test_closing_writes_what_was_accepted(log):
    appending = [asyncio.ensure_future(log.append(opening(StreamId(f"room:{n}")))) for n in range(50)]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    await log.close()
    assert await asyncio.gather(*appending) == [1] * 50


# --- laws

QUICK = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
IN_MEMORY = [pytest.param(IMPLEMENTATIONS[name], id=name) for name in ("memory", "sqlite memory")]


async def write(log, words):
    """A writer that catches up on conflict, as a room does: everything it has to say gets in, once."""
    version = len((await log.read(ROOM)).recorded)
    for word, pause in words:
        for _ in range(pause):
            await asyncio.sleep(0)
        while True:
            try:
                version = await log.append(saying(word, version, cause=cause(word)))
                break
            except Conflict as conflict:
                version, behind = conflict.actual, version
                assert version > behind


words_of = st.lists(st.integers(0, 4), max_size=8)


@pytest.mark.parametrize("implementation", IN_MEMORY)
@QUICK
@given(first=words_of, second=words_of)
async def test_any_interleaving_of_two_writers_gives_one_history(implementation, first, second):
    async with implementation(None) as log:
        ours = [(f"a{n}", pause) for n, pause in enumerate(first)]
        theirs = [(f"b{n}", pause) for n, pause in enumerate(second)]
        await asyncio.gather(write(log, ours), write(log, theirs))
        said = await texts(log)
        assert [word for word in said if word[0] == "a"] == [word for word, _ in ours]
        assert [word for word in said if word[0] == "b"] == [word for word, _ in theirs]
        recorded = (await log.read(ROOM)).recorded
        assert [each.version for each in recorded] == list(range(1, len(said) + 1))
        assert [each.cause.command_id for each in recorded] == said


@pytest.mark.parametrize("implementation", IN_MEMORY)
@QUICK
@given(happened=st.lists(st.lists(events, min_size=1, max_size=3), max_size=6))
async def test_every_event_is_read_as_it_was_written(implementation, happened):
    async with implementation(None) as log:
        version = 0
        for together in happened:
            version = await log.append(Append(ROOM, version, tuple(together)))
        flat = [event for together in happened for event in together]
        assert [recorded.event for recorded in (await log.read(ROOM)).recorded] == flat
