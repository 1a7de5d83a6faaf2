/**
 * A spectator's feed over SSE: EventSource comes back by itself with `Last-Event-ID`, as long as the browser lets it.
 *
 * It gives up where the server answers with an error or says that there is no more (204). Then `GET /rooms/{room_id}` tells
 * what happened, and if the room is there, the feed is opened anew from the last position.
 *
 * Nor can it tell a dead connection from a quiet one: it does not show the comments that keep the stream alive. After a
 * while of silence the room is asked for over a request of its own: no answer, or a room that has got further than the
 * feed, means that the feed is dead.
 */
import { feedPath, parseCost } from './feed_parts';
import type { Feed, FeedOptions } from './feed_parts';
import { CLOSE, FEED_TYPES, parseFrame } from './protocol';
import { retryDelayMs } from './socket';

/** How long a feed may be silent before the room is asked for. */
const QUIET_MS = 15_000;
const LOOK_EVERY_MS = 1_000;
/** A look that is so late has slept. */
const SLEPT_MS = 5_000;
const PROBE_ANSWER_MS = 4_000;
/** An event may overtake the answer that it was there: so long it may take to arrive over the feed. */
const ARRIVAL_MS = 2_000;
/** For one attempt of the browser's own. */
const OPENING_MS = 6_000;

type Timer = ReturnType<typeof setTimeout>;

export function stream(options: FeedOptions): Feed {
  const path = encodeURIComponent(options.roomId);
  let source: EventSource | null = null;
  let isOver = false;
  let isDoubtful = false;
  let isProbing = false;
  let attempt = 0;
  let openingSince = 0;
  let heardAt = 0;
  let lookedAt = Date.now();
  let retryTimer: Timer | undefined;
  let lookTimer: Timer | undefined;

  function open(): void {
    clearTimeout(retryTimer);
    source?.close();
    if (isOver) return;
    isDoubtful = false;
    openingSince = Date.now();
    const opened = new EventSource(
      feedPath('/sse/game', options.roomId, options.position(), options.onCost !== undefined),
    );
    source = opened;
    opened.onopen = () => {
      attempt = 0;
      heardAt = Date.now();
      options.onLink({ kind: 'live' });
    };
    opened.onerror = () => {
      if (source !== opened || isOver) return;
      openingSince = Date.now();
      options.onLink({ kind: 'lost', retryAt: null, isRestart: false });
      if (opened.readyState === EventSource.CLOSED) void whyClosed();
    };
    for (const type of FEED_TYPES) opened.addEventListener(type, heard);
    if (options.onCost) opened.addEventListener('cost', counted);
  }

  function openAnew(): void {
    options.onLink({ kind: 'lost', retryAt: null, isRestart: false });
    open();
  }

  function heard(event: MessageEvent<unknown>): void {
    isAlive();
    const frame = typeof event.data === 'string' ? parseFrame(event.data) : null;
    if (!frame) return;
    options.onFrame(frame);
    if (frame.type === 'room_closed' || (frame.type === 'state' && frame.status === 'closed')) {
      ended(CLOSE.roomClosed);
    }
  }

  function counted(event: MessageEvent<unknown>): void {
    isAlive();
    const cost = typeof event.data === 'string' ? parseCost(event.data) : null;
    if (cost) options.onCost?.(cost);
  }

  function isAlive(): void {
    heardAt = Date.now();
    if (isDoubtful) options.onLink({ kind: 'live' });
    isDoubtful = false;
  }

  async function whyClosed(): Promise<void> {
    const room = await askForRoom(path);
    if (isOver) return;
    if (room === 'missing') ended(CLOSE.noRoom);
    else if (room !== 'unreachable' && room.isClosed) ended(CLOSE.roomClosed);
    else {
      // A room that answers while its feed does not has no place to watch from: many wait for one.
      const code = room === 'unreachable' ? CLOSE.restarting : CLOSE.tryLater;
      retryTimer = setTimeout(open, retryDelayMs(attempt++, code, Math.random()));
    }
  }

  function ended(code: number): void {
    close();
    options.onLink({ kind: 'ended', code, reason: '' });
  }

  function look(): void {
    lookTimer = setTimeout(look, LOOK_EVERY_MS);
    const now = Date.now();
    const hasSlept = now - lookedAt > SLEPT_MS;
    lookedAt = now;
    if (source?.readyState === EventSource.OPEN) {
      if (hasSlept || now - heardAt > QUIET_MS) void probe();
    } else if (source?.readyState === EventSource.CONNECTING && now - openingSince > OPENING_MS) {
      openAnew();
    }
  }

  /** Asks for the room over a request of its own, and opens the feed anew if it turns out to be dead. */
  async function probe(): Promise<void> {
    if (isProbing) return;
    isProbing = true;
    const probed = source;
    const room = await askForRoom(path);
    isProbing = false;
    if (isOver || source !== probed) return;
    heardAt = Date.now();
    if (room === 'unreachable') {
      openAnew();
    } else if (room === 'missing' || room.position !== options.position()) {
      setTimeout(() => {
        const isBehind = room === 'missing' || isBefore(options.position(), room.position);
        if (source !== probed || isOver || !isBehind) return;
        openAnew();
      }, ARRIVAL_MS);
    } else if (isDoubtful) {
      isAlive();
    }
  }

  function check(hasNetwork: boolean): void {
    if (isOver) return;
    const isOpen = source?.readyState === EventSource.OPEN;
    if (!hasNetwork) {
      isDoubtful = isOpen;
      if (isDoubtful) options.onLink({ kind: 'doubtful' });
    } else if (isDoubtful || !isOpen) {
      openAnew();
    } else {
      void probe();
    }
  }

  function close(): void {
    isOver = true;
    clearTimeout(retryTimer);
    clearTimeout(lookTimer);
    source?.close();
  }

  open();
  look();
  return { check, close };
}

/** Whether a feed at `ours` lacks what the room already has at `theirs`. */
function isBefore(ours: string | null, theirs: string): boolean {
  if (ours === null) return true;
  const [ourEpoch, ourVersion] = ours.split(':');
  const [epoch, version] = theirs.split(':');
  return ourEpoch !== epoch || Number(ourVersion) < Number(version);
}

interface AskedRoom {
  readonly isClosed: boolean;
  /** `epoch:v`. */
  readonly position: string;
}

/** The room as the server knows it; a room that has not changed costs it no more than that answer (304). */
async function askForRoom(path: string): Promise<AskedRoom | 'missing' | 'unreachable'> {
  try {
    const response = await fetch(`/rooms/${path}`, { signal: AbortSignal.timeout(PROBE_ANSWER_MS) });
    if (response.status === 404) return 'missing';
    if (!response.ok) return 'unreachable';
    // The server is trusted with the shape of its own answers.
    const { status, epoch, v } = (await response.json()) as { status: string; epoch: string; v: number };
    return { isClosed: status === 'closed', position: `${epoch}:${v}` };
  } catch {
    return 'unreachable';
  }
}
