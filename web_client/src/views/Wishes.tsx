/** What a player may ask for during the game; the grave wishes ask first. */
import { isDrawClaimable, lineOf } from '../line';
import type { Color } from '../protocol';
import type { Session } from '../session';
import { isAsking } from '../state';
import type { Facts, Question, RoomState } from '../state';
import { text } from '../text';
import { Button } from './Button';
import { leaveNow } from './leaving';

export function Wishes(props: { state: RoomState; facts: Facts; own: Color; session: Session }) {
  const { state, facts, own, session } = props;
  const { question } = state;
  const ask = (next: Question) => (): void => session.dispatch({ kind: 'asked', question: next });
  if (question) return <Confirm question={question} session={session} />;
  const { offers, options, ply } = facts;
  const isAbortable = ply < 2;
  const hasMoved = ply > (own === 'white' ? 0 : 1);
  return (
    <div class="row wishes">
      {options.takebacks && hasMoved && !offers.takeback && (
        <Button
          label={text.act.takeback}
          testid="takeback"
          isBusy={isAsking(state, 'offer', 'takeback')}
          onClick={() => session.ask({ type: 'offer', kind: 'takeback' })}
        />
      )}
      {options.draw_offers && !isAbortable && !offers.draw && (
        <Button label={text.act.draw} testid="draw" isBusy={isAsking(state, 'offer', 'draw')} onClick={ask('draw')} />
      )}
      {isDrawClaimable(lineOf(facts)) && (
        <Button
          label={text.act.claimDraw}
          testid="claim-draw"
          isMain
          isBusy={isAsking(state, 'claim')}
          onClick={() => session.ask({ type: 'claim', kind: 'draw' })}
        />
      )}
      {isAbortable ? (
        <Button label={text.act.abort} testid="abort" isBusy={isAsking(state, 'abort')} onClick={ask('abort')} />
      ) : (
        <Button label={text.act.resign} testid="resign" isBusy={isAsking(state, 'resign')} onClick={ask('resign')} />
      )}
    </div>
  );
}

function Confirm({ question, session }: { question: Question; session: Session }) {
  const forget = (): void => session.dispatch({ kind: 'asked', question: null });
  const agreed = (): void => {
    if (question === 'leave') {
      forget();
      leaveNow();
    } else session.ask(question === 'draw' ? { type: 'offer', kind: 'draw' } : { type: question });
  };
  return (
    <div
      class="row confirm"
      role="group"
      aria-label={text.act.sure[question]}
      data-testid={`confirm-${question}`}
      onKeyDown={event => {
        if (event.key === 'Escape') forget();
      }}
    >
      <span>{text.act.sure[question]}</span>
      <Button label={text.act.yes} testid="confirm-yes" isMain hasFocus onClick={agreed} />
      <Button label={text.act.no} testid="confirm-no" onClick={forget} />
    </div>
  );
}
