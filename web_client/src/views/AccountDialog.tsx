/** The dialog in which a browser takes a name, signs in and out, and is given its key. */
import { useState } from 'preact/hooks';
import { me, register, signIn, signOut } from '../account';
import { anotherToken } from '../api';
import type { Failure } from '../api';
import { useStore } from '../store';
import { text } from '../text';
import { CopyField } from './CopyField';
import { Dialog } from './Dialog';

export function AccountDialog({ onClose }: { onClose: () => void }) {
  const { name } = useStore(me);
  const [key, setKey] = useState<string | null>(null);
  const isNew = name !== null && key !== null;
  const { menu, keyHeading, signIn: heading } = text.account;
  return (
    <Dialog
      heading={name === null ? heading : isNew ? keyHeading(name) : menu(name)}
      testid="account-dialog"
      isHeld={isNew}
      onClose={onClose}
    >
      {isNew ? (
        <NewKey value={key} onDone={onClose} />
      ) : name !== null ? (
        <SignedIn onKey={setKey} />
      ) : (
        <SignedOut onKey={setKey} onDone={onClose} />
      )}
    </Dialog>
  );
}

function SignedOut({ onKey, onDone }: { onKey: (key: string) => void; onDone: () => void }) {
  const [name, setName] = useState('');
  const [key, setKey] = useState('');
  const [failure, setFailure] = useState('');
  const create = async (): Promise<void> => {
    const answer = await register(name.trim());
    if ('ok' in answer) onKey(answer.ok.token);
    else setFailure(said(answer.failure));
  };
  const enter = async (): Promise<void> => {
    const answer = await signIn(key.trim());
    if ('ok' in answer) onDone();
    else setFailure(answer.failure.kind === 'refused' ? text.account.badKey : said(answer.failure));
  };
  return (
    <>
      <form
        class="account-form"
        onSubmit={event => {
          event.preventDefault();
          void create();
        }}
      >
        <p class="quiet">{text.account.intro}</p>
        <label class="field">
          <span>{text.account.name}</span>
          <input
            type="text"
            value={name}
            required
            minLength={2}
            maxLength={30}
            spellcheck={false}
            autocomplete="username"
            autocapitalize="off"
            placeholder={text.account.nameHint}
            data-testid="account-name"
            onInput={event => setName(event.currentTarget.value)}
          />
        </label>
        <button type="submit" class="button primary" data-testid="account-create">
          {text.account.create}
        </button>
      </form>
      <p class="failure" role="alert">
        {failure}
      </p>
      <form
        class="account-form"
        onSubmit={event => {
          event.preventDefault();
          void enter();
        }}
      >
        <input type="text" hidden autocomplete="username" />
        <label class="field">
          <span>{text.account.haveKey}</span>
          <input
            type="password"
            value={key}
            required
            autocomplete="current-password"
            placeholder={text.account.keyPlaceholder}
            data-testid="account-key"
            onInput={event => setKey(event.currentTarget.value)}
          />
        </label>
        <button type="submit" class="button" data-testid="account-sign-in">
          {text.account.useKey}
        </button>
      </form>
    </>
  );
}

function SignedIn({ onKey }: { onKey: (key: string) => void }) {
  const [failure, setFailure] = useState('');
  const issue = async (): Promise<void> => {
    const answer = await anotherToken();
    if ('ok' in answer) onKey(answer.ok.token);
    else setFailure(said(answer.failure));
  };
  const leave = async (): Promise<void> => {
    const answer = await signOut();
    if ('failure' in answer) setFailure(said(answer.failure));
  };
  return (
    <>
      <p class="failure" role="alert">
        {failure}
      </p>
      <div class="account-form">
        <button type="button" class="button" data-testid="another-key" onClick={() => void issue()}>
          {text.account.another}
        </button>
        <p class="quiet">{text.account.anotherHint}</p>
      </div>
      <button type="button" class="button" data-testid="sign-out" onClick={() => void leave()}>
        {text.account.signOut}
      </button>
    </>
  );
}

function NewKey({ value, onDone }: { value: string; onDone: () => void }) {
  return (
    <>
      <p>{text.account.keep}</p>
      <CopyField
        label={text.account.keyLabel}
        value={value}
        name={text.account.keyLabel}
        copy={text.account.copyKey}
        isMain={false}
      />
      <button type="button" class="button primary" data-testid="key-kept" onClick={onDone}>
        {text.account.done}
      </button>
    </>
  );
}

function said(failure: Failure): string {
  if (failure.kind === 'unreachable') return text.account.unreachable;
  if (failure.kind === 'tooMany') return text.home.tooMany;
  return (failure.kind === 'refused' && failure.detail) || text.account.failed;
}
