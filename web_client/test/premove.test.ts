import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { openRoom } from '../src/session';
import type { Session } from '../src/session';
import { choose } from '../src/settings';
import { shownBoard } from '../src/shown';
import { forgetSeatToken, storeSeatToken } from '../src/storage';
import { FakeSocket } from './fake_socket';
import { moveFrame, stateFrame, welcomeFrame } from './frames';

const AFTER_D5 = 'rnbqkbnr/ppp1pppp/8/3p4/4P3/8/PPPP1PPP/RNBQKBNR w KQkq - 0 2';
const D5 = moveFrame({ v: 6, ply: 2, color: 'black', uci: 'd7d5', san: 'd5', fen: AFTER_D5 });

let session: Session;

beforeEach(() => {
  vi.useFakeTimers();
  FakeSocket.opened = [];
  vi.stubGlobal('WebSocket', FakeSocket);
  vi.stubGlobal('location', { href: 'https://chess.example/room/r', protocol: 'https:' });
  vi.stubGlobal('addEventListener', () => undefined);
  vi.stubGlobal('removeEventListener', () => undefined);
  vi.stubGlobal('document', { addEventListener: () => undefined, removeEventListener: () => undefined });
});

afterEach(() => {
  session.close();
  forgetSeatToken('r');
  choose({ alwaysQueen: false });
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

/** White's page after 1. e4, with Black to move. */
function waiting(): FakeSocket {
  storeSeatToken('r', 'secret');
  session = openRoom('r');
  const socket = FakeSocket.newest;
  socket.says(welcomeFrame(), stateFrame(), moveFrame());
  return socket;
}

test('a premove is shown and kept from the server until the opponent has moved', () => {
  const socket = waiting();
  session.premove(['e4', 'd5']);
  expect(shownBoard(session.get())).toMatchObject({ premove: ['e4', 'd5'], premovable: 'white', movable: null });
  expect(socket.commands).toEqual([]);
  socket.says(D5);
  expect(socket.commands).toMatchObject([{ type: 'move', uci: 'e4d5', ply: 3 }]);
  expect(session.get().premove).toBeNull();
});

test('a premove that has become illegal is forgotten without a word to the server', () => {
  const socket = waiting();
  session.premove(['e4', 'f5']);
  socket.says(D5);
  expect(socket.commands).toEqual([]);
  expect(session.get()).toMatchObject({ premove: null, notice: null, pending: [] });
});

test('a premove is cancelled', () => {
  const socket = waiting();
  session.premove(['e4', 'd5']);
  session.premove(null);
  socket.says(D5);
  expect(socket.commands).toEqual([]);
});

test('a premove may be made while the own move before it is under way, and is forgotten if that is refused', () => {
  storeSeatToken('r', 'secret');
  session = openRoom('r');
  const socket = FakeSocket.newest;
  socket.says(welcomeFrame(), stateFrame());
  session.play('e2', 'e4');
  session.premove(['e4', 'd5']);
  expect(session.get().premove).not.toBeNull();
  socket.says({ type: 'error', code: 'stale_ply', message: '', id: socket.commands[0]?.id ?? '' });
  expect(session.get().premove).toBeNull();
  expect(socket.commands).toHaveLength(1);
});

test('when it is the own turn already, a premove is a move', () => {
  const socket = waiting();
  socket.says(D5);
  session.premove(['e4', 'd5']);
  expect(socket.commands).toMatchObject([{ type: 'move', uci: 'e4d5' }]);
});

test.each([
  ['takeback', { type: 'takeback', v: 6, at: 3_000, ply: 0, fen: stateFrame().fen, clock: null }],
  [
    'end',
    {
      type: 'game_over',
      v: 6,
      at: 3_000,
      game_id: 'g1',
      result: '1-0',
      winner: 'white',
      reason: 'resignation',
      clock: null,
      score: { white: 1, black: 0 },
      pgn_url: '/games/g1/pgn',
    },
  ],
] as const)('a %s drops the premove', (_, frame) => {
  const socket = waiting();
  session.premove(['e4', 'd5']);
  socket.says(frame);
  expect(session.get().premove).toBeNull();
  expect(socket.commands).toEqual([]);
});

test('a premove outlives a lost connection, and is played when the opponent’s move is heard of', () => {
  const socket = waiting();
  session.premove(['e4', 'd5']);
  socket.drops(1006);
  vi.advanceTimersByTime(600);
  const moves = [
    { uci: 'e2e4', san: 'e4' },
    { uci: 'd7d5', san: 'd5' },
  ];
  FakeSocket.newest.says(welcomeFrame(), stateFrame({ v: 6, ply: 2, fen: AFTER_D5, moves }));
  expect(FakeSocket.newest.commands).toMatchObject([{ type: 'move', uci: 'e4d5', ply: 3 }]);
});

test('a pawn that was moved ahead becomes a queen, or what was named, without asking', () => {
  const fen = '4r2k/3P4/8/8/8/8/8/7K b - - 0 1';
  const after = '4r1k1/3P4/8/8/8/8/8/7K w - - 1 2';
  const king = moveFrame({ v: 5, ply: 1, color: 'black', uci: 'h8g8', san: 'Kg8', fen: after });
  for (const [role, uci] of [
    [undefined, 'd7e8q'],
    ['knight', 'd7e8n'],
  ] as const) {
    storeSeatToken('r', 'secret');
    session = openRoom('r');
    const socket = FakeSocket.newest;
    socket.says(welcomeFrame(), stateFrame({ fen, initial_fen: fen, turn: 'black' }));
    session.premove(['d7', 'e8'], role);
    socket.says(king);
    expect(socket.commands).toMatchObject([{ uci }]);
    session.close();
  }
});

test('with “always queen”, a pawn does not wait for its new piece, but an underpromotion can be named', () => {
  choose({ alwaysQueen: true });
  storeSeatToken('r', 'secret');
  session = openRoom('r');
  const fen = '7k/P7/8/8/8/8/8/7K w - - 0 1';
  FakeSocket.newest.says(welcomeFrame(), stateFrame({ fen, initial_fen: fen }));
  session.play('a7', 'a8');
  expect(session.get().promoting).toBeNull();
  expect(FakeSocket.newest.commands).toMatchObject([{ uci: 'a7a8q' }]);
});

test('no premove is shown over an earlier position', () => {
  waiting();
  session.premove(['e4', 'd5']);
  session.dispatch({ kind: 'viewed', ply: 0 });
  expect(shownBoard(session.get())).toMatchObject({ premove: [], premovable: null });
  expect(session.get().premove).not.toBeNull();
});
