/**
 * Everything a room's page knows, as one plain value: no DOM, no socket, no clock.
 *
 * `update` makes the next one out of it; views only read it. Times are Unix milliseconds, of the server's clock where they
 * come from frames (`at`, `forfeit_at`), of this device's where a comment says so.
 */
import type { TimeSync } from './clock';
import type { PromotionRole } from './line';
import type { Code, Color, Command, StateFrame } from './protocol';

/** The connection, as it is honestly known. */
export type Link =
  /** Not yet connected since the page was opened. */
  | { readonly kind: 'connecting' }
  /** Frames flow. */
  | { readonly kind: 'live' }
  /** Still open, but this device says that it has no network, or an answer is overdue. */
  | { readonly kind: 'doubtful' }
  /** Lost; it is tried again at `retryAt` (this device's time), or just now if that is null. */
  | { readonly kind: 'lost'; readonly retryAt: number | null; readonly isRestart: boolean }
  /** Over for good: not tried again by itself. `code` is the close code. */
  | { readonly kind: 'ended'; readonly code: number; readonly reason: string };

/** A command that the server has not answered yet. It is sent again, under the same id, after every reconnect. */
export interface Pending {
  readonly id: string;
  readonly message: Command;
  /** The game it was meant for; null before the first. */
  readonly gameId: string | null;
  /** This device's time. */
  readonly issuedAt: number;
  /** The move in notation, for telling about it; null for other commands. */
  readonly san: string | null;
}

/** What a player away from the board may lose, and when. */
export interface Away {
  readonly policy: 'forfeit' | 'claim' | 'none';
  /** The server's time; null: never. */
  readonly forfeitAt: number | null;
}

/** The room as the frames tell it: the last `state`, brought up to date by every frame since. */
export interface Facts extends Omit<StateFrame, 'type'> {
  /** Players who are known to be away, with the consequences. */
  readonly away: { readonly white: Away | null; readonly black: Away | null };
  /** How late each player's last move of this game arrived, as the server measured it; null: not known. */
  readonly lag: { readonly white: number | null; readonly black: number | null };
  /** The server's time when the present turn began; null: not known, since `state` does not say it. */
  readonly turnSince: number | null;
  /** Where the last finished game's PGN is; null: where the room's is. */
  readonly pgn_url: string | null;
}

/** Something to be told once, in passing. */
export type Notice =
  /** A command was refused. `san`: of the move that was taken back. */
  | {
      readonly kind: 'refused';
      readonly code: Code;
      readonly type: Command['type'] | null;
      readonly san: string | null;
    }
  /** The opponent declined. */
  | { readonly kind: 'declined'; readonly offer: 'draw' | 'takeback' | 'rematch' }
  /** Somebody else took the last seat. */
  | { readonly kind: 'seatsTaken' }
  /** The seat's secret was not accepted, so that this device only watches now. */
  | { readonly kind: 'seatLost' }
  /** The room is over or was opened anew: what was not answered will not be. `san`: of the move that is taken back. */
  | { readonly kind: 'givenBack'; readonly san: string | null }
  /** The server gave time back after an outage. */
  | { readonly kind: 'outage' }
  /** The opponent of `to` gave them time. */
  | { readonly kind: 'given'; readonly to: Color; readonly ms: number };

/** What waits for the player's "yes". */
export type Question = 'resign' | 'draw' | 'abort' | 'leave';

/** A pawn on its way to the last rank, until the new piece is chosen. */
export interface Promoting {
  readonly from: string;
  readonly to: string;
}

/** A move to be made as soon as it is this player's turn, if it is legal then. Only this page knows of it. */
export interface Premove {
  readonly from: string;
  readonly to: string;
  /** What a pawn becomes; a premove does not stop to ask. */
  readonly role: PromotionRole;
}

/** The page of one room. */
export interface RoomState {
  readonly roomId: string;
  /** This device's seat: null while it only watches, or until `welcome`. */
  readonly playerId: string | null;
  readonly link: Link;
  /** Null until the first `state`. */
  readonly facts: Facts | null;
  /** A frame was missed: nothing is applied until the `state` that was asked for. */
  readonly isGapped: boolean;
  /** Unanswered commands, oldest first. */
  readonly pending: readonly Pending[];
  /** The server's clock, as far as it is known. */
  readonly sync: TimeSync;
  /** The last measured round trip; null: none yet. */
  readonly roundTripMs: number | null;
  /** The newest thing to tell; `key` tells one from the next. */
  readonly notice: { readonly key: number; readonly notice: Notice } | null;
  readonly question: Question | null;
  readonly promoting: Promoting | null;
  readonly premove: Premove | null;
  /** The ply whose position is looked at; null: the newest, and following it. */
  readonly viewedPly: number | null;
  /** Whether the player turned the board round. */
  readonly isFlipped: boolean;
}

export function initialState(roomId: string): RoomState {
  return {
    roomId,
    playerId: null,
    link: { kind: 'connecting' },
    facts: null,
    isGapped: false,
    pending: [],
    sync: [],
    roundTripMs: null,
    notice: null,
    question: null,
    promoting: null,
    premove: null,
    viewedPly: null,
    isFlipped: false,
  };
}

/** The colour this device plays; null: it watches. */
export function ownColor(state: RoomState): Color | null {
  const { facts, playerId } = state;
  if (!facts || playerId === null) return null;
  if (facts.white?.player_id === playerId) return 'white';
  if (facts.black?.player_id === playerId) return 'black';
  return null;
}

/** The colour at the lower edge of the board. */
export function bottomColor(state: RoomState): Color {
  const own = ownColor(state) ?? 'white';
  return state.isFlipped ? (own === 'white' ? 'black' : 'white') : own;
}

/** The move that is played but not acknowledged, if it continues the current position. */
export function pendingMove(state: RoomState): (Pending & { readonly message: { type: 'move'; uci: string } }) | null {
  const { facts, pending } = state;
  if (!facts || facts.status !== 'playing') return null;
  for (const command of pending) {
    const { message } = command;
    if (message.type === 'move' && message.ply === facts.ply + 1 && command.gameId === facts.game_id) {
      return { ...command, message };
    }
  }
  return null;
}

/** Whether it is this device's turn, with no move of it under way. */
export function mayMove(state: RoomState): boolean {
  const { facts } = state;
  return facts?.status === 'playing' && facts.turn === ownColor(state) && !pendingMove(state);
}

/** Where to resume: `epoch:v`, or null if nothing is known. */
export function position(state: RoomState): string | null {
  const { facts, isGapped } = state;
  return facts && !isGapped ? `${facts.epoch}:${facts.v}` : null;
}

/** Whether a command of this type (and kind) waits for its answer. */
export function isAsking(state: RoomState, type: Command['type'], kind?: string): boolean {
  return state.pending.some(
    ({ message }) => message.type === type && (kind === undefined || ('kind' in message && message.kind === kind)),
  );
}
