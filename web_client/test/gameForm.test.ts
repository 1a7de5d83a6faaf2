import { expect, test } from 'vitest';
import { formFrom } from '../src/gameForm';
import type { GameForm } from '../src/gameForm';
import { storedNewGame, storeNewGame } from '../src/storage';
import { timeFrom, timeOf } from '../src/timeWish';

const FIRST: GameForm = {
  time: { kind: 'preset', control: '5+3' },
  opponent: 'friend',
  color: 'random',
  level: 3,
  kind: 'standard',
};
const USED: GameForm = {
  time: { kind: 'custom', minutes: '7', increment: '4' },
  opponent: 'computer',
  color: 'black',
  level: 8,
  kind: 'chess960',
};

test('the form begins as it was last used, a stored copy being read', () => {
  storeNewGame(USED);
  expect(formFrom(storedNewGame(), true)).toEqual(USED);
});

test.each([null, undefined, 'form', 7, [], {}, { time: '5+3', level: '4', opponent: 'x', color: 1, kind: null }])(
  'of %j, which is no form, nothing is taken over',
  stored => expect(formFrom(stored, false)).toEqual(FIRST),
);

test.each([
  ['time', { kind: 'preset', control: '4+4' }],
  ['opponent', 'nobody'],
  ['color', 'green'],
  ['level', 9],
  ['level', 2.5],
  ['level', '8'],
  ['kind', 'atomic'],
  ['kind', 'toString'],
] as const)('%s %j is not on offer: it is as at first, the rest as it was', (name, value) => {
  expect(formFrom({ ...USED, [name]: value }, false)).toEqual({ ...USED, [name]: FIRST[name] });
});

test('what is stored besides is not taken over', () => {
  expect(formFrom({ ...USED, fen: 'F', player: 'Bob', name: 'Ann' }, false)).toEqual(USED);
});

test('a position is not kept, and so the form begins with the usual one', () => {
  expect(formFrom({ ...USED, kind: 'position' }, false).kind).toBe('standard');
});

test('who has no account begins with a friend where a challenge was sent by name', () => {
  const stored = { ...USED, opponent: 'player' };
  expect([formFrom(stored, false).opponent, formFrom(stored, true).opponent]).toEqual(['player', 'friend']);
});

test.each([
  [{ kind: 'preset', control: '1+0' }, '1+0'],
  [{ kind: 'preset', control: 'unlimited' }, 'unlimited'],
  [{ kind: 'custom', minutes: '0.5', increment: '0' }, '0.5+0'],
  [{ kind: 'custom', minutes: '.25', increment: '1e1' }, '0.25+10'],
  [{ kind: 'custom', minutes: '180', increment: '180' }, '180+180'],
  [{ kind: 'correspondence', days: 14 }, '14d'],
  [{ kind: 'preset', control: '3d' }, null],
  [{ kind: 'preset' }, null],
  [{ kind: 'custom', minutes: '0', increment: '0' }, null],
  [{ kind: 'custom', minutes: '181', increment: '0' }, null],
  [{ kind: 'custom', minutes: '5', increment: '0.5' }, null],
  [{ kind: 'custom', minutes: '', increment: '3' }, null],
  [{ kind: 'custom', minutes: 'five', increment: '3' }, null],
  [{ kind: 'custom', minutes: ' ', increment: '3' }, null],
  [{ kind: 'custom', minutes: '0x5', increment: '3' }, null],
  [{ kind: 'custom', minutes: 5, increment: 3 }, null],
  [{ kind: 'correspondence', days: 4 }, null],
  [{ kind: 'correspondence', days: '3' }, null],
  [{ kind: 'hourglass' }, null],
] as const)('the stored time %j is %j', (stored, written) => {
  const time = timeFrom(stored);
  expect(time && timeOf(time)).toBe(written);
});
