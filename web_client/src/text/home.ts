/** The first page, and the way into a room. */
import type { Color } from '../protocol';
import { COLORS, plural } from './words';

export const home = {
  heading: 'Play with a friend',
  intro: 'Choose, then send the link. Nobody needs an account.',
  time: 'Time',
  custom: 'Custom',
  minutes: 'Minutes per side',
  increment: 'Increment in seconds',
  correspondence: 'Correspondence',
  daysPerMove: 'Days per move',
  days: (days: number): string => plural(days, 'day', 'days'),
  unlimited: 'Unlimited',
  color: 'Your colour',
  random: 'Random',
  variant: 'Variant',
  fromPosition: 'From position',
  fen: 'Start position (FEN)',
  badFen: 'This is not a position that can be played.',
  badTime: 'Give each side 0 to 180 minutes, and an increment of 0 to 180 seconds; not zero for both.',
  name: 'Your name',
  namePlaceholder: 'Anonymous',
  create: 'Create game',
  creating: 'Creating…',
  failed: 'The game could not be created.',
  unreachable: 'The server cannot be reached. Try again.',
  tooMany: 'Too many games at once. Wait a moment and try again.',
} as const;

export const invite = {
  heading: 'Waiting for your opponent',
  youPlay: (color: Color): string => `You play ${COLORS[color]}.`,
  link: 'Send this link to the person you want to play:',
  linkLabel: 'Invite link',
  copy: 'Copy link',
  copied: 'Copied',
  copyFailed: 'Press Ctrl+C to copy',
  qr: 'QR code of the invite link',
  scan: 'Or let a phone next to you scan it.',
  starts: 'The game starts as soon as the first visitor joins.',
} as const;

export const join = {
  invites: (name: string): string => `${name} invites you to a game`,
  open: 'You are invited to a game',
  youPlay: (color: Color): string => `You play ${COLORS[color]}.`,
  join: (color: Color | null): string => (color ? `Join as ${COLORS[color]}` : 'Join'),
  somebody: 'Somebody',
} as const;
