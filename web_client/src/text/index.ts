/**
 * Everything the client says, in one folder: another language is another object of the same shape.
 *
 * No markup in here, and no sentence put together elsewhere from parts.
 */
import { COLORS, plural, VARIANTS } from './words';
import * as account from './account';
import * as board from './board';
import * as compare from './compare';
import * as game from './game';
import * as home from './home';
import * as link from './link';
import * as lobby from './lobby';
import type { Color } from '../protocol';

export const text = {
  brand: 'Tabiya',
  color: (color: Color): string => COLORS[color],
  anonymous: (color: Color): string => COLORS[color],
  you: 'you',
  bot: 'BOT',
  title: {
    home: 'Tabiya',
    wall: 'Live games · Tabiya',
    games: 'Finished games · Tabiya',
    page: (title: string): string => `${title} · Tabiya`,
    waiting: 'Waiting for opponent · Tabiya',
    yourMove: (opponent: string): string => `● Your move · ${opponent}`,
    playing: (white: string, black: string): string => `${white} – ${black} · Tabiya`,
    over: (result: string): string => `${result} · Tabiya`,
  },
  speed: (initialS: number, incrementS: number): string => {
    const estimateS = initialS + 40 * incrementS;
    if (estimateS < 30) return 'UltraBullet';
    if (estimateS < 180) return 'Bullet';
    if (estimateS < 480) return 'Blitz';
    return estimateS < 1500 ? 'Rapid' : 'Classical';
  },
  timeControl: (control: string): string => {
    const days = /^(\d+)d$/.exec(control)?.[1];
    if (days) return `${plural(Number(days), 'day', 'days')} per move`;
    const [, minutes, seconds] = /^([\d.]+)\+(\d+)$/.exec(control) ?? [];
    if (minutes && seconds) return `${control} · ${text.speed(Number(minutes) * 60, Number(seconds))}`;
    return control === 'unlimited' ? 'Unlimited time' : control;
  },
  /** For where there is no room for more. */
  variantAndTime: (variant: string, control: string): string =>
    `${text.variant(variant)} · ${/^[\d.]+\+\d+$/.test(control) ? control : text.timeControl(control)}`,
  variant: (variant: string): string => VARIANTS[variant] ?? variant,
  ...compare,
  ...home,
  ...lobby,
  ...account,
  ...link,
  ...game,
  ...board,
} as const;
