import { describe, expect, test } from 'vitest';
import {
  afterRoundTrip,
  afterStamp,
  clockFace,
  givenTime,
  lowTimeMs,
  nextTickMs,
  remainingMs,
  serverNow,
  steadyMs,
} from '../src/clock';
import { text } from '../src/text';

describe('remaining time', () => {
  const clock = { white: 60_000, black: 30_000, running: 'white' as const };
  test.each([
    // at the server's time, white, black
    [1_000, 60_000, 30_000],
    [11_000, 50_000, 30_000],
    [61_000, 0, 30_000],
    [99_000, 0, 30_000], // never negative
    [500, 60_000, 30_000], // a stamp of the future gives nobody time
  ])('at %i the running clock has lost, the other has not', (at, white, black) => {
    expect(remainingMs(clock, 1_000, 'white', at)).toBe(white);
    expect(remainingMs(clock, 1_000, 'black', at)).toBe(black);
  });

  test('stands still before both have moved', () => {
    expect(remainingMs({ ...clock, running: null }, 1_000, 'white', 99_000)).toBe(60_000);
  });
});

describe("the server's time", () => {
  test('is this device’s while nothing is known', () => {
    expect(serverNow([], 5_000)).toBe(5_000);
  });

  test('follows from half a round trip', () => {
    const sync = afterRoundTrip([], 1_000, 51_050, 1_100);
    expect(serverNow(sync, 2_000)).toBe(52_000);
  });

  test('is read off the shortest of the last round trips', () => {
    const exact = afterRoundTrip([], 1_000, 11_005, 1_010);
    const vague = afterRoundTrip(exact, 2_000, 12_900, 3_000);
    expect(serverNow(vague, 3_000)).toBe(13_000);
  });

  test('forgets a device whose clock was set: old readings count less and less', () => {
    let sync = afterRoundTrip([], 1_000, 11_005, 1_010);
    for (let at = 100_000; at < 124_000; at += 3_000) sync = afterRoundTrip(sync, at, at + 500_020, at + 40);
    expect(serverNow(sync, 124_000)).toBe(624_000);
  });

  test('is at least what a stamp says, for spectators who never measure', () => {
    const late = afterStamp([], 10_900, 1_000);
    const earlier = afterStamp(late, 11_000, 1_000);
    expect(serverNow(earlier, 1_000)).toBe(11_000);
    expect(afterStamp(earlier, 9_000, 1_000)).toBe(earlier); // an old frame, told again
  });

  test('once measured is not moved by stamps', () => {
    const measured = afterRoundTrip([], 1_000, 1_010, 1_020);
    expect(afterStamp(measured, 90_000, 1_030)).toBe(measured);
  });
});

describe('the face', () => {
  test.each([
    [300_000, '5:00'],
    [299_999, '5:00'],
    [299_000, '4:59'],
    [10_000, '0:10'],
    [9_999, '0:09.9'],
    [50, '0:00.0'],
    [0, '0:00.0'],
    [3_600_000, '1:00:00'],
    [3 * 86_400_000, '3 d 00:00'],
  ])('of %i ms reads %s', (ms, face) => {
    expect(text.clock.face(clockFace(ms))).toBe(face);
  });

  test.each([300_000, 299_500, 10_001, 9_950, 1])('of %i ms is another after the next tick, and not before', ms => {
    const tick = nextTickMs(ms);
    expect(clockFace(ms - tick)).not.toEqual(clockFace(ms));
    expect(clockFace(ms - tick + 2)).toEqual(clockFace(ms));
  });
});

test('a clock that is better known than before never jumps back, but a new time is shown as it is', () => {
  const clock = { white: 60_000, black: 60_000, running: 'white' } as const;
  expect(steadyMs(null, clock, 50_000)).toBe(50_000);
  expect(steadyMs({ clock, ms: 50_000 }, clock, 50_300)).toBe(50_000);
  expect(steadyMs({ clock, ms: 50_000 }, clock, 49_900)).toBe(49_900);
  expect(steadyMs({ clock, ms: 50_000 }, { ...clock, white: 65_000 }, 65_000)).toBe(65_000);
});

test.each([
  ['1+0', 10_000], // an eighth would be less
  ['3+2', 22_500],
  ['10+0', 60_000],
  ['0.05+0', 10_000],
  ['3d', 10_000],
])('in %s, time is low below %i ms', (control, ms) => expect(lowTimeMs(control)).toBe(ms));

describe('time that was given', () => {
  const before = { white: 60_000, black: 20_000, running: 'white' } as const;

  test('went to whose clock shows more than it would by itself', () => {
    expect(givenTime(before, 1_000, { ...before, white: 65_000 }, 11_000)).toEqual({ to: 'white', ms: 15_000 });
    expect(givenTime(before, 1_000, { ...before, white: 50_000, black: 35_000 }, 11_000)).toEqual({
      to: 'black',
      ms: 15_000,
    });
  });

  test('went to nobody where a clock has only run', () => {
    expect(givenTime(before, 1_000, { ...before, white: 50_000 }, 11_000)).toBeNull();
  });
});
