/** What a player can do besides moving, what the opponent has asked, and how the game ended. */
import type { Color } from '../protocol';
import type { Session } from '../session';
import type { Facts, RoomState } from '../state';
import { text } from '../text';
import { Absence } from './Absence';
import { Offers } from './Offers';
import { Outcome } from './Outcome';
import { Wishes } from './Wishes';

interface Props {
  state: RoomState;
  facts: Facts;
  own: Color | null;
  session: Session;
}

export function Actions({ state, facts, own, session }: Props) {
  const seat = state.link.kind === 'ended' ? null : own;
  const props = { state, facts, session };
  return (
    <div class="actions" data-testid="actions">
      {seat !== null && facts.status !== 'waiting' && <Offers {...props} own={seat} />}
      {facts.result !== null && <Outcome {...props} own={seat} />}
      {seat !== null && facts.status === 'playing' && <Absence {...props} own={seat} />}
      {seat !== null && facts.status === 'playing' && <Wishes {...props} own={seat} />}
      <Audience facts={facts} isWatching={own === null} />
    </div>
  );
}

/** Who watches besides the players; whoever watches is told about the others, not about themselves. */
function Audience({ facts, isWatching }: { facts: Facts; isWatching: boolean }) {
  const lateS = isWatching ? facts.options.spectator_delay_s : 0;
  if (facts.status === 'waiting' && lateS === 0) return null;
  const others = Math.max(0, facts.spectators - (isWatching ? 1 : 0));
  const isLive = facts.status === 'playing' || facts.spectators > 0;
  if (!isLive || (others === 0 && !isWatching)) return null;
  return (
    <p class="quiet spectators" data-testid="spectators">
      {isWatching ? text.game.watching(others, lateS) : text.game.spectators(others)}
    </p>
  );
}
