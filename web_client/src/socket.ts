/**
 * A player's connection: one WebSocket at a time, opened again for as long as the close codes allow.
 *
 * It knows frames as texts and the rules about coming back; what the frames mean, and what is to be sent again after
 * `welcome`, is its owner's business. Times are this device's, in milliseconds.
 *
 * Browsers answer the server's WebSocket pings by themselves but cannot see them, nor send any: a silent loss shows only
 * because the protocol's own `ping` goes unanswered.
 */
import { CLOSE, isFinalClose, parseFrame } from './protocol';
import type { ClientMessage, Frame } from './protocol';
import type { Link } from './state';

const PING_EVERY_MS = 3_000;
const PING_ANSWER_MS = 5_000;
/** When the device itself says that its network is gone, an answer is waited for no longer than this. */
const DOUBT_ANSWER_MS = 2_000;
/** For a handshake and the `welcome`, together. */
const OPENING_MS = 8_000;
/** A connection that lived this long was a good one: the next loss starts from the shortest delay. */
const GOOD_MS = 5_000;

const FIRST_RETRY_MS = 250;
export const LAST_RETRY_MS = 10_000;
/** While a clock may be running, ten seconds are a long time. */
export const LAST_RETRY_PLAYING_MS = 3_000;
/** A server at its limits, or restarting with everybody coming back at once, is not asked sooner than this. */
const BUSY_RETRY_MS = 1_500;

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
  /** The longest wait before the next attempt, asked anew before each; `LAST_RETRY_MS` if left out. */
  readonly longestRetryMs?: () => number;
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
export function retryDelayMs(attempt: number, code: number, random: number, longestMs = LAST_RETRY_MS): number {
  const isBusy = code === CLOSE.restarting || code === CLOSE.tryLater;
  const shortest = isBusy ? BUSY_RETRY_MS : FIRST_RETRY_MS;
  const longest = Math.min(longestMs, shortest * 2 ** Math.min(attempt, 16));
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
  let welcomedAt = 0;
  let retryTimer: Timer | undefined;
  let openingTimer: Timer | undefined;
  let pingTimer: Timer | undefined;
  let answerTimer: Timer | undefined;
  let answerDueAt = 0;

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
    opened.onmessage = event => heard(event.data);
    opened.onclose = event => closed(event.code, event.reason);
    openingTimer = setTimeout(() => lost(1006), OPENING_MS);
  }

  /** Leaves the present socket to itself: what it still says, its close included, is not listened to. */
  function abandon(): void {
    clearTimeout(openingTimer);
    clearTimeout(pingTimer);
    clearTimeout(answerTimer);
    answerTimer = undefined;
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
    socket = null;
  }

  function heard(text: unknown): void {
    clearTimeout(answerTimer);
    answerTimer = undefined;
    const frame = typeof text === 'string' ? parseFrame(text) : null;
    if (frame?.type === 'welcome') {
      clearTimeout(openingTimer);
      isWelcome = true;
      welcomedAt = Date.now();
      pingLater(0);
    }
    if (frame) options.onFrame(frame);
    if (frame?.type === 'welcome' || (isDoubtful && isWelcome)) {
      isDoubtful = false;
      options.onLink({ kind: 'live' });
    }
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
    const delayMs = retryDelayMs(attempt++, code, random(), options.longestRetryMs?.());
    clearTimeout(retryTimer);
    retryTimer = setTimeout(retry, delayMs);
    options.onLink({ kind: 'lost', retryAt: Date.now() + delayMs, isRestart: code === CLOSE.restarting });
  }

  function retry(): void {
    options.onLink({ kind: 'lost', retryAt: null, isRestart: false });
    open();
  }

  function pingLater(delayMs: number): void {
    clearTimeout(pingTimer);
    pingTimer = setTimeout(ping, delayMs, PING_ANSWER_MS);
  }

  function ping(answerWithinMs: number): void {
    if (!socket || !isWelcome) return;
    // An answer that is already due is not waited for any longer because of a new question.
    const dueAt = Date.now() + answerWithinMs;
    if (answerTimer === undefined || dueAt < answerDueAt) {
      clearTimeout(answerTimer);
      answerDueAt = dueAt;
      answerTimer = setTimeout(() => lost(1006), answerWithinMs);
    }
    send({ type: 'ping', t: Date.now() });
    pingLater(PING_EVERY_MS);
  }

  function send(message: ClientMessage): void {
    if (socket && isWelcome && socket.readyState === OPEN) socket.send(JSON.stringify(message));
  }

  function check(hasNetwork: boolean): void {
    if (isOver) return;
    if (socket && isWelcome) {
      if (!hasNetwork) {
        isDoubtful = true;
        options.onLink({ kind: 'doubtful' });
      }
      ping(DOUBT_ANSWER_MS);
    } else if (hasNetwork && !(socket && socket.readyState === CONNECTING)) {
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

const CONNECTING = 0;
const OPEN = 1;
