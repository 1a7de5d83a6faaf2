/**
 * The wire contract as the client uses it: names for parts of the generated types, and the rules about close codes.
 *
 * The messages themselves are generated from the server's models: protocol.gen.ts (`npm run types`).
 */
import type {
  ClientMessage,
  Code,
  ErrorFrame,
  GameOverFrame,
  OfferMessage,
  PresenceFrame,
  ServerMessage,
  StateFrame,
  WelcomeFrame,
} from './protocol.gen';

export type {
  ChatLine,
  ClientMessage,
  ClockTimes,
  Code,
  ComputerOffer,
  CostFrame as Cost,
  GameDocument as FinishedGame,
  GamePage as GameList,
  GameSummary,
  PlayedMove,
  Player,
  RoomFrame as ListedRoom,
  RoomListing,
  RoomOptions,
  RoomTicket,
  Score,
  StateFrame,
} from './protocol.gen';

export type Color = StateFrame['turn'];
export type Reason = GameOverFrame['reason'];
export type Result = GameOverFrame['result'];
export type Status = StateFrame['status'];
export type OfferKind = OfferMessage['kind'];
export type Frame = ServerMessage;
export type FrameType = Frame['type'];
export type FrameOf<T extends FrameType> = Extract<Frame, { type: T }>;
/** A frame that is one event of the room, numbered by `v`. */
export type EventFrame = Exclude<Extract<Frame, { v: number }>, { type: 'state' | 'ack' }>;
/** What only a seat's own connection gets, never a spectator's feed. */
export type PrivateFrame = WelcomeFrame | ErrorFrame | FrameOf<'ack'> | FrameOf<'pong'>;
export type FeedFrame = StateFrame | EventFrame | PresenceFrame;
/** What a player asks for and waits to hear about. */
export type Command = Exclude<ClientMessage, { type: 'ping' | 'sync' }>;

export const SUBPROTOCOL = 'chess.v1';

/** The SSE events of a room's feed: EventSource wants a listener for each. */
export const FEED_TYPES: readonly FeedFrame['type'][] = [
  'state',
  'room_opened',
  'player_joined',
  'player_left',
  'game_started',
  'move',
  'takeback',
  'offer',
  'offer_cancelled',
  'player_disconnected',
  'player_reconnected',
  'clock',
  'game_over',
  'chat',
  'room_closed',
  'presence',
];

export const CLOSE = {
  messageNotText: 1007,
  abuse: 1008,
  tooBig: 1009,
  restarting: 1012,
  tryLater: 1013,
  roomClosed: 4000,
  badToken: 4001,
  kicked: 4002,
  seatsTaken: 4003,
  noRoom: 4004,
  openedElsewhere: 4005,
  forfeited: 4006,
  opponentForfeited: 4007,
} as const;

/** Whether a close code says not to come back; every other one means: come back with the position. */
export function isFinalClose(code: number): boolean {
  return (
    (code >= 4000 && code <= 4499) || code === CLOSE.messageNotText || code === CLOSE.abuse || code === CLOSE.tooBig
  );
}

/** Refusals the server does not remember: the same command may be sent again under its id. */
export function mayBeSentAgain(code: Code): boolean {
  return code === 'try_again' || code === 'rate_limited';
}

export function opponent(color: Color): Color {
  return color === 'white' ? 'black' : 'white';
}

/** `text` as a frame, or null if it is not one that this client knows; later servers may send more. */
export function parseFrame(text: string): Frame | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  return isFrame(value) ? value : null;
}

const PRIVATE_TYPES: readonly PrivateFrame['type'][] = ['welcome', 'ack', 'error', 'pong'];
const KNOWN_TYPES: ReadonlySet<unknown> = new Set<unknown>([...FEED_TYPES, ...PRIVATE_TYPES]);

/** The server is trusted with the shape of what it names; only the name is checked. */
function isFrame(value: unknown): value is Frame {
  return typeof value === 'object' && value !== null && 'type' in value && KNOWN_TYPES.has(value.type);
}
