/** Sharing the game, and the switches: two buttons, each with its dialog. */
import { useState } from 'preact/hooks';
import type { RoomState } from '../state';
import { text } from '../text';
import { Icon } from './Icon';
import { later } from './later';

const SettingsMenu = later(() => import('./SettingsMenu').then(module => module.SettingsMenu));
const Share = later(() => import('./Share').then(module => module.Share));
export function BoardMenus({ state }: { state: RoomState }) {
  const [open, setOpen] = useState<'share' | 'settings' | null>(null);
  const close = (): void => setOpen(null);
  const button = (name: 'share' | 'settings', label: string, isOff: boolean) => (
    <button
      type="button"
      class="button icon"
      aria-label={label}
      title={label}
      aria-haspopup="dialog"
      disabled={isOff}
      data-testid={`open-${name}`}
      onClick={() => setOpen(name)}
    >
      <Icon name={name} />
    </button>
  );
  return (
    <>
      {button('share', text.share.heading, !state.facts?.game_id)}
      {button('settings', text.settings.heading, false)}
      {open === 'share' && state.facts && <Share state={state} facts={state.facts} onClose={close} />}
      {open === 'settings' && <SettingsMenu onClose={close} />}
    </>
  );
}
