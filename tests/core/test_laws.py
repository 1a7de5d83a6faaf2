"""What holds for every room, whatever anybody does at whatever time."""

from hypothesis import HealthCheck, settings
from hypothesis import given as for_all

from game_server.core.commands import (
    Abort,
    Accept,
    AddTime,
    CheckTime,
    Claim,
    Decline,
    NoteOutage,
    Offer,
    PlayMove,
    Resign,
)
from game_server.core.consequences import deadline, late_consequences
from game_server.core.decide import decide
from game_server.core.events import GameEnded, GameStarted, MovePlayed, RoomOpened
from game_server.core.evolve import evolve, fold
from game_server.core.position import start_position
from game_server.core.refusals import Code, Refused
from game_server.core.room import clock_now
from tests.core.walks import options, steps, walk

walks = settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
GAME_COMMANDS = (PlayMove, Resign, Abort, Claim, AddTime)


@walks
@for_all(options, steps)
def test_nothing_but_a_refusal_is_ever_raised_and_the_same_question_has_the_same_answer(chosen, numbers):
    for step in walk(chosen, numbers):
        try:
            again, code = decide(step.before, step.command, step.now_ms), None
        except Refused as refused:
            again, code = (), refused.code
        assert (again, code) == (step.events, step.refused)


@walks
@for_all(options, steps)
def test_the_fold_of_all_events_is_the_state_reached_step_by_step(chosen, numbers):
    log = [RoomOpened(1_000, "room", "epoch", chosen)]
    room = evolve(None, log[0])
    for step in walk(chosen, numbers):
        for event in late_consequences(room, step.now_ms, is_occupied=True) if step.before != room else ():
            log.append(event)
            room = evolve(room, event)
        assert room == step.before
        for event in step.events:
            log.append(event)
            room = evolve(room, event)
            assert room.version == len(log)
        assert room == step.after
    assert fold(None, log) == room
    assert fold(fold(None, log[: len(log) // 2]), log[len(log) // 2 :]) == room


@walks
@for_all(options, steps)
def test_time_only_goes_forward_and_nothing_is_dated_in_the_future(chosen, numbers):
    for step in walk(chosen, numbers):
        room = step.before
        for event in step.events:
            assert room.at_ms <= event.at_ms <= step.now_ms
            room = evolve(room, event)


@walks
@for_all(options, steps)
def test_no_deadline_is_past_once_time_had_its_way(chosen, numbers):
    for step in walk(chosen, numbers):
        for is_occupied in (False, True):
            room = fold(step.after, late_consequences(step.after, step.now_ms, is_occupied=is_occupied))
            due_ms = deadline(room, is_occupied=is_occupied)
            assert due_ms is None or due_ms > step.now_ms
            assert late_consequences(room, step.now_ms, is_occupied=is_occupied) == ()


@walks
@for_all(options, steps)
def test_exactly_at_its_deadline_something_happens_and_not_a_millisecond_before(chosen, numbers):
    for step in walk(chosen, numbers):
        due_ms = deadline(step.after, is_occupied=True)
        if due_ms is not None:
            assert decide(step.after, CheckTime(is_occupied=True), due_ms)
            if due_ms - 1 >= step.after.at_ms:
                assert decide(step.after, CheckTime(is_occupied=True), due_ms - 1) == ()


@walks
@for_all(options, steps)
def test_after_the_end_every_command_of_the_game_is_refused(chosen, numbers):
    for step in walk(chosen, numbers):
        if step.before.status not in ("finished", "closed"):
            continue
        assert not any(isinstance(event, MovePlayed | GameEnded) for event in step.events)
        match step.command:
            case PlayMove():
                assert step.events == () and step.refused in (None, Code.GAME_OVER, Code.STALE_PLY)
                if step.refused is None:    # the same move again, which stands at that ply
                    assert step.before.game.plies[step.command.ply - 1].uci == step.command.uci
            case Resign() | Abort() | Claim() | AddTime():
                assert step.refused is Code.GAME_OVER
            case Offer(kind="draw" | "takeback") | Accept(kind="draw" | "takeback") | Decline(kind="draw" | "takeback"):
                assert step.refused is Code.GAME_OVER


@walks
@for_all(options, steps)
def test_every_game_has_one_ending_and_its_moves_make_its_position(chosen, numbers):
    ended = set()
    for step in walk(chosen, numbers):
        room, game = step.after, step.after.game
        for event in step.events:
            if isinstance(event, GameStarted):
                assert event.game_id not in ended
            if isinstance(event, GameEnded):
                assert game.id not in ended
        if game is not None and game.result is not None:
            assert room.status in ("finished", "closed") and game.reason is not None
            ended.add(game.id)
        if game is not None and step.events:
            board = start_position(chosen.variant, game.initial_fen).board.copy()
            for ply in game.plies:
                assert board.san(board.parse_uci(ply.uci)) == ply.san
                board.push_uci(ply.uci)
            assert board.fen() == game.position.fen
            assert sum(board.is_repetition(count) for count in range(1, 6)) == min(5, game.position.repetitions)


@walks
@for_all(options, steps)
def test_nobodys_clock_gains_but_by_increments_lag_and_gifts_and_shows_less_than_nothing(chosen, numbers):
    for step in walk(chosen, numbers):
        before, after = step.before.game, step.after.game
        if after is None or after.clock is None:
            continue
        assert min(clock_now(after, max(step.now_ms, step.after.at_ms))) >= 0
        if before is None or before.id != after.id or before.ply == after.ply:
            continue
        if isinstance(step.command, PlayMove) and chosen.time.is_timed:
            mover = step.command.color
            gained_ms = after.clock.of(mover) - before.clock.of(mover)
            assert gained_ms <= chosen.time.increment_ms
            assert after.clock.of(mover) > 0 or step.after.status != "playing"
            assert after.clock.of("black" if mover == "white" else "white") >= 0


@walks
@for_all(options, steps)
def test_an_outage_costs_nobody_a_millisecond(chosen, numbers):
    for step in walk(chosen, numbers):
        if not (isinstance(step.command, NoteOutage) and step.events):
            continue
        (event,) = step.events
        lost_ms = event.until_ms - event.from_ms
        before, after = deadline(step.before, is_occupied=True), deadline(step.after, is_occupied=True)
        assert (before is None) == (after is None)
        if (before is not None and step.before.game is None) or step.before.status == "playing":
            assert after is None or after >= before + lost_ms
