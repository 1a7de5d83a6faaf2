import { expect, test } from 'vitest';
import { neighbour, piecesOf, rowsOf, targetsOf } from '../src/squares';
import { shownBoard } from '../src/shown';
import { hearing, moveFrame, playing, START } from './frames';

test('every piece stands on its square', () => {
  const pieces = piecesOf(START);
  expect(pieces.size).toBe(32);
  expect(pieces.get('e1')).toEqual({ color: 'white', role: 'king' });
  expect(pieces.get('d8')).toEqual({ color: 'black', role: 'queen' });
  expect(pieces.get('e4')).toBeUndefined();
  expect(piecesOf('8/8/2p4R/8/8/8/8/8').get('h6')).toEqual({ color: 'white', role: 'rook' });
});

test('the board is read from the top left, as it lies before the player', () => {
  expect([rowsOf('white')[0]?.[0], rowsOf('white')[7]?.[7]]).toEqual(['a8', 'h1']);
  expect([rowsOf('black')[0]?.[0], rowsOf('black')[7]?.[7]]).toEqual(['h1', 'a8']);
});

test.each([
  ['e2', 'ArrowUp', 'white', 'e3'],
  ['e2', 'ArrowUp', 'black', 'e1'],
  ['e2', 'ArrowLeft', 'black', 'f2'],
  ['a1', 'ArrowLeft', 'white', 'a1'], // the edge holds
  ['c4', 'Home', 'white', 'a4'],
  ['c4', 'PageUp', 'white', 'c8'],
  ['c4', 'Enter', 'white', null],
] as const)('from %s, %s leads %s to %s', (from, key, bottom, to) => expect(neighbour(from, key, bottom)).toBe(to));

test('a piece can be put where the rules let it go, in one’s own turn', () => {
  const state = playing();
  expect([...targetsOf(shownBoard(state), 'g1')].sort()).toEqual(['f3', 'h3']);
  expect(targetsOf(shownBoard(state), 'e7')).toEqual([]);
  expect(targetsOf(shownBoard(hearing(state, moveFrame())), 'g1')).toEqual([]);
});
