"""The rules of chess: which moves are legal, how they are written, and when a position ends the game.

Rules: FIDE Laws of Chess (2023) 3, 5.2.2 and 9; material for mating as lichess and python-chess judge it.
"""

from typing import Final

import chess
from chess import Board, Move

from game_server.core.events import Reason
from game_server.core.ids import WHITE, Color, opponent
from game_server.core.options import Rules
from game_server.core.position import Position, move_named
from game_server.core.refusals import Code, Refused

VARIANTS: Final = ("standard", "chess960")
KING_HOME_CASTLINGS: Final = frozenset({"e1g1", "e1c1", "e8g8", "e8c8"})  # in chess960 also e1h1 …
_MAX_FEN_CHARS: Final = 128
_LETTERS: Final = ".PNBRQK"  # of pieces, as python-chess numbers them
_DIAGONALS: Final = [chess.BB_DIAG_ATTACKS[square][0] for square in chess.SQUARES]
_STRAIGHTS: Final = [chess.BB_RANK_ATTACKS[square][0] | chess.BB_FILE_ATTACKS[square][0] for square in chess.SQUARES]
_COMES_FROM: Final = {  # from where a piece may reach a square, if nothing stands in between
    chess.KNIGHT: chess.BB_KNIGHT_ATTACKS,
    chess.BISHOP: _DIAGONALS,
    chess.ROOK: _STRAIGHTS,
    chess.QUEEN: [diagonal | straight for diagonal, straight in zip(_DIAGONALS, _STRAIGHTS, strict=True)],
    chess.KING: chess.BB_KING_ATTACKS,
}


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
    if ending(Position(board), rules):
        raise Refused(Code.BAD_MESSAGE, "the game would be over: give a position in which there is a move to play for")
    return board.fen()


def _faults(status: chess.Status) -> str:
    return ", ".join(str(flag.name).lower().replace("_", " ") for flag in chess.Status if flag & status)


def parse_move(position: Position, uci: str) -> Move:
    """The legal move `uci` names in `position`, castling written king-to-destination (e1g1), in chess960
    king-takes-rook.

    Raises Refused(ILLEGAL_MOVE) if the text is not UCI or the move is not legal here; the null move 0000 is not legal,
    although python-chess's parse_uci lets it pass, and neither is e1h1 in standard chess.
    Cost: about 6 µs.
    """
    try:
        move = position.board.parse_uci(uci) if position.board.chess960 else _plain_move(position, uci)
    except ValueError:
        move = Move.null()
    if not move or (len(uci) == 5) != bool(move.promotion):     # in chess960 python-chess takes e1g1q for a castling
        raise Refused(Code.ILLEGAL_MOVE, f"{uci[:16]!r} is not a legal move here")
    return move


def _plain_move(position: Position, uci: str) -> Move:
    """As `board.parse_uci`, but for castlings written as the king taking its rook."""
    board, move = position.board, move_named(uci)
    onto_own = board.occupied_co[board.turn] & chess.BB_SQUARES[move.to_square]
    if onto_own or not board.is_pseudo_legal(move):
        return Move.null()
    is_safe = position.unpinnable & chess.BB_SQUARES[move.from_square] and move.to_square != board.ep_square
    return move if is_safe or not board.is_into_check(move) else Move.null()


def legal_moves(position: Position) -> list[str]:
    """Every move that may be played, written as `parse_move` reads them. Cost: about 50 µs."""
    return [move.uci() for move in position.board.legal_moves]


def is_named(position: Position, uci: str, played: str) -> bool:
    """Whether `uci` is another way to write the move that was `played` in `position`."""
    try:
        return parse_move(position, uci).uci() == played
    except Refused:
        return False


def san(position: Position, move: Move, after: Position | None = None) -> str:
    """`move`, legal in `position`, in standard algebraic notation. `after` is the position that it leads to.

    Cost: about 3 µs, and what it costs to look at `after`.
    """
    text = _san(position.board, move)
    if after is None:
        after = position.after(move.uci())
    if not after.is_check:
        return text
    return f"{text}+" if after.can_move else f"{text}#"


def _san(board: Board, move: Move) -> str:
    """Without the sign for check. Only castlings, promotions, and pieces that may have to be told from another one are
    left to python-chess, which looks at the legal moves of all pieces of the kind.
    """
    source, square = chess.BB_SQUARES[move.from_square], chess.SQUARE_NAMES[move.to_square]
    piece = board.piece_type_at(move.from_square)
    assert piece is not None, "a legal move has a piece"
    if piece == chess.PAWN:
        if move.promotion:
            return board._algebraic_without_suffix(move)
        is_capture = (move.from_square ^ move.to_square) & 7
        return f"{chess.FILE_NAMES[move.from_square & 7]}x{square}" if is_capture else square
    others = board.pieces_mask(piece, board.turn) & ~source
    if others & _COMES_FROM[piece][move.to_square] or (piece == chess.KING and board.is_castling(move)):
        return board._algebraic_without_suffix(move)
    letter = _LETTERS[piece]
    return f"{letter}x{square}" if board.occupied & chess.BB_SQUARES[move.to_square] else letter + square


def ending(position: Position, rules: Rules) -> tuple[Reason, Color | None] | None:
    """Why and for whom the game is over in `position` by itself; None if it goes on.

    Both sets of rules end it at mate, stalemate, a dead position (as far as the material shows it) and the fifth
    repetition (FIDE 9.6.1); lichess's at fifty moves, FIDE's at seventy-five (9.6.2).
    """
    board = position.board
    if not position.can_move:
        return ("checkmate", opponent(position.turn)) if position.is_check else ("stalemate", None)
    if not (board.pawns | board.rooks | board.queens) and board.is_insufficient_material():
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
