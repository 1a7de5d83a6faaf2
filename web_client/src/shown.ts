/** What the board shows of a room's state: pure, and all that board.ts needs to know. */
import { after, boardFen, destsOf, lineOf, positionAt, squaresOf } from './line';
import type { Dests } from './line';
import type { Color } from './protocol';
import { bottomColor, mayMove, ownColor, pendingMove } from './state';
import type { Facts, Promoting, RoomState } from './state';
import type { Position } from 'chessops';

export interface ShownBoard {
  /** Pieces only. */
  readonly fen: string;
  readonly orientation: Color;
  readonly turn: Color;
  /** Whose king is in check. */
  readonly check: Color | null;
  readonly lastMove: readonly string[];
  /** Squares of a move that the server has not acknowledged. */
  readonly pending: readonly string[];
  /** Whose pieces may be moved now, and where to; null: nobody's. */
  readonly movable: { readonly color: Color; readonly dests: Dests } | null;
  /** Whose pieces may be moved ahead, while it is not their turn; null: nobody's. */
  readonly premovable: Color | null;
  /** Squares of the move that is kept for later. */
  readonly premove: readonly string[];
  readonly isPromoting: boolean;
  /** Whether it is the room's own position, and not what stands there until that is known. */
  readonly isLoaded: boolean;
}

const START_PIECES = 'rnbqkbnr/pppppppp/8/8/8/8/PPPPPPPP/RNBQKBNR';

export function shownBoard(state: RoomState): ShownBoard {
  const orientation = bottomColor(state);
  const { facts } = state;
  const game = facts && shownGame(state, facts);
  if (!game) {
    return {
      fen: facts?.fen.split(' ')[0] ?? START_PIECES,
      orientation,
      turn: facts?.turn ?? 'white',
      check: null,
      lastMove: squaresOf(facts?.moves.at(-1)?.uci ?? ''),
      pending: [],
      movable: null,
      premovable: null,
      premove: [],
      isPromoting: false,
      isLoaded: facts !== null,
    };
  }
  const { position, uci, isPending } = game;
  const squares = uci === null ? [] : squaresOf(uci);
  return {
    fen: state.promoting ? halfPromoted(position, state.promoting) : boardFen(position),
    orientation,
    turn: position.turn,
    check: position.isCheck() ? position.turn : null,
    lastMove: squares,
    pending: isPending ? squares : [],
    movable: movable(state, facts, position),
    premovable: premovable(state, facts),
    premove: state.premove && state.viewedPly === null ? [state.premove.from, state.premove.to] : [],
    isPromoting: state.promoting !== null,
    isLoaded: true,
  };
}

/** The position that is looked at, and the move that led to it. */
function shownGame(
  state: RoomState,
  facts: Facts,
): { position: Position; uci: string | null; isPending: boolean } | null {
  const ply = state.viewedPly ?? facts.ply;
  const position = positionAt(lineOf(facts), ply);
  if (!position) return null;
  const pending = state.viewedPly === null ? pendingMove(state) : null;
  const next = pending && after(position, pending.message.uci);
  if (pending && next) return { position: next, uci: pending.message.uci, isPending: true };
  return { position, uci: facts.moves[ply - 1]?.uci ?? null, isPending: false };
}

function movable(state: RoomState, facts: Facts, position: Position): ShownBoard['movable'] {
  const color = ownColor(state);
  if (!mayMove(state) || color === null || state.viewedPly !== null || state.link.kind === 'ended') return null;
  return { color, dests: destsOf(position, facts.variant) };
}

function premovable(state: RoomState, facts: Facts): Color | null {
  if (facts.status !== 'playing' || mayMove(state)) return null;
  return state.viewedPly !== null || state.link.kind === 'ended' ? null : ownColor(state);
}

/** The pawn already stands where it will promote, while the new piece is chosen. */
function halfPromoted(position: Position, { from, to }: Promoting): string {
  const half = position.clone();
  const [origin, target] = [squareIndex(from), squareIndex(to)];
  const pawn = half.board.take(origin);
  if (pawn) half.board.set(target, pawn);
  return boardFen(half);
}

function squareIndex(square: string): number {
  return square.charCodeAt(0) - 97 + 8 * (square.charCodeAt(1) - 49);
}
