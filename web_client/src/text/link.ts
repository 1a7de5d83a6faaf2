/** The connection, and what cannot be shown. */
export const link = {
  connecting: 'Connecting…',
  doubtful: 'No network. Checking the connection…',
  unanswered: 'The server does not answer. Checking the connection…',
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
} as const;

export const missing = {
  heading: 'There is no such room',
  hint: 'The link may be mistyped, or the room was closed long ago. Ask who sent it, or start a game of your own.',
  page: 'There is nothing here',
  pageHint: 'The link may be mistyped: a room’s link ends in letters, digits, - and _. Ask who sent it.',
  game: 'There is no such finished game',
  gameHint: 'The link may be mistyped, or the game is still being played.',
  unreachable: 'The server cannot be reached',
  unreachableHint:
    'Either it is down, or your network is. This page tries again by itself. Games are kept: they go on where they were.',
  loading: 'Loading…',
  home: 'Start a new game',
} as const;

export const watch = {
  label: 'Watch over',
  kind: { sse: 'SSE', websocket: 'WebSocket' },
  name: { sse: 'Server-sent events', websocket: 'WebSocket' },
  compare: 'Compare',
  game: (white: string, black: string): string => `${white} – ${black}`,
} as const;

export const theme = {
  label: (theme: 'system' | 'light' | 'dark', next: 'system' | 'light' | 'dark'): string =>
    `Colours: ${THEMES[theme]}. Change to: ${THEMES[next]}`,
} as const;

const THEMES = { system: 'as the system', light: 'light', dark: 'dark' };

export const roomClosed = {
  heading: 'This room has closed',
  hint: 'Nobody came in time. You can start a new game.',
} as const;
