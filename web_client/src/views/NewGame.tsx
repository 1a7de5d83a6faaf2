/** A new game, in one form: against whom, how long, with which pieces. */
import { useState } from 'preact/hooks';
import type { Failure } from '../api';
import { formFrom } from '../gameForm';
import type { GameForm } from '../gameForm';
import { isPlayableFen } from '../line';
import { begin } from '../newGame';
import type { GameWish, Opponent } from '../newGame';
import { roomPath } from '../route';
import { storedAccount, storedName, storedNewGame, storeName, storeNewGame } from '../storage';
import { text } from '../text';
import { isValidTime, timeOf } from '../timeWish';
import type { TimeWish } from '../timeWish';
import { challengesMade } from './Challenges';
import { ComputerChoice } from './ComputerChoice';
import { PlayerChoice } from './PlayerChoice';
import { TimeChoice } from './TimeChoice';
import { KindChoice, OpponentChoice, SideChoice } from './choices';

const MAX_NAME_CHARS = 32;

type Wish = Omit<GameWish, 'time'> & { readonly time: TimeWish };

export function NewGame({ account, goTo }: { account: string | null; goTo: (path: string) => void }) {
  const [wish, setWish] = useState<Wish>(firstWish);
  const [isBusy, setBusy] = useState(false);
  const [isPlayable, setPlayable] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);
  const change = (part: Partial<Wish>): void => {
    setWish(before => ({ ...before, ...part }));
    setFailure(null);
  };

  const start = async (): Promise<void> => {
    const wanted: GameWish = {
      ...wish,
      time: timeOf(wish.time),
      fen: wish.fen.trim(),
      name: account === null ? wish.name.trim() : '',
      player: wish.player.trim(),
    };
    const fault = faultIn(wanted, wish.time);
    if (fault) return setFailure(fault);
    setBusy(true);
    setFailure(null);
    if (account === null) storeName(wanted.name);
    const begun = await begin(wanted);
    setBusy(false);
    if ('failure' in begun) return setFailure(said(begun.failure, wanted.opponent));
    storeNewGame(remembered(wish));
    if ('roomId' in begun) return goTo(roomPath(begun.roomId));
    challengesMade.add(begun.challengeId);
    change({ player: '' });
  };

  const { opponent } = wish;
  const isBarred = (opponent === 'computer' && !isPlayable) || (opponent === 'player' && account === null);
  return (
    <form
      class="card home"
      data-testid="create-form"
      onSubmit={event => {
        event.preventDefault();
        void start();
      }}
    >
      <h1>{text.home.heading}</h1>
      <OpponentChoice opponent={opponent} onChange={next => change({ opponent: next })} />
      {opponent === 'computer' && (
        <ComputerChoice level={wish.level} onChange={level => change({ level })} onKnown={setPlayable} />
      )}
      {opponent === 'player' && (
        <PlayerChoice account={account} player={wish.player} onChange={player => change({ player })} />
      )}
      <TimeChoice wish={wish.time} onChange={time => change({ time })} />
      <SideChoice side={wish.color} onChange={color => change({ color })} />
      <KindChoice kind={wish.kind} onChange={kind => change({ kind })} />
      {wish.kind === 'position' && (
        <label class="field">
          <span>{text.home.fen}</span>
          <input
            type="text"
            class="mono"
            value={wish.fen}
            required
            spellcheck={false}
            autocomplete="off"
            data-testid="fen"
            onInput={event => change({ fen: event.currentTarget.value })}
          />
        </label>
      )}
      {account === null && (
        <label class="field">
          <span>{text.home.name}</span>
          <input
            type="text"
            value={wish.name}
            maxLength={MAX_NAME_CHARS}
            placeholder={text.home.namePlaceholder}
            autocomplete="nickname"
            data-testid="name"
            onInput={event => change({ name: event.currentTarget.value })}
          />
        </label>
      )}
      <p class="failure" role="alert">
        {failure}
      </p>
      <button type="submit" class="button primary large" disabled={isBusy || isBarred} data-testid="create">
        {isBusy ? text.home.creating : text.home.create[opponent]}
      </button>
    </form>
  );
}

function firstWish(): Wish {
  return { ...formFrom(storedNewGame(), storedAccount() === null), fen: '', name: storedName(), player: '' };
}

/** Neither the position nor whom one has challenged. */
function remembered({ time, opponent, color, level, kind }: Wish): GameForm {
  return { time, opponent, color, level, kind };
}

function faultIn(wish: GameWish, time: TimeWish): string | null {
  if (!isValidTime(time)) return text.home.badTime;
  if (wish.kind === 'position' && !isPlayableFen(wish.fen)) return text.home.badFen;
  return wish.opponent === 'player' && !wish.player ? text.home.needsName : null;
}

function said(failure: Failure, opponent: Opponent): string {
  switch (failure.kind) {
    case 'unreachable':
      return text.home.unreachable;
    case 'tooMany':
      return text.home.tooMany;
    case 'missing':
      return opponent === 'player' ? text.home.nobody : text.home.failed;
    case 'refused':
      return failure.detail || text.home.failed;
  }
}
