/**
 * What this browser remembers: the player's name and choices, how a game was last created, and of each seat it holds the
 * secret, when it was last taken up, and the id under which the room knows its player. Never anything else, but for light
 * or dark, which theme.ts keeps.
 *
 * Where the browser forbids storage, it is remembered until the page is closed.
 */
const NAME = 'tabiya.name';
const SETTINGS = 'tabiya.settings';
const NEW_GAME = 'tabiya.newGame';
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
  return parsed(read(SETTINGS));
}

export function storeSettings(settings: object): void {
  write(SETTINGS, JSON.stringify(settings));
}

/** What `storeNewGame` was given last, or anything else. */
export function storedNewGame(): unknown {
  return parsed(read(NEW_GAME));
}

export function storeNewGame(form: object): void {
  write(NEW_GAME, JSON.stringify(form));
}

function parsed(json: string | null): unknown {
  try {
    return JSON.parse(json ?? 'null');
  } catch {
    return null;
  }
}

/** What a spectator's feed goes over. */
export type FeedKind = 'sse' | 'websocket';

export function storedFeedKind(): FeedKind {
  return read(FEED) === 'websocket' ? 'websocket' : 'sse';
}

export function storeFeedKind(kind: FeedKind): void {
  write(FEED, kind);
}

export interface Seat {
  readonly roomId: string;
  readonly token: string;
  /** Unix time in ms. */
  readonly takenUpAt: number;
  /** null: the room has not told yet, or an earlier version of this client was told. */
  readonly playerId: string | null;
}

function seatIn(roomId: string): Seat | null {
  const [token, takenUpAt, playerId] = read(SEAT + roomId)?.split(' ') ?? [];
  return token ? { roomId, token, takenUpAt: Number(takenUpAt) || 0, playerId: playerId || null } : null;
}

/** The secret of this browser's seat in the room; null: it has none. */
export function seatToken(roomId: string): string | null {
  return seatIn(roomId)?.token ?? null;
}

export function storeSeatToken(roomId: string, token: string): void {
  forgetOldSeats();
  write(SEAT + roomId, `${token} ${Date.now()}`);
}

/** The room has let this browser take its seat up, and calls its player so. */
export function noteSeatPlayer(roomId: string, playerId: string): void {
  const token = seatToken(roomId);
  if (token !== null) write(SEAT + roomId, `${token} ${Date.now()} ${playerId}`);
}

/** The seats that this browser holds, the one taken up last first. */
export function heldSeats(): Seat[] {
  return seatKeys()
    .flatMap(key => seatIn(key.slice(SEAT.length)) ?? [])
    .sort((one, other) => other.takenUpAt - one.takenUpAt);
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
  for (const { roomId } of heldSeats().slice(SEATS_KEPT)) forgetSeatToken(roomId);
}

function seatKeys(): string[] {
  try {
    return Object.keys(localStorage).filter(key => key.startsWith(SEAT));
  } catch {
    return [...fallback.keys()].filter(key => key.startsWith(SEAT));
  }
}
