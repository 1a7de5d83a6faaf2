/**
 * Everything the client says, in one place: another language is another object of the same shape.
 *
 * No markup in here, and no sentence put together elsewhere from parts.
 */
import type { ClockFace } from './clock';
import type { Code, Color, OfferKind, Reason } from './protocol';

const COLORS: Record<Color, string> = { white: 'White', black: 'Black' };

const pad = (value: number): string => String(value).padStart(2, '0');
const plural = (count: number, one: string, many: string): string => `${count} ${count === 1 ? one : many}`;

const REFUSALS: Record<Code, string> = {
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

const REASONS: Record<Reason, string> = {
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

const OFFERS: Record<OfferKind, string> = { draw: 'a draw', takeback: 'a takeback', rematch: 'a rematch' };
const VARIANTS: Record<string, string> = { standard: 'Standard', chess960: 'Chess960' };

export const text = {
  brand: 'Tabiya',
  color: (color: Color): string => COLORS[color],
  anonymous: (color: Color): string => COLORS[color],
  you: 'you',
  bot: 'BOT',

  title: {
    home: 'Tabiya',
    waiting: 'Waiting for opponent · Tabiya',
    yourMove: (opponent: string): string => `● Your move · ${opponent}`,
    playing: (white: string, black: string): string => `${white} – ${black} · Tabiya`,
    over: (result: string): string => `${result} · Tabiya`,
  },

  home: {
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

  invite: {
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
  },
  join: {
    invites: (name: string): string => `${name} invites you to a game`,
    open: 'You are invited to a game',
    youPlay: (color: Color): string => `You play ${COLORS[color]}.`,
    join: (color: Color | null): string => (color ? `Join as ${COLORS[color]}` : 'Join'),
    somebody: 'Somebody',
  },

  link: {
    connecting: 'Connecting…',
    doubtful: 'No network. Checking the connection…',
    lost: 'Connection lost. Reconnecting…',
    lostAgainIn: (seconds: number): string => `Connection lost. Next try in ${seconds} s.`,
    restarting: 'The server is restarting. The game is safe.',
    retry: 'Try now',
    roundTrip: (ms: number): string => `${ms} ms`,
    roundTripLabel: (ms: number): string => `Connected. Round trip ${ms} milliseconds.`,
    elsewhere: 'This game is open in another tab or window.',
    playHere: 'Play here',
    kicked: 'The server has cut this connection because it sent too much.',
    closed: 'The server has closed this connection.',
    reason: (reason: string): string => `It said: ${reason}`,
    again: 'Connect again',
  },
  missing: {
    heading: 'There is no such room',
    hint: 'The link may be mistyped, or the room was closed long ago.',
    page: 'There is nothing here',
    pageHint: 'The link may be mistyped.',
    game: 'There is no such finished game',
    gameHint: 'The link may be mistyped, or the game is still being played.',
    unreachable: 'The server cannot be reached',
    home: 'Start a new game',
  },
  roomClosed: {
    heading: 'This room has closed',
    hint: 'Nobody came in time. You can start a new game.',
  },

  game: {
    board: 'Chess board',
    moves: 'Moves',
    noMoves: 'No moves yet',
    first: 'First move',
    previous: 'Previous move',
    next: 'Next move',
    last: 'Newest move',
    flip: 'Flip board',
    yourMove: 'Your move',
    theirMove: (name: string): string => `${name} to move`,
    watching: 'You are watching.',
    spectators: (count: number): string => plural(count, 'spectator', 'spectators'),
    pgn: 'Download PGN',
    newGame: 'New game',
    unsent: 'Not confirmed by the server yet',
    online: 'Connected',
    away: 'Not connected',
    score: (own: number, other: number): string => `Score ${half(own)} – ${half(other)}`,
    points: (points: number): string => half(points),
    promote: 'Promote to',
    role: { queen: 'Queen', rook: 'Rook', bishop: 'Bishop', knight: 'Knight' },
  },
  clock: {
    face: ({ days, hours, minutes, seconds, tenths }: ClockFace): string => {
      if (days > 0) return `${days} d ${pad(hours)}:${pad(minutes)}`;
      if (hours > 0) return `${hours}:${pad(minutes)}:${pad(seconds)}`;
      return tenths === null ? `${minutes}:${pad(seconds)}` : `${minutes}:${pad(seconds)}.${tenths}`;
    },
    label: (color: Color): string => `Clock of ${COLORS[color]}`,
    give: (seconds: number): string => `Give the opponent ${seconds} seconds`,
  },

  act: {
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
      takeback: 'Ask to take the last move back?',
    },
    offered: (name: string, kind: OfferKind): string => `${name} offers ${OFFERS[kind]}.`,
    asksTakeback: (name: string): string => `${name} asks to take a move back.`,
    youOffered: (kind: OfferKind): string =>
      kind === 'takeback' ? 'You asked to take a move back.' : `You offered ${OFFERS[kind]}.`,
    forfeitIn: (name: string, seconds: number): string => `${name} left. They lose in ${seconds} s.`,
    claimIn: (name: string, seconds: number): string => `${name} left. You can claim in ${seconds} s.`,
    claimNow: (name: string): string => `${name} left and has not come back.`,
    left: (name: string): string => `${name} is not connected.`,
  },
  result: {
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
  },
  chat: {
    heading: 'Chat',
    placeholder: 'Say something',
    label: 'Chat message',
    send: 'Send',
    empty: 'Nothing said yet.',
  },
  notice: {
    dismiss: 'Close',
    moveRefused: (san: string, code: Code): string => `${san} was taken back: ${REFUSALS[code]}.`,
    refused: (code: Code): string => `Not done: ${REFUSALS[code]}.`,
    declined: (kind: OfferKind): string =>
      ({ draw: 'Draw declined.', takeback: 'Takeback declined.', rematch: 'Rematch declined.' })[kind],
    seatsTaken: 'Both seats are taken. You are watching.',
    seatLost: 'This seat is not yours any more. You are watching.',
    givenBack: (san: string | null): string =>
      san ? `${san} was not sent in time and is taken back.` : 'Your last wish did not reach the server in time.',
    given: 'Time was given.',
    outage: 'The server was away; the time was given back.',
  },
  announce: {
    move: (color: Color, san: string): string => `${COLORS[color]}: ${spoken(san)}.`,
  },
} as const;

function half(points: number): string {
  const whole = Math.floor(points);
  if (points === whole) return String(whole);
  return whole === 0 ? '½' : `${whole}½`;
}

const PIECES: Record<string, string> = { K: 'king', Q: 'queen', R: 'rook', B: 'bishop', N: 'knight' };

/** A move in notation as a screen reader should say it. */
function spoken(san: string): string {
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
