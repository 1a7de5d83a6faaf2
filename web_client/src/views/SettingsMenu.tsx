/** The switches of this browser's boards. */
import { wantNotifications } from '../notify';
import { choose, settings } from '../settings';
import type { Setting } from '../settings';
import { useStore } from '../store';
import { text } from '../text';
import { Dialog } from './Dialog';

const SWITCHES: readonly Setting[] = ['sound', 'notifications', 'alwaysQueen', 'coordinates', 'moveBox', 'chat', 'zen'];

export function SettingsMenu({ onClose }: { onClose: () => void }) {
  const chosen = useStore(settings);
  const turn = (name: Setting, isOn: boolean): void => {
    if (name === 'notifications') void wantNotifications(isOn);
    else choose({ [name]: isOn });
  };
  return (
    <Dialog heading={text.settings.heading} testid="settings" onClose={onClose}>
      <div class="switches">
        {SWITCHES.map(name => (
          <label class="switch" key={name}>
            <span>
              {text.settings.names[name]}
              {text.settings.hints[name] && <small class="quiet">{text.settings.hints[name]}</small>}
            </span>
            <input
              type="checkbox"
              role="switch"
              checked={chosen[name]}
              data-testid={`switch-${name}`}
              onChange={event => {
                turn(name, event.currentTarget.checked);
                // Until the browser's own question is answered, the switch shows what holds.
                event.currentTarget.checked = settings.get()[name];
              }}
            />
          </label>
        ))}
      </div>
    </Dialog>
  );
}
