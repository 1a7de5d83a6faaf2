/** In the page's head: who is signed in, and the dialog in which that can be changed. */
import { useEffect, useState } from 'preact/hooks';
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
  const [isOpen, setOpen] = useState(false);
  useEffect(() => {
    const opened = (): void => setOpen(true);
    addEventListener(OPEN, opened);
    return () => removeEventListener(OPEN, opened);
  }, []);
  return (
    <>
      <button type="button" class="button account" data-testid="account" onClick={openAccount}>
        {name ?? text.account.signIn}
      </button>
      {isOpen && <AccountDialog onClose={() => setOpen(false)} />}
    </>
  );
}
