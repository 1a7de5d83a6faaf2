/** The pieces of a small board: where they stand, and which is which from one position to the next. Pure. */
import type { PieceRole } from './views/PieceIcon';
import type { Color } from './protocol';

export interface Piece {
  /** The same while the piece moves, so that it can be seen to move. */
  readonly id: number;
  readonly color: Color;
  readonly role: PieceRole;
  /** 0 is a8, 63 is h1. */
  readonly place: number;
}

const ROLES: Record<string, PieceRole> = {
  k: 'king',
  q: 'queen',
  r: 'rook',
  b: 'bishop',
  n: 'knight',
  p: 'pawn',
};

/** The pieces of `fen`; those that have stood on the board `before`, or come from where one of their kind stood, keep their id. */
export function piecesOf(fen: string, before: readonly Piece[] = []): Piece[] {
  const now = standing(fen);
  const kept = new Map<number, Piece>();
  const free = new Set(before);
  for (const [place, piece] of now) {
    const same = before.find(one => one.place === place && isKind(one, piece));
    if (!same) continue;
    kept.set(place, same);
    free.delete(same);
  }
  let next = 1 + Math.max(-1, ...before.map(({ id }) => id));
  return [...now]
    .map(([place, piece]) => {
      const known = kept.get(place) ?? [...free].find(one => isKind(one, piece));
      if (known) free.delete(known);
      return { ...piece, place, id: known?.id ?? next++ };
    })
    .sort((one, other) => one.id - other.id);
}

type Kind = Pick<Piece, 'color' | 'role'>;

function isKind(one: Kind, other: Kind): boolean {
  return one.color === other.color && one.role === other.role;
}

function standing(fen: string): Map<number, Kind> {
  const found = new Map<number, Kind>();
  let place = 0;
  for (const letter of fen.split(' ')[0] ?? '') {
    const role = ROLES[letter.toLowerCase()];
    if (role) found.set(place++, { role, color: letter === letter.toLowerCase() ? 'black' : 'white' });
    else if (letter !== '/') place += Number(letter) || 0;
  }
  return found;
}

/** The place of a square, `e4`. */
export function placeOfSquare(square: string): number {
  return square.charCodeAt(0) - 97 + 8 * (56 - square.charCodeAt(1));
}

/** The places that a move in UCI leads from and to. */
export function placesOfMove(uci: string | null): number[] {
  return uci ? [placeOfSquare(uci.slice(0, 2)), placeOfSquare(uci.slice(2, 4))] : [];
}
