/** Captured material, as Lichess shows it: for each side what it has more of, and who is ahead by how much. */
import type { Color } from './protocol';

export type MaterialRole = 'queen' | 'rook' | 'bishop' | 'knight' | 'pawn';

export interface Material {
  /** Pieces that this side has and the other lacks, the best first. */
  readonly white: readonly MaterialRole[];
  readonly black: readonly MaterialRole[];
  /** In pawns, for White; below zero: Black is ahead. */
  readonly lead: number;
}

const VALUES: readonly (readonly [MaterialRole, letter: string, pawns: number])[] = [
  ['queen', 'q', 9],
  ['rook', 'r', 5],
  ['bishop', 'b', 3],
  ['knight', 'n', 3],
  ['pawn', 'p', 1],
];

/** The material of a position; `fen` is only read as far as its pieces. */
export function materialOf(fen: string): Material {
  const pieces = fen.split(' ')[0] ?? '';
  const count = (letter: string): number => pieces.split(letter).length - 1;
  const surplus: Record<Color, MaterialRole[]> = { white: [], black: [] };
  let lead = 0;
  for (const [role, letter, pawns] of VALUES) {
    const more = count(letter.toUpperCase()) - count(letter);
    surplus[more > 0 ? 'white' : 'black'].push(...new Array<MaterialRole>(Math.abs(more)).fill(role));
    lead += more * pawns;
  }
  return { ...surplus, lead };
}
