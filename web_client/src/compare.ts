/**
 * What following a room over one feed costs, as plain values.
 *
 * A connection's greeting is everything up to the first count that the server tells over it: what a reconnect had to send
 * again, if it was not the first. Times are milliseconds.
 */
import type { Cost, Frame } from './protocol';

const ARRIVALS_KEPT = 500;

export interface Tally {
  /** By connections that are over, as last told. */
  readonly before: Bytes;
  /** By the present connection, as last told. */
  readonly now: Bytes;
  /** Frames of the room, as both feeds send them: not the count itself, nor what answers a ping. */
  readonly messages: number;
  /** The newest events that happened while the feed was live, oldest first. */
  readonly arrivals: readonly Arrival[];
  readonly connections: number;
  readonly isOpen: boolean;
  /** Frames of the present connection's greeting so far; null: it is over. */
  readonly greeting: number | null;
  /** What the last reconnect had to send; null: none yet, or it is not over. */
  readonly resent: { readonly messages: number; readonly sentBytes: number } | null;
}

/** How one event came. */
export interface Arrival {
  readonly v: number;
  /** Its type, or the move. */
  readonly event: string;
  /** From the server's stamp to here. */
  readonly delayMs: number;
}

interface Bytes {
  readonly sent: number;
  readonly received: number;
}

const NO_BYTES: Bytes = { sent: 0, received: 0 };

export const EMPTY: Tally = {
  before: NO_BYTES,
  now: NO_BYTES,
  messages: 0,
  arrivals: [],
  connections: 0,
  isOpen: false,
  greeting: 0,
  resent: null,
};

/** A frame has come; `serverNow` is the server's time as it is known here, null if it is not. */
export function afterFrame(before: Tally, frame: Frame, serverNow: number | null): Tally {
  const tally = opened(before);
  if (frame.type === 'pong') return tally;
  const next = { ...tally, messages: tally.messages + 1 };
  if (tally.greeting !== null) return { ...next, greeting: tally.greeting + 1 };
  // The end of a game is dated by the clock that fell, not by when it was noticed.
  if (serverNow === null || !('at' in frame) || frame.type === 'state' || frame.type === 'game_over') return next;
  const event = frame.type === 'move' ? frame.san : frame.type;
  const arrival = { v: frame.v, event, delayMs: Math.max(0, serverNow - frame.at) };
  return { ...next, arrivals: [...tally.arrivals, arrival].slice(-ARRIVALS_KEPT) };
}

/** The server has told the count. */
export function afterCost(before: Tally, { sent_bytes: sent, received_bytes: received }: Cost): Tally {
  const tally = opened(before);
  const next = { ...tally, now: { sent, received } };
  if (tally.greeting === null) return next;
  const isAgain = tally.connections > 1;
  return { ...next, greeting: null, resent: isAgain ? { messages: tally.greeting, sentBytes: sent } : null };
}

/** The connection is over. */
export function afterLoss(tally: Tally): Tally {
  return { ...tally, before: totalBytes(tally), now: NO_BYTES, isOpen: false, greeting: 0 };
}

function opened(tally: Tally): Tally {
  return tally.isOpen ? tally : { ...tally, isOpen: true, connections: tally.connections + 1, resent: null };
}

export function totalBytes({ before, now }: Tally): Bytes {
  return { sent: before.sent + now.sent, received: before.received + now.received };
}

/** The value that half of them do not exceed; null if there is none. */
export function median(values: readonly number[]): number | null {
  return [...values].sort((one, other) => one - other)[Math.floor((values.length - 1) / 2)] ?? null;
}

/** The room that a link or an id, as somebody has pasted it, means; null: neither. */
export function roomIdOf(pasted: string): string | null {
  const trimmed = pasted.trim();
  const path = /^(?:https?:\/\/[^/]+)?\/(?:room|embed|compare)\/([^/?#]+)/.exec(trimmed)?.[1] ?? trimmed;
  return /^[A-Za-z0-9_-]{1,64}$/.test(path) ? path : null;
}
