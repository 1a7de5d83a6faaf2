/**
 * Moves as people write them: `e4`, `Nf3`, `exd5`, `e8=Q`, `O-O`, `e2e4`, `Ng1f3`; capitals, `x`, `=`, `+` and `#` may be
 * left out where that leaves no doubt.
 */
import type { NormalMove, Position } from 'chessops';
import { makeSan } from 'chessops/san';
import { makeSquare } from 'chessops/util';
import { legalMoves, uciOf } from './line';
import type { PromotionRole } from './line';

export interface WrittenMove {
  readonly from: string;
  readonly to: string;
  /** Missing: no promotion, or none was named. */
  readonly role?: PromotionRole;
}

/** What `text` says. `isWhole`: no longer text that begins like this is a move too, so it may be played at once. */
export type Reading =
  | { readonly kind: 'move'; readonly move: WrittenMove; readonly isWhole: boolean }
  | { readonly kind: 'ambiguous' | 'nothing' };

/** The legal move that `text` means; a capital that is left out counts only if the text means no move as it stands. */
export function readMove(position: Position, variant: string, text: string): Reading {
  const written = plain(text);
  if (written === '') return { kind: 'nothing' };
  const names = legalMoves(position).flatMap(move => namesOf(position, variant, move));
  for (const same of [exactly, inAnyCase]) {
    const meant = new Map(names.filter(({ name }) => same(name, written)).map(({ move }) => [keyOf(move), move]));
    const [move] = meant.values();
    if (meant.size > 1) return { kind: 'ambiguous' };
    if (move) return { kind: 'move', move, isWhole: !names.some(({ name }) => isLonger(name, written)) };
  }
  return { kind: 'nothing' };
}

/** Two squares, and what a pawn becomes: how a move is written whose legality is not known yet. */
export function readSquares(text: string): WrittenMove | null {
  const [, from, to, letter] = /^([a-h][1-8])([a-h][1-8])([qrbn])?$/.exec(plain(text).toLowerCase()) ?? [];
  if (from === undefined || to === undefined) return null;
  const role = letter === undefined ? undefined : ROLES[letter];
  return role ? { from, to, role } : { from, to };
}

const ROLES: Record<string, PromotionRole> = { q: 'queen', r: 'rook', b: 'bishop', n: 'knight' };

interface Name {
  readonly name: string;
  readonly move: WrittenMove;
}

/** All that the move is called, without marks: in SAN, by its squares, and by its piece and squares. */
function namesOf(position: Position, variant: string, move: NormalMove): Name[] {
  const squares = { from: makeSquare(move.from), to: makeSquare(move.to) };
  const san = plain(makeSan(position, move));
  const uci = uciOf(position, variant, squares.from, squares.to, move.promotion as PromotionRole | undefined) ?? '';
  const isPiece = /^[KQRBN]/.test(san);
  const names = [san, uci, squares.from + squares.to, ...(isPiece ? [san.charAt(0) + squares.from + squares.to] : [])];
  if (!move.promotion) return names.map(name => ({ name, move: squares }));
  const named = [san, uci].map(name => ({ name, move: { ...squares, role: move.promotion as PromotionRole } }));
  return [...named, { name: san.slice(0, -1), move: squares }, { name: uci.slice(0, 4), move: squares }];
}

function plain(text: string): string {
  return text.replace(/[\s+#=x!?:-]/g, '').replace(/^[0oO]{2,3}$/, castling => 'O'.repeat(castling.length));
}

const exactly = (name: string, written: string): boolean => name === written;
const inAnyCase = (name: string, written: string): boolean => name.toLowerCase() === written.toLowerCase();

function isLonger(name: string, written: string): boolean {
  return name.length > written.length && name.toLowerCase().startsWith(written.toLowerCase());
}

function keyOf({ from, to, role }: WrittenMove): string {
  return from + to + (role ?? '');
}
