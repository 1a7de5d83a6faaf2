/** Challenges to and from this account, on every page: they appear on all of its devices, and vanish when one answers. */
import { useEffect, useState } from 'preact/hooks';
import { me } from '../account';
import { answerChallenge } from '../api';
import { isIncoming, ownColorIn, timeOfChallenge } from '../me';
import type { Answered, Challenge, MeState } from '../me';
import { roomPath } from '../route';
import { newToken, seatToken, storeSeatToken } from '../storage';
import { useStore } from '../store';
import { text } from '../text';

/** Challenges that were made in this tab: it goes to their games by itself. */
export const challengesMade = new Set<string>();

/** Goes to a game that was agreed on: its room is called like the challenge. The account is what opens the seat. */
function enter(challengeId: string, goTo: (path: string) => void): void {
  if (seatToken(challengeId) === null) storeSeatToken(challengeId, newToken());
  goTo(roomPath(challengeId));
}

export function Challenges({ isAtGame, goTo }: { isAtGame: boolean; goTo: (path: string) => void }) {
  const state = useStore(me);
  useEffect(() => {
    const mine = state.answered.find(
      ({ challenge, outcome }) => outcome === 'accepted' && challengesMade.has(challenge.id),
    );
    if (!mine || isAtGame) return;
    challengesMade.delete(mine.challenge.id);
    me.dispatch({ kind: 'dismissed', id: mine.challenge.id });
    enter(mine.challenge.id, goTo);
  }, [state.answered, isAtGame]);
  const incoming = state.challenges.filter(challenge => isIncoming(state, challenge));
  const outgoing = state.challenges.filter(challenge => !isIncoming(state, challenge));
  return (
    <section class="challenges" aria-label={text.challenge.region} aria-live="polite" data-testid="challenges">
      {state.answered.map(answered => (
        <AnsweredCard key={answered.challenge.id} answered={answered} goTo={goTo} />
      ))}
      {outgoing.map(challenge => (
        <OutgoingCard key={challenge.id} state={state} challenge={challenge} />
      ))}
      {incoming.map(challenge => (
        <IncomingCard key={challenge.id} state={state} challenge={challenge} goTo={goTo} />
      ))}
    </section>
  );
}

interface CardProps {
  state: MeState;
  challenge: Challenge;
}

function IncomingCard({ state, challenge, goTo }: CardProps & { goTo: (path: string) => void }) {
  const [isBusy, setBusy] = useState(false);
  const { name, title } = challenge.challenger;
  const answer = async (way: 'accept' | 'decline'): Promise<void> => {
    setBusy(true);
    const answered = await answerChallenge(challenge.id, way);
    setBusy(false);
    if ('ok' in answered && way === 'accept') enter(challenge.id, goTo);
  };
  return (
    <div class="challenge" data-testid="challenge-in">
      <p>
        {title && <b class="bot">{title}</b>}
        <b>{text.challenge.incoming(name)}</b>
        <Terms state={state} challenge={challenge} />
      </p>
      <div class="row">
        <button
          type="button"
          class="button primary"
          disabled={isBusy}
          aria-label={text.challenge.acceptLabel(name)}
          data-testid="accept"
          onClick={() => void answer('accept')}
        >
          {text.challenge.accept}
        </button>
        <button
          type="button"
          class="button"
          disabled={isBusy}
          aria-label={text.challenge.declineLabel(name)}
          data-testid="decline"
          onClick={() => void answer('decline')}
        >
          {text.challenge.decline}
        </button>
      </div>
    </div>
  );
}

function OutgoingCard({ state, challenge }: CardProps) {
  const [isBusy, setBusy] = useState(false);
  const { name } = challenge.destUser;
  const cancel = async (): Promise<void> => {
    setBusy(true);
    await answerChallenge(challenge.id, 'cancel');
    setBusy(false);
  };
  return (
    <div class="challenge" data-testid="challenge-out">
      <p>
        <b>{text.challenge.outgoing(name)}</b>
        <Terms state={state} challenge={challenge} />
      </p>
      <div class="row">
        <button
          type="button"
          class="button"
          disabled={isBusy}
          aria-label={text.challenge.cancelLabel(name)}
          data-testid="cancel"
          onClick={() => void cancel()}
        >
          {text.challenge.cancel}
        </button>
      </div>
    </div>
  );
}

function AnsweredCard({ answered, goTo }: { answered: Answered; goTo: (path: string) => void }) {
  const { challenge, outcome } = answered;
  const dismiss = (): void => me.dispatch({ kind: 'dismissed', id: challenge.id });
  return (
    <div class="challenge" data-testid="challenge-answered">
      <p>
        <b>{text.challenge[outcome](challenge.destUser.name)}</b>
      </p>
      <div class="row">
        {outcome === 'accepted' && (
          <button
            type="button"
            class="button primary"
            data-testid="to-the-game"
            onClick={() => {
              dismiss();
              enter(challenge.id, goTo);
            }}
          >
            {text.challenge.go}
          </button>
        )}
        <button type="button" class="button" onClick={dismiss}>
          {text.challenge.dismiss}
        </button>
      </div>
    </div>
  );
}

function Terms({ state, challenge }: CardProps) {
  const { key } = challenge.variant;
  return (
    <span class="quiet">
      {text.timeControl(timeOfChallenge(challenge))} · {text.challenge.plays(ownColorIn(state, challenge))}
      {key !== 'standard' && ` · ${key === 'fromPosition' ? text.home.fromPosition : text.variant(key)}`}
    </span>
  );
}
