/** Who is signed in here: the account's challenges and games, as `/sse/me` tells of them. Pure. */
import type { Color } from './protocol';

export interface Someone {
  readonly id: string;
  readonly name: string;
  readonly title: string | null;
}

/** As the Lichess API describes it. */
export interface Challenge {
  readonly id: string;
  readonly challenger: Someone;
  readonly destUser: Someone;
  readonly variant: { readonly key: string };
  readonly timeControl: {
    readonly type: 'clock' | 'correspondence' | 'unlimited';
    readonly limit?: number;
    readonly increment?: number;
    readonly daysPerTurn?: number;
  };
  readonly color: Color | 'random';
  readonly initialFen?: string;
}

export interface RunningGame {
  readonly room_id: string;
  readonly color: Color;
  readonly fen: string;
  readonly lastMove: string;
  readonly isMyTurn: boolean;
  readonly opponent: { readonly username: string };
  readonly secondsLeft?: number;
}

type Outcome = 'accepted' | 'declined' | 'cancelled' | 'expired';

export type MeFrame =
  | {
      readonly type: 'me';
      readonly account: Someone;
      readonly challenges: readonly Challenge[];
      readonly games: readonly { readonly game_id: string; readonly room_id: string }[];
    }
  | { readonly type: 'challenge'; readonly challenge: Challenge }
  | { readonly type: 'challenge_closed'; readonly id: string; readonly outcome: Outcome }
  | { readonly type: 'game_started'; readonly game_id: string; readonly room_id: string }
  | { readonly type: 'game_over'; readonly game_id: string }
  | { readonly type: 'games'; readonly games: readonly RunningGame[] };

export const ME_TYPES: readonly MeFrame['type'][] = [
  'me',
  'challenge',
  'challenge_closed',
  'game_started',
  'game_over',
  'games',
];

/** What came of a challenge that was made by this account. */
export interface Answered {
  readonly challenge: Challenge;
  readonly outcome: 'accepted' | 'declined' | 'expired';
}

export interface MeState {
  /** null: a guest. */
  readonly name: string | null;
  readonly id: string | null;
  readonly challenges: readonly Challenge[];
  /** The room of each running game, by the game's id. */
  readonly rooms: ReadonlyMap<string, string>;
  /** What there is to show of them; null until that was told. */
  readonly games: readonly RunningGame[] | null;
  readonly answered: readonly Answered[];
  readonly isLive: boolean;
}

export type MeMessage =
  | { readonly kind: 'signedIn'; readonly name: string }
  | { readonly kind: 'signedOut' | 'lost' }
  | { readonly kind: 'dismissed'; readonly id: string }
  | { readonly kind: 'told'; readonly frame: MeFrame };

export function guest(): MeState {
  return { name: null, id: null, challenges: [], rooms: new Map(), games: null, answered: [], isLive: false };
}

export function updateMe(state: MeState, message: MeMessage): MeState {
  switch (message.kind) {
    case 'signedIn':
      return { ...guest(), name: message.name };
    case 'signedOut':
      return guest();
    case 'lost':
      return { ...state, isLive: false };
    case 'dismissed':
      return { ...state, answered: state.answered.filter(({ challenge }) => challenge.id !== message.id) };
    case 'told':
      return told(state, message.frame);
  }
}

function told(state: MeState, frame: MeFrame): MeState {
  switch (frame.type) {
    case 'me':
      return {
        ...state,
        name: frame.account.name,
        id: frame.account.id,
        challenges: frame.challenges,
        rooms: new Map(frame.games.map(({ game_id, room_id }) => [game_id, room_id])),
        isLive: true,
      };
    case 'challenge': {
      const others = state.challenges.filter(({ id }) => id !== frame.challenge.id);
      return { ...state, challenges: [...others, frame.challenge] };
    }
    case 'challenge_closed':
      return closed(state, frame.id, frame.outcome);
    case 'game_started':
      return { ...state, rooms: new Map([...state.rooms, [frame.game_id, frame.room_id]]) };
    case 'game_over': {
      const room = state.rooms.get(frame.game_id);
      return {
        ...state,
        rooms: new Map([...state.rooms].filter(([game]) => game !== frame.game_id)),
        games: state.games?.filter(({ room_id }) => room_id !== room) ?? null,
      };
    }
    case 'games':
      return { ...state, games: frame.games };
  }
}

function closed(state: MeState, id: string, outcome: Outcome): MeState {
  const challenge = state.challenges.find(one => one.id === id);
  const challenges = state.challenges.filter(one => one.id !== id);
  if (!challenge || isIncoming(state, challenge) || outcome === 'cancelled') return { ...state, challenges };
  return { ...state, challenges, answered: [...state.answered, { challenge, outcome }] };
}

export function isIncoming({ id }: MeState, challenge: Challenge): boolean {
  return challenge.destUser.id === id;
}

/** Whether the account plays in the room, in a game that goes on. */
export function playsIn({ rooms }: MeState, roomId: string): boolean {
  return [...rooms.values()].includes(roomId);
}

/** The colour that the account would have; null: that is drawn. */
export function ownColorIn(state: MeState, { challenger, color }: Challenge): Color | null {
  if (color === 'random') return null;
  if (challenger.id === state.id) return color;
  return color === 'white' ? 'black' : 'white';
}

/** The challenge's time control as this server writes it: `5+3`, `3d`, `unlimited`. */
export function timeOfChallenge({ timeControl }: Challenge): string {
  const { type, limit = 0, increment = 0, daysPerTurn = 0 } = timeControl;
  if (type === 'clock') return `${Math.round((limit / 60) * 100) / 100}+${increment}`;
  return type === 'correspondence' ? `${daysPerTurn}d` : 'unlimited';
}
