/** A time control as the start page's form has it, and how the protocol writes it. Pure. */

export type TimeWish =
  | { readonly kind: 'preset'; readonly control: string }
  | { readonly kind: 'custom'; readonly minutes: string; readonly increment: string }
  | { readonly kind: 'correspondence'; readonly days: number };

export const PRESETS: readonly (readonly [minutes: number, increment: number])[] = [
  [1, 0],
  [2, 1],
  [3, 0],
  [3, 2],
  [5, 0],
  [5, 3],
  [10, 0],
  [10, 5],
  [15, 10],
  [30, 0],
  [30, 20],
];
export const DAYS: readonly number[] = [1, 2, 3, 5, 7, 10, 14];
export const MAX_MINUTES = 180;
export const MAX_INCREMENT_S = 180;
/** What a field for numbers may hold (HTML, 2.3.4.3); Number() takes more. */
const NUMBER = /^\d*\.?\d+(e[+-]?\d+)?$/i;

/** `5+3`, `unlimited`, `3d`. */
export function timeOf(wish: TimeWish): string {
  switch (wish.kind) {
    case 'preset':
      return wish.control;
    case 'custom':
      return `${Number(wish.minutes)}+${Number(wish.increment)}`;
    case 'correspondence':
      return `${wish.days}d`;
  }
}

export function isValidTime(wish: TimeWish): boolean {
  if (wish.kind !== 'custom') return true;
  const [minutes, increment] = [Number(wish.minutes || NaN), Number(wish.increment || NaN)];
  const isInRange = minutes >= 0 && minutes <= MAX_MINUTES && increment >= 0 && increment <= MAX_INCREMENT_S;
  return isInRange && Number.isInteger(increment) && minutes + increment > 0;
}

/** `stored` as a choice that the form offers; null: it is none. */
export function timeFrom(stored: unknown): TimeWish | null {
  if (typeof stored !== 'object' || stored === null) return null;
  const { kind, control, minutes, increment, days } = stored as Record<string, unknown>;
  if (kind === 'preset') return CONTROLS.find(one => one.control === control) ?? null;
  if (kind === 'correspondence') return typeof days === 'number' && DAYS.includes(days) ? { kind, days } : null;
  if (kind !== 'custom' || typeof minutes !== 'string' || typeof increment !== 'string') return null;
  const wish: TimeWish = { kind, minutes, increment };
  return NUMBER.test(minutes) && NUMBER.test(increment) && isValidTime(wish) ? wish : null;
}

const CONTROLS = [...PRESETS.map(([minutes, increment]) => `${minutes}+${increment}`), 'unlimited'].map(
  control => ({ kind: 'preset', control }) as const,
);
