/** What goes on here: open seats, games being played, finished games. */
import type { Color, GameSummary, Result } from '../protocol';
import { COLORS, plural, REASONS, VARIANTS } from './words';

export const nav = {
  label: 'Pages',
  wall: 'Watch',
  games: 'Games',
} as const;

export const lobby = {
  own: 'Your games',
  ownNone: 'None at the moment.',
  ownStage: {
    yourMove: 'Your move',
    theirMove: 'Waiting',
    played: 'Being played',
    waiting: 'Waiting for an opponent',
  },
  open: 'Open games',
  openNone: 'Nobody is waiting for an opponent. Offer a game to anyone, and it stands here.',
  join: 'Join',
  joinLabel: (name: string, time: string): string => `Join ${name}, ${time}`,
  back: 'Open',
  backLabel: (time: string): string => `Open your own game, ${time}`,
  taken: 'Somebody else was faster.',
  failed: 'That did not work. Try again.',
  gone: 'That game is not there any more.',
  somebody: 'Anonymous',
  seat: (color: Color): string => `you play ${COLORS[color]}`,
  fromPosition: 'From position',
  running: 'Being played now',
  runningNone: 'No public game is being played.',
  wall: 'Full screen',
  connecting: 'Connecting…',
  lost: 'Connection lost. Reconnecting…',
  toMove: (color: Color): string => `${COLORS[color]} to move`,
  over: 'Game over',
  finished: 'Finished games',
  finishedNone: 'No public game has been finished yet.',
  all: 'All games',
} as const;

export const wall = {
  heading: 'Live games',
  none: 'No game is being played.',
  join: 'Play at',
  qr: 'QR code of this server’s address',
  more: (count: number): string => plural(count, 'more game', 'more games'),
} as const;

export const archive = {
  heading: 'Finished games',
  player: 'Player',
  anyPlayer: 'Any name',
  result: 'Result',
  anyResult: 'Any result',
  results: { '1-0': 'White won', '0-1': 'Black won', '1/2-1/2': 'Draw', '*': 'Aborted' } as Record<Result, string>,
  score: (result: Result): string => (result === '1/2-1/2' ? '½–½' : result === '*' ? '–' : result.replace('-', '–')),
  how: ({ reason, plies, variant, time_control }: GameSummary): string => {
    const moves = plural(Math.ceil(plies / 2), 'move', 'moves');
    return [
      time_control,
      ...(variant === 'standard' ? [] : [VARIANTS[variant] ?? variant]),
      REASONS[reason],
      moves,
    ].join(' · ');
  },
  search: 'Search',
  none: 'No game fits.',
  newer: 'Newer',
  older: 'Older',
  page: (page: number): string => `Page ${page}`,
  when: (at: number): string =>
    new Date(at).toLocaleString('en-GB', { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' }),
  failed: 'The games could not be read. Try again.',
  loading: 'Searching…',
} as const;
