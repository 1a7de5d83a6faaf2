import { describe, expect, test } from 'vitest';
import { CLOSE } from '../src/protocol';
import type { Command } from '../src/protocol';
import { bottomColor, initialState, ownColor, pendingMove, position } from '../src/state';
import type { Pending, RoomState } from '../src/state';
import { update } from '../src/update';
import {
  AFTER_E4,
  BLACK,
  factsOf,
  hearing,
  moveFrame,
  playing,
  START,
  stateFrame,
  welcomeFrame,
  WHITE,
} from './frames';

const MOVE: Command = { type: 'move', id: 'c1', uci: 'e2e4', ply: 1 };

function issuing(state: RoomState, message: Command = MOVE, san: string | null = 'e4'): RoomState {
  const command: Pending = {
    id: message.id ?? '',
    message,
    gameId: state.facts?.game_id ?? null,
    issuedAt: 1_000,
    san,
  };
  return update(state, { kind: 'issued', command });
}

describe('frames', () => {
  test('a move goes into the list, the position and the version', () => {
    const facts = factsOf(hearing(playing(), moveFrame()));
    expect(facts).toMatchObject({ v: 5, ply: 1, fen: AFTER_E4, turn: 'black', moves: [{ uci: 'e2e4', san: 'e4' }] });
  });

  test('a frame told twice counts once', () => {
    const once = hearing(playing(), moveFrame());
    expect(hearing(once, moveFrame())).toBe(once);
  });

  test('after a missing frame nothing is believed until the state comes', () => {
    const gapped = hearing(playing(), moveFrame({ v: 7, ply: 3 }));
    expect(gapped.isGapped).toBe(true);
    expect(factsOf(gapped).ply).toBe(0);
    expect(position(gapped)).toBeNull();
    expect(hearing(gapped, moveFrame())).toBe(gapped);
    const healed = hearing(gapped, stateFrame({ v: 7, ply: 3 }));
    expect(healed.isGapped).toBe(false);
    expect(position(healed)).toBe('e1:7');
  });

  test('a takeback shortens the game', () => {
    const moved = hearing(playing(), moveFrame(), moveFrame({ v: 6, ply: 2, uci: 'e7e5', san: 'e5' }));
    const back = hearing(moved, { type: 'takeback', v: 7, at: 3_000, ply: 1, fen: AFTER_E4, clock: null });
    expect(factsOf(back).moves.map(({ san }) => san)).toEqual(['e4']);
    expect(factsOf(back).turn).toBe('black');
  });

  test('a rematch swaps the colours and starts from nothing', () => {
    const over = hearing(playing(), moveFrame(), {
      type: 'game_over',
      v: 6,
      at: 3_000,
      game_id: 'g1',
      result: '0-1',
      winner: 'black',
      reason: 'resignation',
      clock: null,
      score: { white: 0, black: 1 },
      pgn_url: '/games/g1/pgn',
    });
    expect(factsOf(over)).toMatchObject({ status: 'finished', winner: 'black', pgn_url: '/games/g1/pgn' });
    const again = hearing(over, {
      type: 'game_started',
      v: 7,
      at: 4_000,
      game_id: 'g2',
      white: BLACK,
      black: WHITE,
      variant: 'standard',
      fen: START,
      clock: null,
      score: { white: 1, black: 0 },
    });
    expect(ownColor(again)).toBe('black');
    expect(bottomColor(again)).toBe('black');
    expect(factsOf(again)).toMatchObject({ status: 'playing', ply: 0, moves: [], result: null });
  });

  test('absence is told by events, the lamp by presence', () => {
    const away = hearing(playing(), {
      type: 'player_disconnected',
      v: 5,
      at: 2_000,
      color: 'black',
      policy: 'forfeit',
      forfeit_at: 42_000,
    });
    expect(factsOf(away).away.black).toEqual({ policy: 'forfeit', forfeitAt: 42_000 });
    expect(factsOf(away).black?.connected).toBe(false);
    const lit = hearing(away, { type: 'presence', white: true, black: true, spectators: 3 });
    expect(factsOf(lit)).toMatchObject({ spectators: 3, v: 5 });
    const back = hearing(lit, { type: 'player_reconnected', v: 6, at: 3_000, color: 'black' });
    expect(factsOf(back).away.black).toBeNull();
  });

  test('a state keeps the forfeit’s moment of who is still away', () => {
    const away = hearing(playing(), {
      type: 'player_disconnected',
      v: 5,
      at: 2_000,
      color: 'black',
      policy: 'forfeit',
      forfeit_at: 42_000,
    });
    const told = hearing(away, stateFrame({ v: 9, black: { ...BLACK, connected: false } }));
    expect(factsOf(told).away.black).toEqual({ policy: 'forfeit', forfeitAt: 42_000 });
    expect(factsOf(hearing(told, stateFrame({ v: 9 }))).away.black).toBeNull();
  });
});

describe('commands', () => {
  test('a move is shown at once, as not acknowledged', () => {
    expect(pendingMove(issuing(playing()))?.message.uci).toBe('e2e4');
  });

  test('the move’s frame takes its place, the ack ends it', () => {
    const moved = hearing(issuing(playing()), moveFrame());
    expect(pendingMove(moved)).toBeNull();
    expect(moved.pending).toHaveLength(1);
    expect(hearing(moved, { type: 'ack', id: 'c1', v: 5 }).pending).toEqual([]);
  });

  test('a refused move is taken back and told', () => {
    const refused = hearing(issuing(playing()), { type: 'error', code: 'stale_ply', message: '', id: 'c1' });
    expect(refused.pending).toEqual([]);
    expect(refused.notice?.notice).toEqual({ kind: 'refused', code: 'stale_ply', type: 'move', san: 'e4' });
  });

  test.each(['try_again', 'rate_limited'] as const)('a move refused with %s stays pending', code => {
    const state = issuing(playing());
    expect(hearing(state, { type: 'error', code, message: '', id: 'c1' })).toBe(state);
  });

  test('a pending move of another game is not shown', () => {
    expect(pendingMove(hearing(issuing(playing()), stateFrame({ v: 9, game_id: 'g2' })))).toBeNull();
  });

  test('a room opened anew gives back what was pending', () => {
    const anew = hearing(issuing(playing()), stateFrame({ epoch: 'e2', v: 4 }));
    expect(anew.pending).toEqual([]);
    expect(anew.notice?.notice).toEqual({ kind: 'givenBack', san: 'e4' });
  });

  test('a final close gives back what was pending, except to another tab', () => {
    const state = issuing(playing());
    const ended = (code: number) => update(state, { kind: 'linked', link: { kind: 'ended', code, reason: '' } });
    expect(ended(CLOSE.roomClosed).pending).toEqual([]);
    expect(ended(CLOSE.openedElsewhere).pending).toHaveLength(1);
  });

  test('a chat line leaves an open question open, the answer closes it', () => {
    const asked = update(playing(), { kind: 'asked', question: 'resign' });
    expect(issuing(asked, { type: 'chat', id: 'c2', text: 'hm' }, null).question).toBe('resign');
    expect(issuing(asked, { type: 'resign', id: 'c3' }, null).question).toBeNull();
  });

  test('my declined offer is told, an overtaken one of the opponent is not', () => {
    const offered = (by: 'white' | 'black') => hearing(playing(), { type: 'offer', v: 5, at: 1, kind: 'draw', by });
    const cancelled = { type: 'offer_cancelled', v: 6, at: 2, kind: 'draw', by: 'black' } as const;
    expect(hearing(offered('white'), cancelled).notice?.notice).toEqual({ kind: 'declined', offer: 'draw' });
    expect(hearing(offered('black'), cancelled).notice).toBeNull();
  });
});

describe('the page', () => {
  test('looking back ends with the newest position', () => {
    const moved = hearing(playing(), moveFrame());
    const back = update(moved, { kind: 'viewed', ply: 0 });
    expect(back.viewedPly).toBe(0);
    expect(update(back, { kind: 'viewed', ply: 1 }).viewedPly).toBeNull();
    expect(update(back, { kind: 'viewed', ply: -3 }).viewedPly).toBe(0);
  });

  test('a spectator has no colour, and sees White below unless turned', () => {
    const watching = hearing(initialState('r'), stateFrame());
    expect(ownColor(watching)).toBeNull();
    expect(bottomColor(watching)).toBe('white');
    expect(bottomColor(update(watching, { kind: 'flipped' }))).toBe('black');
  });

  test('a pong measures the round trip', () => {
    const state = hearing(playing(), welcomeFrame());
    const pong = { type: 'pong', t: 900, server_time: 5_950 } as unknown as Parameters<typeof hearing>[1];
    expect(hearing(state, pong).roundTripMs).toBe(100);
  });
});

test('who gave time is told, to whom and how much', () => {
  const given = { type: 'clock', v: 5, at: 2_000, reason: 'given' } as const;
  const clock = { white: 300_000, black: 315_000, running: null };
  expect(hearing(playing(), { ...given, clock }).notice?.notice).toEqual({ kind: 'given', to: 'black', ms: 15_000 });
});

test('how late a player’s moves come is known from their last one', () => {
  expect(factsOf(hearing(playing(), moveFrame({ lag_ms: 80 }))).lag).toEqual({ white: 80, black: null });
});
