import { expect, test } from 'vitest';
import { EMPTY_LOBBY, openSeats, placed, runningGames, updateLobby } from '../src/lobby';
import type { LobbyState } from '../src/lobby';
import type { ListedRoom } from '../src/protocol';
import { layoutOf } from '../src/views/wallLayout';

function room(roomId: string, status: ListedRoom['status'] = 'playing', more: Partial<ListedRoom> = {}): ListedRoom {
  return {
    type: 'room',
    room_id: roomId,
    status,
    white: { player_id: 'p', name: 'Anna', connected: true, bot: false },
    black: null,
    time_control: '5+3',
    variant: 'standard',
    fen: 'rnbqkbnr/pppppppp/8/8/8/8/PPPPPPPP/RNBQKBNR w KQkq - 0 1',
    last_move: null,
    clock: null,
    spectators: 0,
    ...more,
  };
}

function told(state: LobbyState, ...rooms: ListedRoom[]): LobbyState {
  return updateLobby(state, { kind: 'told', rooms, now: 1_000 });
}

const ids = (rooms: readonly { room_id: string }[]): string[] => rooms.map(({ room_id }) => room_id);

test('waiting rooms are open seats, the newest first; playing ones are running games, the oldest first', () => {
  const state = told(
    EMPTY_LOBBY,
    room('a', 'waiting'),
    room('b'),
    room('c', 'waiting'),
    room('d'),
    room('e', 'finished'),
    room('f', 'waiting', { white: null }), // whoever opened it has gone
  );
  expect(ids(openSeats(state))).toEqual(['c', 'a']);
  expect(ids(runningGames(state))).toEqual(['b', 'd']);
});

test('a newer word on a room takes the place of the older, with the moment it was heard', () => {
  const state = told(told(EMPTY_LOBBY, room('a')), room('a', 'playing', { last_move: 'e2e4' }));
  expect(state.rooms.size).toBe(1);
  expect(state.rooms.get('a')).toMatchObject({ last_move: 'e2e4', heardAt: 1_000 });
});

test('a closed room is gone', () => {
  expect(told(told(EMPTY_LOBBY, room('a')), room('a', 'closed')).rooms.size).toBe(0);
});

test('after the connection has come back, rooms that are not told of again are gone, and not before that is known', () => {
  let state = told(EMPTY_LOBBY, room('stays'), room('has closed meanwhile'));
  state = updateLobby(updateLobby(state, { kind: 'lost' }), { kind: 'opened' });
  state = told(state, room('stays'));
  expect([...state.rooms.keys()]).toEqual(['stays', 'has closed meanwhile']);
  state = updateLobby(state, { kind: 'settled' });
  expect([[...state.rooms.keys()], state.link]).toEqual([['stays'], 'live']);
});

test.each([
  ['games take places as they come', [], ['a', 'b'], ['a', 'b']],
  ['a game keeps its place when an earlier one closes', ['a', 'b', 'c'], ['b', 'c'], ['b', 'c']],
  ['the place of a closed game goes to the next', ['a', 'b', 'c'], ['b', 'c', 'd'], ['d', 'b', 'c']],
  ['there are no more places than there are', ['a', 'b', 'c'], ['a', 'b', 'c', 'd'], ['a', 'b', 'c']],
  ['a finished game stays as long as its place is not needed', ['a', 'b'], ['a.', 'b'], ['a', 'b']],
  ['a finished game makes room for a running one', ['a', 'b', 'c'], ['a', 'b.', 'c', 'd'], ['a', 'd', 'c']],
  ['a finished game is not shown to who comes later', [], ['a.', 'b'], ['b']],
])('%s', (_, before, rooms, after) => {
  const state = told(EMPTY_LOBBY, ...rooms.map(id => room(id[0] ?? '', id.endsWith('.') ? 'finished' : 'playing')));
  expect(placed(before, state.rooms, 3)).toEqual(after);
});

test.each([
  // boards  width  height  columns
  [1, 1_280, 800, 1],
  [2, 1_280, 800, 2],
  [2, 800, 1_280, 1],
  [6, 1_280, 800, 3],
  [16, 1_920, 1_080, 6],
])('%i boards on %i × %i stand in %i columns', (count, width, height, columns) => {
  const layout = layoutOf(count, width, height);
  expect(layout.columns).toBe(columns);
  expect(layout.boardPx % 8).toBe(0);
  expect(layout.boardPx * columns).toBeLessThan(width);
  expect((layout.boardPx + 72) * Math.ceil(count / columns)).toBeLessThan(height);
});

test('more boards than a phone has room for are not made too small to see', () => {
  const { columns, boardPx } = layoutOf(12, 390, 844);
  expect(columns).toBe(2);
  expect(boardPx).toBeGreaterThanOrEqual(136);
});
