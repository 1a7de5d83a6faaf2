/** Frames as the server sends them, for tests to vary. */
import type { Facts, RoomState } from '../src/state';
import { initialState } from '../src/state';
import type { FrameOf } from '../src/protocol';
import { update } from '../src/update';

export const START = 'rnbqkbnr/pppppppp/8/8/8/8/PPPPPPPP/RNBQKBNR w KQkq - 0 1';
export const AFTER_E4 = 'rnbqkbnr/pppppppp/8/8/4P3/8/PPPP1PPP/RNBQKBNR b KQkq - 0 1';
export const WHITE = { player_id: 'w', name: 'Anna', connected: true, bot: false };
export const BLACK = { player_id: 'b', name: 'Bert', connected: true, bot: false };

export function stateFrame(changes: Partial<FrameOf<'state'>> = {}): FrameOf<'state'> {
  return {
    type: 'state',
    v: 4,
    epoch: 'e1',
    at: 1_000,
    room_id: 'r',
    options: {
      time: '5+3',
      variant: 'standard',
      fen: null,
      rules: 'lichess',
      on_disconnect: 'forfeit',
      grace_s: 40,
      flicker_s: 2,
      linger_s: 300,
      first_move_s: 25,
      lag_compensation: true,
      chat: true,
      takebacks: true,
      draw_offers: true,
      rematch: true,
      public: false,
      spectator_delay_s: 0,
    },
    game_id: 'g1',
    status: 'playing',
    variant: 'standard',
    initial_fen: START,
    fen: START,
    turn: 'white',
    ply: 0,
    moves: [],
    white: WHITE,
    black: BLACK,
    time_control: '5+3',
    clock: { white: 300_000, black: 300_000, running: null },
    offers: { draw: null, takeback: null, rematch: null },
    result: null,
    winner: null,
    reason: null,
    check: false,
    score: { white: 0, black: 0 },
    spectators: 0,
    chat: [],
    ...changes,
  };
}

export function welcomeFrame(changes: Partial<FrameOf<'welcome'>> = {}): FrameOf<'welcome'> {
  return {
    type: 'welcome',
    protocol: 1,
    room_id: 'r',
    epoch: 'e1',
    player_id: 'w',
    color: 'white',
    token: null,
    server_time: 1_000,
    heartbeat_s: 10,
    ...changes,
  };
}

export function moveFrame(changes: Partial<FrameOf<'move'>> = {}): FrameOf<'move'> {
  return {
    type: 'move',
    v: 5,
    at: 2_000,
    ply: 1,
    color: 'white',
    uci: 'e2e4',
    san: 'e4',
    fen: AFTER_E4,
    check: false,
    clock: { white: 300_000, black: 300_000, running: null },
    lag_ms: 0,
    given_back_ms: 0,
    ...changes,
  };
}

type Received = Parameters<typeof update>[1] & { kind: 'received' };

/** `state` after these frames, received one after the other. */
export function hearing(state: RoomState, ...frames: Received['frame'][]): RoomState {
  return frames.reduce((before, frame) => update(before, { kind: 'received', frame, now: 1_000 }), state);
}

/** White's page in a game that has just started. */
export function playing(changes: Partial<FrameOf<'state'>> = {}): RoomState {
  return hearing(initialState('r'), welcomeFrame(), stateFrame(changes));
}

export function factsOf(state: RoomState): Facts {
  if (!state.facts) throw new Error('no state yet');
  return state.facts;
}
