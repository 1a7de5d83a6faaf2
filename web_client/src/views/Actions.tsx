/** What a player can do besides moving, what the opponent has asked, and how the game ended. */
import { useEffect, useState } from 'preact/hooks';
import { serverNow } from '../clock';
import { isDrawClaimable, lineOf } from '../line';
import { opponent } from '../protocol';
import type { Color, OfferKind } from '../protocol';
import type { Session, Wish } from '../session';
import { isAsking } from '../state';
import type { Facts, Question, RoomState } from '../state';
import { text } from '../text';
import { nameOf } from './title';

interface Props {
  state: RoomState;
  facts: Facts;
  own: Color | null;
  session: Session;
}

export function Actions({ state, facts, own, session }: Props) {
  const seat = state.link.kind === 'ended' ? null : own;
  const props = { state, facts, own: seat, session };
  return (
    <div class="actions" data-testid="actions">
      {facts.result !== null && <Outcome {...props} />}
      {seat !== null && facts.status !== 'waiting' && <Offers {...props} own={seat} />}
      {seat !== null && facts.status === 'playing' && <Absence {...props} own={seat} />}
      {seat !== null && facts.status === 'playing' && <Wishes {...props} own={seat} />}
      {own === null && facts.status === 'playing' && <p class="quiet">{text.game.watching}</p>}
      {facts.spectators > 0 && (
        <p class="quiet spectators" data-testid="spectators">
          {text.game.spectators(facts.spectators)}
        </p>
      )}
    </div>
  );
}

function Outcome({ facts, own, session }: Props) {
  const reason = text.result.reason(facts.reason, facts.winner);
  const mayRematch = own !== null && facts.status === 'finished' && facts.options.rematch && !facts.offers.rematch;
  return (
    <section class="outcome" data-testid="result">
      <h2>
        {facts.result !== '*' && <b class="points">{facts.result?.replaceAll('1/2', '½').replace('-', ' – ')}</b>}
        {text.result.heading(facts.winner, facts.reason)}
      </h2>
      {reason && <p>{reason}</p>}
      {facts.status === 'closed' && <p class="quiet">{text.result.closed}</p>}
      <div class="row">
        {mayRematch && (
          <Button label={text.act.rematch} testid="rematch" isMain onClick={() => session.ask(offer('rematch'))} />
        )}
        <a class="button" href={facts.pgn_url ?? pgnPath(facts)} download={pgnName(facts)} data-testid="pgn">
          {text.game.pgn}
        </a>
        <a class="button" href="/">
          {text.game.newGame}
        </a>
      </div>
    </section>
  );
}

function pgnPath(facts: Facts): string {
  return facts.game_id === null ? `/rooms/${facts.room_id}/pgn` : `/games/${facts.game_id}/pgn`;
}

/** Without a name of its own, the file would be called as the address ends: `pgn`. */
function pgnName(facts: Facts): string {
  return `tabiya-${facts.game_id ?? facts.room_id}.pgn`;
}

const KINDS: readonly OfferKind[] = ['draw', 'takeback', 'rematch'];

/** Offers that stand, each with its answers. */
function Offers({ facts, own, session }: Props & { own: Color }) {
  const them = nameOf(facts[opponent(own)], opponent(own));
  return (
    <>
      {KINDS.map(kind => {
        const by = facts.offers[kind];
        if (by === null) return null;
        const decline = (): void => session.ask({ type: 'decline', kind });
        return (
          <div class="offer row" key={kind} data-testid={`offer-${kind}`}>
            <span>
              {by === own
                ? text.act.youOffered(kind)
                : kind === 'takeback'
                  ? text.act.asksTakeback(them)
                  : text.act.offered(them, kind)}
            </span>
            {by === own ? (
              <Button label={text.act.withdraw} testid={`withdraw-${kind}`} onClick={decline} />
            ) : (
              <>
                <Button
                  label={text.act.accept}
                  testid={`accept-${kind}`}
                  isMain
                  onClick={() => session.ask({ type: 'accept', kind })}
                />
                <Button label={text.act.decline} testid={`decline-${kind}`} onClick={decline} />
              </>
            )}
          </div>
        );
      })}
    </>
  );
}

/** The opponent is away: since when it matters, and what can be done about it. */
function Absence({ state, facts, own, session }: Props & { own: Color }) {
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

/** Whole seconds until the server's time `until`, counting; null without a moment to wait for. */
function useCountdownS(state: RoomState, until: number | null): number | null {
  const [, tick] = useState(0);
  const left = until === null ? null : Math.max(0, Math.ceil((until - serverNow(state.sync, Date.now())) / 1000));
  useEffect(() => {
    if (left === null || left === 0) return;
    const timer = setTimeout(() => tick(count => count + 1), 500);
    return () => clearTimeout(timer);
  });
  return left;
}

/** The player's own wishes; the grave ones ask first. */
function Wishes({ state, facts, own, session }: Props & { own: Color }) {
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
          onClick={ask('takeback')}
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

const WISHED: Record<Question, Wish> = {
  resign: { type: 'resign' },
  abort: { type: 'abort' },
  draw: { type: 'offer', kind: 'draw' },
  takeback: { type: 'offer', kind: 'takeback' },
};

function Confirm({ question, session }: { question: Question; session: Session }) {
  return (
    <div class="row confirm" role="group" aria-label={text.act.sure[question]} data-testid={`confirm-${question}`}>
      <span>{text.act.sure[question]}</span>
      <Button label={text.act.yes} testid="confirm-yes" isMain hasFocus onClick={() => session.ask(WISHED[question])} />
      <Button
        label={text.act.no}
        testid="confirm-no"
        onClick={() => session.dispatch({ kind: 'asked', question: null })}
      />
    </div>
  );
}

function offer(kind: OfferKind): Wish {
  return { type: 'offer', kind };
}

interface ButtonProps {
  label: string;
  testid: string;
  isMain?: boolean;
  isBusy?: boolean;
  hasFocus?: boolean;
  onClick: () => void;
}

function Button({ label, testid, isMain, isBusy, hasFocus, onClick }: ButtonProps) {
  return (
    <button
      type="button"
      class={`button ${isMain ? 'primary' : ''}`}
      disabled={isBusy}
      ref={element => {
        if (hasFocus) element?.focus({ preventScroll: true });
      }}
      data-testid={testid}
      onClick={onClick}
    >
      {label}
    </button>
  );
}
