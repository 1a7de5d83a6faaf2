"""Engines: found or not, how long they may think, and their manners."""

import shutil
from dataclasses import replace

import chess
import pytest

from game_server.client.engine import Engine, EngineFault, EngineSpec, Pace, board_of
from game_server.client.mover import UNTIL_MATE, Decision, Manners
from game_server.client.view import RoomView, first_view
from game_server.core.options import Options
from game_server.wire import outbound as out
from game_server.wire import parts
from game_server.wire.frames import room_options

STOCKFISH = shutil.which("stockfish") or shutil.which("stockfish", path="/usr/games")
needs_stockfish = pytest.mark.skipif(STOCKFISH is None, reason="needs Stockfish: apt install stockfish")
EQUAL = [0] * 8
LOST = [-950, -1000, -1100, -1200]


def view(time: str, *, running: bool = True, moves: tuple[str, ...] = ("e2e4", "e7e5"), fen: str = "") -> RoomView:
    board = chess.Board(fen or chess.STARTING_FEN, chess960=bool(fen))
    start = board.fen()
    played = []
    for uci in moves:
        played.append(parts.PlayedMove(uci=uci, san=board.san(board.parse_uci(uci))))
        board.push_uci(uci)
    state = out.StateFrame(
        v=5, epoch="e", at=0, room_id="mine", options=room_options(Options()).model_copy(update={"time": time}),
        game_id="g", status="playing", variant="standard", initial_fen=start, fen=board.fen(), turn="white",
        ply=len(moves), moves=played, white=None, black=None, time_control=time,
        clock=parts.ClockTimes(white=1, black=1, running="white" if running else None),
        offers=parts.StandingOffers(draw=None, takeback=None, rematch=None), result=None, winner=None, reason=None,
        check=False, score=parts.Score(white=0, black=0), spectators=0, chat=[],
    )  # fmt: skip
    return first_view(state)


def test_the_engine_is_told_both_clocks_its_own_less_the_margin() -> None:
    limit = Pace(margin_ms=100).limit(view("5+3"), 60_000, 50_000)
    assert (limit.white_clock, limit.black_clock, limit.white_inc, limit.time) == (59.9, 50.0, 3.0, None)


@pytest.mark.parametrize(
    ("left_ms", "think_s"),
    [
        #  left  think     margin 100 ms
        (999, 0.0899),
        (500, 0.04),
        (120, 0.005),
        (0, 0.005),
    ],
)
def test_in_time_trouble_it_thinks_for_a_tenth_of_what_is_left(left_ms: int, think_s: float) -> None:
    limit = Pace(margin_ms=100).limit(view("5+3"), left_ms, 50_000)
    assert limit.time == pytest.approx(think_s)
    assert limit.white_clock is None


@pytest.mark.parametrize("time", ["unlimited", "3d"])
def test_without_a_clock_it_thinks_for_a_fixed_time(time: str) -> None:
    left_ms = None if time == "unlimited" else 86_400_000
    limit = Pace(move_s=0.7).limit(view(time), left_ms, left_ms)
    assert (limit.time, limit.white_clock) == (0.7, None)


def test_before_the_clocks_run_it_does_not_use_up_the_time_for_first_moves() -> None:
    limit = Pace().limit(view("90+30", running=False, moves=()), 5_400_000, 5_400_000)
    assert (limit.time, limit.white_clock) == (1.0, None)


MANNERS = {
    "lost for long": (Manners(), LOST, 40, {}, Decision("e2e4", instead="resign")),
    "lost only now": (Manners(), [0, *LOST[1:]], 40, {}, Decision("e2e4")),
    "plays until mate": (UNTIL_MATE, LOST, 40, {}, Decision("e2e4")),
    "a draw offered early": (Manners(), EQUAL, 20, {"draw_is_offered": True}, Decision("e2e4")),
    "a draw offered late": (
        Manners(), EQUAL[:4], 80, {"draw_is_offered": True}, Decision("e2e4", instead="accept_draw"),
    ),
    "a draw offered when better": (Manners(), [90] * 4, 80, {"draw_is_offered": True}, Decision("e2e4")),
    "equal for long": (Manners(), EQUAL, 80, {}, Decision("e2e4", offer_draw=True)),
    "never draws": (Manners(draw_cp=None), EQUAL, 80, {"draw_is_offered": True, "may_claim": True}, Decision("e2e4")),
    "a repetition": (Manners(), [0], 20, {"may_claim": True}, Decision("e2e4", instead="claim_draw")),
    "a repetition when better": (Manners(), [300], 20, {"may_claim": True}, Decision("e2e4")),
}  # fmt: skip


@pytest.mark.parametrize(("manners", "scores", "ply", "asked", "decision"), MANNERS.values(), ids=MANNERS)
def test_manners(
    manners: Manners, scores: list[int], ply: int, asked: dict[str, bool], decision: Decision
) -> None:
    flags = {"draw_is_offered": False, "may_claim": False} | asked
    assert manners.decision("e2e4", scores, ply, **flags) == decision


def test_the_board_knows_how_the_position_came_about() -> None:
    back_and_forth = ("g1f3", "g8f6", "f3g1", "f6g8") * 2
    assert board_of(view("5+3", moves=back_and_forth)).is_repetition(3)


def test_a_chess960_board_castles_king_takes_rook() -> None:
    position = view("5+3", moves=(), fen="4k3/8/8/8/8/8/8/1R2K1R1 w GB - 0 1")
    position = replace(position, options=position.options.model_copy(update={"variant": "chess960"}))
    board = board_of(position)
    assert board.chess960
    assert {"e1g1", "e1b1"} <= set(position.legal_moves)
    assert {"e1g1", "e1b1"} <= {move.uci() for move in board.legal_moves}


def test_an_engine_that_is_not_there_is_an_error_that_says_what_to_install() -> None:
    with pytest.raises(EngineFault, match=r"no-such-engine.*apt install stockfish"):
        Engine(EngineSpec("no-such-engine --threads 2"))


async def test_a_program_that_is_no_engine_is_said_to_be_none() -> None:
    with pytest.raises(EngineFault, match="does not start as a UCI engine"):
        await Engine(EngineSpec("true")).__aenter__()


WRONG = {
    "no such option": (EngineSpec(options={"Personality": "Tal"}), "no option 'Personality'"),
    "a skill it does not have": (EngineSpec(skill=99), "Skill Level = 99"),
    "an Elo it does not have": (EngineSpec(elo=9000), "UCI_Elo = 9000"),
    "no number": (EngineSpec(options={"Hash": "much"}), "Hash = much"),
}


@needs_stockfish
@pytest.mark.parametrize(("spec", "sentence"), WRONG.values(), ids=WRONG)
async def test_an_option_that_the_engine_does_not_take_is_refused(spec: EngineSpec, sentence: str) -> None:
    with pytest.raises(EngineFault, match=sentence):
        await Engine(spec).__aenter__()
