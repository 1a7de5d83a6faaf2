import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { openRoom } from '../src/session';
import type { Session } from '../src/session';
import { pendingMove } from '../src/state';
import { forgetSeatToken, heldSeats, newToken, seatToken, storeSeatToken } from '../src/storage';
import { FakeSocket } from './fake_socket';
import { factsOf, moveFrame, stateFrame, welcomeFrame } from './frames';

class FakeFeed {
  static readonly CLOSED = 2;
  static readonly OPEN = 1;
  static opened: string[] = [];
  readyState = 0;
  constructor(url: string) {
    FakeFeed.opened.push(url);
  }
  addEventListener(): void {}
  close(): void {}
}

let session: Session;

beforeEach(() => {
  vi.useFakeTimers();
  FakeSocket.opened = [];
  FakeFeed.opened = [];
  vi.stubGlobal('WebSocket', FakeSocket);
  vi.stubGlobal('EventSource', FakeFeed);
  vi.stubGlobal('location', { href: 'https://chess.example/room/r', protocol: 'https:' });
  vi.stubGlobal('addEventListener', () => undefined);
  vi.stubGlobal('removeEventListener', () => undefined);
  vi.stubGlobal('document', { addEventListener: () => undefined, removeEventListener: () => undefined });
});

afterEach(() => {
  session.close();
  forgetSeatToken('r');
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

function seated(): FakeSocket {
  storeSeatToken('r', 'secret');
  session = openRoom('r');
  FakeSocket.newest.says(welcomeFrame(), stateFrame());
  return FakeSocket.newest;
}

function comesBack(): FakeSocket {
  vi.advanceTimersByTime(600);
  FakeSocket.newest.says(welcomeFrame());
  return FakeSocket.newest;
}

test('who the player of the seat is in this room is noted when it is taken up', () => {
  seated();
  expect(heldSeats()).toMatchObject([{ roomId: 'r', token: 'secret', playerId: 'w' }]);
});

test('a visitor without a seat watches, over SSE', () => {
  session = openRoom('r');
  expect(FakeSocket.opened).toEqual([]);
  expect(FakeFeed.opened).toEqual(['/sse/game/r']);
});

test('a seat is taken with a secret of one’s own that is stored before anything is sent, and in no URL', () => {
  session = openRoom('r');
  session.join('Bert + Co');
  const token = seatToken('r') ?? '';
  expect(token).toMatch(/^[A-Za-z0-9_-]{32}$/);
  expect(FakeSocket.newest.protocols).toEqual(['chess.v1', `token.${token}`]);
  expect(FakeSocket.newest.url).toBe('wss://chess.example/ws/game/r?name=Bert+%2B+Co');
});

test('secrets differ', () => {
  session = openRoom('r');
  expect(newToken()).not.toBe(newToken());
});

test('a connection resumes where it was', () => {
  const socket = seated();
  socket.says(moveFrame());
  socket.drops(1006);
  vi.advanceTimersByTime(300);
  expect(FakeSocket.newest.url).toContain('since=e1%3A5');
});

test('a move goes out once, with its number, and is sent again under the same id after a loss', () => {
  const socket = seated();
  session.play('e2', 'e4');
  expect(socket.commands).toMatchObject([{ type: 'move', uci: 'e2e4', ply: 1 }]);
  socket.drops(1006);
  expect(pendingMove(session.get())?.san).toBe('e4');
  const next = comesBack();
  expect(next.commands).toEqual(socket.commands);
  next.says(moveFrame(), { type: 'ack', id: socket.commands[0]?.id ?? '', v: 5 });
  expect(session.get().pending).toEqual([]);
  expect(factsOf(session.get()).ply).toBe(1);
  next.drops(1006);
  expect(comesBack().commands).toEqual([]);
});

test('a move made while the connection is lost is sent when it is back', () => {
  seated().drops(1006);
  session.play('g1', 'f3');
  expect(comesBack().commands).toMatchObject([{ type: 'move', uci: 'g1f3', ply: 1 }]);
});

test('no second move is made before the first is answered', () => {
  const socket = seated();
  session.play('e2', 'e4');
  session.play('d2', 'd4');
  expect(socket.commands).toHaveLength(1);
});

test('a move that the server cannot store now is sent again', () => {
  const socket = seated();
  session.play('e2', 'e4');
  const id = socket.commands[0]?.id ?? '';
  socket.says({ type: 'error', code: 'try_again', message: '', id });
  vi.advanceTimersByTime(1_000);
  expect(socket.commands.map(command => command.id)).toEqual([id, id]);
});

test('nothing pending goes into a room that was opened anew', () => {
  const socket = seated();
  session.play('e2', 'e4');
  socket.drops(1006);
  vi.advanceTimersByTime(300);
  FakeSocket.newest.says(welcomeFrame({ epoch: 'e2' }), stateFrame({ epoch: 'e2' }));
  expect(FakeSocket.newest.commands).toEqual([]);
  expect(session.get().pending).toEqual([]);
});

test('with both seats taken the visitor watches instead', () => {
  session = openRoom('r');
  session.join('Carl');
  FakeSocket.newest.drops(4003);
  expect(seatToken('r')).toBeNull();
  expect(FakeFeed.opened).toHaveLength(2);
  expect(session.get().notice?.notice).toEqual({ kind: 'seatsTaken' });
});

test('opened elsewhere, the seat is kept and can be taken over', () => {
  seated().drops(4005);
  expect(session.get().link).toMatchObject({ kind: 'ended', code: 4005 });
  session.reopen();
  expect(FakeSocket.opened).toHaveLength(2);
  expect(FakeSocket.newest.protocols).toEqual(['chess.v1', 'token.secret']);
});

test('a missed frame makes it ask for the state', () => {
  const socket = seated();
  socket.says(moveFrame({ v: 9 }));
  expect(socket.commands).toEqual([{ type: 'sync' }]);
});

test('a pawn on the last rank waits for its new piece', () => {
  storeSeatToken('r', 'secret');
  session = openRoom('r');
  const fen = '7k/P7/8/8/8/8/8/7K w - - 0 1';
  FakeSocket.newest.says(welcomeFrame(), stateFrame({ fen, initial_fen: fen }));
  session.play('a7', 'a8');
  expect(session.get().promoting).toEqual({ from: 'a7', to: 'a8' });
  expect(FakeSocket.newest.commands).toEqual([]);
  session.play('a7', 'a8', 'knight');
  expect(FakeSocket.newest.commands).toMatchObject([{ uci: 'a7a8n' }]);
});
