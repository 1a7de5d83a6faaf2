/** Light, dark, or as the system has it: one button that goes round. */
import { useEffect, useState } from 'preact/hooks';
import { text } from '../text';
import { chooseTheme, currentTheme, followTheme, themeAfter } from '../theme';
import type { Theme } from '../theme';

const RAYS = 'M12 2v3m0 14v3M2 12h3m14 0h3M4.9 4.9l2.2 2.2m9.8 9.8 2.2 2.2M4.9 19.1l2.2-2.2m9.8-9.8 2.2-2.2';
const PATHS: Record<Theme, string> = {
  system: 'M12 3a9 9 0 1 0 0 18zm0 0a9 9 0 0 1 0 18',
  light: `M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8${RAYS}`,
  dark: 'M20 14.5A8.5 8.5 0 0 1 9.5 4 8.5 8.5 0 1 0 20 14.5z',
};

function looked(): { theme: Theme; next: Theme } {
  const theme = currentTheme();
  return { theme, next: themeAfter(theme) };
}

export function ThemeSwitch() {
  const [{ theme, next }, show] = useState(looked);
  useEffect(() => followTheme(() => show(looked())), []);
  const label = text.theme.label(theme, next);
  return (
    <button
      type="button"
      class="button icon theme-switch"
      aria-label={label}
      title={label}
      data-testid="theme"
      data-theme-choice={theme}
      onClick={() => {
        chooseTheme(next);
        show(looked());
      }}
    >
      <svg class={`svg-icon ${theme}`} viewBox="0 0 24 24" aria-hidden="true">
        <path d={PATHS[theme]} />
      </svg>
    </button>
  );
}
