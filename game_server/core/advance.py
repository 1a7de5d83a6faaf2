"""The board after a move, made anew: python-chess's `copy` and `push` remember what it takes to undo the move, too."""

from chess import BB_SQUARES, Board, Move

PAWN_JUMP = 16      # squares, as python-chess numbers them


def advanced(board: Board, move: Move) -> Board:
    """`board`, which has no move stack, after a legal `move`: as `push` makes it, without a stack again.

    Cost: about 2 µs; 8 for castlings, promotions, en passant, and a king's moves while anybody may castle.
    """
    source, target = BB_SQUARES[move.from_square], BB_SQUARES[move.to_square]
    pawn, king = source & board.pawns, source & board.kings
    if move.promotion or (pawn and move.to_square == board.ep_square) or (king and board.castling_rights):
        after = board.copy(stack=False)
        after.push(move)
        after.clear_stack()
        return after
    return _moved(board, move, source, target, is_pawn=bool(pawn))


def _moved(board: Board, move: Move, source: int, target: int, *, is_pawn: bool) -> Board:
    """After a move that changes nothing but the squares it names."""
    turn, kept = board.turn, ~(source | target)
    after = object.__new__(Board)
    after.pawns, after.knights, after.bishops = board.pawns & kept, board.knights & kept, board.bishops & kept
    after.rooks, after.queens, after.kings = board.rooks & kept, board.queens & kept, board.kings & kept
    after.promoted = board.promoted & kept
    after.ep_square = None
    if is_pawn:
        after.pawns |= target
        if abs(move.to_square - move.from_square) == PAWN_JUMP:
            after.ep_square = (move.from_square + move.to_square) // 2
    elif source & board.knights:
        after.knights |= target
    elif source & board.bishops:
        after.bishops |= target
    elif source & board.rooks:
        after.rooks |= target
    elif source & board.queens:
        after.queens |= target
    else:
        after.kings |= target
    if source & board.promoted:
        after.promoted |= target
    ours, theirs = board.occupied_co[turn] ^ (source | target), board.occupied_co[not turn] & kept
    after.occupied_co = [theirs, ours] if turn else [ours, theirs]
    after.occupied = ours | theirs
    after.turn = not turn
    after.castling_rights = board.clean_castling_rights() & kept if board.castling_rights else 0
    after.halfmove_clock = 0 if is_pawn or target & board.occupied else board.halfmove_clock + 1
    after.fullmove_number = board.fullmove_number if turn else board.fullmove_number + 1
    after.chess960 = board.chess960
    after.move_stack, after._stack = [], []
    return after
