/** Whom to challenge: any name, or one of the bots that are here. */
import { useEffect, useState } from 'preact/hooks';
import { botsOnline } from '../api';
import { text } from '../text';
import { openAccount } from './AccountCorner';

interface Props {
  account: string | null;
  player: string;
  onChange: (player: string) => void;
}

export function PlayerChoice({ account, player, onChange }: Props) {
  const [bots, setBots] = useState<readonly string[]>([]);
  useEffect(() => {
    let isLeft = false;
    void botsOnline().then(found => {
      if (!isLeft) setBots(found);
    });
    return () => {
      isLeft = true;
    };
  }, []);
  if (account === null) {
    return (
      <p class="hint calm row">
        <span>{text.home.signInToChallenge}</span>
        <button type="button" class="button" data-testid="sign-in-first" onClick={openAccount}>
          {text.account.signIn}
        </button>
      </p>
    );
  }
  return (
    <div class="whom">
      <label class="field">
        <span>{text.home.whom}</span>
        <input
          type="text"
          value={player}
          maxLength={30}
          spellcheck={false}
          autocomplete="off"
          autocapitalize="off"
          data-testid="player"
          onInput={event => onChange(event.currentTarget.value)}
        />
      </label>
      <div class="row bots" data-testid="bots">
        <span class="quiet">{bots.length > 0 ? text.home.botsOnline : text.home.noBots}</span>
        {bots.map(bot => (
          <button type="button" class="button" key={bot} aria-pressed={bot === player} onClick={() => onChange(bot)}>
            {bot}
          </button>
        ))}
      </div>
    </div>
  );
}
