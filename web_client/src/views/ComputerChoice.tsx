/** How strong the computer plays; a clear hint where there is none. */
import { useEffect, useState } from 'preact/hooks';
import { computerOffer } from '../api';
import type { Answer } from '../api';
import { LEVELS } from '../newGame';
import type { ComputerOffer } from '../protocol';
import { text } from '../text';
import { Choice } from './choices';

interface Props {
  level: number;
  onChange: (level: number) => void;
  /** Told whether the computer can be played. */
  onKnown: (isPlayable: boolean) => void;
}

export function ComputerChoice({ level, onChange, onKnown }: Props) {
  const [answer, setAnswer] = useState<Answer<ComputerOffer> | null>(null);
  useEffect(() => {
    let isLeft = false;
    void computerOffer().then(found => {
      if (isLeft) return;
      setAnswer(found);
      onKnown('ok' in found && found.ok.engine !== null);
    });
    return () => {
      isLeft = true;
    };
  }, []);
  const offer = answer && 'ok' in answer ? answer.ok : null;
  if (answer && !offer?.engine) {
    return (
      <p class="hint" role="alert" data-testid="no-engine">
        <b>{text.home.noEngine}</b> {hintIn(answer)}
      </p>
    );
  }
  return (
    <div class="computer" data-testid="computer">
      <Choice
        name="level"
        legend={text.home.level}
        options={offer?.levels ?? LEVELS}
        chosen={level}
        onChange={onChange}
        columns="eighths"
        face={one => (
          <>
            <span class="unseen">{text.home.levelLabel(one)}</span>
            <span aria-hidden="true">{one}</span>
          </>
        )}
      />
      <p class="quiet">{offer?.engine ? text.home.engine(offer.engine) : text.home.engineLoading}</p>
    </div>
  );
}

function hintIn(answer: Answer<ComputerOffer>): string {
  if ('ok' in answer) return answer.ok.reason ?? '';
  return answer.failure.kind === 'refused' ? answer.failure.detail : text.home.unreachable;
}
