/** The opponent is away: since when it matters, and what can be done about it. */
import { opponent } from '../protocol';
import type { Color } from '../protocol';
import type { Session } from '../session';
import type { Facts, RoomState } from '../state';
import { text } from '../text';
import { Button } from './Button';
import { useCountdownS } from './countdown';
import { nameOf } from './title';

export function Absence(props: { state: RoomState; facts: Facts; own: Color; session: Session }) {
  const { state, facts, own, session } = props;
  const color = opponent(own);
  const away = facts.away[color];
  const leftS = useCountdownS(state, away?.forfeitAt ?? null);
  if (!away) return null;
  const name = nameOf(facts[color], color);
  if (leftS === null || away.policy === 'none') return <p class="absence">{text.act.left(name)}</p>;
  if (away.policy === 'forfeit') {
    return (
      <p class="absence" data-testid="absence">
        {text.act.forfeitIn(name, leftS)}
      </p>
    );
  }
  if (leftS > 0) return <p class="absence">{text.act.claimIn(name, leftS)}</p>;
  return (
    <div class="absence row" data-testid="absence">
      <span>{text.act.claimNow(name)}</span>
      <Button
        label={text.act.claimVictory}
        testid="claim-victory"
        isMain
        onClick={() => session.ask({ type: 'claim', kind: 'victory' })}
      />
      <Button
        label={text.act.claimDraw}
        testid="claim-draw"
        onClick={() => session.ask({ type: 'claim', kind: 'draw' })}
      />
    </div>
  );
}
