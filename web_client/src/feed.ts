/**
 * A spectator's feed over SSE: EventSource comes back by itself with `Last-Event-ID`, as long as the browser lets it.
 *
 * It gives up where the server answers with an error or says that there is no more (204). Then `GET /rooms/{room_id}` tells
 * what happened, and if the room is there, the feed is opened anew from the last position.
 */
import { CLOSE, FEED_TYPES, parseFrame } from './protocol';
import type { Frame } from './protocol';
import { retryDelayMs } from './socket';
import type { Link } from './state';

/** An EventSource cannot tell a dead connection from a quiet one: after this long out of sight it is opened anew. */
const STALE_MS = 30_000;

export interface FeedOptions {
  readonly roomId: string;
  /** `epoch:v` to go on from; null: from the present state. */
  readonly position: () => string | null;
  readonly onFrame: (frame: Frame) => void;
  readonly onLink: (link: Link) => void;
}

export interface Feed {
  /** See Connection.check. */
  check(hasNetwork: boolean): void;
  close(): void;
}

export function follow(options: FeedOptions): Feed {
  const path = encodeURIComponent(options.roomId);
  let source: EventSource | null = null;
  let isOver = false;
  let isDoubtful = false;
  let attempt = 0;
  let heardAt = 0;
  let retryTimer: ReturnType<typeof setTimeout> | undefined;

  function open(): void {
    clearTimeout(retryTimer);
    source?.close();
    if (isOver) return;
    isDoubtful = false;
    const since = options.position();
    const opened = new EventSource(`/sse/game/${path}${since === null ? '' : `?since=${encodeURIComponent(since)}`}`);
    source = opened;
    opened.onopen = () => {
      attempt = 0;
      heardAt = Date.now();
      options.onLink({ kind: 'live' });
    };
    opened.onerror = () => {
      if (source !== opened || isOver) return;
      options.onLink({ kind: 'lost', retryAt: null, isRestart: false });
      if (opened.readyState === EventSource.CLOSED) void whyClosed();
    };
    for (const type of FEED_TYPES) opened.addEventListener(type, heard);
  }

  function heard(event: MessageEvent<unknown>): void {
    heardAt = Date.now();
    if (isDoubtful) options.onLink({ kind: 'live' });
    isDoubtful = false;
    const frame = typeof event.data === 'string' ? parseFrame(event.data) : null;
    if (!frame) return;
    options.onFrame(frame);
    if (frame.type === 'room_closed' || (frame.type === 'state' && frame.status === 'closed')) {
      ended(CLOSE.roomClosed);
    }
  }

  async function whyClosed(): Promise<void> {
    const status = await roomStatus(path);
    if (isOver) return;
    if (status === 'closed') ended(CLOSE.roomClosed);
    else if (status === 'missing') ended(CLOSE.noRoom);
    else retryTimer = setTimeout(open, retryDelayMs(attempt++, CLOSE.tryLater, Math.random()));
  }

  function ended(code: number): void {
    close();
    options.onLink({ kind: 'ended', code, reason: '' });
  }

  function check(hasNetwork: boolean): void {
    if (isOver) return;
    if (!hasNetwork) {
      isDoubtful = source?.readyState === EventSource.OPEN;
      if (isDoubtful) options.onLink({ kind: 'doubtful' });
    } else if (isDoubtful || source?.readyState !== EventSource.OPEN || Date.now() - heardAt > STALE_MS) {
      open();
    }
  }

  function close(): void {
    isOver = true;
    clearTimeout(retryTimer);
    source?.close();
  }

  open();
  return { check, close };
}

async function roomStatus(path: string): Promise<'there' | 'closed' | 'missing' | 'unknown'> {
  try {
    const response = await fetch(`/rooms/${path}`);
    if (response.status === 404) return 'missing';
    if (!response.ok) return 'unknown';
    const body: unknown = await response.json();
    const isClosed = typeof body === 'object' && body !== null && 'status' in body && body.status === 'closed';
    return isClosed ? 'closed' : 'there';
  } catch {
    return 'unknown';
  }
}
