/** A running clock: it never jumps back, and warns when time gets short. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { clockFace, lowTimeMs, nextTickMs, remainingMs, serverNow, steadyMs } from '../clock';
import type { Showing } from '../clock';
import type { ClockTimes, Color } from '../protocol';
import { play } from '../sound';
import { ownColor, pendingMove } from '../state';
import type { Facts, RoomState } from '../state';
import { text } from '../text';

/** A move that waits longer than this for its answer does not stop the shown clock: the server's is running. */
const TRUSTED_MS = 1_000;

export function Clock(props: { state: RoomState; facts: Facts; clock: ClockTimes; color: Color }) {
  const { state, facts, clock, color } = props;
  const [, tick] = useState(0);
  const last = useRef<Showing | null>(null);
  const now = Date.now();
  const known = remainingMs(clock, facts.at, color, serverNow(state.sync, stoppedAt(state, color, now) ?? now));
  const ms = steadyMs(last.current, clock, known);
  last.current = { clock, ms };
  const isRunning = clock.running === color && facts.status === 'playing';
  useEffect(() => {
    if (!isRunning) return;
    const timer = setTimeout(() => tick(count => count + 1), nextTickMs(ms));
    return () => clearTimeout(timer);
  });
  const isLow = facts.status === 'playing' && ms < lowTimeMs(facts.time_control);
  useLowTimeSound(isLow && isRunning && ownColor(state) === color, facts.game_id);
  return (
    <span
      class={`clock ${isRunning ? 'running' : ''} ${isLow ? 'low' : ''}`}
      role="timer"
      aria-label={isLow ? `${text.clock.label(color)}. ${text.clock.low}` : text.clock.label(color)}
      data-testid={`clock-${color}`}
    >
      {text.clock.face(clockFace(ms))}
    </span>
  );
}

/** Once a game: a clock that wins its increments back would ring again and again. */
function useLowTimeSound(isLow: boolean, gameId: string | null): void {
  const rungFor = useRef<string | null>(null);
  useEffect(() => {
    if (!isLow || rungFor.current === gameId) return;
    rungFor.current = gameId;
    play('low');
  }, [isLow, gameId]);
}

/** This device's time at which the own clock looks stopped: the player has moved, and the answer is under way. */
function stoppedAt(state: RoomState, color: Color, now: number): number | null {
  const move = ownColor(state) === color ? pendingMove(state) : null;
  const isTrusted = move !== null && state.link.kind === 'live' && now - move.issuedAt < TRUSTED_MS;
  return isTrusted ? move.issuedAt : null;
}
