/** What is new to this page's player between two states: what is worth a sound, or a notification. */
import { opponent } from './protocol';
import type { Color, OfferKind } from './protocol';
import { mayMove, ownColor, pendingMove } from './state';
import type { RoomState } from './state';

export type News =
  | { readonly kind: 'start' | 'end' }
  /** `isMine`: it is this player's turn now. */
  | { readonly kind: 'move'; readonly san: string; readonly isMine: boolean }
  | { readonly kind: 'offer'; readonly offer: OfferKind }
  | { readonly kind: 'chat' };

/** The weightiest news, or null; nothing is new on a page that was just opened. */
export function newsOf(before: RoomState, after: RoomState): News | null {
  const [old, now] = [before.facts, after.facts];
  if (!old || !now) return null;
  if (old.game_id !== now.game_id) return { kind: now.status === 'playing' ? 'start' : 'end' };
  if (old.result === null && now.result !== null) return { kind: 'end' };
  const [last, next] = [lastMove(before), lastMove(after)];
  if (next && next.ply > (last?.ply ?? 0)) return { kind: 'move', san: next.san, isMine: mayMove(after) };
  const own = ownColor(after);
  const offer = own && offeredBy(opponent(own), before, after);
  if (offer) return { kind: 'offer', offer };
  const line = now.chat.at(-1);
  return line && line !== old.chat.at(-1) && line.by !== own ? { kind: 'chat' } : null;
}

/** The last move, this player's own as soon as it is made. */
function lastMove(state: RoomState): { ply: number; san: string } | null {
  const { facts } = state;
  if (!facts) return null;
  const pending = pendingMove(state);
  if (pending) return { ply: facts.ply + 1, san: pending.san ?? '' };
  return { ply: facts.ply, san: facts.moves.at(-1)?.san ?? '' };
}

function offeredBy(color: Color, before: RoomState, after: RoomState): OfferKind | undefined {
  const kinds: readonly OfferKind[] = ['draw', 'takeback', 'rematch'];
  return kinds.find(kind => after.facts?.offers[kind] === color && before.facts?.offers[kind] !== color);
}
