import { describe, expect, test } from 'vitest';
import { afterCost, afterFrame, afterLoss, EMPTY, median, roomIdOf, totalBytes } from '../src/compare';
import type { Tally } from '../src/compare';
import type { Cost } from '../src/protocol';
import { moveFrame, stateFrame } from './frames';

const cost = (sent: number, received = 100): Cost => ({
  type: 'cost',
  sent_bytes: sent,
  received_bytes: received,
  server_time: 0,
});
const live: Tally = afterCost(afterFrame(EMPTY, stateFrame(), null), cost(1_000));

describe('the bytes of a feed', () => {
  test('are those of all its connections', () => {
    const second = afterCost(afterLoss(afterCost(live, cost(1_500))), cost(400));
    expect(totalBytes(second)).toEqual({ sent: 1_900, received: 200 });
    expect(second.connections).toBe(2);
  });

  test('of a connection that is lost twice are counted once', () => {
    expect(totalBytes(afterLoss(afterLoss(live)))).toEqual({ sent: 1_000, received: 100 });
  });
});

describe('what a reconnect had to send', () => {
  test('is everything up to the first count', () => {
    let tally = afterLoss(live);
    for (const v of [5, 6, 7]) tally = afterFrame(tally, moveFrame({ v }), null);
    expect(tally.resent).toBeNull();
    tally = afterFrame(afterCost(tally, cost(777)), moveFrame({ v: 8 }), null);
    expect(tally.resent).toEqual({ messages: 3, sentBytes: 777 });
  });

  test('is not said of the first connection', () => {
    expect(live.resent).toBeNull();
  });
});

describe('the delay of an event', () => {
  test('is from the stamp to its arrival, by the server’s clock', () => {
    const { arrivals } = afterFrame(live, moveFrame({ v: 5, at: 2_000, san: 'e4' }), 2_007);
    expect(arrivals).toEqual([{ v: 5, event: 'e4', delayMs: 7 }]);
  });

  test.each([
    ['what a reconnect brings', afterLoss(live), 9_000],
    ['an unknown clock', live, null],
  ])('is not measured with %s', (_, tally, serverNow) => {
    expect(afterFrame(tally, moveFrame({ v: 5, at: 2_000 }), serverNow).arrivals).toEqual([]);
  });

  test('has a median', () => {
    expect(median([])).toBeNull();
    expect(median([3])).toBe(3);
    expect(median([9, 1, 5, 7])).toBe(5);
  });
});

test('a pong is no message of the room', () => {
  expect(afterFrame(live, { type: 'pong', t: {}, server_time: 1 }, 1).messages).toBe(live.messages);
});

test.each([
  ['abc', 'abc'],
  [' http://localhost:8000/room/abc-1_2 ', 'abc-1_2'],
  ['https://chess.example/embed/x?theme=dark#a', 'x'],
  ['/compare/x', 'x'],
  ['https://chess.example/', null],
  ['two words', null],
  ['', null],
  ['https://chess.example/room/%C3%A9', null],
])('%j is pasted for the room %j', (pasted, roomId) => {
  expect(roomIdOf(pasted)).toBe(roomId);
});
