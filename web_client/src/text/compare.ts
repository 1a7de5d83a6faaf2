/** The page that compares the two ways to watch. */
import { plural } from './words';

const NUMBER = new Intl.NumberFormat('en');
const bytes = (count: number): string => `${NUMBER.format(Math.round(count))} B`;
const ms = (value: number): string => `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`;

export const compare = {
  title: 'SSE or WebSocket?',
  intro:
    'One live game, followed twice: over server-sent events and over a WebSocket. The server counts what each costs.',
  room: 'Open the game',
  clock: (errorMs: number): string => `Clocks matched to within ${ms(errorMs)}.`,
  noClock: 'Clocks are not matched yet.',
  board: (san: string | null): string => (san === null ? 'Board, no move played' : `Board after ${san}`),
  rows: {
    sent: 'From the server',
    received: 'To the server',
    messages: 'Messages',
    perMessage: 'Bytes per message',
    delay: 'Delay of an event, median',
    worst: 'Delay, worst',
    reconnects: 'Reconnects',
    resent: 'Last reconnect had to send',
  },
  bytes,
  ms,
  none: '–',
  delays: (value: number, count: number): string => `${ms(value)} (of ${count})`,
  resent: (events: number, sentBytes: number): string =>
    `${plural(events, 'message', 'messages')}, ${bytes(sentBytes)}`,
  link: {
    connecting: 'Connecting…',
    live: 'Live',
    doubtful: 'No answer',
    lost: 'Reconnecting…',
    ended: 'Ended',
    cut: 'Cut by you',
  },
  arrivals: 'The newest events, and how long each took',
  event: 'Event',
  noArrivals: 'Nothing has happened yet since both feeds are live.',
  cut: 'Cut the connection',
  mend: 'Reconnect',
  counted:
    'Counted by the server, per connection: response head and chunk framing, or handshake, frame headers, heartbeats and ' +
    'pings, are in it; TLS and TCP/IP are not, nor the frames that tell the count.',
  chooseHeading: 'When to choose which',
  choose: [
    'Only watching, in a browser: server-sent events. They are plain HTTP, get through almost any proxy, and EventSource ' +
      'comes back by itself with the position of the last event.',
    'Talking back, or knowing within seconds that the line is dead: a WebSocket. It carries both directions, with ' +
      'about 40 bytes less around each message. This page asks it every three seconds whether it is alive, for 34 bytes a ' +
      'second, and must see to reconnecting itself.',
    'Many games at once in one browser: WebSockets, or HTTP/2 in front of the server. Over HTTP/1.1 a browser opens at most ' +
      'six streams to one host.',
    'After a cut both are sent exactly what they missed, because both resume from the same position.',
  ],
  pickLabel: 'A room’s link or id',
  go: 'Compare',
  badRoom: 'That is no room’s link or id.',
  live: 'Public games being played now',
  noneLive: 'No public game is being played now.',
  refresh: 'Look again',
  watchers: (count: number): string => plural(count, 'spectator', 'spectators'),
} as const;
