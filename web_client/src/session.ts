/**
 * One visit to one room: keeps the state, talks to the server as a player (WebSocket) or a spectator (SSE), and turns what
 * the visitor does into commands.
 */
import { listenToDevice } from './device';
import { follow } from './feed';
import { settings } from './settings';
import { isPromotion, lineOf, positionAt, sanOf, uciOf } from './line';
import type { PromotionRole } from './line';
import { CLOSE, mayBeSentAgain, SUBPROTOCOL } from './protocol';
import type { Command, Frame } from './protocol';
import { connect } from './socket';
import { initialState, mayMove, pendingMove, position } from './state';
import type { Link, Pending, RoomState } from './state';
import { forgetSeatToken, newToken, noteSeatPlayer, seatToken, storedName, storeName, storeSeatToken } from './storage';
import { createStore } from './store';
import type { Store } from './store';
import { update } from './update';
import type { Message } from './update';

const SEND_AGAIN_MS = 1_000;

type WithoutId<T> = T extends unknown ? Omit<T, 'id'> : never;
/** A command before it is given its id. */
export type Wish = WithoutId<Command>;

export interface Session extends Store<RoomState, Message> {
  /** Takes a free seat of the room, under this name. */
  readonly join: (name: string) => void;
  /** Asks the server for something; it stays pending until the server answers. */
  readonly ask: (wish: Wish) => void;
  /** Plays between two squares of the newest position; asks for the new piece first where a pawn promotes. */
  readonly play: (from: string, to: string, role?: PromotionRole) => void;
  /** Keeps a move between two squares for the player's next turn, or plays it if that has come; null: keeps none. */
  readonly premove: (squares: readonly [from: string, to: string] | null, role?: PromotionRole) => void;
  /** Opens the seat here again after it was opened elsewhere, or tries again after the server has closed for good. */
  readonly reopen: () => void;
  readonly close: () => void;
}

/** What both kinds of connection can do. */
interface Channel {
  readonly check: (hasNetwork: boolean) => void;
  readonly close: () => void;
  readonly send?: (message: Command | { type: 'sync' }) => void;
}

/** Opens a room's page; `mayPlay` false: only watches, whatever seats this browser holds. */
export function openRoom(roomId: string, mayPlay = true): Session {
  const store = createStore(initialState(roomId), update);
  let connection: Channel | null = null;
  let name = storedName();

  function start(): void {
    connection?.close();
    const token = mayPlay ? seatToken(roomId) : null;
    connection = token === null ? watch() : play(token);
  }

  function watch(): Channel {
    return follow({ roomId, position: () => position(store.get()), onFrame, onLink: linked });
  }

  function play(token: string): Channel {
    return connect({
      url: () => socketUrl(roomId, position(store.get()), name),
      protocols: [SUBPROTOCOL, `token.${token}`],
      onFrame,
      onLink: link => (link.kind === 'ended' ? dismissed(link) : linked(link)),
    });
  }

  function linked(link: Link): void {
    store.dispatch({ kind: 'linked', link });
  }

  function onFrame(frame: Frame): void {
    const epoch = store.get().facts?.epoch;
    store.dispatch({ kind: 'received', frame, now: Date.now() });
    if (frame.type === 'welcome') noteSeatPlayer(roomId, frame.player_id);
    if (frame.type === 'welcome' && (epoch === undefined || epoch === frame.epoch)) sendAll();
    if (frame.type === 'error' && mayBeSentAgain(frame.code)) setTimeout(sendAgain, SEND_AGAIN_MS, frame.id);
    if (store.get().isGapped && frame.type !== 'welcome') catchUp();
    else playPremove();
  }

  /** A frame was missed, which no working server lets happen: asks for everything. */
  function catchUp(): void {
    if (connection?.send) connection.send({ type: 'sync' });
    else start();
  }

  function sendAll(): void {
    for (const { message } of store.get().pending) connection?.send?.(message);
  }

  function sendAgain(id: string): void {
    const command = store.get().pending.find(pending => pending.id === id);
    if (command) connection?.send?.(command.message);
  }

  /** The server has closed the seat's connection for good: without the seat, the room can still be watched. */
  function dismissed(link: Extract<Link, { kind: 'ended' }>): void {
    const isSeatGone = link.code === CLOSE.seatsTaken || link.code === CLOSE.badToken;
    if (!isSeatGone) {
      linked(link);
      return;
    }
    forgetSeatToken(roomId);
    store.dispatch({ kind: 'unseated' });
    store.dispatch({
      kind: 'noticed',
      notice: { kind: link.code === CLOSE.seatsTaken ? 'seatsTaken' : 'seatLost' },
    });
    linked({ kind: 'connecting' });
    connection = watch();
  }

  function join(wanted: string): void {
    name = wanted.trim();
    storeName(name);
    storeSeatToken(roomId, newToken());
    linked({ kind: 'connecting' });
    start();
  }

  function ask(wish: Wish, san: string | null = null): void {
    // A tab that has lost its seat to another must not save up wishes for the day it gets it back.
    if (store.get().link.kind === 'ended') return;
    const id = newToken();
    const message: Command = { ...wish, id };
    const command: Pending = {
      id,
      message,
      san,
      gameId: store.get().facts?.game_id ?? null,
      issuedAt: Date.now(),
    };
    store.dispatch({ kind: 'issued', command });
    connection?.send?.(message);
  }

  function playBetween(from: string, to: string, role?: PromotionRole): void {
    const state = store.get();
    const { facts } = state;
    if (!facts || pendingMove(state)) return;
    const current = positionAt(lineOf(facts), facts.ply);
    if (!current) return;
    const piece = role ?? (isPromotion(current, from, to) ? 'queen' : undefined);
    const uci = uciOf(current, facts.variant, from, to, piece);
    if (uci !== null && piece !== role && !settings.get().alwaysQueen) {
      store.dispatch({ kind: 'promoting', promoting: { from, to } });
      return;
    }
    if (uci !== null) ask({ type: 'move', uci, ply: facts.ply + 1 }, sanOf(current, uci));
  }

  function premove(squares: readonly [from: string, to: string] | null, role: PromotionRole = 'queen'): void {
    const state = store.get();
    const isTime = squares !== null && mayMove(state);
    const kept = squares && !isTime ? { from: squares[0], to: squares[1], role } : null;
    if (kept || state.premove) store.dispatch({ kind: 'premoved', premove: kept });
    if (isTime) playBetween(...squares);
  }

  /** The opponent has moved: what was kept for this moment is played if it is legal now, and forgotten in any case. */
  function playPremove(): void {
    const state = store.get();
    const { facts, premove: kept } = state;
    if (!facts || !kept || !mayMove(state)) return;
    store.dispatch({ kind: 'premoved', premove: null });
    const current = positionAt(lineOf(facts), facts.ply);
    if (current) playBetween(kept.from, kept.to, isPromotion(current, kept.from, kept.to) ? kept.role : undefined);
  }

  const stopListening = listenToDevice(hasNetwork => connection?.check(hasNetwork));
  start();

  return {
    ...store,
    join,
    ask,
    play: playBetween,
    premove,
    reopen: () => {
      linked({ kind: 'connecting' });
      start();
    },
    close: () => {
      stopListening();
      connection?.close();
    },
  };
}

/** The seat's socket, over the page's own scheme; the token is no part of it. */
function socketUrl(roomId: string, since: string | null, name: string): string {
  const url = new URL(`/ws/game/${encodeURIComponent(roomId)}`, location.href);
  url.protocol = location.protocol === 'https:' ? 'wss:' : 'ws:';
  if (since !== null) url.searchParams.set('since', since);
  if (name) url.searchParams.set('name', name);
  return url.href;
}
