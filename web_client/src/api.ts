/** The HTTP routes the pages use. */
import type { FinishedGame, RoomListing, RoomTicket } from './protocol';

export interface NewRoom {
  readonly time: string;
  readonly variant: string;
  readonly fen?: string;
  readonly color: 'white' | 'black' | 'random';
  readonly name?: string;
  readonly token: string;
}

/** Why a request failed: the server's own sentence, or a kind of failure that this client has words for. */
export type Failure =
  { readonly kind: 'unreachable' | 'tooMany' | 'missing' } | { readonly kind: 'refused'; readonly detail: string };
export type Answer<T> = { readonly ok: T } | { readonly failure: Failure };

export function createRoom(room: NewRoom): Promise<Answer<RoomTicket>> {
  return request('/rooms', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(room),
  });
}

/** The public games that are being played now. */
export function liveRooms(): Promise<Answer<{ readonly items: readonly RoomListing[] }>> {
  return request('/rooms?status=playing&limit=50');
}

export function finishedGame(gameId: string): Promise<Answer<FinishedGame>> {
  return request(`/games/${encodeURIComponent(gameId)}`);
}

async function request<T>(path: string, init?: RequestInit): Promise<Answer<T>> {
  try {
    const response = await fetch(path, init);
    // The server is trusted with the shape of its own answers.
    if (response.ok) return { ok: (await response.json()) as T };
    return { failure: await failureOf(response) };
  } catch {
    return { failure: { kind: 'unreachable' } };
  }
}

async function failureOf(response: Response): Promise<Failure> {
  if (response.status === 404) return { kind: 'missing' };
  if (response.status === 429) return { kind: 'tooMany' };
  if (response.status >= 500) return { kind: 'unreachable' };
  const problem: unknown = await response.json().catch(() => null);
  const isDetailed = typeof problem === 'object' && problem !== null && 'detail' in problem;
  return { kind: 'refused', detail: isDetailed && typeof problem.detail === 'string' ? problem.detail : '' };
}
