/** How the game ended, and what can be done with it now. */
import { useState } from 'preact/hooks';
import { fenOf, lineOf, positionAt } from '../line';
import type { Color } from '../protocol';
import type { Session } from '../session';
import type { Facts, RoomState } from '../state';
import { text } from '../text';
import { Button } from './Button';
import { later } from './later';

const Continue = later(() => import('./Continue').then(module => module.Continue));
export function Outcome(props: { state: RoomState; facts: Facts; own: Color | null; session: Session }) {
  const { state, facts, own, session } = props;
  const [isContinuing, setContinuing] = useState(false);
  const reason = text.result.reason(facts.reason, facts.winner);
  const mayRematch = own !== null && facts.status === 'finished' && facts.options.rematch && !facts.offers.rematch;
  const position = positionAt(lineOf(facts), state.viewedPly ?? facts.ply);
  return (
    <>
      <section class="outcome" data-testid="result">
        <h2>
          {facts.result !== '*' && <b class="points">{facts.result?.replaceAll('1/2', '½').replace('-', ' – ')}</b>}
          {text.result.heading(facts.winner, facts.reason)}
        </h2>
        {reason && <p>{reason}</p>}
        {facts.status === 'closed' && <p class="quiet">{text.result.closed}</p>}
        <div class="row">
          {mayRematch && (
            <Button
              label={text.act.rematch}
              testid="rematch"
              isMain
              onClick={() => session.ask({ type: 'offer', kind: 'rematch' })}
            />
          )}
          {position && (
            <Button
              label={text.again.open}
              hint={text.again.openHint}
              testid="continue"
              onClick={() => setContinuing(true)}
            />
          )}
          <a
            class="button"
            href={pgnPath(facts)}
            download={pgnName(facts)}
            title={text.game.pgnHint}
            aria-label={text.game.pgnHint}
            data-testid="pgn"
          >
            {text.game.pgn}
          </a>
          <a class="button" href="/">
            {text.game.newGame}
          </a>
        </div>
      </section>
      {isContinuing && position && (
        <Continue fen={fenOf(position)} isOver={position.isEnd()} facts={facts} onClose={() => setContinuing(false)} />
      )}
    </>
  );
}

/** A running game's PGN is its room's. */
export function pgnPath(facts: Facts): string {
  return (
    facts.pgn_url ??
    (facts.game_id === null || facts.result === null ? `/rooms/${facts.room_id}/pgn` : `/games/${facts.game_id}/pgn`)
  );
}

/** Without a name of its own, the file would be called as the address ends: `pgn`. */
function pgnName(facts: Facts): string {
  return `tabiya-${facts.game_id ?? facts.room_id}.pgn`;
}
