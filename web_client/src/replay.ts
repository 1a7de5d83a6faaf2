/** A finished game, shown by the same views as a room, with nobody at the other end. */
import { CLOSE } from './protocol';
import type { FinishedGame, Player, RoomOptions } from './protocol';
import type { Session } from './session';
import { initialState } from './state';
import type { Facts, RoomState } from './state';
import { createStore } from './store';
import { update } from './update';

export function openReplay(game: FinishedGame): Session {
  const nothing = (): void => undefined;
  return {
    ...createStore(stateOf(game), update),
    join: nothing,
    ask: nothing,
    play: nothing,
    premove: nothing,
    reopen: nothing,
    close: nothing,
  };
}

function stateOf(game: FinishedGame): RoomState {
  return {
    ...initialState(game.room_id),
    link: { kind: 'ended', code: CLOSE.roomClosed, reason: '' },
    facts: factsOf(game),
  };
}

function factsOf(game: FinishedGame): Facts {
  const last = game.moves.at(-1)?.san ?? '';
  return {
    v: 0,
    epoch: '',
    at: game.ended_at,
    room_id: game.room_id,
    options: { ...NO_OPTIONS, time: game.time_control, variant: game.variant },
    game_id: game.game_id,
    status: 'finished',
    variant: game.variant,
    initial_fen: game.initial_fen,
    fen: game.fen,
    turn: game.fen.split(' ')[1] === 'b' ? 'black' : 'white',
    ply: game.moves.length,
    moves: [...game.moves],
    white: game.white && seated(game.white),
    black: game.black && seated(game.black),
    time_control: game.time_control,
    clock: null,
    offers: { draw: null, takeback: null, rematch: null },
    result: game.result,
    winner: game.winner,
    reason: game.reason,
    check: /[+#]$/.test(last),
    score: { white: 0, black: 0 },
    spectators: 0,
    chat: [],
    away: { white: null, black: null },
    lag: { white: null, black: null },
    turnSince: null,
    pgn_url: game.pgn_url,
  };
}

function seated(player: Omit<Player, 'connected'>): Player {
  return { ...player, connected: false };
}

const NO_OPTIONS: RoomOptions = {
  time: '',
  variant: '',
  fen: null,
  rules: 'lichess',
  on_disconnect: 'none',
  grace_s: null,
  flicker_s: 0,
  linger_s: 0,
  first_move_s: null,
  lag_compensation: false,
  chat: false,
  takebacks: false,
  draw_offers: false,
  rematch: false,
  public: false,
  spectator_delay_s: 0,
};
