/** The board's squares and its switches, sharing a game, and going on from one of its positions. */
import type { Failure } from '../api';
import type { Setting } from '../settings';
import type { Piece } from '../squares';
import { COLORS, ROLES } from './words';

interface Marks {
  readonly isTaken: boolean;
  readonly isTarget: boolean;
  readonly isPremove: boolean;
}

const pieceName = ({ color, role }: Piece): string => `${COLORS[color].toLowerCase()} ${ROLES[role]}`;

export const square = {
  label: (name: string, piece: Piece | undefined, { isTaken, isTarget, isPremove }: Marks): string =>
    [
      name,
      piece ? pieceName(piece) : 'empty',
      ...(isTaken ? ['taken up'] : []),
      ...(isTarget ? ['can be reached'] : []),
      ...(isPremove ? ['premove'] : []),
    ].join(', '),
  taken: (name: string, piece: Piece, targets: readonly string[]): string =>
    `Took up ${pieceName(piece)} on ${name}. ${targets.length ? `It can go to ${targets.join(', ')}.` : ''}`,
  nothing: 'Nothing to take up here.',
} as const;

export const box = {
  label: 'Move in notation, such as e4, Nf3 or e2e4; or resign, draw, takeback, clock',
  placeholder: 'Type a move: e4, Nf3, O-O',
  waiting: 'Type a premove: e2e4',
  illegal: 'No such move',
  ambiguous: 'Which one?',
  notYourTurn: 'Not your turn',
  kept: (from: string, to: string): string => `Premove ${from} ${to}.`,
  noClock: 'No clock in this game.',
  clocks: (white: string, black: string): string => `White ${white}, Black ${black}`,
} as const;

export const settings = {
  heading: 'Settings',
  names: {
    sound: 'Sounds',
    notifications: 'Notifications',
    alwaysQueen: 'Always promote to a queen',
    coordinates: 'Coordinates',
    moveBox: 'Box for typing moves',
    chat: 'Chat',
    zen: 'Zen mode (z)',
  } satisfies Record<Setting, string>,
  hints: {
    notifications: 'While this page is out of sight',
    zen: 'Only the board and the clocks, while you play',
  } as Partial<Record<Setting, string>>,
} as const;

export const share = {
  heading: 'Share and embed',
  link: 'Link to this game',
  game: 'Link to this game',
  embed: 'To show it on another page',
  fen: 'Position shown (FEN)',
  pgn: 'Game (PGN)',
  copy: 'Copy',
} as const;

export const again = {
  open: 'Continue',
  openHint: 'Continue from this position',
  heading: 'A new game from this position',
  over: 'This position is the end of a game. Go back a few moves, then continue from there.',
  friend: 'Play a friend',
  computer: 'Play the computer',
  level: 'Level',
  noComputer: 'This server has no chess engine to play against.',
  failed: (failure: Failure): string => {
    if (failure.kind === 'refused') return failure.detail;
    return failure.kind === 'tooMany'
      ? 'Too much at once. Wait a moment and try again.'
      : 'The server could not start the game. Try again.';
  },
} as const;
