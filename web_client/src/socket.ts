/**
 * A connection over one WebSocket at a time, opened again for as long as the close codes allow.
 *
 * It knows frames as texts and the rules about coming back; what the frames mean, and what is to be sent again after
 * `welcome`, is its owner's business. Times are this device's, in milliseconds.
 *
 * Browsers answer the server's WebSocket pings by themselves but cannot see them, nor send any: a silent loss shows only
 * because the protocol's own `ping` goes unanswered. Timers stand still while the device sleeps, and in a page that the
 * browser has frozen: one that fires much too late is no evidence, and the connection is asked anew.
 */
import { CLOSE, isFinalClose, parseFrame } from './protocol';
import type { ClientMessage, Frame } from './protocol';
import type { Link } from './state';

const PING_EVERY_MS = 3_000;
const PING_ANSWER_MS = 4_000;
/** So long without an answer, and the connection is said to be doubtful. */
const DOUBT_MS = 2_000;
/** When the device says that its network is gone or another, or has slept, an answer is waited for no longer than this. */
const DOUBT_ANSWER_MS = 2_000;
/** A timer that is so late has slept. */
const SLEPT_MS = 3_000;
/** For a handshake and the `welcome`, together; longer after each failure, because the way may simply be slow. */
const OPENING_MS = 4_000;
const OPENING_MORE_MS = 1_000;
const LAST_OPENING_MS = 8_000;
/** An attempt younger than this is not given up because the network has changed. */
const YOUNG_MS = 1_000;
/** A connection that lived this long was a good one: the next loss starts from the shortest delay. */
const GOOD_MS = 5_000;

const FIRST_RETRY_MS = 250;
/** Three seconds are long on a blitz clock. */
const LAST_RETRY_MS = 3_000;
/** A server at its limits, or restarting with everybody coming back at once, is not asked sooner than this. */
const BUSY_RETRY_MS = 1_500;
/** So long after the server has said that it restarts, it is believed to be doing that. */
const RESTART_MS = 60_000;
/** A server at its limits is left in peace for longer. */
const LAST_BUSY_RETRY_MS = 10_000;

/** What of the browser's WebSocket is used; tests bring a fake one. */
export interface Socket {
  readonly readyState: number;
  onopen: ((event: Event) => void) | null;
  onmessage: ((event: MessageEvent) => void) | null;
  onclose: ((event: CloseEvent) => void) | null;
  send(text: string): void;
  close(code?: number): void;
}

export interface ConnectionOptions {
  /** Where to connect, asked anew before each attempt, because the position to resume from changes. */
  readonly url: () => string;
  readonly protocols: readonly string[];
  readonly onFrame: (frame: Frame) => void;
  readonly onLink: (link: Link) => void;
  /** A text that is no frame of a room: what was asked for besides. */
  readonly onOther?: (text: string) => void;
  /** A spectator is sent no `welcome`: any word from the server is one. */
  readonly isWatching?: boolean;
  readonly open?: (url: string, protocols: readonly string[]) => Socket;
  /** Uniform in [0, 1). */
  readonly random?: () => number;
}

export interface Connection {
  /** Sends now if the connection is up, else not at all: what must arrive is kept by the caller until it is answered. */
  send(message: ClientMessage): void;
  /** The device's network may have come or gone, or the page was asleep: looks at once instead of waiting. */
  check(hasNetwork: boolean): void;
  /** Leaves for good, without a word to `onLink`. */
  close(): void;
}

/** How long to wait before attempt number `attempt` (from 0) after a close with `code`: exponential, half of it by chance. */
export function retryDelayMs(attempt: number, code: number, random: number): number {
  const isBusy = code === CLOSE.restarting || code === CLOSE.tryLater;
  const shortest = isBusy ? BUSY_RETRY_MS : FIRST_RETRY_MS;
  const limit = code === CLOSE.tryLater ? LAST_BUSY_RETRY_MS : LAST_RETRY_MS;
  const longest = Math.min(limit, shortest * 2 ** Math.min(attempt, 16));
  return longest * (0.5 + random / 2);
}

type Timer = ReturnType<typeof setTimeout>;

export function connect(options: ConnectionOptions): Connection {
  const openSocket = options.open ?? ((url, protocols) => new WebSocket(url, [...protocols]));
  const random = options.random ?? Math.random;

  let socket: Socket | null = null;
  let isWelcome = false;
  let isDoubtful = false;
  let isOver = false;
  let attempt = 0;
  let openedAt = 0;
  let welcomedAt = 0;
  let restartingUntil = 0;
  let retryTimer: Timer | undefined;
  let openingTimer: Timer | undefined;
  let pingTimer: Timer | undefined;
  let answerTimer: Timer | undefined;
  let doubtTimer: Timer | undefined;
  let answerDueAt = 0;
  let pingDueAt = 0;

  function open(): void {
    clearTimeout(retryTimer);
    abandon();
    if (isOver) return;
    isWelcome = isDoubtful = false;
    let opened: Socket;
    try {
      opened = openSocket(options.url(), options.protocols);
    } catch {
      // The browser refuses to try at all, for instance ws:// from an https:// page.
      lost(1006);
      return;
    }
    socket = opened;
    openedAt = Date.now();
    if (options.isWatching) opened.onopen = () => opened.send(pingNow());
    opened.onmessage = event => heard(event.data);
    opened.onclose = event => closed(event.code, event.reason);
    openingTimer = setTimeout(() => lost(1006), Math.min(LAST_OPENING_MS, OPENING_MS + OPENING_MORE_MS * attempt));
  }

  /** Leaves the present socket to itself: what it still says, its close included, is not listened to. */
  function abandon(): void {
    clearTimeout(openingTimer);
    clearTimeout(pingTimer);
    answered();
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
    socket = null;
  }

  function heard(text: unknown): void {
    answered();
    if (typeof text !== 'string') return;
    const frame = parseFrame(text);
    const isFirst = !isWelcome && (frame?.type === 'welcome' || options.isWatching === true);
    if (isFirst) {
      clearTimeout(openingTimer);
      isWelcome = true;
      welcomedAt = Date.now();
      restartingUntil = 0;
      pingLater(options.isWatching ? PING_EVERY_MS : 0);
    }
    if (frame) options.onFrame(frame);
    else options.onOther?.(text);
    if (isFirst || (isDoubtful && isWelcome)) {
      isDoubtful = false;
      options.onLink({ kind: 'live' });
    }
  }

  function answered(): void {
    clearTimeout(answerTimer);
    clearTimeout(doubtTimer);
    answerTimer = undefined;
  }

  function closed(code: number, reason: string): void {
    if (!isFinalClose(code)) {
      lost(code);
      return;
    }
    isOver = true;
    abandon();
    options.onLink({ kind: 'ended', code, reason });
  }

  function lost(code: number): void {
    if (isWelcome && Date.now() - welcomedAt >= GOOD_MS) attempt = 0;
    abandon();
    isWelcome = false;
    if (code === CLOSE.restarting) restartingUntil = Date.now() + RESTART_MS;
    const delayMs = retryDelayMs(attempt++, code, random());
    clearTimeout(retryTimer);
    retryTimer = setTimeout(retry, delayMs);
    tellLost(Date.now() + delayMs);
  }

  function retry(): void {
    tellLost(null);
    open();
  }

  function tellLost(retryAt: number | null): void {
    options.onLink({ kind: 'lost', retryAt, isRestart: Date.now() < restartingUntil });
  }

  function pingLater(delayMs: number): void {
    clearTimeout(pingTimer);
    pingDueAt = Date.now() + delayMs;
    pingTimer = setTimeout(() => ping(hasSleptSince(pingDueAt) ? DOUBT_ANSWER_MS : PING_ANSWER_MS), delayMs);
  }

  function ping(answerWithinMs: number): void {
    if (!socket || !isWelcome) return;
    // An answer that is already due is not waited for any longer because of a new question.
    const dueAt = Date.now() + answerWithinMs;
    if (answerTimer === undefined || dueAt < answerDueAt) {
      answered();
      answerDueAt = dueAt;
      answerTimer = setTimeout(unanswered, answerWithinMs);
      if (answerWithinMs > DOUBT_MS) doubtTimer = setTimeout(doubt, DOUBT_MS);
    }
    if (socket.readyState === OPEN) socket.send(pingNow());
    pingLater(PING_EVERY_MS);
  }

  function unanswered(): void {
    answerTimer = undefined;
    if (hasSleptSince(answerDueAt)) ping(DOUBT_ANSWER_MS);
    else lost(1006);
  }

  function doubt(): void {
    if (isDoubtful) return;
    isDoubtful = true;
    options.onLink({ kind: 'doubtful' });
  }

  function send(message: ClientMessage): void {
    if (socket && isWelcome && socket.readyState === OPEN) socket.send(JSON.stringify(message));
  }

  function check(hasNetwork: boolean): void {
    if (isOver) return;
    if (socket && isWelcome) {
      if (!hasNetwork) doubt();
      ping(DOUBT_ANSWER_MS);
    } else if (hasNetwork && !(socket && Date.now() - openedAt < YOUNG_MS)) {
      attempt = 0;
      retry();
    }
  }

  function close(): void {
    isOver = true;
    clearTimeout(retryTimer);
    abandon();
  }

  open();
  return { send, check, close };
}

const OPEN = 1;

function pingNow(): string {
  const ping: ClientMessage = { type: 'ping', t: Date.now() };
  return JSON.stringify(ping);
}

function hasSleptSince(dueAt: number): boolean {
  return Date.now() - dueAt > SLEPT_MS;
}
