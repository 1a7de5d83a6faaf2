/** The dialog in which a browser takes a name, signs in and out, and is given its key. */
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { me, register, signIn, signOut } from '../account';
import { anotherToken } from '../api';
import type { Failure } from '../api';
import { useStore } from '../store';
import { text } from '../text';
import { CopyField } from './CopyField';

export function AccountDialog({ onClose }: { onClose: () => void }) {
  const { name } = useStore(me);
  const [key, setKey] = useState<string | null>(null);
  const dialog = useRef<HTMLDialogElement>(null);
  // Before it is seen, and before anybody types: opening moves the focus.
  useLayoutEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog
      ref={dialog}
      class="card account-dialog"
      aria-labelledby="account-heading"
      data-testid="account-dialog"
      onClose={onClose}
      onClick={event => {
        if (event.target === dialog.current && !key) dialog.current?.close();
      }}
    >
      {name !== null && key !== null ? (
        <NewKey name={name} value={key} onDone={() => dialog.current?.close()} />
      ) : name !== null ? (
        <SignedIn name={name} onKey={setKey} />
      ) : (
        <SignedOut onKey={setKey} onDone={() => dialog.current?.close()} />
      )}
      {key === null && (
        <button type="button" class="button" onClick={() => dialog.current?.close()}>
          {text.account.close}
        </button>
      )}
    </dialog>
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
        <h1 id="account-heading">{text.account.heading}</h1>
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

function SignedIn({ name, onKey }: { name: string; onKey: (key: string) => void }) {
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
      <h1 id="account-heading">{text.account.menu(name)}</h1>
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

function NewKey({ name, value, onDone }: { name: string; value: string; onDone: () => void }) {
  return (
    <>
      <h1 id="account-heading">{text.account.keyHeading(name)}</h1>
      <p>{text.account.keep}</p>
      <CopyField label={text.account.keyLabel} value={value} name={text.account.keyLabel} copy={text.account.copyKey} />
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
