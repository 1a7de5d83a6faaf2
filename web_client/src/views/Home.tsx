/** The first page: a game with a friend, in one form. */
import { useState } from 'preact/hooks';
import { createRoom } from '../api';
import type { Failure } from '../api';
import { isPlayableFen } from '../line';
import { roomPath } from '../route';
import { newToken, storedName, storeName, storeSeatToken } from '../storage';
import { text } from '../text';
import { isValidTime, TimeChoice, timeOf } from './TimeChoice';
import type { TimeWish } from './TimeChoice';
import { PieceIcon } from './PieceIcon';
import { Shell } from './Shell';

const MAX_NAME_CHARS = 32;
type Side = 'white' | 'random' | 'black';
type Kind = 'standard' | 'chess960' | 'position';

export function Home({ goTo }: { goTo: (path: string) => void }) {
  const [time, setTime] = useState<TimeWish>({ kind: 'preset', control: '5+3' });
  const [side, setSide] = useState<Side>('random');
  const [kind, setKind] = useState<Kind>('standard');
  const [fen, setFen] = useState('');
  const [name, setName] = useState(storedName);
  const [isBusy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);

  const create = async (): Promise<void> => {
    if (!isValidTime(time)) return setFailure(text.home.badTime);
    const position = fen.trim();
    if (kind === 'position' && !isPlayableFen(position)) return setFailure(text.home.badFen);
    setBusy(true);
    setFailure(null);
    const token = newToken();
    const wanted = name.trim();
    storeName(wanted);
    const answer = await createRoom({
      time: timeOf(time),
      variant: kind === 'chess960' ? 'chess960' : 'standard',
      color: side,
      token,
      ...(kind === 'position' && { fen: position }),
      ...(wanted && { name: wanted }),
    });
    setBusy(false);
    if ('failure' in answer) return setFailure(said(answer.failure));
    storeSeatToken(answer.ok.room_id, token);
    goTo(roomPath(answer.ok.room_id));
  };

  return (
    <Shell>
      <form
        class="card home"
        data-testid="create-form"
        onSubmit={event => {
          event.preventDefault();
          void create();
        }}
      >
        <div>
          <h1>{text.home.heading}</h1>
          <p class="quiet">{text.home.intro}</p>
        </div>
        <TimeChoice wish={time} onChange={setTime} />
        <SideChoice side={side} onChange={setSide} />
        <KindChoice kind={kind} onChange={setKind} />
        {kind === 'position' && (
          <label class="field">
            <span>{text.home.fen}</span>
            <input
              type="text"
              class="mono"
              value={fen}
              required
              spellcheck={false}
              autocomplete="off"
              data-testid="fen"
              onInput={event => setFen(event.currentTarget.value)}
            />
          </label>
        )}
        <label class="field">
          <span>{text.home.name}</span>
          <input
            type="text"
            value={name}
            maxLength={MAX_NAME_CHARS}
            placeholder={text.home.namePlaceholder}
            autocomplete="nickname"
            data-testid="name"
            onInput={event => setName(event.currentTarget.value)}
          />
        </label>
        <p class="failure" role="alert">
          {failure}
        </p>
        <button type="submit" class="button primary large" disabled={isBusy} data-testid="create">
          {isBusy ? text.home.creating : text.home.create}
        </button>
      </form>
    </Shell>
  );
}

function SideChoice({ side, onChange }: { side: Side; onChange: (side: Side) => void }) {
  const sides: readonly Side[] = ['white', 'random', 'black'];
  return (
    <fieldset>
      <legend>{text.home.color}</legend>
      <div class="choices thirds">
        {sides.map(one => (
          <label class="choice tall" key={one}>
            <input type="radio" name="color" value={one} checked={side === one} onChange={() => onChange(one)} />
            <span class="choice-face">
              <PieceIcon color={one} role="king" />
              {one === 'random' ? text.home.random : text.color(one)}
            </span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}

function KindChoice({ kind, onChange }: { kind: Kind; onChange: (kind: Kind) => void }) {
  const kinds: readonly Kind[] = ['standard', 'chess960', 'position'];
  return (
    <fieldset>
      <legend>{text.home.variant}</legend>
      <div class="choices thirds">
        {kinds.map(one => (
          <label class="choice" key={one}>
            <input type="radio" name="variant" value={one} checked={kind === one} onChange={() => onChange(one)} />
            <span class="choice-face">{one === 'position' ? text.home.fromPosition : text.variant(one)}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}

function said(failure: Failure): string {
  switch (failure.kind) {
    case 'unreachable':
      return text.home.unreachable;
    case 'tooMany':
      return text.home.tooMany;
    case 'missing':
      return text.home.failed;
    case 'refused':
      return failure.detail || text.home.failed;
  }
}
