/** The game page. */
import type { ClockFace } from '../clock';
import type { Code, Color, OfferKind, Reason } from '../protocol';
import { COLORS, half, OFFERS, pad, plural, REASONS, REFUSALS, ROLES, spoken } from './words';
import type { RoleName } from './words';

export const game = {
  board: 'Chess board',
  moves: 'Moves',
  noMoves: 'No moves yet',
  first: 'First move',
  previous: 'Previous move',
  next: 'Next move',
  last: 'Newest move',
  flip: 'Flip board (f)',
  yourMove: 'Your move',
  theirMove: (name: string): string => `${name} to move`,
  past: 'An earlier position',
  backToNow: 'Back to now',
  firstMove: (seconds: number): string => `${seconds} s to make the first move`,
  firstMoveHint: 'Without a first move in time, the game is aborted.',
  started: 'The game has started.',
  lag: (ms: number): string => `Delay ${ms} milliseconds`,
  material: (roles: readonly RoleName[], lead: number): string =>
    `Has more: ${roles.map(role => ROLES[role]).join(', ')}${lead > 0 ? `; ahead by ${lead}` : ''}`,
  leaveZen: 'Leave zen mode (z)',
  watching: (others: number, lateS: number): string =>
    `You are watching${lateS > 0 ? `, ${lateS} s late` : ''}${others > 0 ? `, with ${plural(others, 'other', 'others')}` : ''}.`,
  spectators: (count: number): string => plural(count, 'spectator', 'spectators'),
  pgn: 'PGN',
  pgnHint: 'PGN to download',
  newGame: 'New game',
  unsent: 'Not confirmed by the server yet',
  online: 'Connected',
  away: 'Not connected',
  score: (own: number, other: number): string => `Score ${half(own)} – ${half(other)}`,
  points: (points: number): string => half(points),
  promote: 'Promote to',
  role: { queen: 'Queen', rook: 'Rook', bishop: 'Bishop', knight: 'Knight' },
} as const;

export const clock = {
  face: ({ days, hours, minutes, seconds, tenths }: ClockFace): string => {
    if (days > 0) return `${days} d ${pad(hours)}:${pad(minutes)}`;
    if (hours > 0) return `${hours}:${pad(minutes)}:${pad(seconds)}`;
    return tenths === null ? `${minutes}:${pad(seconds)}` : `${minutes}:${pad(seconds)}.${tenths}`;
  },
  label: (color: Color): string => `Clock of ${COLORS[color]}`,
  low: 'Little time left.',
  give: (seconds: number): string => `Give the opponent ${seconds} seconds`,
} as const;

export const act = {
  resign: 'Resign',
  draw: 'Offer draw',
  abort: 'Abort',
  takeback: 'Takeback',
  rematch: 'Rematch',
  claimDraw: 'Claim draw',
  claimVictory: 'Claim victory',
  withdraw: 'Withdraw',
  accept: 'Accept',
  decline: 'Decline',
  yes: 'Yes',
  no: 'No',
  sure: {
    resign: 'Resign this game?',
    draw: 'Offer a draw?',
    abort: 'Abort this game?',
    leave: 'Leave? The game goes on without you.',
  },
  offered: (name: string, kind: OfferKind): string => `${name} offers ${OFFERS[kind]}.`,
  asksTakeback: (name: string): string => `${name} asks to take a move back.`,
  youOffered: (kind: OfferKind): string =>
    kind === 'takeback' ? 'You asked to take a move back.' : `You offered ${OFFERS[kind]}.`,
  forfeitIn: (name: string, seconds: number): string => `${name} left. They lose in ${seconds} s.`,
  claimIn: (name: string, seconds: number): string => `${name} left. You can claim in ${seconds} s.`,
  claimNow: (name: string): string => `${name} left and has not come back.`,
  left: (name: string): string => `${name} is not connected.`,
} as const;

export const result = {
  heading: (winner: Color | null, reason: Reason | null): string => {
    if (reason === 'aborted') return 'Game aborted';
    return winner ? `${COLORS[winner]} wins` : 'Draw';
  },
  reason: (reason: Reason | null, winner: Color | null): string => {
    if (reason === null || reason === 'aborted') return '';
    if (reason === 'resignation' && winner) return `${COLORS[winner === 'white' ? 'black' : 'white']} resigned`;
    if (reason === 'timeout' && winner) return `${COLORS[winner === 'white' ? 'black' : 'white']} ran out of time`;
    if (reason === 'abandonment' && winner) return `${COLORS[winner === 'white' ? 'black' : 'white']} left the game`;
    return REASONS[reason];
  },
  closed: 'The room has closed.',
} as const;

export const chat = {
  heading: 'Chat',
  placeholder: 'Say something',
  label: 'Chat message',
  send: 'Send',
  empty: 'Nothing said yet.',
  hide: 'Hide',
  hideLabel: 'Hide chat',
  showLabel: 'Show chat',
  show: 'Show',
} as const;

export const notice = {
  dismiss: 'Close',
  moveRefused: (san: string, code: Code): string => `${san} was taken back: ${REFUSALS[code]}.`,
  refused: (code: Code): string => `Not done: ${REFUSALS[code]}.`,
  declined: (kind: OfferKind): string =>
    ({ draw: 'Draw declined.', takeback: 'Takeback declined.', rematch: 'Rematch declined.' })[kind],
  seatsTaken: 'Both seats are taken. You are watching.',
  seatLost: 'This seat is not yours any more. You are watching.',
  givenBack: (san: string | null): string =>
    san ? `${san} was not sent in time and is taken back.` : 'Your last wish did not reach the server in time.',
  gave: (by: string, to: string, seconds: number): string => `${by} gave ${to} ${seconds} seconds.`,
  gaveYou: (by: string, seconds: number): string => `${by} gave you ${seconds} seconds.`,
  youGave: (to: string, seconds: number): string => `You gave ${to} ${seconds} seconds.`,
  outage: 'The server was away; the time was given back.',
} as const;

export const announce = {
  move: (color: Color, san: string, ply: number): string => `${Math.ceil(ply / 2)}, ${COLORS[color]}: ${spoken(san)}.`,
} as const;
