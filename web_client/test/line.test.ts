import { expect, test } from 'vitest';
import { destsOf, firstPlyOf, isDrawClaimable, isPlayableFen, placeOf, positionAt, uciOf } from '../src/line';
import { shownBoard } from '../src/shown';
import { update } from '../src/update';
import { hearing, moveFrame, playing, START } from './frames';

function at(fen: string, variant = 'standard') {
  const position = positionAt({ variant, initialFen: fen, ucis: [] }, 0);
  if (!position) throw new Error('no such position');
  return position;
}

const CASTLING = 'r3k2r/8/8/8/8/8/8/R3K2R w KQkq - 0 1';

test.each([
  // variant, from, to, uci
  ['standard', 'e1', 'g1', 'e1g1'],
  ['standard', 'e1', 'h1', 'e1g1'], // dropped on the rook
  ['standard', 'e1', 'a1', 'e1c1'],
  ['standard', 'e1', 'f1', 'e1f1'],
  ['chess960', 'e1', 'h1', 'e1h1'],
])('in %s, %s to %s is written %s', (variant, from, to, uci) => {
  expect(uciOf(at(CASTLING, variant), variant, from, to)).toBe(uci);
});

test('an illegal move has no name', () => {
  expect(uciOf(at(START), 'standard', 'e2', 'e5')).toBeNull();
  expect(uciOf(at(START), 'standard', 'e7', 'e5')).toBeNull();
});

test('legal moves are offered, castling also onto the rook', () => {
  expect(destsOf(at(START), 'standard').get('g1')).toEqual(['f3', 'h3']);
  expect(destsOf(at(CASTLING), 'standard').get('e1')).toEqual(expect.arrayContaining(['c1', 'a1', 'g1', 'h1']));
});

test('an impossible position is refused', () => {
  expect(isPlayableFen(START)).toBe(true);
  expect(isPlayableFen('8/8/8/8/8/8/8/8 w - - 0 1')).toBe(false);
  expect(isPlayableFen('hello')).toBe(false);
});

test('a line may be followed, taken back and followed elsewhere', () => {
  const line = (...ucis: string[]) => ({ variant: 'standard', initialFen: START, ucis });
  expect(positionAt(line('e2e4', 'e7e5'), 2)?.turn).toBe('white');
  expect(positionAt(line('e2e4'), 1)?.turn).toBe('black');
  expect(positionAt(line('e2e4', 'c7c5'), 2)?.board.get(34)?.role).toBe('pawn');
  expect(positionAt(line('e2e4', 'c7c5'), 0)?.board.get(12)?.role).toBe('pawn');
});

test('a draw can be claimed when the position stands for the third time', () => {
  const dance = ['g1f3', 'g8f6', 'f3g1', 'f6g8'];
  const line = (ucis: string[]) => ({ variant: 'standard', initialFen: START, ucis });
  expect(isDrawClaimable(line(dance))).toBe(false);
  expect(isDrawClaimable(line([...dance, ...dance]))).toBe(true);
  expect(isDrawClaimable(line([...dance, ...dance, 'e2e4']))).toBe(false);
});

test('squares have their place as seen from each side', () => {
  expect(placeOf('a8', 'white')).toEqual({ column: 0, row: 0 });
  expect(placeOf('a8', 'black')).toEqual({ column: 7, row: 7 });
});

test('the board lets the player move their own pieces on their turn, in the newest position only', () => {
  const state = playing();
  expect(shownBoard(state).movable?.color).toBe('white');
  const moved = hearing(state, moveFrame());
  expect(shownBoard(moved).movable).toBeNull();
  expect(shownBoard(moved).lastMove).toEqual(['e2', 'e4']);
  expect(shownBoard(update(moved, { kind: 'viewed', ply: 0 })).movable).toBeNull();
});

test('an unacknowledged move stands on the board and is marked', () => {
  const command = {
    id: 'c1',
    message: { type: 'move', id: 'c1', uci: 'e2e4', ply: 1 },
    gameId: 'g1',
    issuedAt: 0,
    san: 'e4',
  } as const;
  const shown = shownBoard(update(playing(), { kind: 'issued', command }));
  expect(shown.fen).toBe('rnbqkbnr/pppppppp/8/8/4P3/8/PPPP1PPP/RNBQKBNR');
  expect(shown.pending).toEqual(['e2', 'e4']);
  expect(shown.movable).toBeNull();
});

test('a game from a position goes on counting where its FEN stopped', () => {
  expect(firstPlyOf('4k3/8/8/8/8/8/8/4K3 w - - 0 1')).toBe(0);
  expect(firstPlyOf('4k3/8/8/8/8/8/8/4K3 w - - 0 42')).toBe(82);
  expect(firstPlyOf('4k3/8/8/8/8/8/8/4K3 b - - 0 42')).toBe(83);
});
