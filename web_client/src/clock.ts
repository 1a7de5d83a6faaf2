/**
 * Chess clocks and the server's time as arithmetic.
 *
 * Nothing here knows what time it is: callers pass `now`, this device's Unix time. All times are milliseconds. The server
 * owns every flag; what is computed here is only shown.
 */
import type { ClockTimes, Color } from './protocol';

/** One reading of the server's clock. */
interface Reading {
  /** Server time minus this device's. */
  readonly offsetMs: number;
  /** How far off `offsetMs` may be. */
  readonly errorMs: number;
  /** This device's time of the reading. */
  readonly takenAt: number;
}

/** What is known of the server's clock: the newest readings, oldest first. */
export type TimeSync = readonly Reading[];

const READINGS_KEPT = 8;
/** Clocks drift apart by about this much; an old reading counts as less exact. */
const DRIFT = 0.0005;
/** A frame's `at` says only that the server's time was at least that: about how long frames travel, at most. */
const ONE_WAY_ERROR_MS = 500;

/** `sync` after a question sent at `sentAt` was answered with the server's time. */
export function afterRoundTrip(sync: TimeSync, sentAt: number, serverTime: number, now: number): TimeSync {
  const halfMs = Math.max(0, now - sentAt) / 2;
  return kept(sync, { offsetMs: serverTime + halfMs - now, errorMs: halfMs + 1, takenAt: now });
}

/**
 * `sync` after a frame stamped `at` has arrived just now.
 *
 * Counts only until a round trip was measured (a spectator's feed never measures one), and only if it shows the server's
 * clock to be later than believed: frames may be late, never early.
 */
export function afterStamp(sync: TimeSync, at: number, now: number): TimeSync {
  const offsetMs = at - now;
  const best = bestReading(sync, now);
  if (best && (best.errorMs < ONE_WAY_ERROR_MS || best.offsetMs >= offsetMs)) return sync;
  return [{ offsetMs, errorMs: ONE_WAY_ERROR_MS, takenAt: now }];
}

/** The server's time when this device's is `now`. */
export function serverNow(sync: TimeSync, now: number): number {
  return now + (bestReading(sync, now)?.offsetMs ?? 0);
}

/** Time left for `color` at the server's time `at`, for showing: never negative, and never more than was handed out. */
export function remainingMs(clock: ClockTimes, stampedAt: number, color: Color, at: number): number {
  const spentMs = clock.running === color ? Math.max(0, at - stampedAt) : 0;
  return Math.max(0, clock[color] - spentMs);
}

/** Who was given time between two stamped clocks, and how much; null: nobody. */
export function givenTime(
  before: ClockTimes,
  stampedAt: number,
  after: ClockTimes,
  at: number,
): { to: Color; ms: number } | null {
  const gain = (color: Color): number => after[color] - remainingMs(before, stampedAt, color, at);
  const to: Color = gain('white') >= gain('black') ? 'white' : 'black';
  const ms = Math.round(gain(to) / 1000) * 1000;
  return ms > 0 ? { to, ms } : null;
}

/** What a clock showed last: for which stamped times, and how much. */
export interface Showing {
  readonly clock: ClockTimes;
  readonly ms: number;
}

/** `ms` as it may be shown: while the same times run, a clock that is better known than before never jumps back. */
export function steadyMs(last: Showing | null, clock: ClockTimes, ms: number): number {
  return last?.clock === clock ? Math.min(last.ms, ms) : ms;
}

/** From when on a clock is low, as on Lichess: an eighth of the first time, from ten seconds to a minute. */
export function lowTimeMs(timeControl: string): number {
  const minutes = Number(/^([\d.]+)\+/.exec(timeControl)?.[1] ?? 0);
  return Math.min(MINUTE_MS, Math.max(TENTHS_MS, (minutes * MINUTE_MS) / 8));
}

/** Below this, tenths are shown. */
const TENTHS_MS = 10_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** A clock's parts, ready to be written in any language. */
export interface ClockFace {
  readonly days: number;
  readonly hours: number;
  readonly minutes: number;
  readonly seconds: number;
  /** Shown below ten seconds only; null: leave it out. */
  readonly tenths: number | null;
}

/** Seconds are rounded up, so that 0:10 turns into 9.9; tenths are cut. */
export function clockFace(ms: number): ClockFace {
  const isLow = ms < TENTHS_MS;
  const whole = isLow ? ms : Math.ceil(ms / 1000) * 1000;
  return {
    days: Math.floor(whole / DAY_MS),
    hours: Math.floor((whole % DAY_MS) / HOUR_MS),
    minutes: Math.floor((whole % HOUR_MS) / MINUTE_MS),
    seconds: Math.floor((whole % MINUTE_MS) / 1000),
    tenths: isLow ? Math.floor((whole % 1000) / 100) : null,
  };
}

/** When what `clockFace` shows for a running clock changes next, in ms from now. */
export function nextTickMs(ms: number): number {
  if (ms <= 0) return 1000;
  const stepMs = ms <= TENTHS_MS ? 100 : 1000;
  return (ms % stepMs || stepMs) + 1;
}

function bestReading(sync: TimeSync, now: number): Reading | undefined {
  let best: Reading | undefined;
  let bestErrorMs = Infinity;
  for (const reading of sync) {
    const errorMs = reading.errorMs + Math.abs(now - reading.takenAt) * DRIFT;
    if (errorMs <= bestErrorMs) [best, bestErrorMs] = [reading, errorMs];
  }
  return best;
}

function kept(sync: TimeSync, reading: Reading): TimeSync {
  const measured = sync.filter(({ errorMs }) => errorMs !== ONE_WAY_ERROR_MS);
  return [...measured, reading].slice(-READINGS_KEPT);
}
