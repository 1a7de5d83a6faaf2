import { expect, test } from 'vitest';
import { materialOf } from '../src/material';
import { START } from './frames';

test.each([
  ['nobody is ahead at first', START, [], [], 0],
  ['a rook for two minor pieces', '4k1n1/8/8/8/8/8/8/R3K3 w - - 0 1', ['rook'], ['knight'], 2],
  ['a queen more', '3qk3/pp6/8/8/8/8/P7/4K3 b - - 0 1', [], ['queen', 'pawn'], -10],
  ['a bishop for a knight is an even trade', '4k1n1/8/8/8/8/8/8/4KB2', ['bishop'], ['knight'], 0],
])('%s', (_, fen, white, black, lead) => {
  expect(materialOf(fen)).toEqual({ white, black, lead });
});
