/** Time control, whose turn it is in words, and how to come back from an earlier position. */
import { useEffect, useState } from 'preact/hooks';
import { opponent } from '../protocol';
import type { Color } from '../protocol';
import type { Session } from '../session';
import { pendingMove } from '../state';
import type { Facts, RoomState } from '../state';
import { firstSeenAt } from '../storage';
import { text } from '../text';
import { useCountdownS } from './countdown';
import { nameOf } from './title';

interface Props {
  state: RoomState;
  own: Color | null;
  session: Session;
}

export function TurnLine({ state, own, session }: Props) {
  const { facts } = state;
  const leftS = useCountdownS(state, useFirstMoveUntil(facts));
  if (!facts) return <p class="turn-line">&nbsp;</p>;
  const pending = pendingMove(state);
  const isMine = facts.status === 'playing' && own === facts.turn && !pending;
  const isUnsent = pending !== null && state.link.kind !== 'live';
  const waitedFor = pending ? opponent(facts.turn) : facts.turn;
  const turn = isUnsent
    ? text.game.unsent
    : isMine
      ? text.game.yourMove
      : text.game.theirMove(nameOf(facts[waitedFor], waitedFor));
  const isFirst = leftS !== null && !pending;
  if (facts.status === 'playing' && state.viewedPly !== null) {
    return (
      <p class="turn-line past">
        <span>{text.game.past}</span>
        <button
          type="button"
          class="button"
          data-testid="back-to-now"
          onClick={() => session.dispatch({ kind: 'viewed', ply: null })}
        >
          {text.game.backToNow}
        </button>
      </p>
    );
  }
  return (
    <p class={`turn-line ${isMine ? 'mine' : ''}`}>
      <span data-testid="turn">{facts.status === 'playing' ? turn : ' '}</span>
      {isFirst ? (
        <span class="first-move" title={text.game.firstMoveHint} data-testid="first-move">
          {text.game.firstMove(leftS)}
        </span>
      ) : (
        <span class="quiet">
          {facts.variant === 'standard'
            ? text.timeControl(facts.time_control)
            : text.variantAndTime(facts.variant, facts.time_control)}
        </span>
      )}
    </p>
  );
}

/** The server's time until which a first move must be made; null: there is no such time. */
function useFirstMoveUntil(facts: Facts | null): number | null {
  const isFirst = facts?.status === 'playing' && facts.ply < 2 && facts.options.first_move_s !== null;
  const turn = isFirst ? `${facts.game_id}:${facts.ply}` : null;
  const [since, setSince] = useState<{ turn: string; at: number } | null>(null);
  const at = facts?.turnSince ?? facts?.at ?? 0;
  useEffect(() => {
    // A page that came later does not know when the turn began, but may have seen it before it was loaded anew.
    if (turn !== null) setSince({ turn, at: firstSeenAt(turn, at) });
  }, [turn, at]);
  if (!isFirst || since === null || since.turn !== turn) return null;
  return since.at + (facts.options.first_move_s ?? 0) * 1000;
}
