import { expect, test } from 'vitest';
import { piecesOf, placesOfMove } from '../src/pieces';

const START = 'rnbqkbnr/pppppppp/8/8/8/8/PPPPPPPP/RNBQKBNR w KQkq - 0 1';
const square = (name: string): number => placesOfMove(name + name)[0] ?? -1;

test('every piece of a position stands where it stands', () => {
  const pieces = piecesOf('4k3/8/8/8/8/8/P7/R3K3 w - - 0 1');
  expect(pieces.map(({ color, role, place }) => [color, role, place])).toEqual([
    ['black', 'king', square('e8')],
    ['white', 'pawn', square('a2')],
    ['white', 'rook', square('a1')],
    ['white', 'king', square('e1')],
  ]);
});

test('a piece that moves stays the same piece, and all others where they are', () => {
  const before = piecesOf(START);
  const after = piecesOf('rnbqkbnr/pppppppp/8/8/8/5N2/PPPPPPPP/RNBQKB1R b KQkq - 1 1', before);
  const moved = after.filter(piece => !before.some(one => one.id === piece.id && one.place === piece.place));
  expect(moved.map(({ role, place }) => [role, place])).toEqual([['knight', square('f3')]]);
  expect(before.find(({ id }) => id === moved[0]?.id)?.place).toBe(square('g1'));
});

test('a captured piece is gone, a promoted one is new, and no two share an id', () => {
  const before = piecesOf('1r2k3/P7/8/8/8/8/8/4K3 w - - 0 1');
  const after = piecesOf('1Q2k3/8/8/8/8/8/8/4K3 b - - 0 1', before);
  expect(after.map(({ role }) => role).sort()).toEqual(['king', 'king', 'queen']);
  expect(new Set(after.map(({ id }) => id)).size).toBe(3);
  expect(before.some(({ id }) => id === after.find(({ role }) => role === 'queen')?.id)).toBe(false);
});

test.each([
  ['e2e4', [52, 36]],
  ['a7a8q', [8, 0]],
  [null, []],
])('the squares of %s', (uci, places) => {
  expect(placesOfMove(uci)).toEqual(places);
});
