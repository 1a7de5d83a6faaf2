/** What this browser's player has chosen about boards; remembered, and the same on every page and in every tab. */
import { storedSettings, storeSettings } from './storage';
import { createStore } from './store';

const FIRST = {
  sound: true,
  /** Tells what happens while the page is out of sight. */
  notifications: false,
  /** A pawn promotes to a queen without asking. */
  alwaysQueen: false,
  coordinates: true,
  moveBox: true,
  chat: true,
  /** Only the board and the clocks. */
  zen: false,
};

export type Settings = Readonly<typeof FIRST>;
export type Setting = keyof Settings;

/** `stored` as settings: what is missing or no switch there is as at first. */
export function settingsFrom(stored: unknown): Settings {
  const known: Record<string, unknown> = typeof stored === 'object' && stored !== null ? { ...stored } : {};
  const read = (name: Setting): [Setting, unknown] => [
    name,
    typeof known[name] === 'boolean' ? known[name] : FIRST[name],
  ];
  return Object.fromEntries((Object.keys(FIRST) as Setting[]).map(read)) as Settings;
}

export const settings = createStore<Settings, Partial<Settings>>(settingsFrom(storedSettings()), (before, change) => ({
  ...before,
  ...change,
}));

/** Changes some of the settings, and remembers them. */
export function choose(change: Partial<Settings>): void {
  settings.dispatch(change);
  storeSettings(settings.get());
}

/** Hears of what other tabs choose, from now on. */
export function hearOtherTabs(): void {
  addEventListener('storage', () => settings.dispatch(settingsFrom(storedSettings())));
}
