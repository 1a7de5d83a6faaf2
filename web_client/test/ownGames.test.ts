import { expect, test } from 'vitest';
import { isAccounts, ofAccount, ofSeat, ordered } from '../src/ownGames';
import type { OwnGame, Stage } from '../src/ownGames';
import type { Player } from '../src/protocol';
import { AFTER_E4, stateFrame } from './frames';

const player = (player_id: string, name: string): Player => ({ player_id, name, connected: true, bot: false });
const [ANN, BOB] = [player('a', 'Ann'), player('b', 'Bob')];
const E4 = { turn: 'black', fen: AFTER_E4, moves: [{ uci: 'e2e4', san: 'e4' }] } as const;
const running = (changes = {}) => stateFrame({ ...E4, moves: [...E4.moves], white: ANN, black: BOB, ...changes });

test.each([
  //  whose seat, who is White: colour, opponent, whose move
  ['a', ANN, BOB, 'white', 'Bob', 'theirMove'],
  ['b', ANN, BOB, 'black', 'Ann', 'yourMove'],
  ['a', BOB, ANN, 'black', 'Bob', 'yourMove'], // the rematch, with the other colour
  ['b', BOB, ANN, 'white', 'Ann', 'theirMove'],
] as const)('the seat of %s in a game of %o and %o is %s against %s: %s', (id, white, black, bottom, name, stage) => {
  expect(ofSeat(id, running({ white, black }))).toEqual({
    roomId: 'r',
    called: { by: 'opponent', name },
    stage,
    fen: AFTER_E4,
    lastMove: 'e2e4',
    bottom,
  });
});

test('of a seat whose player is not known the game is shown as being played, from the side of White', () => {
  expect(ofSeat(null, running())).toMatchObject({
    called: { by: 'players', white: 'Ann', black: 'Bob' },
    stage: 'played',
    bottom: 'white',
  });
});

test.each([
  ['b', null, BOB, 'black'],
  ['b', BOB, null, 'white'],
  [null, null, BOB, 'white'],
] as const)('a room in which %s waits for an opponent is called by its time', (id, white, black, bottom) => {
  const room = stateFrame({ status: 'waiting', white, black, time_control: '5+3', moves: [] });
  expect(ofSeat(id, room)).toMatchObject({
    called: { by: 'time', control: '5+3' },
    stage: 'waiting',
    lastMove: null,
    bottom,
  });
});

test.each([
  ['it is finished', 'a', { status: 'finished' }],
  ['its room is closed', 'a', { status: 'closed' }],
  ['it is finished, whoever played', null, { status: 'finished' }],
  ['others sit there by now', 'c', {}],
  ['somebody else waits there by now', 'a', { status: 'waiting', white: null }],
  ['nobody waits there any more', null, { status: 'waiting', white: null, black: null }],
] as const)('there is no game to go back to: %s', (_, id, changes) => {
  expect(ofSeat(id, running(changes))).toBeNull();
});

test.each([
  ['@ann', true],
  ['ann', false],
  [null, false],
])('the seat of %s is an account’s: %s', (playerId, expected) => expect(isAccounts(playerId)).toBe(expected));

test("an account's game says whose move it is", () => {
  const game = { room_id: 'r', color: 'black', fen: 'F', lastMove: '', opponent: { username: 'Bob' } } as const;
  const shown = { roomId: 'r', called: { by: 'opponent', name: 'Bob' }, fen: 'F', lastMove: null, bottom: 'black' };
  expect(ofAccount({ ...game, isMyTurn: true })).toEqual({ ...shown, stage: 'yourMove' });
  expect(ofAccount({ ...game, isMyTurn: false })).toEqual({ ...shown, stage: 'theirMove' });
});

test('running games come first, those in which it is your move before the others; else they stay as they are', () => {
  const stages: Stage[] = ['waiting', 'theirMove', 'played', 'yourMove', 'theirMove', 'yourMove'];
  const games = stages.map((stage, index): OwnGame => {
    const called = { by: 'opponent', name: '' } as const;
    return { roomId: String(index), called, stage, fen: '', lastMove: null, bottom: 'white' };
  });
  expect(ordered(games).map(({ roomId }) => roomId)).toEqual(['3', '5', '1', '2', '4', '0']);
});
