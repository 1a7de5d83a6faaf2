/** How the form for a new game begins: as it was when a game was last created here. Pure. */
import { KINDS, LEVELS, OPPONENTS, SIDES } from './newGame';
import type { Kind, Opponent, Side } from './newGame';
import { timeFrom } from './timeWish';
import type { TimeWish } from './timeWish';

/** What of a form is remembered. */
export interface GameForm {
  readonly time: TimeWish;
  readonly opponent: Opponent;
  readonly color: Side;
  readonly level: number;
  readonly kind: Kind;
}

const FIRST: GameForm = {
  time: { kind: 'preset', control: '5+3' },
  opponent: 'friend',
  color: 'random',
  level: 3,
  kind: 'standard',
};

/**
 * `stored` as the form's first choices: what is missing or not on offer is as at the very first.
 *
 * A position is not remembered, and so neither that there was one; guests cannot challenge by name.
 */
export function formFrom(stored: unknown, isGuest: boolean): GameForm {
  const known: Record<string, unknown> = typeof stored === 'object' && stored !== null ? { ...stored } : {};
  const opponent = offered(OPPONENTS, known.opponent, FIRST.opponent);
  const kind = offered(KINDS, known.kind, FIRST.kind);
  return {
    time: timeFrom(known.time) ?? FIRST.time,
    opponent: isGuest && opponent === 'player' ? FIRST.opponent : opponent,
    color: offered(SIDES, known.color, FIRST.color),
    level: offered(LEVELS, known.level, FIRST.level),
    kind: kind === 'position' ? FIRST.kind : kind,
  };
}

function offered<T>(options: readonly T[], stored: unknown, first: T): T {
  return options.find(option => option === stored) ?? first;
}
