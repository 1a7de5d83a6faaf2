/**
 * Light or dark: by the system, or by this person's choice, which is remembered.
 *
 * theme_first.js applies the choice before the first paint; the styles follow `data-theme` on the root element.
 */
export type Theme = 'system' | 'light' | 'dark';

const KEY = 'tabiya.theme';
const DARK = '(prefers-color-scheme: dark)';
/** The colour of the browser's own frame, where it has one; as in index.html. */
const FRAME = { light: '#f4f1ea', dark: '#1a1917' } as const;

export function currentTheme(): Theme {
  const { theme } = document.documentElement.dataset;
  return theme === 'light' || theme === 'dark' ? theme : 'system';
}

/** The next one when going round: from the system's to what it is not, so that the first step is one to be seen. */
export function themeAfter(theme: Theme): Theme {
  const [shown, other] = matchMedia(DARK).matches ? (['dark', 'light'] as const) : (['light', 'dark'] as const);
  if (theme === 'system') return other;
  return theme === other ? shown : 'system';
}

export function chooseTheme(theme: Theme): void {
  apply(theme);
  try {
    if (theme === 'system') localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, theme);
  } catch {
    // It holds until the page is left.
  }
}

/** Keeps to what is chosen in another tab, calling `changed`, also when the system's changes; returns what ends it. */
export function followTheme(changed: () => void): () => void {
  apply(currentTheme());
  const chosenElsewhere = ({ key, newValue }: StorageEvent): void => {
    if (key !== KEY) return;
    apply(newValue === 'light' || newValue === 'dark' ? newValue : 'system');
    changed();
  };
  addEventListener('storage', chosenElsewhere);
  const system = matchMedia(DARK);
  system.addEventListener('change', changed);
  return () => {
    removeEventListener('storage', chosenElsewhere);
    system.removeEventListener('change', changed);
  };
}

function apply(theme: Theme): void {
  const { dataset } = document.documentElement;
  if (theme === 'system') delete dataset.theme;
  else dataset.theme = theme;
  for (const meta of document.querySelectorAll<HTMLMetaElement>('meta[name="theme-color"]')) {
    const ofSystem = meta.media.includes('dark') ? 'dark' : 'light';
    meta.content = FRAME[theme === 'system' ? ofSystem : theme];
  }
}
