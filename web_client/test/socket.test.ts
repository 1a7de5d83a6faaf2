import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { connect, retryDelayMs } from '../src/socket';
import type { Connection } from '../src/socket';
import type { Frame } from '../src/protocol';
import type { Link } from '../src/state';
import { FakeSocket } from './fake_socket';
import { stateFrame, welcomeFrame } from './frames';

let links: Link[];
let frames: Frame[];
let connection: Connection;

function opened(): FakeSocket {
  connection = connect({
    url: () => `ws://x/${FakeSocket.opened.length}`,
    protocols: ['chess.v1', 'token.secret'],
    onFrame: frame => frames.push(frame),
    onLink: link => links.push(link),
    open: (url, protocols) => new FakeSocket(url, protocols),
    random: () => 0.999,
  });
  return FakeSocket.newest;
}

function live(): FakeSocket {
  const socket = opened();
  socket.says(welcomeFrame(), stateFrame());
  return socket;
}

const PONG: Frame = { type: 'pong', t: {}, server_time: 0 };
const lastLink = () => links.at(-1)?.kind;

beforeEach(() => {
  vi.useFakeTimers();
  FakeSocket.opened = [];
  links = [];
  frames = [];
});

afterEach(() => {
  connection.close();
  vi.useRealTimers();
});

describe('a connection', () => {
  test('is live from its welcome on, and brings its token as a subprotocol', () => {
    const socket = live();
    expect(socket.protocols).toEqual(['chess.v1', 'token.secret']);
    expect(lastLink()).toBe('live');
    expect(frames.map(({ type }) => type)).toEqual(['welcome', 'state']);
  });

  test('that gets no welcome is given up and tried again, with a little more patience', () => {
    opened();
    const patiencesMs = [];
    for (let attempt = 0; attempt < 6; attempt++) {
      const began = Date.now();
      vi.advanceTimersToNextTimer();
      expect(lastLink()).toBe('lost');
      patiencesMs.push(Date.now() - began);
      vi.advanceTimersToNextTimer();
      expect(FakeSocket.opened).toHaveLength(attempt + 2);
    }
    expect(patiencesMs).toEqual([4_000, 5_000, 6_000, 7_000, 8_000, 8_000]);
  });

  test('tells at once that it is lost, and comes back', () => {
    live().drops(1006);
    expect(lastLink()).toBe('lost');
    vi.advanceTimersByTime(250);
    FakeSocket.newest.says(welcomeFrame());
    expect(lastLink()).toBe('live');
  });

  test('waits longer after each failure, never longer than three seconds', () => {
    live();
    const waits: number[] = [];
    for (let failure = 0; failure < 8; failure++) {
      FakeSocket.newest.drops(1006);
      const link = links.at(-1);
      if (link?.kind !== 'lost' || link.retryAt === null) throw new Error('not waiting');
      waits.push(link.retryAt - Date.now());
      vi.advanceTimersByTime(waits.at(-1) ?? 0);
    }
    expect(waits.map(Math.round)).toEqual([250, 500, 1_000, 1_999, 2_999, 2_999, 2_999, 2_999]);
  });

  test('says when the server restarts', () => {
    live().drops(1012);
    expect(links.at(-1)).toMatchObject({ kind: 'lost', isRestart: true });
  });

  test('does not listen to a socket that it has replaced', () => {
    const old = live();
    old.drops(1006);
    vi.advanceTimersByTime(250);
    FakeSocket.newest.says(welcomeFrame());
    old.drops(4005);
    expect(lastLink()).toBe('live');
  });

  test('that was closed stays closed', () => {
    live();
    connection.close();
    FakeSocket.newest.drops(1006);
    vi.advanceTimersByTime(60_000);
    expect(FakeSocket.opened).toHaveLength(1);
    expect(lastLink()).toBe('live');
  });
});

describe('close codes', () => {
  test.each([4000, 4001, 4002, 4003, 4004, 4005, 4006, 4007, 4499, 1007, 1008, 1009])('%i is final', code => {
    live().drops(code, 'why');
    expect(links.at(-1)).toEqual({ kind: 'ended', code, reason: 'why' });
    vi.advanceTimersByTime(60_000);
    expect(FakeSocket.opened).toHaveLength(1);
  });

  test.each([1000, 1001, 1005, 1006, 1011, 1012, 1013, 4500, 4501, 4999])('%i means come back', code => {
    live().drops(code);
    vi.advanceTimersByTime(2_000);
    expect(FakeSocket.opened).toHaveLength(2);
  });
});

describe('a silent loss', () => {
  test('shows because the ping goes unanswered', () => {
    const socket = live();
    vi.advanceTimersByTime(1_999);
    expect(lastLink()).toBe('live');
    vi.advanceTimersByTime(1);
    expect(lastLink()).toBe('doubtful');
    vi.advanceTimersByTime(1_999);
    expect(socket.sent.filter(({ type }) => type === 'ping')).toHaveLength(2);
    expect(lastLink()).toBe('doubtful');
    vi.advanceTimersByTime(1);
    expect(lastLink()).toBe('lost');
  });

  test('is not suspected while anything arrives', () => {
    const socket = live();
    for (let second = 0; second < 60; second++) {
      vi.advanceTimersByTime(1_000);
      socket.says({ type: 'presence', white: true, black: true, spectators: 0 });
    }
    expect(FakeSocket.opened).toHaveLength(1);
  });
});

describe('the device', () => {
  test('says it is offline: doubted at once, lost if nothing answers', () => {
    live();
    connection.check(false);
    expect(lastLink()).toBe('doubtful');
    vi.advanceTimersByTime(2_000);
    expect(lastLink()).toBe('lost');
  });

  test('is wrong about being offline if the server still answers', () => {
    const socket = live();
    connection.check(false);
    socket.says({ type: 'presence', white: true, black: true, spectators: 0 });
    expect(lastLink()).toBe('live');
    vi.advanceTimersByTime(2_500);
    expect(FakeSocket.opened).toHaveLength(1);
  });

  test('comes online: tried at once instead of after the delay', () => {
    live().drops(1013);
    expect(FakeSocket.opened).toHaveLength(1);
    connection.check(true);
    expect(FakeSocket.opened).toHaveLength(2);
    connection.check(true);
    expect(FakeSocket.opened).toHaveLength(2);
  });
});

describe('a device that has slept', () => {
  const HOUR_MS = 3_600_000;

  /** Timers stand still while the device sleeps; the clock on the wall does not. */
  function sleeps(): void {
    vi.setSystemTime(Date.now() + HOUR_MS);
  }

  test('asks at once whether its connection has survived, and gives it two seconds', () => {
    const socket = live();
    vi.advanceTimersByTime(0);
    socket.says(PONG);
    vi.advanceTimersByTime(1_000);
    sleeps();
    vi.advanceTimersByTime(2_000);
    expect(socket.sent).toHaveLength(2);
    vi.advanceTimersByTime(1_999);
    expect(lastLink()).not.toBe('lost');
    vi.advanceTimersByTime(1);
    expect(lastLink()).toBe('lost');
  });

  test('keeps a connection that answers', () => {
    const socket = live();
    vi.advanceTimersByTime(1_000);
    sleeps();
    vi.advanceTimersByTime(3_500); // the answer that was due an hour ago is not held against it
    expect(lastLink()).toBe('doubtful');
    socket.says(PONG);
    expect(lastLink()).toBe('live');
    expect(FakeSocket.opened).toHaveLength(1);
  });

  test('gives up an attempt that was under way', () => {
    opened();
    vi.advanceTimersByTime(100);
    sleeps();
    connection.check(true);
    expect(FakeSocket.opened).toHaveLength(2);
  });
});

describe('a change of network', () => {
  test('that leaves the connection half open shows within two seconds', () => {
    const socket = live();
    vi.advanceTimersByTime(0);
    socket.says(PONG);
    connection.check(true);
    expect(socket.sent).toHaveLength(2);
    vi.advanceTimersByTime(2_000);
    expect(lastLink()).toBe('lost');
  });

  test('in the middle of an attempt starts it anew, unless it has just begun', () => {
    opened();
    connection.check(true);
    expect(FakeSocket.opened).toHaveLength(1);
    vi.advanceTimersByTime(1_000);
    connection.check(true);
    expect(FakeSocket.opened).toHaveLength(2);
  });
});

describe('a restart of the server', () => {
  test('is what is told until it is back, or has been away for a minute', () => {
    live().drops(1012);
    for (let second = 0; second < 59; second++) {
      vi.advanceTimersByTime(1_000);
      if (FakeSocket.newest.readyState === 0) FakeSocket.newest.drops(1006);
      expect(links.at(-1)).toMatchObject({ kind: 'lost', isRestart: true });
    }
    vi.advanceTimersByTime(4_000);
    FakeSocket.newest.drops(1006);
    expect(links.at(-1)).toMatchObject({ kind: 'lost', isRestart: false });
  });

  test('is over with the welcome', () => {
    live().drops(1012);
    vi.advanceTimersByTime(1_500);
    FakeSocket.newest.says(welcomeFrame());
    FakeSocket.newest.drops(1006);
    expect(links.at(-1)).toMatchObject({ kind: 'lost', isRestart: false });
  });

  test('is waited for with jitter, longer than any other loss', () => {
    live().drops(1012);
    const link = links.at(-1);
    expect(link).toMatchObject({ kind: 'lost', isRestart: true });
    vi.advanceTimersByTime(1_400);
    expect(FakeSocket.opened).toHaveLength(1);
    vi.advanceTimersByTime(100);
    expect(FakeSocket.opened).toHaveLength(2);
    const waits = [0, 0.25, 0.5, 0.75].map(random => retryDelayMs(0, 1012, random));
    expect(new Set(waits).size).toBe(4);
  });
});

test.each([
  // attempt, code, shortest, longest
  [0, 1006, 125, 250],
  [1, 1006, 250, 500],
  [3, 1006, 1_000, 2_000],
  [30, 1006, 1_500, 3_000],
  [30, 1012, 1_500, 3_000],
  [30, 1013, 5_000, 10_000],
  [0, 1012, 750, 1_500],
  [0, 1013, 750, 1_500],
])('attempt %i after %i comes between %i and %i ms later', (attempt, code, shortest, longest) => {
  expect(retryDelayMs(attempt, code, 0)).toBe(shortest);
  expect(retryDelayMs(attempt, code, 1)).toBe(longest);
});
