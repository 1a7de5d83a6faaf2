/** The HTTP routes the pages use. */
import type { PlayedMove, Player, Reason, Result } from './protocol';

export interface NewRoom {
  readonly time: string;
  readonly variant: string;
  readonly fen?: string;
  readonly color: 'white' | 'black' | 'random';
  readonly name?: string;
  readonly token: string;
}

/** Why a request failed: the server's own sentence, or a kind of failure that this client has words for. */
export type Failure = { readonly kind: 'unreachable' | 'tooMany' | 'missing' } | { readonly kind: 'refused'; readonly detail: string };
export type Answer<T> = { readonly ok: T } | { readonly failure: Failure };

/** A finished game as `GET /games/{game_id}` tells it: what the replay needs. */
export interface FinishedGame {
  readonly game_id: string;
  readonly room_id: string;
  readonly variant: string;
  readonly initial_fen: string;
  readonly fen: string;
  readonly moves: readonly PlayedMove[];
  readonly white: Omit<Player, 'connected'> | null;
  readonly black: Omit<Player, 'connected'> | null;
  readonly time_control: string;
  readonly result: Result;
  readonly winner: 'white' | 'black' | null;
  readonly reason: Reason;
  readonly ended_at: number;
  readonly pgn_url: string;
}

export function createRoom(room: NewRoom): Promise<Answer<{ readonly room_id: string }>> {
  return request('/rooms', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(room),
  });
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
