/** The public rooms of this server, as `/sse/rooms` tells of them. Pure, but for `followLobby`. */
import { listen, whileVisible } from './events';
import type { ListedRoom } from './protocol';
import { createStore } from './store';
import type { Store } from './store';

/** A room and this device's time at which it was told of: its clock is as of then. */
export interface Room extends ListedRoom {
  readonly heardAt: number;
}

export interface LobbyState {
  /** In the order in which they were first told of. */
  readonly rooms: ReadonlyMap<string, Room>;
  /** Rooms of which a stream that has come back has not told yet. */
  readonly doubtful: ReadonlySet<string>;
  readonly link: 'connecting' | 'live' | 'lost';
}

export type LobbyMessage =
  | { readonly kind: 'opened' | 'settled' | 'lost' }
  | { readonly kind: 'told'; readonly rooms: readonly ListedRoom[]; readonly now: number };

export const EMPTY_LOBBY: LobbyState = { rooms: new Map(), doubtful: new Set(), link: 'connecting' };

export function updateLobby(state: LobbyState, message: LobbyMessage): LobbyState {
  switch (message.kind) {
    case 'opened':
      return { ...state, link: 'connecting', doubtful: new Set(state.rooms.keys()) };
    case 'settled': {
      const rooms = new Map([...state.rooms].filter(([roomId]) => !state.doubtful.has(roomId)));
      return { rooms, doubtful: new Set(), link: 'live' };
    }
    case 'lost':
      return { ...state, link: 'lost' };
    case 'told': {
      const [rooms, doubtful] = [new Map(state.rooms), new Set(state.doubtful)];
      for (const room of message.rooms) {
        doubtful.delete(room.room_id);
        if (room.status === 'closed') rooms.delete(room.room_id);
        else rooms.set(room.room_id, { ...room, heardAt: message.now });
      }
      return { ...state, rooms, doubtful };
    }
  }
}

/** Rooms with a free seat in which somebody waits, the newest first. */
export function openSeats({ rooms }: LobbyState): Room[] {
  return [...rooms.values()].filter(room => room.status === 'waiting' && (room.white ?? room.black)).reverse();
}

/** Games that are being played, in the order in which they began to be shown. */
export function runningGames({ rooms }: LobbyState): Room[] {
  return [...rooms.values()].filter(room => room.status === 'playing');
}

/**
 * Which rooms are shown in `places` places, given those that were: a room keeps its place as long as it is there, and a
 * free place is taken by the next that has none. A game that is over makes room for one that is not.
 */
export function placed(before: readonly string[], rooms: ReadonlyMap<string, Room>, places: number): string[] {
  const isShowable = (roomId: string): boolean => ['playing', 'finished'].includes(rooms.get(roomId)?.status ?? '');
  const isPlaying = (roomId: string): boolean => rooms.get(roomId)?.status === 'playing';
  const shown: (string | null)[] = before.slice(0, places).map(roomId => (isShowable(roomId) ? roomId : null));
  for (const roomId of [...rooms.keys()].filter(isPlaying)) {
    if (shown.includes(roomId)) continue;
    const free = shown.findIndex(one => one === null);
    const over = shown.findIndex(one => one !== null && !isPlaying(one));
    if (free >= 0) shown[free] = roomId;
    else if (shown.length < places) shown.push(roomId);
    else if (over >= 0) shown[over] = roomId;
    else break;
  }
  return shown.filter(one => one !== null);
}

/** How long a stream that has come back takes to tell everything. */
const SETTLE_MS = 400;
/** How long the first rooms of all are gathered, so that they appear together and push nothing down the page. */
const GATHER_MS = 60;

export interface Lobby extends Store<LobbyState, LobbyMessage> {
  readonly close: () => void;
}

/** Follows the lobby while the page can be seen. What comes at once is shown at once: a thousand rooms are one change. */
export function followLobby(): Lobby {
  const store = createStore(EMPTY_LOBBY, updateLobby);
  let told: ListedRoom[] = [];
  let tellTimer: ReturnType<typeof setTimeout> | undefined;
  let settleTimer: ReturnType<typeof setTimeout> | undefined;

  function tell(): void {
    tellTimer = undefined;
    const rooms = told;
    told = [];
    store.dispatch({ kind: 'told', rooms, now: Date.now() });
  }

  const stop = whileVisible(() => {
    const end = listen({
      path: '/sse/rooms',
      types: ['room'],
      onOpen: () => {
        store.dispatch({ kind: 'opened' });
        clearTimeout(settleTimer);
        settleTimer = setTimeout(() => store.dispatch({ kind: 'settled' }), SETTLE_MS);
      },
      onLost: () => store.dispatch({ kind: 'lost' }),
      onEvent: event => {
        told.push(event as ListedRoom);
        tellTimer ??= setTimeout(tell, store.get().link === 'live' ? 0 : GATHER_MS);
      },
    });
    return () => {
      end();
      clearTimeout(settleTimer);
      clearTimeout(tellTimer);
      tellTimer = undefined;
      told = [];
    };
  });
  return { ...store, close: stop };
}
