import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { follow } from '../src/feed';
import type { Feed } from '../src/feed_parts';
import type { Cost, Frame } from '../src/protocol';
import type { Link } from '../src/state';
import { FakeSocket } from './fake_socket';
import { moveFrame, stateFrame } from './frames';

const COST: Cost = { type: 'cost', sent_bytes: 1_234, received_bytes: 321, server_time: 5 };

/** An EventSource whose other end is the test. */
class FakeStream {
  static readonly CONNECTING = 0;
  static readonly OPEN = 1;
  static readonly CLOSED = 2;
  static opened: FakeStream[] = [];
  static get newest(): FakeStream {
    const stream = FakeStream.opened.at(-1);
    if (!stream) throw new Error('nothing was opened');
    return stream;
  }

  readyState = FakeStream.CONNECTING;
  onopen: (() => void) | null = null;
  onerror: (() => void) | null = null;
  readonly #listeners = new Map<string, (event: MessageEvent) => void>();

  constructor(readonly url: string) {
    FakeStream.opened.push(this);
  }

  addEventListener(type: string, listener: (event: MessageEvent) => void): void {
    this.#listeners.set(type, listener);
  }

  close(): void {
    this.readyState = FakeStream.CLOSED;
  }

  opens(...frames: (Frame | Cost)[]): void {
    this.readyState = FakeStream.OPEN;
    this.onopen?.();
    this.says(...frames);
  }

  says(...frames: (Frame | Cost)[]): void {
    for (const frame of frames) {
      this.#listeners.get(frame.type)?.({ data: JSON.stringify(frame) } as MessageEvent);
    }
  }

  /** The browser tries again by itself, or gives up. */
  breaks(readyState: 0 | 2): void {
    this.readyState = readyState;
    this.onerror?.();
  }
}

let feed: Feed;
let links: Link[];
let frames: Frame[];
let costs: Cost[];
let position: string | null;
/** What the server answers to `GET /rooms/r`; null: nothing comes back. */
let room: { status: string; epoch: string; v: number } | 404 | null;
let asked: number;

const lastLink = () => links.at(-1)?.kind;

function opened(kind: 'sse' | 'websocket', isCounted = false): void {
  feed = follow(
    {
      roomId: 'r',
      position: () => position,
      onFrame: frame => frames.push(frame),
      onLink: link => links.push(link),
      ...(isCounted ? { onCost: cost => costs.push(cost) } : {}),
    },
    kind,
  );
}

beforeEach(() => {
  vi.useFakeTimers();
  FakeSocket.opened = [];
  FakeStream.opened = [];
  links = [];
  frames = [];
  costs = [];
  position = null;
  room = { status: 'playing', epoch: 'e1', v: 4 };
  asked = 0;
  vi.stubGlobal('WebSocket', FakeSocket);
  vi.stubGlobal('EventSource', FakeStream);
  vi.stubGlobal('location', { href: 'https://chess.example/room/r', protocol: 'https:' });
  vi.stubGlobal('fetch', async () => {
    asked++;
    if (room === null) throw new TypeError('no network');
    return room === 404 ? new Response('', { status: 404 }) : Response.json(room);
  });
});

afterEach(() => {
  feed.close();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

describe('over a WebSocket', () => {
  test('a spectator is live as soon as the server says anything, though it says no welcome', () => {
    opened('websocket');
    const socket = FakeSocket.newest;
    expect(socket.url).toBe('wss://chess.example/ws/watch/r');
    socket.opens();
    expect(socket.sent).toMatchObject([{ type: 'ping' }]);
    expect(lastLink()).toBeUndefined();
    socket.says(stateFrame());
    expect(lastLink()).toBe('live');
    expect(frames.map(({ type }) => type)).toEqual(['state']);
  });

  test('a feed that has nothing new to say answers the ping', () => {
    position = 'e1:4';
    opened('websocket');
    expect(FakeSocket.newest.url).toBe('wss://chess.example/ws/watch/r?since=e1%3A4');
    FakeSocket.newest.opens();
    FakeSocket.newest.says({ type: 'pong', t: {}, server_time: 2 });
    expect(lastLink()).toBe('live');
  });

  test('a silent loss shows, and the feed resumes where it was', () => {
    opened('websocket');
    FakeSocket.newest.opens();
    FakeSocket.newest.says(stateFrame());
    position = 'e1:4';
    vi.advanceTimersByTime(3_000 + 4_000);
    expect(lastLink()).toBe('lost');
    vi.advanceTimersByTime(250);
    expect(FakeSocket.newest.url).toContain('since=e1%3A4');
  });

  test.each([
    [4000, 'ended'],
    [4004, 'ended'],
    [1012, 'lost'],
  ])('closed with %i it is %s', (code, kind) => {
    opened('websocket');
    FakeSocket.newest.opens();
    FakeSocket.newest.drops(code);
    expect(lastLink()).toBe(kind);
  });

  test('what it costs is asked for only by those who want to know', () => {
    opened('websocket');
    expect(FakeSocket.newest.url).not.toContain('cost');
    feed.close();
    opened('websocket', true);
    expect(FakeSocket.newest.url).toContain('cost=on');
    FakeSocket.newest.opens();
    FakeSocket.newest.hears(JSON.stringify(COST));
    expect(costs).toEqual([COST]);
    expect(frames).toEqual([]);
  });
});

describe('over server-sent events', () => {
  function live(): FakeStream {
    opened('sse');
    FakeStream.newest.opens(stateFrame());
    position = 'e1:4';
    return FakeStream.newest;
  }

  test('what it costs is asked for only by those who want to know', () => {
    opened('sse');
    expect(FakeStream.newest.url).toBe('/sse/game/r');
    feed.close();
    opened('sse', true);
    expect(FakeStream.newest.url).toBe('/sse/game/r?cost=on');
    FakeStream.newest.opens(COST);
    expect(costs).toEqual([COST]);
  });

  test('a quiet feed of a quiet room is asked about now and then, and kept', async () => {
    live();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(asked).toBe(3);
    expect(FakeStream.opened).toHaveLength(1);
    expect(lastLink()).toBe('live');
  });

  test('a feed that talks is not asked about', async () => {
    const stream = live();
    for (let second = 0; second < 60; second++) {
      await vi.advanceTimersByTimeAsync(1_000);
      stream.says({ type: 'presence', white: true, black: true, spectators: 1 });
    }
    expect(asked).toBe(0);
  });

  test('a dead network shows, although EventSource notices nothing', async () => {
    live();
    room = null;
    await vi.advanceTimersByTimeAsync(17_000);
    expect(lastLink()).toBe('lost');
    expect(FakeStream.opened.length).toBeGreaterThan(1);
    expect(FakeStream.newest.url).toBe('/sse/game/r?since=e1%3A4');
  });

  test('a feed that has fallen behind its room is opened anew', async () => {
    live();
    room = { status: 'playing', epoch: 'e1', v: 6 };
    await vi.advanceTimersByTimeAsync(19_000);
    expect(FakeStream.opened).toHaveLength(2);
  });

  test('a feed that was about to tell is kept', async () => {
    const stream = live();
    room = { status: 'playing', epoch: 'e1', v: 5 };
    await vi.advanceTimersByTimeAsync(17_000);
    stream.says(moveFrame());
    position = 'e1:5';
    await vi.advanceTimersByTimeAsync(3_000);
    expect(FakeStream.opened).toHaveLength(1);
  });

  test('after sleep the room is asked for at once', async () => {
    live();
    vi.setSystemTime(Date.now() + 3_600_000);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(asked).toBe(1);
  });

  test('an attempt that hangs is begun anew', async () => {
    live().breaks(FakeStream.CONNECTING);
    expect(lastLink()).toBe('lost');
    await vi.advanceTimersByTimeAsync(8_000);
    expect(FakeStream.opened).toHaveLength(2);
  });

  test('offline is doubted, and the feed opened anew when the network is back', () => {
    live();
    feed.check(false);
    expect(lastLink()).toBe('doubtful');
    feed.check(true);
    expect(FakeStream.opened).toHaveLength(2);
  });

  test('a feed that the browser gives up is tried again as long as the room is there, at most three seconds apart', async () => {
    live();
    room = null;
    for (let failure = 0; failure < 6; failure++) {
      FakeStream.newest.breaks(FakeStream.CLOSED);
      const before = FakeStream.opened.length;
      await vi.advanceTimersByTimeAsync(3_000);
      expect(FakeStream.opened.length).toBe(before + 1);
    }
  });

  test.each([
    [404 as const, 4004],
    [{ status: 'closed', epoch: 'e1', v: 9 }, 4000],
  ])('when the server says %j it is over with %i', async (answer, code) => {
    live();
    room = answer;
    FakeStream.newest.breaks(FakeStream.CLOSED);
    await vi.advanceTimersByTimeAsync(0);
    expect(links.at(-1)).toMatchObject({ kind: 'ended', code });
  });
});
