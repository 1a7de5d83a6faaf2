/** One player: name, presence, score, clock. */
import { useEffect, useState } from 'preact/hooks';
import { clockFace, LOW_TIME_MS, nextTickMs, remainingMs, serverNow } from '../clock';
import type { ClockTimes, Color } from '../protocol';
import type { Session } from '../session';
import { ownColor, pendingMove } from '../state';
import type { Facts, RoomState } from '../state';
import { text } from '../text';
import { Icon } from './Icon';
import { nameOf } from './title';

const GIVEN_MS = 15_000;
/** A move that waits longer than this for its answer does not stop the shown clock: the server's is running. */
const TRUSTED_MS = 1_000;

interface Props {
  state: RoomState;
  session: Session;
  color: Color;
  place: 'top' | 'bottom';
}

export function PlayerStrip({ state, session, color, place }: Props) {
  const { facts } = state;
  const player = facts?.[color] ?? null;
  const own = ownColor(state);
  const isKnown = player !== null && state.link.kind === 'live';
  const isTurn = facts?.status === 'playing' && facts.turn === color;
  const hasScore = facts !== null && facts.score.white + facts.score.black > 0;
  const mayGive =
    facts?.status === 'playing' &&
    state.link.kind !== 'ended' &&
    own !== null &&
    own !== color &&
    facts.clock !== null &&
    !facts.time_control.endsWith('d');
  return (
    <div class={`strip ${place} ${isTurn ? 'turn' : ''}`} data-testid={`player-${color}`}>
      <span class={`lamp ${isKnown ? (player.connected ? 'on' : 'off') : ''}`}>
        {isKnown && <span class="unseen">{player.connected ? text.game.online : text.game.away}</span>}
      </span>
      <span class={`side ${color}`} role="img" aria-label={text.color(color)} />
      <span class="name">
        {player?.bot && <b class="bot">{text.bot}</b>}
        {facts && (player ? nameOf(player, color) : '…')}
        {own === color && <span class="quiet"> ({text.you})</span>}
      </span>
      {hasScore && (
        <span
          class="score"
          title={text.game.score(facts.score[color], facts.score[color === 'white' ? 'black' : 'white'])}
        >
          {text.game.points(facts.score[color])}
        </span>
      )}
      {mayGive && (
        <button
          type="button"
          class="button icon give"
          aria-label={text.clock.give(GIVEN_MS / 1000)}
          title={text.clock.give(GIVEN_MS / 1000)}
          data-testid="add-time"
          onClick={() => session.ask({ type: 'add_time', ms: GIVEN_MS })}
        >
          <Icon name="plus" />
        </button>
      )}
      {facts?.clock && <Clock state={state} facts={facts} clock={facts.clock} color={color} />}
    </div>
  );
}

function Clock({ state, facts, clock, color }: { state: RoomState; facts: Facts; clock: ClockTimes; color: Color }) {
  const [, tick] = useState(0);
  const now = Date.now();
  const ms = remainingMs(clock, facts.at, color, serverNow(state.sync, stoppedAt(state, color, now) ?? now));
  const isRunning = clock.running === color && facts.status === 'playing';
  useEffect(() => {
    if (!isRunning) return;
    const timer = setTimeout(() => tick(count => count + 1), nextTickMs(ms));
    return () => clearTimeout(timer);
  });
  const isLow = isRunning && ms < LOW_TIME_MS;
  return (
    <span
      class={`clock ${isRunning ? 'running' : ''} ${isLow ? 'low' : ''}`}
      role="timer"
      aria-label={text.clock.label(color)}
      data-testid={`clock-${color}`}
    >
      {text.clock.face(clockFace(ms))}
    </span>
  );
}

/** This device's time at which the own clock looks stopped: the player has moved, and the answer is under way. */
function stoppedAt(state: RoomState, color: Color, now: number): number | null {
  const move = ownColor(state) === color ? pendingMove(state) : null;
  const isTrusted = move !== null && state.link.kind === 'live' && now - move.issuedAt < TRUSTED_MS;
  return isTrusted ? move.issuedAt : null;
}
