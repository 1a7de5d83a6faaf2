import { expect, test } from 'vitest';
import { positionAt } from '../src/line';
import { readMove, readSquares } from '../src/written';
import { START } from './frames';

function reading(fen: string, text: string, variant = 'standard') {
  const position = positionAt({ variant, initialFen: fen, ucis: [] }, 0);
  if (!position) throw new Error('no position');
  return readMove(position, variant, text);
}

/** Knights on b1 and f3 may both go to d2; the pawn on e7 promotes, on f8 and d8 by taking. */
const RICH = '3r1rk1/4P3/8/8/2p5/1P3N2/8/RN2K2R w - - 0 1';
const CASTLING = '4k3/8/8/8/8/8/8/R3K2R w KQ - 0 1';

test.each([
  // text, from, to, role, whether nothing longer begins like it
  [START, 'e4', 'e2', 'e4', undefined, true],
  [START, ' Nf3 ', 'g1', 'f3', undefined, true],
  [START, 'nf3', 'g1', 'f3', undefined, true],
  [START, 'e2e4', 'e2', 'e4', undefined, true],
  [START, 'E2-E4', 'e2', 'e4', undefined, true],
  [START, 'Ng1f3', 'g1', 'f3', undefined, true],
  [RICH, 'Nbd2', 'b1', 'd2', undefined, true],
  [RICH, 'bxc4', 'b3', 'c4', undefined, true],
  [RICH, 'bc', undefined, undefined, undefined, undefined],
  [CASTLING, 'O-O', 'e1', 'h1', undefined, false], // O-O-O begins like it
  [CASTLING, '0-0-0', 'e1', 'a1', undefined, true],
  [CASTLING, 'ooo', 'e1', 'a1', undefined, true],
  [CASTLING, 'e1g1', 'e1', 'h1', undefined, true],
  [RICH, 'exd8=N', 'e7', 'd8', 'knight', true],
  [RICH, 'exf8Q+', 'e7', 'f8', 'queen', true],
  [RICH, 'e7f8r', 'e7', 'f8', 'rook', true],
  [RICH, 'e8', 'e7', 'e8', undefined, false], // the new piece is still to come
])('in %s, %s is %s to %s', (fen, text, from, to, role, isWhole) => {
  const read = reading(fen, text);
  if (from === undefined) expect(read).toEqual({ kind: 'nothing' });
  else expect(read).toEqual({ kind: 'move', move: role ? { from, to, role } : { from, to }, isWhole });
});

test('a small b is a pawn while a pawn can move so, and a bishop where none can', () => {
  const both = '7k/8/8/8/2p5/1P6/4B3/4K3 w - - 0 1';
  expect(reading(both, 'bc4')).toMatchObject({ move: { from: 'b3' } });
  expect(reading(both, 'Bc4')).toMatchObject({ move: { from: 'e2' } });
  expect(reading('7k/8/8/8/2p5/8/4B3/4K3 w - - 0 1', 'bc4')).toMatchObject({ move: { from: 'e2' } });
});

test('what no or more than one move is called is not played', () => {
  expect(reading(START, 'e5').kind).toBe('nothing');
  expect(reading(START, '').kind).toBe('nothing');
  expect(reading(RICH, 'Nd2').kind).toBe('nothing'); // SAN has no such name while two knights can go there
});

test('castling in chess960 is read by name and as the king taking its rook', () => {
  const fen = '4k3/8/8/8/8/8/8/R2K3R w HA - 0 1';
  expect(reading(fen, 'O-O-O', 'chess960')).toMatchObject({ move: { from: 'd1', to: 'a1' } });
  expect(reading(fen, 'd1h1', 'chess960')).toMatchObject({ move: { from: 'd1', to: 'h1' } });
});

test('two squares are read without knowing the position', () => {
  expect(readSquares('g8f6')).toEqual({ from: 'g8', to: 'f6' });
  expect(readSquares('E7-E8=N')).toEqual({ from: 'e7', to: 'e8', role: 'knight' });
  expect(readSquares('Nf3')).toBeNull();
});
