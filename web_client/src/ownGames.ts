/** One's own games that are not over, as the first page shows them: an account's, or those of a guest's seats. Pure. */
import type { RunningGame } from './me';
import type { Color, StateFrame } from './protocol';

/** What a game is called. */
export type Called =
  | { readonly by: 'opponent'; readonly name: string }
  /** It is not known who of them one is. */
  | { readonly by: 'players'; readonly white: string; readonly black: string }
  /** There is no opponent yet. */
  | { readonly by: 'time'; readonly control: string };

/** In the order in which games are shown; `played`: it is not known whose move it is. */
export type Stage = 'yourMove' | 'theirMove' | 'played' | 'waiting';

export interface OwnGame {
  readonly roomId: string;
  readonly called: Called;
  readonly stage: Stage;
  readonly fen: string;
  /** UCI. */
  readonly lastMove: string | null;
  readonly bottom: Color;
}

const RANKS: Readonly<Record<Stage, number>> = { yourMove: 0, theirMove: 1, played: 1, waiting: 2 };

/** Games in which it is one's move first, those that wait for an opponent last; else as they come. */
export function ordered(games: readonly OwnGame[]): OwnGame[] {
  return [...games].sort((one, other) => RANKS[one.stage] - RANKS[other.stage]);
}

export function ofAccount(game: RunningGame): OwnGame {
  return {
    roomId: game.room_id,
    called: { by: 'opponent', name: game.opponent.username },
    stage: game.isMyTurn ? 'yourMove' : 'theirMove',
    fen: game.fen,
    lastMove: game.lastMove || null,
    bottom: game.color,
  };
}

/** Whether who holds that seat is an account, and so the account opens it, not the seat's secret. */
export function isAccounts(playerId: string | null): boolean {
  return playerId?.startsWith('@') === true;
}

/**
 * The game in a room where this browser holds a seat, as the player of that id; null: there is none to go back to, because
 * it is over, or the seat is somebody else's by now.
 *
 * Colours change from game to game, the id stays. It is null for seats of which only the secret is known.
 */
export function ofSeat(playerId: string | null, room: StateFrame): OwnGame | null {
  const own = playerId === null ? null : colorOf(playerId, room);
  const isEmpty = !room.white && !room.black;
  if ((playerId !== null && own === null) || isEmpty) return null;
  if (room.status !== 'playing' && room.status !== 'waiting') return null;
  return {
    roomId: room.room_id,
    called: called(own, room),
    stage: stageOf(own, room),
    fen: room.fen,
    lastMove: room.moves.at(-1)?.uci ?? null,
    bottom: own ?? 'white',
  };
}

function colorOf(playerId: string, { white, black }: StateFrame): Color | null {
  if (white?.player_id === playerId) return 'white';
  return black?.player_id === playerId ? 'black' : null;
}

function called(own: Color | null, { status, white, black, time_control }: StateFrame): Called {
  if (status === 'waiting') return { by: 'time', control: time_control };
  if (own === null) return { by: 'players', white: white?.name ?? '', black: black?.name ?? '' };
  return { by: 'opponent', name: (own === 'white' ? black : white)?.name ?? '' };
}

function stageOf(own: Color | null, { status, turn }: StateFrame): Stage {
  if (status === 'waiting') return 'waiting';
  if (own === null) return 'played';
  return own === turn ? 'yourMove' : 'theirMove';
}
