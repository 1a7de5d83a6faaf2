/**
 * The next state of a room's page, after one message: pure, and the only place where it changes.
 */
import { afterRoundTrip, afterStamp, givenTime } from './clock';
import { evolved, factsOf, withPresence } from './evolve';
import { CLOSE, mayBeSentAgain } from './protocol';
import type { EventFrame, Frame, FrameOf } from './protocol';
import type { Link, Notice, Pending, Premove, Promoting, Question, RoomState } from './state';

/** Everything that can happen to a page. */
export type Message =
  /** A frame came; `now` is this device's time. */
  | { readonly kind: 'received'; readonly frame: Frame; readonly now: number }
  | { readonly kind: 'linked'; readonly link: Link }
  | { readonly kind: 'issued'; readonly command: Pending }
  /** This device holds no seat any more, or leaves its feed for one: what was pending is void. */
  | { readonly kind: 'unseated' }
  | { readonly kind: 'noticed'; readonly notice: Notice }
  | { readonly kind: 'noticeRead' }
  | { readonly kind: 'asked'; readonly question: Question | null }
  | { readonly kind: 'promoting'; readonly promoting: Promoting | null }
  | { readonly kind: 'premoved'; readonly premove: Premove | null }
  | { readonly kind: 'viewed'; readonly ply: number | null }
  | { readonly kind: 'flipped' };

export function update(state: RoomState, message: Message): RoomState {
  switch (message.kind) {
    case 'received':
      return received(state, message.frame, message.now);
    case 'linked':
      return linked(state, message.link);
    case 'issued':
      return issued(state, message.command);
    case 'unseated':
      return { ...state, playerId: null, pending: [], question: null, promoting: null, premove: null };
    case 'noticed':
      return noticed(state, message.notice);
    case 'noticeRead':
      return { ...state, notice: null };
    case 'asked':
      return { ...state, question: message.question };
    case 'promoting':
      return { ...state, promoting: message.promoting };
    case 'premoved':
      return { ...state, premove: message.premove };
    case 'viewed':
      return viewed(state, message.ply);
    case 'flipped':
      return { ...state, isFlipped: !state.isFlipped };
  }
}

/** A command leaves what is in the player's hands alone, unless it is what they were about to do. */
function issued(state: RoomState, command: Pending): RoomState {
  const next = { ...state, pending: [...state.pending, command] };
  switch (command.message.type) {
    case 'move':
      return { ...next, question: null, promoting: null, viewedPly: null };
    case 'chat':
    case 'add_time':
      return next;
    default:
      return { ...next, question: null };
  }
}

function received(state: RoomState, frame: Frame, now: number): RoomState {
  switch (frame.type) {
    case 'welcome':
      return { ...state, playerId: frame.player_id, sync: afterStamp(state.sync, frame.server_time, now) };
    case 'state':
      return replaced(state, frame, now);
    case 'presence':
      return state.facts ? { ...state, facts: withPresence(state.facts, frame) } : state;
    case 'ack':
      return { ...state, pending: without(state.pending, frame.id) };
    case 'error':
      return refused(state, frame);
    case 'pong':
      return ponged(state, frame, now);
    default:
      return happened(state, frame, now);
  }
}

/** The whole room anew. */
function replaced(state: RoomState, frame: FrameOf<'state'>, now: number): RoomState {
  const { facts } = state;
  const isNewRoom = facts !== null && facts.epoch !== frame.epoch;
  const isSameGame = facts !== null && !isNewRoom && facts.game_id === frame.game_id;
  const next: RoomState = {
    ...state,
    facts: factsOf(frame, facts),
    isGapped: false,
    sync: afterStamp(state.sync, frame.at, now),
    viewedPly: isSameGame && (state.viewedPly ?? 0) <= frame.ply ? state.viewedPly : null,
    promoting: isSameGame && facts.ply === frame.ply ? state.promoting : null,
    premove: isSameGame && frame.status === 'playing' && frame.ply >= facts.ply ? state.premove : null,
    question: isSameGame && frame.status === 'playing' ? state.question : null,
  };
  return isNewRoom ? givenBack({ ...next, pending: state.pending }) : next;
}

function linked(state: RoomState, link: Link): RoomState {
  const next = { ...state, link };
  return link.kind === 'ended' && link.code !== CLOSE.openedElsewhere ? givenBack(next) : next;
}

/** Nothing that is pending will be answered: said, if there was anything. */
function givenBack(state: RoomState): RoomState {
  if (state.pending.length === 0) return state;
  const san = state.pending.find(command => command.san !== null)?.san ?? null;
  return noticed({ ...state, pending: [], premove: null }, { kind: 'givenBack', san });
}

/** One event of the room, if it is the next one. */
function happened(state: RoomState, frame: EventFrame, now: number): RoomState {
  const { facts } = state;
  if (!facts || state.isGapped || frame.v <= facts.v) return state;
  if (frame.v > facts.v + 1) return { ...state, isGapped: true };
  const next: RoomState = {
    ...state,
    facts: { ...evolved(facts, frame), v: frame.v },
    sync: afterStamp(state.sync, frame.at, now),
  };
  return remarked(state, next, frame);
}

/** What an event changes on the page besides the facts. */
function remarked(before: RoomState, after: RoomState, frame: EventFrame): RoomState {
  switch (frame.type) {
    case 'game_started':
      return { ...after, viewedPly: null, question: null, promoting: null, premove: null, isFlipped: false };
    case 'takeback':
      return { ...after, viewedPly: null, promoting: null, premove: null };
    case 'move':
      return { ...after, promoting: null };
    case 'game_over':
      return { ...after, question: null, promoting: null, premove: null, viewedPly: null };
    case 'offer_cancelled':
      return wasDeclined(before, frame) ? noticed(after, { kind: 'declined', offer: frame.kind }) : after;
    case 'clock':
      return retimed(before, after, frame);
    default:
      return after;
  }
}

/** Somebody gave the other time, or the server gave back what an outage took: said, to whom and how much. */
function retimed(before: RoomState, after: RoomState, frame: FrameOf<'clock'>): RoomState {
  if (frame.reason === 'outage') return noticed(after, { kind: 'outage' });
  const { facts } = before;
  const given = facts?.clock && frame.clock ? givenTime(facts.clock, facts.at, frame.clock, frame.at) : null;
  return given ? noticed(after, { kind: 'given', ...given }) : after;
}

/** Whether somebody else turned down this player's offer, rather than a move having overtaken it. */
function wasDeclined(before: RoomState, frame: FrameOf<'offer_cancelled'>): boolean {
  const offeredBy = before.facts?.offers[frame.kind] ?? null;
  if (offeredBy === null || offeredBy === frame.by) return false;
  return before.facts?.[offeredBy]?.player_id === before.playerId;
}

/** A command was refused: what it showed is taken back by its leaving `pending`. */
function refused(state: RoomState, frame: FrameOf<'error'>): RoomState {
  const command = state.pending.find(({ id }) => id === frame.id);
  if (!command) return noticed(state, { kind: 'refused', code: frame.code, type: null, san: null });
  const { message, san } = command;
  if (message.type === 'move' && mayBeSentAgain(frame.code)) return state;
  const pending = without(state.pending, command.id);
  // A premove was meant for the position after the refused move.
  const premove = message.type === 'move' ? null : state.premove;
  return noticed({ ...state, pending, premove }, { kind: 'refused', code: frame.code, type: message.type, san });
}

function ponged(state: RoomState, frame: FrameOf<'pong'>, now: number): RoomState {
  const sentAt: unknown = frame.t;
  if (typeof sentAt !== 'number') return state;
  return {
    ...state,
    sync: afterRoundTrip(state.sync, sentAt, frame.server_time, now),
    roundTripMs: Math.max(0, now - sentAt),
  };
}

function viewed(state: RoomState, ply: number | null): RoomState {
  const newest = state.facts?.ply ?? 0;
  const viewedPly = ply === null || ply >= newest ? null : Math.max(0, ply);
  return { ...state, viewedPly, promoting: null };
}

function noticed(state: RoomState, notice: Notice): RoomState {
  return { ...state, notice: { key: (state.notice?.key ?? 0) + 1, notice } };
}

function without(pending: readonly Pending[], id: string): readonly Pending[] {
  return pending.filter(command => command.id !== id);
}
