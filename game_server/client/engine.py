"""A UCI engine as a mover: python-chess's engine support, with a clock in mind and a new process when one crashes.

Pondering is off. The engine is told both clocks as the server shows them, its own less a margin for the way.
UCI: https://backscattering.de/chess/uci/
"""

import asyncio
import logging
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final, Self

import chess
import chess.engine

from game_server.client.endings import ClientError
from game_server.client.mover import MATE_CP, Decision, Manners
from game_server.client.seat import Turn
from game_server.client.view import RoomView
from game_server.core.clock import parse_time_control
from game_server.core.ids import WHITE
from game_server.engines import NotInstalled, find_engine

logger = logging.getLogger("tabiya.engine")

OptionValue = str | int | bool
RESTARTS: Final = 3         # crashes on one move, after which the engine is given up
START_S: Final = 15
QUIT_S: Final = 0.3         # then it is killed, which does it no harm: a stopping server has 2 s in all
HANGS_S: Final = 10         # how much longer than asked an engine may take before it is started again
UNCLOCKED_MS: Final = 1_000     # for moves before the clocks run
TROUBLE: Final = 10         # with less than so many margins on the clock, it thinks for a tenth of what is left
LEAST_MS: Final = 5


class EngineFault(ClientError):  # noqa: N818
    """The engine is not there, does not have an option, or crashes again and again. The message says what to do."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How long an engine thinks: by the clock if there is one, else `move_s`; never more than `most_s`, `nodes` or
    `depth`. `margin_ms` is taken off its clock for each move, for the network and the server."""

    move_s: float = 1.0
    most_s: float | None = None
    nodes: int | None = None
    depth: int | None = None
    margin_ms: int = 100

    def limit(self, view: RoomView, white_ms: int | None, black_ms: int | None) -> chess.engine.Limit:
        """For the side to move in `view`, with so much on the clocks now (None: unlimited)."""
        control = parse_time_control(view.options.time)
        if white_ms is None or black_ms is None or control.is_correspondence:
            return chess.engine.Limit(time=self._at_most(self.move_s), nodes=self.nodes, depth=self.depth)
        if view.clock is None or view.clock.running is None:    # a limit for first moves runs instead
            return chess.engine.Limit(
                time=self._at_most(min(UNCLOCKED_MS, white_ms / 20) / 1_000), nodes=self.nodes, depth=self.depth
            )
        left_ms = white_ms if view.turn == WHITE else black_ms
        if left_ms < TROUBLE * self.margin_ms:      # engines plan for a way of a few milliseconds; this one is longer
            think_s = max(LEAST_MS, (left_ms - self.margin_ms) / TROUBLE) / 1_000
            return chess.engine.Limit(time=self._at_most(think_s), nodes=self.nodes, depth=self.depth)
        if view.turn == WHITE:
            white_ms -= self.margin_ms
        else:
            black_ms -= self.margin_ms
        increment_s = control.increment_ms / 1_000
        return chess.engine.Limit(
            time=self.most_s,
            nodes=self.nodes,
            depth=self.depth,
            white_clock=white_ms / 1_000,
            black_clock=black_ms / 1_000,
            white_inc=increment_s,
            black_inc=increment_s,
        )

    def _at_most(self, seconds: float) -> float:
        return seconds if self.most_s is None else min(seconds, self.most_s)


@dataclass(frozen=True, slots=True)
class EngineSpec:
    """Which engine, how strong, and how it behaves. `skill` and `elo` are options of Stockfish and other engines; an
    engine that does not have them is refused if `is_strict`, else it plays as it can."""

    command: str = "stockfish"
    skill: int | None = None
    elo: int | None = None
    options: Mapping[str, OptionValue] = field(default_factory=dict)
    pace: Pace = field(default_factory=Pace)
    manners: Manners = field(default_factory=Manners)
    is_strict: bool = True

    def settings(self, engine: chess.engine.UciProtocol) -> dict[str, OptionValue]:
        """The options to set in `engine`. Raises EngineFault if it has no such option, or not with this value."""
        wanted = dict(self.options)
        if self.skill is not None:
            wanted["Skill Level"] = self.skill
        if self.elo is not None:
            wanted |= {"UCI_LimitStrength": True, "UCI_Elo": self.elo}
        name = engine.id.get("name", self.command)
        for option, value in wanted.items():
            if option not in engine.options and not self.is_strict:
                continue
            if option not in engine.options:
                raise EngineFault(f"{name} has no option {option!r}; it has {', '.join(sorted(engine.options))}")
            try:
                engine.options[option].parse(value)
            except chess.engine.EngineError as error:
                raise EngineFault(f"{name} does not take {option} = {value}: {error}") from None
        return {option: value for option, value in wanted.items() if option in engine.options}


class Engine:
    """A mover that asks a UCI engine. `async with` it: the process runs inside.

    A crashed or hanging engine is started again and asked anew; after RESTARTS crashes on one move EngineFault is
    raised. It may serve one game at a time. Raises EngineFault if there is no such engine.
    """

    def __init__(self, spec: EngineSpec) -> None:
        self.spec = spec
        self.starts = 0
        self.name = spec.command
        try:
            self._command = find_engine(spec.command)
        except NotInstalled as missing:
            raise EngineFault(str(missing)) from None
        self._engine: chess.engine.UciProtocol | None = None
        self._transport: asyncio.SubprocessTransport | None = None
        self._scores: list[int] = []
        self._game_id: str | None = None

    async def __aenter__(self) -> Self:
        """Starts it, if it does not run. Raises EngineFault if it does not start or lacks the options asked for."""
        if self._engine is None:
            await self._started()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stop()

    @property
    def pid(self) -> int | None:
        """Of the process that runs now."""
        return self._transport.get_pid() if self._transport is not None else None

    async def choose(self, turn: Turn) -> Decision:
        """Raises EngineFault."""
        view = turn.view
        if view.game_id != self._game_id:
            self._game_id = view.game_id
            self._scores = []
        board = board_of(view)
        result = await self._asked(turn, board)
        assert result.move is not None, "the game goes on, so there is a move"
        score = result.info.get("score")
        self._scores.append(score.pov(board.turn).score(mate_score=MATE_CP) if score is not None else 0)
        may_claim = board.is_repetition(3) or (view.options.rules == "fide" and board.is_fifty_moves())
        return self.spec.manners.decision(
            board.uci(result.move), self._scores, view.ply, draw_is_offered=turn.draw_is_offered, may_claim=may_claim
        )

    async def _asked(self, turn: Turn, board: chess.Board) -> chess.engine.PlayResult:
        for _ in range(RESTARTS):
            white_ms, black_ms = turn.seat.remaining_ms("white"), turn.seat.remaining_ms("black")
            limit = self.spec.pace.limit(turn.view, white_ms, black_ms)
            longest_s = (limit.time or limit.white_clock or 0) + (limit.black_clock or 0) + HANGS_S
            try:
                async with asyncio.timeout(longest_s if limit.nodes is None and limit.depth is None else None):
                    engine = self._engine or await self._started()
                    return await engine.play(
                        board, limit, game=turn.view.game_id, info=chess.engine.INFO_SCORE, ponder=False
                    )
            except (chess.engine.EngineError, TimeoutError) as error:
                logger.warning("%s: %s; it is started again", self.name, error or "does not answer")
                await self._stop()
        raise EngineFault(f"{self.name} crashed {RESTARTS} times in one position: {board.fen()}")

    async def _started(self) -> chess.engine.UciProtocol:
        self.starts += 1
        try:
            async with asyncio.timeout(START_S):
                # a session of its own: Ctrl-C is for us, who then end it in good order
                self._transport, engine = await chess.engine.popen_uci(self._command, start_new_session=True)
        except (OSError, chess.engine.EngineError, TimeoutError) as error:
            raise EngineFault(f"{self._command[0]} does not start as a UCI engine: {error or 'no answer'}") from None
        self._engine = engine
        self.name = engine.id.get("name", self.name)
        try:
            await engine.configure(self.spec.settings(engine))
        except chess.engine.EngineError as error:
            await self._stop()
            raise EngineFault(f"{self.name}: {error}") from None
        except BaseException:
            await self._stop()
            raise
        return engine

    async def _stop(self) -> None:
        engine, transport, self._engine, self._transport = self._engine, self._transport, None, None
        if engine is None or transport is None:
            return
        with suppress(chess.engine.EngineError, TimeoutError, OSError):
            async with asyncio.timeout(QUIT_S):
                await engine.quit()
        with suppress(ProcessLookupError):
            transport.kill()
        transport.close()


def board_of(view: RoomView) -> chess.Board:
    """The position with the moves that led to it, so that the engine sees repetitions."""
    board = chess.Board(view.initial_fen, chess960=view.variant == "chess960")
    for move in view.moves:
        board.push_uci(move.uci)
    return board
