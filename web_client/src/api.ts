/** The HTTP routes the pages use. */
import type {
  ComputerOffer,
  FinishedGame,
  GameList,
  RoomListing,
  RoomOptions,
  RoomTicket,
  StateFrame,
} from './protocol';

const ROOM_PATIENCE_MS = 5_000;

export interface NewRoom {
  readonly time: string;
  readonly variant: string;
  readonly fen?: string;
  readonly color: 'white' | 'black' | 'random';
  readonly name?: string;
  readonly token: string;
  /** Shown in the lobby, where anybody may join. */
  readonly public?: boolean;
  readonly on_disconnect?: RoomOptions['on_disconnect'];
}

export interface NewAccount {
  readonly id: string;
  readonly name: string;
  readonly token: string;
}

export interface GameSearch {
  readonly player: string;
  readonly result: string;
}

/** Why a request failed: the server's own sentence, or a kind of failure that this client has words for. */
export type Failure =
  { readonly kind: 'unreachable' | 'tooMany' | 'missing' } | { readonly kind: 'refused'; readonly detail: string };
export type Answer<T> = { readonly ok: T } | { readonly failure: Failure };

export function createRoom(room: NewRoom): Promise<Answer<RoomTicket>> {
  return send('/rooms', room);
}

/** Takes a free seat, which `token` opens from then on. */
export function takeSeat(roomId: string, token: string, name: string): Promise<Answer<unknown>> {
  return send(`/rooms/${encodeURIComponent(roomId)}/seats`, { token, ...(name && { name }) });
}

/** The room as who holds this seat in it sees it; a server that is slow to tell has not told. */
export function readRoom(roomId: string, token: string): Promise<Answer<StateFrame>> {
  return request(`/rooms/${encodeURIComponent(roomId)}`, {
    headers: { authorization: `Bearer ${token}` },
    signal: AbortSignal.timeout(ROOM_PATIENCE_MS),
  });
}

/** Which engine plays here, and at which levels. */
export function computerOffer(): Promise<Answer<ComputerOffer>> {
  return request('/computer');
}

export function playComputer(roomId: string, level: number): Promise<Answer<unknown>> {
  return send(`/rooms/${encodeURIComponent(roomId)}/computer`, { level });
}

/** The first page of finished games; the next one's address stands in the answer. */
export function finishedGames({ player, result }: GameSearch, limit: number): Promise<Answer<GameList>> {
  const query = new URLSearchParams({ limit: String(limit), ...(player && { player }), ...(result && { result }) });
  return request(`/games?${query}`);
}

export function moreGames(next: string): Promise<Answer<GameList>> {
  return request(next);
}

export function createAccount(name: string): Promise<Answer<NewAccount>> {
  return send('/accounts', { name });
}

/** Signs this browser in with an account's token. */
export function openSession(token: string): Promise<Answer<{ name: string }>> {
  return request('/accounts/session', { method: 'POST', headers: { authorization: `Bearer ${token}` } });
}

export function closeSession(): Promise<Answer<unknown>> {
  return request('/accounts/session', { method: 'DELETE' });
}

export function currentAccount(): Promise<Answer<{ name: string }>> {
  return request('/accounts/me');
}

export function anotherToken(): Promise<Answer<NewAccount>> {
  return send('/accounts/tokens', {});
}

/** What a challenge asks for, in the words of the Lichess API. */
export type ChallengeWish = Readonly<Record<string, string>>;

export function challengePlayer(name: string, wish: ChallengeWish): Promise<Answer<{ id: string }>> {
  return send(`/api/challenge/${encodeURIComponent(name)}`, wish);
}

export function answerChallenge(id: string, answer: 'accept' | 'decline' | 'cancel'): Promise<Answer<unknown>> {
  return send(`/api/challenge/${encodeURIComponent(id)}/${answer}`, {});
}

/** The names of the bots that can be challenged now; none if that cannot be told. */
export async function botsOnline(): Promise<readonly string[]> {
  try {
    const lines = (await (await fetch('/api/bot/online')).text()).split('\n').filter(Boolean);
    return lines.map(line => (JSON.parse(line) as { username: string }).username);
  } catch {
    return [];
  }
}

/** The public games that are being played now. */
export function liveRooms(): Promise<Answer<{ readonly items: readonly RoomListing[] }>> {
  return request('/rooms?status=playing&limit=50');
}

export function finishedGame(gameId: string): Promise<Answer<FinishedGame>> {
  return request(`/games/${encodeURIComponent(gameId)}`);
}

function send<T>(path: string, body: object): Promise<Answer<T>> {
  return request(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
}

async function request<T>(path: string, init?: RequestInit): Promise<Answer<T>> {
  try {
    const response = await fetch(path, init);
    // The server is trusted with the shape of its own answers.
    if (response.ok) return { ok: (response.status === 204 ? null : await response.json()) as T };
    return { failure: await failureOf(response) };
  } catch {
    return { failure: { kind: 'unreachable' } };
  }
}

async function failureOf(response: Response): Promise<Failure> {
  if (response.status === 404) return { kind: 'missing' };
  if (response.status === 429) return { kind: 'tooMany' };
  const problem = (await response.json().catch(() => null)) as { detail?: unknown; error?: unknown } | null;
  const detail = problem?.detail ?? problem?.error;
  // 501 and 503 say what is missing, or full; other faults of the server have no words for people.
  if (response.status === 500 || (response.status > 500 && typeof detail !== 'string')) return { kind: 'unreachable' };
  return { kind: 'refused', detail: typeof detail === 'string' ? detail : '' };
}
