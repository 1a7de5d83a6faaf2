/** Words that several pages use. */
import type { Code, Color, OfferKind, Reason } from '../protocol';

export const COLORS: Record<Color, string> = { white: 'White', black: 'Black' };

export const pad = (value: number): string => String(value).padStart(2, '0');
export const plural = (count: number, one: string, many: string): string => `${count} ${count === 1 ? one : many}`;

export const REFUSALS: Record<Code, string> = {
  bad_message: 'the server did not understand it',
  unknown_type: 'the server does not know it',
  illegal_move: 'it is not legal here',
  not_your_turn: 'it is not your turn',
  stale_ply: 'the position had changed',
  game_not_started: 'the game has not started',
  game_over: 'the game was already over',
  no_such_offer: 'the offer does not stand any more',
  not_allowed: 'it is not allowed here',
  rate_limited: 'too many requests, wait a moment',
  try_again: 'the server cannot store it now, try again',
  seats_taken: 'both seats are taken',
};

export const REASONS: Record<Reason, string> = {
  checkmate: 'Checkmate',
  stalemate: 'Stalemate',
  insufficient_material: 'Neither side can mate',
  threefold_repetition: 'Threefold repetition',
  fivefold_repetition: 'Fivefold repetition',
  fifty_moves: 'Fifty moves without progress',
  seventyfive_moves: 'Seventy-five moves without progress',
  agreement: 'Draw agreed',
  resignation: 'Resignation',
  timeout: 'Time out',
  timeout_insufficient_material: 'Time out, but the opponent cannot mate',
  abandonment: 'The opponent left the game',
  aborted: 'Game aborted',
  variant_end: 'Variant ending',
};

export const OFFERS: Record<OfferKind, string> = { draw: 'a draw', takeback: 'a takeback', rematch: 'a rematch' };
export const VARIANTS: Record<string, string> = { standard: 'Standard', chess960: 'Chess960' };

export function half(points: number): string {
  const whole = Math.floor(points);
  if (points === whole) return String(whole);
  return whole === 0 ? '½' : `${whole}½`;
}

export const ROLES = {
  king: 'king',
  queen: 'queen',
  rook: 'rook',
  bishop: 'bishop',
  knight: 'knight',
  pawn: 'pawn',
} as const;
export type RoleName = keyof typeof ROLES;

const PIECES: Record<string, string> = { K: 'king', Q: 'queen', R: 'rook', B: 'bishop', N: 'knight' };

/** A move in notation as a screen reader should say it. */
export function spoken(san: string): string {
  if (san.startsWith('O-O-O')) return `castles queenside${ending(san)}`;
  if (san.startsWith('O-O')) return `castles kingside${ending(san)}`;
  const words = san
    .replace(/[+#]/g, '')
    .replace(/=([QRBN])/, (_, piece: string) => ` promotes to ${PIECES[piece] ?? ''}`)
    .replace('x', ' takes ')
    .replace(/^[KQRBN]/, piece => `${PIECES[piece] ?? ''} `);
  return words.replace(/\s+/g, ' ') + ending(san);
}

function ending(san: string): string {
  if (san.endsWith('#')) return ', checkmate';
  return san.endsWith('+') ? ', check' : '';
}
