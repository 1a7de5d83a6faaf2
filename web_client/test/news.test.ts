import { expect, test } from 'vitest';
import { newsOf } from '../src/news';
import { isWorthTelling } from '../src/notify';
import { soundOf } from '../src/sound';
import { initialState } from '../src/state';
import { update } from '../src/update';
import { AFTER_E4, hearing, moveFrame, playing, stateFrame, welcomeFrame } from './frames';

const REPLY = moveFrame({ v: 6, ply: 2, color: 'black', uci: 'd7d5', san: 'd5', fen: AFTER_E4.replace(' b ', ' w ') });

test('a page that was just opened has no news', () => {
  const before = initialState('r');
  expect(newsOf(before, hearing(before, welcomeFrame(), stateFrame()))).toBeNull();
});

test('a move of one’s own is heard when it is made, and not again when it is confirmed', () => {
  const before = playing();
  const message = { type: 'move', id: 'c1', uci: 'e2e4', ply: 1 } as const;
  const made = update(before, {
    kind: 'issued',
    command: { id: 'c1', message, gameId: 'g1', issuedAt: 0, san: 'e4' },
  });
  expect(newsOf(before, made)).toEqual({ kind: 'move', san: 'e4', isMine: false });
  expect(newsOf(made, hearing(made, moveFrame()))).toBeNull();
});

test('the opponent’s move is news to whom it is told that it is their turn', () => {
  const before = hearing(playing(), moveFrame());
  const news = newsOf(before, hearing(before, REPLY));
  expect(news).toEqual({ kind: 'move', san: 'd5', isMine: true });
  expect(news && isWorthTelling(news)).toBe(true);
});

test.each([
  ['e4', 'move'],
  ['exd5', 'capture'],
  ['Qxf7#', 'check'],
  ['O-O-O+', 'check'],
])('%s sounds like a %s', (san, sound) => expect(soundOf({ kind: 'move', san, isMine: false })).toBe(sound));

test('an offer of the opponent is news, one’s own is none', () => {
  const before = playing();
  const offered = (by: 'white' | 'black') => hearing(before, { type: 'offer', v: 5, at: 2_000, kind: 'draw', by });
  expect(newsOf(before, offered('black'))).toEqual({ kind: 'offer', offer: 'draw' });
  expect(newsOf(before, offered('white'))).toBeNull();
});

test('a chat line is heard, but nobody is called back for it', () => {
  const before = playing();
  const line = { type: 'chat', v: 5, at: 2_000, by: 'black', name: 'Bert', room: 'player', text: 'hi' } as const;
  const news = newsOf(before, hearing(before, line));
  expect(news).toEqual({ kind: 'chat' });
  expect(news && isWorthTelling(news)).toBe(false);
});
