/** What is wished for on the start page, and how it comes about: a room, a computer in it, a challenge. */
import { challengePlayer, createRoom, playComputer } from './api';
import type { ChallengeWish, Failure, NewRoom } from './api';
import { newToken, storeSeatToken } from './storage';

export const OPPONENTS = ['friend', 'anyone', 'computer', 'player'] as const;
export const SIDES = ['white', 'random', 'black'] as const;
export const KINDS = ['standard', 'chess960', 'position'] as const;
/** How well the computer plays: what is offered until the server has told its own. */
export const LEVELS: readonly number[] = [1, 2, 3, 4, 5, 6, 7, 8];

export const UNLIMITED = 'unlimited';

export type Opponent = (typeof OPPONENTS)[number];
export type Side = (typeof SIDES)[number];
export type Kind = (typeof KINDS)[number];

export interface GameWish {
  readonly opponent: Opponent;
  /** `5+3`, `3d`, `unlimited`. */
  readonly time: string;
  readonly color: Side;
  readonly kind: Kind;
  /** For games from a position. */
  readonly fen: string;
  readonly name: string;
  /** Of the computer. */
  readonly level: number;
  /** Whom to challenge. */
  readonly player: string;
}

export type Begun = { readonly roomId: string } | { readonly challengeId: string } | { readonly failure: Failure };

export async function begin(wish: GameWish): Promise<Begun> {
  if (wish.opponent === 'player') {
    const answer = await challengePlayer(wish.player, challengeOf(wish));
    return 'ok' in answer ? { challengeId: answer.ok.id } : answer;
  }
  const token = newToken();
  const answer = await createRoom({
    time: wish.time,
    variant: wish.kind === 'chess960' ? 'chess960' : 'standard',
    color: wish.color,
    token,
    ...(wish.kind === 'position' && { fen: wish.fen }),
    ...(wish.name && { name: wish.name }),
    ...(wish.opponent === 'anyone' && { public: true }),
    ...(wish.opponent === 'computer' && againstComputer(wish.time)),
  });
  if ('failure' in answer) return answer;
  const roomId = answer.ok.room_id;
  storeSeatToken(roomId, token);
  if (wish.opponent !== 'computer') return { roomId };
  const seated = await playComputer(roomId, wish.level);
  return 'ok' in seated ? { roomId } : seated;
}

/** The computer waits for who leaves a game without a clock, where a person need not wait for long. */
export function againstComputer(time: string): Pick<NewRoom, 'on_disconnect'> {
  return time === UNLIMITED ? { on_disconnect: 'claim' } : {};
}

/** Whether it is the server's own engine that plays under that id, which then begins with its level. */
export function isComputer(playerId: string): boolean {
  return /^\d+\./.test(playerId);
}

export function challengeOf({ time, color, kind, fen }: GameWish): ChallengeWish {
  const [, minutes, increment] = /^([\d.]+)\+(\d+)$/.exec(time) ?? [];
  const days = /^(\d+)d$/.exec(time)?.[1];
  return {
    color,
    variant: kind === 'position' ? 'fromPosition' : kind,
    ...(kind === 'position' && { fen }),
    ...(minutes &&
      increment && { 'clock.limit': String(Math.round(Number(minutes) * 60)), 'clock.increment': increment }),
    ...(days && { days }),
  };
}
