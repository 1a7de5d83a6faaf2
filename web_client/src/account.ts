/**
 * The one account of this browser: signing in and out, and its stream of events, of which the browser keeps few.
 *
 * A browser opens at most six streams to one host for all its tabs together (HTTP/1.1). So a tab that cannot be seen gives
 * its stream up as soon as another has one, and takes it up again when it is seen or when the other has gone.
 */
import { closeSession, createAccount, currentAccount, openSession } from './api';
import type { Answer, NewAccount } from './api';
import { listen } from './events';
import { guest, ME_TYPES, updateMe } from './me';
import type { MeFrame, MeMessage, MeState } from './me';
import { storeAccount, storedAccount } from './storage';
import { createStore } from './store';
import type { Store } from './store';

const TAKE_OVER_MS = 800;

export const me: Store<MeState, MeMessage> = createStore(guest(), updateMe);

type Word = 'held' | 'gone' | 'account';

let end: (() => void) | null = null;
let takeOver: ReturnType<typeof setTimeout> | undefined;
let tabs: BroadcastChannel | null = null;

/** Signs in who was signed in here; to be called once. */
export function startAccount(): void {
  tabs = new BroadcastChannel('tabiya.account');
  tabs.onmessage = ({ data }: MessageEvent<Word>) => heard(data);
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') follow();
  });
  addEventListener('pagehide', () => {
    if (end) say('gone');
  });
  addEventListener('pageshow', event => {
    if (event.persisted) restart();
  });
  restart();
}

function say(word: Word): void {
  tabs?.postMessage(word);
}

function heard(word: Word): void {
  const isHidden = document.visibilityState !== 'visible';
  if (word === 'account') restart();
  if (word === 'held') clearTimeout(takeOver);
  if (word === 'held' && isHidden) stop();
  if (word === 'gone' && isHidden && !end) takeOver = setTimeout(follow, Math.random() * TAKE_OVER_MS);
}

/** Begins as whoever is signed in now. */
function restart(): void {
  stop();
  const name = storedAccount();
  me.dispatch(name === null ? { kind: 'signedOut' } : { kind: 'signedIn', name });
  follow();
}

function stop(): void {
  clearTimeout(takeOver);
  end?.();
  end = null;
}

function follow(): void {
  if (end || me.get().name === null) return;
  end = listen({
    path: '/sse/me',
    types: ME_TYPES,
    onOpen: () => say('held'),
    onLost: () => me.dispatch({ kind: 'lost' }),
    onEvent: frame => me.dispatch({ kind: 'told', frame: frame as MeFrame }),
    mayRetry: isStillSignedIn,
  });
}

/** Asked when the stream was refused: if the account is not known any more, this browser is a guest's. */
async function isStillSignedIn(): Promise<boolean> {
  const answer = await currentAccount();
  const isOut = 'failure' in answer && answer.failure.kind === 'refused';
  if (isOut) changed(null);
  return !isOut;
}

function changed(name: string | null): void {
  storeAccount(name);
  say('account');
  restart();
}

/** Makes an account and signs in; the answer has its token, which nobody is shown again. */
export async function register(name: string): Promise<Answer<NewAccount>> {
  const answer = await createAccount(name);
  if ('ok' in answer) changed(answer.ok.name);
  return answer;
}

export async function signIn(token: string): Promise<Answer<{ name: string }>> {
  const answer = await openSession(token);
  if ('ok' in answer) changed(answer.ok.name);
  return answer;
}

export async function signOut(): Promise<Answer<unknown>> {
  const answer = await closeSession();
  if ('ok' in answer) changed(null);
  return answer;
}
