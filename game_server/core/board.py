"""The board: the one module through which the rules of chess are reached.

A `Position` is a value: playing a move gives a new one. python-chess is slow where it replays, so a position carries no
move stack; it keeps the keys of the positions since the last capture or pawn move, which is all that repetition needs.

Rules: FIDE Laws of Chess (2023) 3, 5.2.2 and 9; material for mating as lichess and python-chess judge it.
"""

from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Final

import chess
from chess import Board, Move

from game_server.core.events import Reason
from game_server.core.ids import BLACK, WHITE, Color
from game_server.core.options import Rules
from game_server.core.refusals import Code, Refused

VARIANTS: Final = ("standard", "chess960")
STANDARD_FEN: Final = chess.STARTING_FEN
KING_HOME_CASTLINGS: Final = frozenset({"e1g1", "e1c1", "e8g8", "e8c8"})  # in chess960 also e1h1 …
_MAX_FEN_CHARS: Final = 128
_Key = Hashable


@dataclass(frozen=True, slots=True)
class Position:
    """A position and what of its past still matters. `board` must never be changed by anyone who holds one.

    `_next` remembers the latest `after`, so that what `decide` has computed costs `evolve` nothing.
    """

    board: Board
    keys: tuple[_Key, ...] = field(repr=False)
    _next: dict[str, "Position"] = field(default_factory=dict, repr=False, compare=False)

    @property
    def turn(self) -> Color:
        return WHITE if self.board.turn else BLACK

    @property
    def fen(self) -> str:
        """As python-chess writes it: en passant only where the capture is legal, X-FEN castling. Cost: about 28 µs."""
        return self.board.fen()

    @property
    def is_check(self) -> bool:
        return self.board.is_check()

    @property
    def repetitions(self) -> int:
        """How often this position has stood on the board, now included (FIDE 9.2.3)."""
        return self.keys.count(self.keys[-1])

    @property
    def halfmove_clock(self) -> int:
        """Plies since the last capture or pawn move."""
        return self.board.halfmove_clock

    def after(self, move: Move) -> "Position":
        """The position after `move`, which must be legal. Cost: about 8 µs, nothing if asked again."""
        return self.replayed(move.uci())

    def replayed(self, uci: str) -> "Position":
        """The position after a move that is known to be legal, such as one from the log."""
        known = self._next.get(uci)
        if known is not None:
            return known
        board = self.board.copy(stack=False)
        board.push(Move.from_uci(uci))
        key = board._transposition_key()
        position = Position(board, (key,) if board.halfmove_clock == 0 else (*self.keys, key))
        self._next.clear()
        self._next[uci] = position
        return position


def start_position(variant: str, fen: str | None) -> Position:
    """The position a game of `variant` starts from; `fen` as `checked_fen` returned it, None for the standard array."""
    board = Board(fen or STANDARD_FEN, chess960=variant == "chess960")
    return Position(board, (board._transposition_key(),))


def chess960_fen(number: int) -> str:
    """The start position with Scharnagl number `number`, 0 to 959."""
    return Board.from_chess960_pos(number).fen()


def checked_variant(name: str) -> str:
    """`name` if it is a variant that can be played. Raises Refused(BAD_MESSAGE)."""
    if name not in VARIANTS:
        raise Refused(Code.BAD_MESSAGE, f"variant is one of {', '.join(VARIANTS)}; got {name[:32]!r}")
    return name


def checked_fen(variant: str, text: str, rules: Rules = "lichess") -> str:
    """`text` as this server writes it, if a game of `variant` can start there.

    Raises Refused(BAD_MESSAGE) with the reason if it is not a FEN, if the position is not legal, or if the game would
    be over before it began.
    """
    if len(text) > _MAX_FEN_CHARS:
        raise Refused(Code.BAD_MESSAGE, f"a FEN has at most {_MAX_FEN_CHARS} characters")
    try:
        board = Board(text, chess960=variant == "chess960")
    except (ValueError, IndexError) as error:
        raise Refused(Code.BAD_MESSAGE, f"not a FEN: {error}") from None
    if status := board.status():
        raise Refused(Code.BAD_MESSAGE, f"no legal position: {_faults(status)}")
    if board.halfmove_clock > 149 or board.fullmove_number > 9_999:
        raise Refused(
            Code.BAD_MESSAGE, "no legal position: the move counters are at most 149 half-moves and 9999 moves"
        )
    if ending(Position(board, (board._transposition_key(),)), rules):
        raise Refused(Code.BAD_MESSAGE, "the game would be over: give a position in which there is a move to play for")
    return board.fen()


def _faults(status: chess.Status) -> str:
    return ", ".join(str(flag.name).lower().replace("_", " ") for flag in chess.Status if flag & status)


def parse_move(position: Position, uci: str) -> Move:
    """The legal move `uci` names in `position`, castling written king-to-destination (e1g1), in chess960
    king-takes-rook.

    Raises Refused(ILLEGAL_MOVE) if the text is not UCI or the move is not legal here; the null move 0000 is not legal,
    although python-chess's parse_uci lets it pass, and neither is e1h1 in standard chess.
    Cost: about 10 µs.
    """
    board = position.board
    try:
        move = board.parse_uci(uci)
    except ValueError:
        move = Move.null()
    if not move or len(move.uci()) != len(uci) or (not board.chess960 and move.uci() != uci):
        raise Refused(Code.ILLEGAL_MOVE, f"{uci[:16]!r} is not a legal move here")
    return move


def legal_moves(position: Position) -> list[str]:
    """Every move that may be played, written as `parse_move` reads them. Cost: about 50 µs."""
    return [move.uci() for move in position.board.legal_moves]


def is_named(position: Position, uci: str, played: str) -> bool:
    """Whether `uci` is another way to write the move that was `played` in `position`."""
    try:
        return parse_move(position, uci).uci() == played
    except Refused:
        return False


def san(position: Position, move: Move) -> str:
    """`move`, legal in `position`, in standard algebraic notation. Cost: about 10 µs."""
    return position.board.san(move)


def ending(position: Position, rules: Rules) -> tuple[Reason, Color | None] | None:
    """Why and for whom the game is over in `position` by itself; None if it goes on.

    Both sets of rules end it at mate, stalemate, a dead position (as far as the material shows it) and the fifth
    repetition (FIDE 9.6.1); lichess's at fifty moves, FIDE's at seventy-five (9.6.2).
    """
    board = position.board
    if not any(board.generate_legal_moves()):
        return ("checkmate", BLACK if board.turn else WHITE) if board.is_check() else ("stalemate", None)
    if board.is_insufficient_material():
        return "insufficient_material", None
    if len(position.keys) >= 17 and position.repetitions >= 5:
        return "fivefold_repetition", None
    if rules == "lichess" and board.halfmove_clock >= 100:
        return "fifty_moves", None
    if board.halfmove_clock >= 150:
        return "seventyfive_moves", None
    return None


def claimable_draw(position: Position, rules: Rules) -> Reason | None:
    """The draw that may be claimed as `position` stands: the third repetition (FIDE 9.2), under FIDE rules also fifty
    moves (9.3), which lichess's rules end by themselves.
    """
    if position.repetitions >= 3:
        return "threefold_repetition"
    if rules == "fide" and position.halfmove_clock >= 100:
        return "fifty_moves"
    return None


def can_mate(position: Position, color: Color) -> bool:
    """Whether `color` has the material to mate if the opponent helps (FIDE 6.9; lichess's rule for a fallen flag).

    An approximation on the side of the player with the material: blocked positions and forced lines are not searched.
    """
    return not position.board.has_insufficient_material(color == WHITE)
