/** Who one is, and challenges by name. */
import type { Color } from '../protocol';
import { COLORS } from './words';

export const account = {
  signIn: 'Sign in',
  intro: 'Choose a name, and you can be challenged, and play on from any of your devices. Guests play without.',
  name: 'Name',
  nameHint: '2 to 30 letters, digits, - and _',
  create: 'Take this name',
  haveKey: 'Your key, if you have a name already',
  keyPlaceholder: 'acct_…',
  useKey: 'Sign in with the key',
  badKey: 'No account has this key.',
  keyHeading: (name: string): string => `Welcome, ${name}`,
  keep: 'This key is your password. Keep it: only with it can you sign in again, or on another device.',
  keyLabel: 'Key of your account',
  copyKey: 'Copy',
  done: 'I have kept it',
  menu: (name: string): string => `Signed in as ${name}`,
  another: 'Make a key for another device',
  anotherHint: 'For a phone, a bot or a board. It is shown this once.',
  signOut: 'Sign out',
  unreachable: 'The server cannot be reached. Try again.',
  failed: 'That did not work.',
} as const;

export const challenge = {
  region: 'Challenges',
  incoming: (name: string): string => `${name} challenges you`,
  outgoing: (name: string): string => `Waiting for ${name}`,
  plays: (color: Color | null): string => (color ? `you play ${COLORS[color]}` : 'random colours'),
  accept: 'Accept',
  decline: 'Decline',
  cancel: 'Cancel',
  acceptLabel: (name: string): string => `Accept the challenge of ${name}`,
  declineLabel: (name: string): string => `Decline the challenge of ${name}`,
  cancelLabel: (name: string): string => `Cancel the challenge to ${name}`,
  accepted: (name: string): string => `${name} has accepted`,
  declined: (name: string): string => `${name} has declined`,
  expired: (name: string): string => `${name} has not answered`,
  go: 'To the game',
  dismiss: 'Close',
} as const;
