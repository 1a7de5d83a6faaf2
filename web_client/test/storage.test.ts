import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { forgetSeatToken, heldSeats, noteSeatPlayer, seatToken, storeSeatToken } from '../src/storage';

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000 });
});

afterEach(() => {
  for (const { roomId } of heldSeats()) forgetSeatToken(roomId);
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

const ids = (): string[] => heldSeats().map(({ roomId }) => roomId);

/** What a browser keeps, as far as storage.ts uses it. */
function remembering(entries: Record<string, string>): void {
  vi.stubGlobal(
    'localStorage',
    Object.create(
      {
        getItem: (key: string) => entries[key] ?? null,
        setItem: (key: string, value: string) => void (entries[key] = value),
        removeItem: (key: string) => delete entries[key],
      },
      Object.fromEntries(Object.keys(entries).map(key => [key, { value: '', enumerable: true }])),
    ),
  );
}

test('a seat is its secret, when it was taken up last, and the player whom the room knows', () => {
  storeSeatToken('r', 'secret');
  expect(heldSeats()).toEqual([{ roomId: 'r', token: 'secret', takenUpAt: 1_000, playerId: null }]);
  vi.setSystemTime(2_000);
  noteSeatPlayer('r', 'p');
  expect(heldSeats()).toEqual([{ roomId: 'r', token: 'secret', takenUpAt: 2_000, playerId: 'p' }]);
  expect(seatToken('r')).toBe('secret');
});

test('a seat that is taken anew is not the former player’s', () => {
  storeSeatToken('r', 'secret');
  noteSeatPlayer('r', 'p');
  storeSeatToken('r', 'another');
  expect(heldSeats()).toMatchObject([{ token: 'another', playerId: null }]);
});

test('no seat is made of a player without one', () => {
  noteSeatPlayer('r', 'p');
  expect(seatToken('r')).toBeNull();
});

test('the seats that were taken up last come first', () => {
  for (const roomId of ['old', 'mid', 'new']) {
    storeSeatToken(roomId, 'secret');
    vi.advanceTimersByTime(1);
  }
  expect(ids()).toEqual(['new', 'mid', 'old']);
  noteSeatPlayer('old', 'p');
  expect(ids()).toEqual(['old', 'new', 'mid']);
});

test('seats are read as earlier versions have written them, and whatever else stands there', () => {
  remembering({
    'tabiya.seat.early': 'secret 5',
    'tabiya.seat.damaged': 'secret soon',
    'tabiya.seat.none': '',
    'tabiya.name': 'Ann',
  });
  expect(heldSeats()).toEqual([
    { roomId: 'early', token: 'secret', takenUpAt: 5, playerId: null },
    { roomId: 'damaged', token: 'secret', takenUpAt: 0, playerId: null },
  ]);
});
