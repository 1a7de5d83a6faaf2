/**
 * A game's positions, from the moves the server told: where the rules of chess come in, through chessops.
 *
 * The server owns the truth; this is for showing it, and for offering only moves that it will accept.
 */
import { castlingSide, Chess } from 'chessops/chess';
import { chessgroundDests } from 'chessops/compat';
import { makeBoardFen, makeFen, parseFen } from 'chessops/fen';
import { makeSan } from 'chessops/san';
import { makeSquare, makeUci, parseSquare, parseUci, squareFile, squareRank } from 'chessops/util';
import type { Move, NormalMove, Position, SquareName } from 'chessops';
import type { Color, StateFrame } from './protocol';

/** One game: where it starts and what was played. */
export interface Line {
  readonly variant: string;
  readonly initialFen: string;
  readonly ucis: readonly string[];
}

export function lineOf(facts: Pick<StateFrame, 'variant' | 'initial_fen' | 'moves'>): Line {
  return { variant: facts.variant, initialFen: facts.initial_fen, ucis: facts.moves.map(({ uci }) => uci) };
}

/** Half-moves before the first one of this game, by its FEN's counters. */
export function firstPlyOf(fen: string): number {
  const [, turn, , , , fullmove] = fen.split(' ');
  return (Math.max(1, Number(fullmove) || 1) - 1) * 2 + (turn === 'b' ? 1 : 0);
}

export type Dests = Map<SquareName, SquareName[]>;

/** Positions of the line that was asked for last, so that a move costs one step and not the whole game. */
let known: { variant: string; initialFen: string; ucis: string[]; positions: Position[] } | null = null;

/**
 * The position after `ply` moves of `line`; null if this client cannot follow it (a variant it does not know).
 *
 * Shared between callers, who must not play on it.
 */
export function positionAt(line: Line, ply: number): Position | null {
  if (!known || known.initialFen !== line.initialFen || known.variant !== line.variant) {
    const start = startPosition(line.initialFen);
    if (!start) return null;
    known = { variant: line.variant, initialFen: line.initialFen, ucis: [], positions: [start] };
  }
  const { ucis, positions } = known;
  let shared = 0;
  while (shared < ucis.length && shared < line.ucis.length && ucis[shared] === line.ucis[shared]) shared++;
  ucis.length = shared;
  positions.length = shared + 1;
  for (const uci of line.ucis.slice(shared)) {
    const next = after(positions.at(-1), uci);
    if (!next) break;
    ucis.push(uci);
    positions.push(next);
  }
  return positions[Math.min(ply, line.ucis.length)] ?? null;
}

function startPosition(fen: string): Position | null {
  const setup = parseFen(fen);
  if (setup.isErr) return null;
  const chess = Chess.fromSetup(setup.value);
  return chess.isOk ? chess.value : null;
}

/** Whether a game can start from `fen`; the server is stricter, and says why. */
export function isPlayableFen(fen: string): boolean {
  return startPosition(fen) !== null;
}

/** The position after one more move; null if there is no such move. */
export function after(position: Position | undefined, uci: string): Position | null {
  const move = parseUci(uci);
  if (!position || !move || !position.isLegal(move)) return null;
  const next = position.clone();
  next.play(move);
  return next;
}

export function boardFen(position: Position): string {
  return makeBoardFen(position.board);
}

/** The whole position as FEN. */
export function fenOf(position: Position): string {
  return makeFen(position.toSetup());
}

export function sanOf(position: Position, uci: string): string {
  const move = parseUci(uci);
  return move ? makeSan(position, move) : uci;
}

/** Where each piece may go, castling as the variant writes it (and in standard chess also onto the rook). */
export function destsOf(position: Position, variant: string): Dests {
  return chessgroundDests(position, { chess960: variant === 'chess960' });
}

/** Whether a move between these squares takes a pawn to its last rank. */
export function isPromotion(position: Position, from: string, to: string): boolean {
  const [origin, target] = [parseSquare(from), parseSquare(to)];
  if (origin === undefined || target === undefined) return false;
  const rank = squareRank(target);
  return position.board.getRole(origin) === 'pawn' && (rank === 0 || rank === 7);
}

/** In the order in which they are wanted. */
export const PROMOTION_ROLES = ['queen', 'knight', 'rook', 'bishop'] as const;
export type PromotionRole = (typeof PROMOTION_ROLES)[number];

/** The move between two squares as the protocol writes it; null if it is not legal. */
export function uciOf(
  position: Position,
  variant: string,
  from: string,
  to: string,
  role?: PromotionRole,
): string | null {
  const [origin, target] = [parseSquare(from), parseSquare(to)];
  if (origin === undefined || target === undefined) return null;
  const move: NormalMove = role ? { from: origin, to: target, promotion: role } : { from: origin, to: target };
  if (!position.isLegal(move)) return null;
  return makeUci(castled(position, variant, move));
}

/** Castling as the protocol writes it: the king's two-square move, king-takes-rook in chess960. */
function castled(position: Position, variant: string, move: NormalMove): Move {
  const side = castlingSide(position, move);
  if (!side) return move;
  if (variant === 'chess960') {
    const rook = position.castles.rook[position.turn][side];
    return rook === undefined ? move : { from: move.from, to: rook };
  }
  const rankStart = squareRank(move.from) * 8;
  return { from: move.from, to: rankStart + (side === 'h' ? 6 : 2) };
}

/** Every legal move; a promotion once for each new piece. */
export function legalMoves(position: Position): NormalMove[] {
  return [...position.allDests()].flatMap(([from, targets]) =>
    [...targets].flatMap((to): NormalMove[] =>
      isPromotion(position, makeSquare(from), makeSquare(to))
        ? PROMOTION_ROLES.map(promotion => ({ from, to, promotion }))
        : [{ from, to }],
    ),
  );
}

/** The squares a move is marked by. */
export function squaresOf(uci: string): SquareName[] {
  const move = parseUci(uci);
  return move && 'from' in move ? [makeSquare(move.from), makeSquare(move.to)] : [];
}

/** Column 0..7 and row 0..7 of a square as `bottom` sees it, from the upper left. */
export function placeOf(square: string, bottom: Color): { column: number; row: number } {
  const index = parseSquare(square) ?? 0;
  const [file, rank] = [squareFile(index), squareRank(index)];
  return bottom === 'white' ? { column: file, row: 7 - rank } : { column: 7 - file, row: rank };
}

/** Whether a draw may be claimed now: the position stands for the third time, or fifty moves are over (FIDE 9.2, 9.3). */
export function isDrawClaimable(line: Line): boolean {
  const current = positionAt(line, line.ucis.length);
  if (!current || !known) return false;
  if (current.halfmoves >= 100) return true;
  if (current.halfmoves < 8) return false;
  const key = positionKey(current);
  const times = known.positions.slice(-current.halfmoves - 1).filter(position => positionKey(position) === key);
  return times.length >= 3;
}

function positionKey(position: Position): string {
  return makeFen(position.toSetup(), { epd: true });
}
