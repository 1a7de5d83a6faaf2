/** The sixty-four squares as rows to read and to walk through with keys. */
import type { Color } from './protocol';
import type { ShownBoard } from './shown';
import type { PieceRole } from './views/PieceIcon';

export interface Piece {
  readonly color: Color;
  readonly role: PieceRole;
}

const ROLES: Record<string, PieceRole> = {
  k: 'king',
  q: 'queen',
  r: 'rook',
  b: 'bishop',
  n: 'knight',
  p: 'pawn',
};
const FILES = 'abcdefgh';

/** What stands where, by square. */
export function piecesOf(fen: string): ReadonlyMap<string, Piece> {
  const pieces = new Map<string, Piece>();
  (fen.split(' ')[0] ?? '').split('/').forEach((rank, index) => {
    let file = 0;
    for (const letter of rank) {
      const role = ROLES[letter.toLowerCase()];
      if (role) pieces.set(`${FILES.charAt(file)}${8 - index}`, { role, color: letter < 'a' ? 'white' : 'black' });
      file += role ? 1 : Number(letter);
    }
  });
  return pieces;
}

/** The rows of the board from the top, as `bottom` sees it. */
export function rowsOf(bottom: Color): readonly (readonly string[])[] {
  const ranks = bottom === 'white' ? '87654321' : '12345678';
  const files = bottom === 'white' ? FILES : [...FILES].reverse().join('');
  return [...ranks].map(rank => [...files].map(file => file + rank));
}

/** The square that a key leads to from `square`; null: the key does not walk. */
export function neighbour(square: string, key: string, bottom: Color): string | null {
  const rows = rowsOf(bottom);
  const row = rows.findIndex(squares => squares.includes(square));
  const column = rows[row]?.indexOf(square) ?? 0;
  const [down, right] = STEPS[key] ?? [0, 0];
  if (down === 0 && right === 0) return null;
  const [to, at] = [row + down, column + right].map(index => Math.min(7, Math.max(0, index))) as [number, number];
  return rows[to]?.[at] ?? square;
}

const STEPS: Record<string, readonly [down: number, right: number]> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
  Home: [0, -7],
  End: [0, 7],
  PageUp: [-7, 0],
  PageDown: [7, 0],
};

/** Where the piece on `square` may go; empty if it may not be moved now. */
export function targetsOf(shown: ShownBoard, square: string): readonly string[] {
  const dests: ReadonlyMap<string, readonly string[]> | undefined = shown.movable?.dests;
  return dests?.get(square) ?? [];
}
