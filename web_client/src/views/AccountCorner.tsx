/** Who is signed in, in the page's head; and the dialog in which that can be changed, which outlives the page's parts. */
import { useLayoutEffect, useState } from 'preact/hooks';
import { me } from '../account';
import { useStore } from '../store';
import { text } from '../text';
import { later } from './later';

const AccountDialog = later(() => import('./AccountDialog').then(module => module.AccountDialog));

const OPEN = 'tabiya:account';

/** Opens the dialog, from anywhere on the page. */
export function openAccount(): void {
  dispatchEvent(new Event(OPEN));
}

export function AccountCorner() {
  const { name } = useStore(me);
  return (
    <button type="button" class="button account" data-testid="account" onClick={openAccount}>
      {name ?? text.account.signIn}
    </button>
  );
}

/** Stands beside the pages: one that has just come as a file of its own would close what was opened while it loaded. */
export function AccountPlace() {
  const [isOpen, setOpen] = useState(false);
  useLayoutEffect(() => {
    const opened = (): void => setOpen(true);
    addEventListener(OPEN, opened);
    return () => removeEventListener(OPEN, opened);
  }, []);
  return isOpen ? <AccountDialog onClose={() => setOpen(false)} /> : null;
}
