import { expect, test } from 'vitest';
import { guest, isIncoming, ownColorIn, playsIn, timeOfChallenge, updateMe } from '../src/me';
import type { Challenge, MeFrame, MeState, RunningGame } from '../src/me';
import { challengeOf } from '../src/newGame';
import type { GameWish } from '../src/newGame';

const someone = (name: string) => ({ id: name.toLowerCase(), name, title: null });

function challenge(id: string, challenger: string, dest: string, more: Partial<Challenge> = {}): Challenge {
  return {
    id,
    challenger: someone(challenger),
    destUser: someone(dest),
    variant: { key: 'standard' },
    timeControl: { type: 'clock', limit: 300, increment: 3 },
    color: 'random',
    ...more,
  };
}

function after(state: MeState, ...frames: MeFrame[]): MeState {
  return frames.reduce((before, frame) => updateMe(before, { kind: 'told', frame }), state);
}

function anna(...challenges: Challenge[]): MeState {
  return after(guest(), { type: 'me', account: someone('Anna'), challenges, games: [] });
}

const game = (room_id: string): RunningGame => ({
  room_id,
  color: 'white',
  fen: '',
  lastMove: '',
  isMyTurn: true,
  opponent: { username: 'Boris' },
});

test('the first word is everything, also when it comes again', () => {
  const state = after(anna(challenge('c', 'Boris', 'Anna')), {
    type: 'me',
    account: someone('Anna'),
    challenges: [],
    games: [{ game_id: 'g', room_id: 'r' }],
  });
  expect([state.name, state.id, state.challenges, playsIn(state, 'r')]).toEqual(['Anna', 'anna', [], true]);
});

test('a challenge appears, and is the same if it is told again', () => {
  const created = challenge('c', 'Boris', 'Anna');
  const state = after(anna(), { type: 'challenge', challenge: created }, { type: 'challenge', challenge: created });
  expect(state.challenges.map(one => isIncoming(state, one))).toEqual([true]);
});

test.each(['accepted', 'declined', 'cancelled', 'expired'] as const)(
  'an incoming challenge that is %s vanishes without a word',
  outcome => {
    const state = after(anna(challenge('c', 'Boris', 'Anna')), { type: 'challenge_closed', id: 'c', outcome });
    expect([state.challenges, state.answered]).toEqual([[], []]);
  },
);

test.each([
  ['accepted', ['accepted']],
  ['declined', ['declined']],
  ['expired', ['expired']],
  ['cancelled', []],
] as const)('who made a challenge that is %s is told %j, until that is dismissed', (outcome, said) => {
  const state = after(anna(challenge('c', 'Anna', 'Boris')), { type: 'challenge_closed', id: 'c', outcome });
  expect([state.challenges, state.answered.map(one => one.outcome)]).toEqual([[], said]);
  expect(updateMe(state, { kind: 'dismissed', id: 'c' }).answered).toEqual([]);
});

test('a game that is over is shown no more', () => {
  let state = after(
    anna(),
    { type: 'game_started', game_id: 'g', room_id: 'r' },
    { type: 'games', games: [game('r'), game('other')] },
  );
  expect(playsIn(state, 'r')).toBe(true);
  state = after(state, { type: 'game_over', game_id: 'g' });
  expect([playsIn(state, 'r'), state.games?.map(one => one.room_id)]).toEqual([false, ['other']]);
});

test('who signs out, or in as another, keeps nothing of the account', () => {
  const state = anna(challenge('c', 'Boris', 'Anna'));
  expect(updateMe(state, { kind: 'signedOut' })).toEqual(guest());
  expect(updateMe(state, { kind: 'signedIn', name: 'Cleo' })).toEqual({ ...guest(), name: 'Cleo' });
});

test.each([
  ['Anna', 'white', 'white'],
  ['Boris', 'white', 'black'],
  ['Boris', 'black', 'white'],
  ['Boris', 'random', null],
] as const)('a challenge by %s, who wants %s, gives Anna %s', (challenger, color, own) => {
  const dest = challenger === 'Anna' ? 'Boris' : 'Anna';
  expect(ownColorIn(anna(), challenge('c', challenger, dest, { color }))).toBe(own);
});

test.each([
  [{ type: 'clock', limit: 300, increment: 3 }, '5+3'],
  [{ type: 'clock', limit: 30, increment: 0 }, '0.5+0'],
  [{ type: 'correspondence', daysPerTurn: 3 }, '3d'],
  [{ type: 'unlimited' }, 'unlimited'],
] as const)('%j is written %s', (timeControl, written) => {
  expect(timeOfChallenge(challenge('c', 'Anna', 'Boris', { timeControl }))).toBe(written);
});

const WISH: GameWish = {
  opponent: 'player',
  time: '5+3',
  color: 'white',
  kind: 'standard',
  fen: '',
  name: '',
  level: 3,
  player: 'Boris',
};

test.each([
  [{}, { 'clock.limit': '300', 'clock.increment': '3', variant: 'standard' }],
  [{ time: '0.5+0' }, { 'clock.limit': '30', 'clock.increment': '0', variant: 'standard' }],
  [{ time: '3d' }, { days: '3', variant: 'standard' }],
  [{ time: 'unlimited', kind: 'chess960' }, { variant: 'chess960' }],
  [
    { time: '3d', kind: 'position', fen: 'FEN' },
    { days: '3', variant: 'fromPosition', fen: 'FEN' },
  ],
] as const)('a wish for %j is a challenge with %j', (part, sent) => {
  expect(challengeOf({ ...WISH, ...part })).toEqual({ color: 'white', ...sent });
});
