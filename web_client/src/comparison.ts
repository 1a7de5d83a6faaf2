/** One room followed over both kinds of feed at once, each with its own picture of the room and its own tally. */
import { serverNow } from './clock';
import { afterCost, afterFrame, afterLoss, EMPTY } from './compare';
import type { Tally } from './compare';
import { listenToDevice } from './device';
import { follow } from './feed';
import type { Feed } from './feed_parts';
import type { Cost, Frame } from './protocol';
import { initialState, position } from './state';
import type { RoomState } from './state';
import type { FeedKind } from './storage';
import { createStore } from './store';
import type { Store } from './store';
import { update } from './update';
import type { Message } from './update';

export interface LaneState {
  readonly room: RoomState;
  readonly tally: Tally;
  /** Whether the connection was cut by hand, and waits for the same hand. */
  readonly isCut: boolean;
}

type LaneMessage =
  | { readonly kind: 'room'; readonly message: Message; readonly serverNow: number | null }
  | { readonly kind: 'cost'; readonly cost: Cost }
  | { readonly kind: 'cut'; readonly isCut: boolean };

export interface Lane extends Store<LaneState, LaneMessage> {
  readonly kind: FeedKind;
  readonly cut: () => void;
  readonly mend: () => void;
}

export interface Comparison {
  readonly lanes: readonly [Lane, Lane];
  readonly close: () => void;
}

export function openComparison(roomId: string): Comparison {
  // Only a WebSocket can ask for the server's time; both feeds are measured by its answer.
  const knownServerNow = (): number | null => {
    const { sync, roundTripMs } = websocket.get().room;
    return roundTripMs === null ? null : serverNow(sync, Date.now());
  };
  const sse = openLane('sse', roomId, () => knownServerNow());
  const websocket = openLane('websocket', roomId, () => knownServerNow());
  const lanes = [sse, websocket] as const;
  for (const lane of lanes) lane.mend();
  const stopListening = listenToDevice(hasNetwork => {
    for (const lane of lanes) lane.check(hasNetwork);
  });
  return {
    lanes,
    close: () => {
      stopListening();
      for (const lane of lanes) lane.cut();
    },
  };
}

function openLane(
  kind: FeedKind,
  roomId: string,
  knownServerNow: () => number | null,
): Lane & { check: Feed['check'] } {
  const store = createStore({ room: initialState(roomId), tally: EMPTY, isCut: true }, updated);
  let feed: Feed | null = null;
  const told = (message: Message): void => store.dispatch({ kind: 'room', message, serverNow: knownServerNow() });
  return {
    ...store,
    kind,
    check: hasNetwork => feed?.check(hasNetwork),
    cut: () => {
      feed?.close();
      feed = null;
      store.dispatch({ kind: 'cut', isCut: true });
    },
    mend: () => {
      feed?.close();
      store.dispatch({ kind: 'cut', isCut: false });
      feed = follow(
        {
          roomId,
          position: () => position(store.get().room),
          onFrame: (frame: Frame) => told({ kind: 'received', frame, now: Date.now() }),
          onLink: link => told({ kind: 'linked', link }),
          onCost: cost => store.dispatch({ kind: 'cost', cost }),
        },
        kind,
      );
    },
  };
}

function updated(state: LaneState, message: LaneMessage): LaneState {
  switch (message.kind) {
    case 'room':
      return {
        ...state,
        room: update(state.room, message.message),
        tally: tallied(state.tally, message.message, message.serverNow),
      };
    case 'cost':
      return { ...state, tally: afterCost(state.tally, message.cost) };
    case 'cut': {
      const room = update(state.room, { kind: 'linked', link: { kind: 'connecting' } });
      return { room, tally: afterLoss(state.tally), isCut: message.isCut };
    }
  }
}

function tallied(tally: Tally, message: Message, serverTime: number | null): Tally {
  if (message.kind === 'received') return afterFrame(tally, message.frame, serverTime);
  const isLost = message.kind === 'linked' && message.link.kind === 'lost';
  return isLost ? afterLoss(tally) : tally;
}
