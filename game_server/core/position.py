"""A position on the board, as a value: playing a move gives a new one.

python-chess is slow where it replays and where it writes, so a position carries no move stack, keeps the keys of the
positions since the last capture or pawn move, which is all that repetition needs, and works out its board, its check
and its FEN when somebody first asks: a log of eighty moves is folded without setting up eighty boards.

Rules: FIDE Laws of Chess (2023) 3 and 9.2.
"""

from functools import lru_cache
from typing import Final

import chess
from chess import Board, Move

from game_server.core.advance import Key, advanced
from game_server.core.ids import BLACK, WHITE, Color, opponent

STANDARD_FEN: Final = chess.STARTING_FEN

_NO_PIECES: Final = b"/".join([b"1" * 8] * 8)
_PLACES: Final = {1 << square: 9 * (7 - square // 8) + square % 8 for square in chess.SQUARES}  # of a bit in _NO_PIECES
_PLACES_BY_NAME: Final = {chess.SQUARE_NAMES[square]: _PLACES[1 << square] for square in chess.SQUARES}
_EMPTY, _PAWNS, _KINGS = ord("1"), frozenset(b"Pp"), frozenset(b"Kk")
_EMPTIES: Final = tuple(("1" * count, str(count)) for count in range(8, 1, -1))
_CASTLINGS: Final = ((chess.BB_H1, "K"), (chess.BB_A1, "Q"), (chess.BB_H8, "k"), (chess.BB_A8, "q"))


class Position:
    """A position and what of its past still matters. `board` must never be changed by anyone who holds one.

    It remembers the latest `after`, so that what `decide` has computed costs `evolve` nothing.
    """

    __slots__ = (
        "_before", "_board", "_can_move", "_fen", "_is_check", "_keys", "_line", "_next", "_ranks", "_unpinnable",
        "turn",
    )  # fmt: skip

    def __init__(self, board: Board) -> None:
        self._start(WHITE if board.turn else BLACK)
        self._board: Board | None = board
        self._keys: tuple[Key, ...] = (board._transposition_key(),)

    def _start(self, turn: Color) -> None:
        self.turn: Color = turn
        self._before: Position | None = None
        self._line: tuple[str, ...] = ()     # the moves from `_before` to here
        self._next: Position | None = None
        self._is_check: bool | None = None
        self._can_move: bool | None = None
        self._unpinnable: int | None = None
        self._fen: str | None = None
        self._ranks: bytes | None = None     # the FEN's placement with a digit for each empty square

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Position) and self.board == other.board and self.keys == other.keys

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"Position({self.fen!r})"

    @property
    def board(self) -> Board:
        """Cost: about 2 µs when first asked, and 1 µs for each move before it that nobody has asked for."""
        if self._board is None:
            self._board = self._set_up()
        return self._board

    @property
    def keys(self) -> tuple[Key, ...]:
        """This position's key, last, and those of the earlier ones that can still be repeated."""
        _ = self.board
        return self._keys

    def _set_up(self) -> Board:
        line: tuple[str, ...] = ()
        position: Position = self
        while position._board is None:
            assert position._before is not None, "a position without a board has one before it"
            line = position._line + line if line else position._line
            position = position._before
        board, keys = advanced(position._board, [move_named(uci) for uci in line])
        earlier = position._keys if board.halfmove_clock >= len(line) else ()
        self._keys = (*earlier, *keys)
        if len(line) == 1 and position._ranks is not None:
            self._ranks = _moved(position._ranks, line[0])
        self._before = None
        return board

    @property
    def fen(self) -> str:
        """As python-chess writes it: en passant only where the capture is legal, X-FEN castling. Cost: about 3 µs, 8 if
        that of the position before was not asked for.
        """
        if self._fen is None:
            board = self.board
            square = chess.SQUARE_NAMES[board.ep_square] if board.ep_square and board.has_legal_en_passant() else "-"
            if self._ranks is None:
                self._ranks = _placed(board)
            self._fen = (
                f"{_shortened(self._ranks)} {'w' if board.turn else 'b'} {_castling(board)} {square} "
                f"{board.halfmove_clock} {board.fullmove_number}"
            )
        return self._fen

    @property
    def is_check(self) -> bool:
        if self._is_check is None:
            self._is_check = self.board.is_check()
        return self._is_check

    @property
    def can_move(self) -> bool:
        """Whether there is a legal move. Cost: 1 µs if a pawn that cannot be pinned may go on, else up to 20 µs."""
        if self._can_move is None:
            board = self.board
            pawns = self.unpinnable & board.pawns
            ahead = pawns << 8 if board.turn else pawns >> 8
            self._can_move = bool(ahead & ~board.occupied) or any(board.generate_legal_moves())
        return self._can_move

    @property
    def unpinnable(self) -> int:
        """The pieces (a set of squares, as python-chess's bitboards) of the side to move that may go wherever they can
        without exposing their king, which is not in check: none stands in line with it. En passant takes one more piece
        from the board, and is another matter.
        """
        if self._unpinnable is None:
            self._unpinnable = 0 if self.is_check else _out_of_line(self.board)
        return self._unpinnable

    @property
    def repetitions(self) -> int:
        """How often this position has stood on the board, now included (FIDE 9.2.3)."""
        return self.keys.count(self.keys[-1])

    @property
    def halfmove_clock(self) -> int:
        """Plies since the last capture or pawn move."""
        return self.board.halfmove_clock

    def after(self, *line: str) -> "Position":
        """The position after moves that are known to be legal. Cost: 1 µs, and the board's when it is asked for."""
        known = self._next
        if known is None or known._line != line:
            known = object.__new__(Position)
            known._start(opponent(self.turn) if len(line) % 2 else self.turn)
            known._board, known._before, known._line, known._keys = None, self, line, ()
            self._next = known
        return known


def start_position(variant: str, fen: str | None) -> Position:
    """The position a game of `variant` starts from; `fen` as `checked_fen` returned it, None for the standard array."""
    return Position(Board(fen or STANDARD_FEN, chess960=variant == "chess960"))


@lru_cache(4_096)
def move_named(uci: str) -> Move:
    """python-chess's Move, not to be changed. Raises ValueError if `uci` names none."""
    return Move.from_uci(uci)


def _out_of_line(board: Board) -> int:
    """The pieces of the side to move that stand on no line with their king, but for the king."""
    king = board.king(board.turn)
    if king is None:
        return 0
    lines = chess.BB_RANK_ATTACKS[king][0] | chess.BB_FILE_ATTACKS[king][0] | chess.BB_DIAG_ATTACKS[king][0]
    return board.occupied_co[board.turn] & ~lines & ~board.kings


def _placed(board: Board) -> bytes:
    """Its pieces, rank by rank from the eighth, as the letters of a FEN."""
    ranks = bytearray(_NO_PIECES)
    black, white = board.occupied_co
    for letter, pieces in (
        (80, board.pawns), (78, board.knights), (66, board.bishops), (82, board.rooks), (81, board.queens),
        (75, board.kings),
    ):  # fmt: skip
        _put(ranks, pieces & white, letter)
        _put(ranks, pieces & black, letter + 32)
    return bytes(ranks)


def _moved(ranks: bytes, uci: str) -> bytes | None:
    """`ranks` after a legal move; None if it changes more than the two squares it names: then see `_placed`."""
    left, reached = _PLACES_BY_NAME[uci[:2]], _PLACES_BY_NAME.get(uci[2:])
    if reached is None:     # a promotion
        return None
    piece, taken = ranks[left], ranks[reached]
    aside = abs(left % 9 - reached % 9)
    if piece in _PAWNS and aside and taken == _EMPTY:       # en passant
        return None
    if piece in _KINGS and (aside > 1 or (taken != _EMPTY and (taken > 96) == (piece > 96))):   # castling
        return None
    moved = bytearray(ranks)
    moved[left], moved[reached] = _EMPTY, piece
    return bytes(moved)


def _shortened(ranks: bytes) -> str:
    text = ranks.decode()
    for empties, digit in _EMPTIES:
        text = text.replace(empties, digit)
    return text


def _put(ranks: bytearray, pieces: int, letter: int) -> None:
    while pieces:
        lowest = pieces & -pieces
        ranks[_PLACES[lowest]] = letter
        pieces ^= lowest


def _castling(board: Board) -> str:
    if not board.castling_rights:
        return "-"
    rights = board.clean_castling_rights()
    if board.chess960 and rights:
        return board.castling_xfen()
    return "".join(letter for rook, letter in _CASTLINGS if rights & rook) or "-"
