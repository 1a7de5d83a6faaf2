import { expect, test } from 'vitest';
import { choose, settings, settingsFrom } from '../src/settings';
import { storedSettings } from '../src/storage';

test('what is chosen is remembered', () => {
  choose({ alwaysQueen: true });
  expect(settings.get().alwaysQueen).toBe(true);
  expect(settingsFrom(storedSettings()).alwaysQueen).toBe(true);
  choose({ alwaysQueen: false });
  expect(settingsFrom(storedSettings()).alwaysQueen).toBe(false);
});

test.each([null, undefined, 'sound', 7, [], { sound: 'no', zen: 1 }])(
  'of %j, which is no choice, nothing is taken over',
  stored => expect(settingsFrom(stored)).toEqual(settingsFrom(null)),
);

test('a choice that an older client never offered is as at first', () => {
  expect(settingsFrom({ sound: false })).toEqual({ ...settingsFrom(null), sound: false });
  expect(settingsFrom(null)).toMatchObject({ sound: true, notifications: false, alwaysQueen: false, chat: true });
});
