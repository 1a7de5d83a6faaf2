/**
 * What this browser remembers: the player's name and choices, and the secret of each seat it holds. Never anything else,
 * but for light or dark, which theme.ts keeps.
 *
 * Where the browser forbids storage, it is remembered until the page is closed.
 */
const NAME = 'tabiya.name';
const SETTINGS = 'tabiya.settings';
const SEAT = 'tabiya.seat.';
const ACCOUNT = 'tabiya.account';
const TURN = 'tabiya.turn';
const FEED = 'tabiya.feed';
const SEATS_KEPT = 200;
const TOKEN_BYTES = 24;

const fallback = new Map<string, string>();

function read(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return fallback.get(key) ?? null;
  }
}

function write(key: string, value: string): void {
  try {
    localStorage.setItem(key, value);
  } catch {
    fallback.set(key, value);
  }
}

function remove(key: string): void {
  fallback.delete(key);
  try {
    localStorage.removeItem(key);
  } catch {
    // Nothing was stored.
  }
}

export function storedName(): string {
  return read(NAME) ?? '';
}

export function storeName(name: string): void {
  if (name) write(NAME, name);
  else remove(NAME);
}

/** What `storeSettings` was given last; anybody may have written something else there since. */
export function storedSettings(): unknown {
  try {
    return JSON.parse(read(SETTINGS) ?? 'null');
  } catch {
    return null;
  }
}

export function storeSettings(settings: object): void {
  write(SETTINGS, JSON.stringify(settings));
}

/** What a spectator's feed goes over. */
export type FeedKind = 'sse' | 'websocket';

export function storedFeedKind(): FeedKind {
  return read(FEED) === 'websocket' ? 'websocket' : 'sse';
}

export function storeFeedKind(kind: FeedKind): void {
  write(FEED, kind);
}

/** The secret of this browser's seat in the room; null: it has none. */
export function seatToken(roomId: string): string | null {
  return read(SEAT + roomId)?.split(' ')[0] ?? null;
}

export function storeSeatToken(roomId: string, token: string): void {
  forgetOldSeats();
  write(SEAT + roomId, `${token} ${Date.now()}`);
}

export function forgetSeatToken(roomId: string): void {
  remove(SEAT + roomId);
}

/** The account as which this browser was last seen to be signed in; the cookie that says so is not for scripts. */
export function storedAccount(): string | null {
  return read(ACCOUNT);
}

export function storeAccount(name: string | null): void {
  if (name === null) remove(ACCOUNT);
  else write(ACCOUNT, name);
}

/** The earliest time at which this tab has seen `turn`, `at` being one of them; remembers the newest turn only. */
export function firstSeenAt(turn: string, at: number): number {
  try {
    const [known, knownAt] = sessionStorage.getItem(TURN)?.split(' ') ?? [];
    const first = known === turn ? Math.min(Number(knownAt), at) : at;
    sessionStorage.setItem(TURN, `${turn} ${first}`);
    return first;
  } catch {
    return at;
  }
}

/** A new secret, 192 random bits in URL-safe base64; works on plain HTTP, where crypto.randomUUID does not exist. */
export function newToken(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(TOKEN_BYTES));
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_');
}

/** Keeps the store from growing for ever: the seats of the longest past go first. */
function forgetOldSeats(): void {
  try {
    const keys = Object.keys(localStorage).filter(key => key.startsWith(SEAT));
    const storedAt = (key: string): number => Number(localStorage.getItem(key)?.split(' ')[1] ?? 0);
    const surplus = keys.sort((one, other) => storedAt(one) - storedAt(other)).slice(0, -SEATS_KEPT);
    for (const key of surplus) localStorage.removeItem(key);
  } catch {
    // No storage, nothing to forget.
  }
}
