/**
 * The wire protocol's messages. Generated from the server's models by `npm run types`: do not edit.
 *
 * schema sha256: 5cc86416c3553f97fd6fc2a20d9b9b4019066d503a8118b835f8a5ac3984a30d
 */

export type TabiyaProtocol =
  | ServerMessage
  | ClientMessage
  | RoomFrame
  | RoomListing
  | RoomTicket
  | GameDocument
  | GamePage
  | CostFrame
  | ComputerOffer;
export type ServerMessage =
  | WelcomeFrame
  | StateFrame
  | RoomOpenedFrame
  | PlayerJoinedFrame
  | PlayerLeftFrame
  | GameStartedFrame
  | MoveFrame
  | TakebackFrame
  | OfferFrame
  | OfferCancelledFrame
  | PlayerDisconnectedFrame
  | PlayerReconnectedFrame
  | ClockFrame
  | GameOverFrame
  | ChatFrame
  | RoomClosedFrame
  | PresenceFrame
  | AckFrame
  | ErrorFrame
  | PongFrame;
/**
 * Why a command or a request was refused; the value is what stands on the wire.
 */
export type Code =
  | 'bad_message'
  | 'unknown_type'
  | 'illegal_move'
  | 'not_your_turn'
  | 'stale_ply'
  | 'game_not_started'
  | 'game_over'
  | 'no_such_offer'
  | 'not_allowed'
  | 'rate_limited'
  | 'try_again'
  | 'seats_taken';
export type ClientMessage =
  | MoveMessage
  | ResignMessage
  | AbortMessage
  | OfferMessage
  | AcceptMessage
  | DeclineMessage
  | ClaimMessage
  | AddTimeMessage
  | ChatMessage
  | SyncMessage
  | PingMessage;

/**
 * First on every accepted player connection.
 */
export interface WelcomeFrame {
  color: 'white' | 'black';
  epoch: string;
  heartbeat_s: number;
  player_id: string;
  protocol: 1;
  room_id: string;
  server_time: number;
  /**
   * The seat's secret, only if the server has just issued it.
   */
  token: string | null;
  type: 'welcome';
}
/**
 * The whole room. `at` and `clock` are those of the moment of sending.
 */
export interface StateFrame {
  at: number;
  black: Player | null;
  chat: ChatLine[];
  check: boolean;
  clock: ClockTimes | null;
  epoch: string;
  fen: string;
  game_id: string | null;
  initial_fen: string;
  moves: PlayedMove[];
  offers: StandingOffers;
  options: RoomOptions;
  ply: number;
  reason:
    | (
        | 'checkmate'
        | 'stalemate'
        | 'insufficient_material'
        | 'threefold_repetition'
        | 'fivefold_repetition'
        | 'fifty_moves'
        | 'seventyfive_moves'
        | 'agreement'
        | 'resignation'
        | 'timeout'
        | 'timeout_insufficient_material'
        | 'abandonment'
        | 'aborted'
        | 'variant_end'
      )
    | null;
  result: ('1-0' | '0-1' | '1/2-1/2' | '*') | null;
  room_id: string;
  score: Score;
  spectators: number;
  status: 'waiting' | 'playing' | 'finished' | 'closed';
  time_control: string;
  turn: 'white' | 'black';
  type: 'state';
  v: number;
  variant: string;
  white: Player | null;
  winner: ('white' | 'black') | null;
}
/**
 * Who holds a seat.
 */
export interface Player {
  bot: boolean;
  connected: boolean;
  name: string;
  player_id: string;
}
export interface ChatLine {
  at: number;
  by: 'white' | 'black';
  name: string;
  room: 'player' | 'spectator';
  text: string;
}
/**
 * Remaining time as of the frame's `at`; in correspondence the time for this move.
 */
export interface ClockTimes {
  /**
   * ms
   */
  black: number;
  /**
   * Whose clock runs; null before both have moved.
   */
  running: ('white' | 'black') | null;
  /**
   * ms
   */
  white: number;
}
export interface PlayedMove {
  san: string;
  uci: string;
}
/**
 * The offering colour, for each kind.
 */
export interface StandingOffers {
  draw: ('white' | 'black') | null;
  rematch: ('white' | 'black') | null;
  takeback: ('white' | 'black') | null;
}
/**
 * A room's options, complete. Times in seconds; `grace_s` null means never, `first_move_s` null no limit.
 */
export interface RoomOptions {
  chat: boolean;
  draw_offers: boolean;
  fen: string | null;
  first_move_s: number | null;
  flicker_s: number;
  grace_s: number | null;
  lag_compensation: boolean;
  linger_s: number;
  on_disconnect: 'forfeit' | 'claim' | 'none';
  public: boolean;
  rematch: boolean;
  rules: 'lichess' | 'fide';
  spectator_delay_s: number;
  takebacks: boolean;
  time: string;
  variant: string;
}
/**
 * Points in this room of the players who have these colours now; a draw is half a point.
 */
export interface Score {
  black: number;
  white: number;
}
export interface RoomOpenedFrame {
  /**
   * The server's time of the event, Unix ms.
   */
  at: number;
  epoch: string;
  options: RoomOptions;
  room_id: string;
  type: 'room_opened';
  /**
   * The room's version after this event.
   */
  v: number;
}
/**
 * A seat is taken.
 */
export interface PlayerJoinedFrame {
  /**
   * The server's time of the event, Unix ms.
   */
  at: number;
  bot: boolean;
  color: 'white' | 'black';
  name: string;
  player_id: string;
  type: 'player_joined';
  /**
   * The room's version after this event.
   */
  v: number;
}
/**
 * A seat is freed before the start.
 */
export interface PlayerLeftFrame {
  /**
   * The server's time of the event, Unix ms.
   */
  at: number;
  bot: boolean;
  color: 'white' | 'black';
  name: string;
  player_id: string;
  type: 'player_left';
  /**
   * The room's version after this event.
   */
  v: number;
}
/**
 * Both seats are taken, or a rematch was agreed.
 */
export interface GameStartedFrame {
  /**
   * The server's time of the event, Unix ms.
   */
  at: number;
  black: Player;
  clock: ClockTimes | null;
  fen: string;
  game_id: string;
  score: Score;
  type: 'game_started';
  /**
   * The room's version after this event.
   */
  v: number;
  variant: string;
  white: Player;
}
/**
 * A move was accepted; `fen` and `clock` are those after it.
 */
export interface MoveFrame {
  /**
   * The server's time of the event, Unix ms.
   */
  at: number;
  check: boolean;
  clock: ClockTimes | null;
  color: 'white' | 'black';
  fen: string;
  given_back_ms: number;
  lag_ms: number;
  ply: number;
  san: string;
  type: 'move';
  uci: string;
  /**
   * The room's version after this event.
   */
  v: number;
}
/**
 * A takeback was agreed; `ply` is the current one now.
 */
export interface TakebackFrame {
  /**
   * The server's time of the event, Unix ms.
   */
  at: number;
  clock: ClockTimes | null;
  fen: string;
  ply: number;
  type: 'takeback';
  /**
   * The room's version after this event.
   */
  v: number;
}
export interface OfferFrame {
  /**
   * The server's time of the event, Unix ms.
   */
  at: number;
  by: 'white' | 'black';
  kind: 'draw' | 'takeback' | 'rematch';
  type: 'offer';
  /**
   * The room's version after this event.
   */
  v: number;
}
/**
 * Declined, withdrawn or overtaken; `by` is who declined, withdrew or moved.
 */
export interface OfferCancelledFrame {
  /**
   * The server's time of the event, Unix ms.
   */
  at: number;
  by: 'white' | 'black';
  kind: 'draw' | 'takeback' | 'rematch';
  type: 'offer_cancelled';
  /**
   * The room's version after this event.
   */
  v: number;
}
/**
 * A seat has had no connection for a moment; `forfeit_at` is when that forfeits or may be claimed.
 */
export interface PlayerDisconnectedFrame {
  /**
   * The server's time of the event, Unix ms.
   */
  at: number;
  color: 'white' | 'black';
  forfeit_at: number | null;
  policy: 'forfeit' | 'claim' | 'none';
  type: 'player_disconnected';
  /**
   * The room's version after this event.
   */
  v: number;
}
export interface PlayerReconnectedFrame {
  /**
   * The server's time of the event, Unix ms.
   */
  at: number;
  color: 'white' | 'black';
  type: 'player_reconnected';
  /**
   * The room's version after this event.
   */
  v: number;
}
/**
 * Time was given by the opponent, or an outage of the server was given back.
 */
export interface ClockFrame {
  /**
   * The server's time of the event, Unix ms.
   */
  at: number;
  clock: ClockTimes | null;
  reason: 'given' | 'outage';
  type: 'clock';
  /**
   * The room's version after this event.
   */
  v: number;
}
export interface GameOverFrame {
  /**
   * The server's time of the event, Unix ms.
   */
  at: number;
  clock: ClockTimes | null;
  game_id: string;
  pgn_url: string;
  reason:
    | 'checkmate'
    | 'stalemate'
    | 'insufficient_material'
    | 'threefold_repetition'
    | 'fivefold_repetition'
    | 'fifty_moves'
    | 'seventyfive_moves'
    | 'agreement'
    | 'resignation'
    | 'timeout'
    | 'timeout_insufficient_material'
    | 'abandonment'
    | 'aborted'
    | 'variant_end';
  result: '1-0' | '0-1' | '1/2-1/2' | '*';
  score: Score;
  type: 'game_over';
  /**
   * The room's version after this event.
   */
  v: number;
  winner: ('white' | 'black') | null;
}
export interface ChatFrame {
  /**
   * The server's time of the event, Unix ms.
   */
  at: number;
  by: 'white' | 'black';
  name: string;
  room: 'player' | 'spectator';
  text: string;
  type: 'chat';
  /**
   * The room's version after this event.
   */
  v: number;
}
export interface RoomClosedFrame {
  /**
   * The server's time of the event, Unix ms.
   */
  at: number;
  reason: 'abandonment' | 'aborted' | 'left' | 'linger' | 'idle';
  type: 'room_closed';
  /**
   * The room's version after this event.
   */
  v: number;
}
/**
 * Who is connected; at most once a second, the newest replaces older ones.
 */
export interface PresenceFrame {
  black: boolean;
  spectators: number;
  type: 'presence';
  white: boolean;
}
/**
 * The command was carried out; all frames that it caused came before.
 */
export interface AckFrame {
  id: string;
  type: 'ack';
  v: number;
}
/**
 * A command was refused; the connection stays open.
 */
export interface ErrorFrame {
  code: Code;
  id: string | null;
  message: string;
  type: 'error';
}
/**
 * `server_time` is that of what is shown: to spectators of a room with a delay so much earlier.
 */
export interface PongFrame {
  server_time: number;
  t: {
    [k: string]: unknown;
  };
  type: 'pong';
}
/**
 * Plays a move.
 */
export interface MoveMessage {
  /**
   * Asks for an `ack` or `error` with it; a repeated one is answered as before.
   */
  id?: string | null;
  /**
   * Offers a draw with the move, or accepts the one that stands.
   */
  offer_draw?: boolean;
  /**
   * The move's number in this game, from 1; makes resending harmless.
   */
  ply?: number | null;
  type: 'move';
  /**
   * `e2e4`, `e7e8q`; castling as the king's two-square move, king-takes-rook in chess960.
   */
  uci: string;
}
/**
 * Gives the game up; counts from its start.
 */
export interface ResignMessage {
  /**
   * Asks for an `ack` or `error` with it; a repeated one is answered as before.
   */
  id?: string | null;
  type: 'resign';
}
/**
 * Ends the game without a result, before both sides have moved.
 */
export interface AbortMessage {
  /**
   * Asks for an `ack` or `error` with it; a repeated one is answered as before.
   */
  id?: string | null;
  type: 'abort';
}
/**
 * Offers, or accepts what the opponent has offered.
 */
export interface OfferMessage {
  /**
   * Asks for an `ack` or `error` with it; a repeated one is answered as before.
   */
  id?: string | null;
  kind: 'draw' | 'takeback' | 'rematch';
  type: 'offer';
}
/**
 * Accepts what the opponent has offered.
 */
export interface AcceptMessage {
  /**
   * Asks for an `ack` or `error` with it; a repeated one is answered as before.
   */
  id?: string | null;
  kind: 'draw' | 'takeback' | 'rematch';
  type: 'accept';
}
/**
 * Declines the opponent's offer, or withdraws one's own.
 */
export interface DeclineMessage {
  /**
   * Asks for an `ack` or `error` with it; a repeated one is answered as before.
   */
  id?: string | null;
  kind: 'draw' | 'takeback' | 'rematch';
  type: 'decline';
}
/**
 * Claims a draw by repetition or fifty moves, or against an absent opponent (then also the victory).
 */
export interface ClaimMessage {
  /**
   * Asks for an `ack` or `error` with it; a repeated one is answered as before.
   */
  id?: string | null;
  kind: 'draw' | 'victory';
  type: 'claim';
  /**
   * The intended move, under FIDE rules.
   */
  uci?: string | null;
}
/**
 * Gives the opponent time.
 */
export interface AddTimeMessage {
  /**
   * Asks for an `ack` or `error` with it; a repeated one is answered as before.
   */
  id?: string | null;
  ms?: number;
  type: 'add_time';
}
/**
 * Says something to the room.
 */
export interface ChatMessage {
  /**
   * Asks for an `ack` or `error` with it; a repeated one is answered as before.
   */
  id?: string | null;
  room?: 'player' | 'spectator';
  text: string;
  type: 'chat';
}
/**
 * Asks for `state`.
 */
export interface SyncMessage {
  /**
   * Asks for an `ack` or `error` with it; a repeated one is answered as before.
   */
  id?: string | null;
  type: 'sync';
}
/**
 * Asks for `pong`; `t` comes back as it is.
 */
export interface PingMessage {
  /**
   * Asks for an `ack` or `error` with it; a repeated one is answered as before.
   */
  id?: string | null;
  t?: number | string | null;
  type: 'ping';
}
/**
 * A public room has changed; the newest takes the place of older ones. With `status: closed` it is the last one.
 */
export interface RoomFrame {
  black: Player | null;
  clock: ClockTimes | null;
  fen: string;
  last_move: string | null;
  room_id: string;
  spectators: number;
  status: 'waiting' | 'playing' | 'finished' | 'closed';
  time_control: string;
  type: 'room';
  variant: string;
  white: Player | null;
}
/**
 * A public room as the lobby and the wall of live boards show it. `clock` is as of the moment of sending.
 */
export interface RoomListing {
  black: Player | null;
  clock: ClockTimes | null;
  fen: string;
  last_move: string | null;
  room_id: string;
  spectators: number;
  status: 'waiting' | 'playing' | 'finished' | 'closed';
  time_control: string;
  variant: string;
  white: Player | null;
}
/**
 * A room that was created, and its creator's seat. `url` is the page to send to the opponent.
 */
export interface RoomTicket {
  color: 'white' | 'black';
  epoch: string;
  options: RoomOptions;
  player_id: string;
  room_id: string;
  token: string | null;
  url: string;
}
/**
 * A finished game, whole.
 */
export interface GameDocument {
  black: GamePlayer;
  ended_at: number;
  fen: string;
  game_id: string;
  initial_fen: string;
  moves: PlayedMove[];
  pgn_url: string;
  plies: number;
  reason:
    | 'checkmate'
    | 'stalemate'
    | 'insufficient_material'
    | 'threefold_repetition'
    | 'fivefold_repetition'
    | 'fifty_moves'
    | 'seventyfive_moves'
    | 'agreement'
    | 'resignation'
    | 'timeout'
    | 'timeout_insufficient_material'
    | 'abandonment'
    | 'aborted'
    | 'variant_end';
  result: '1-0' | '0-1' | '1/2-1/2' | '*';
  room_id: string;
  started_at: number;
  time_control: string;
  variant: string;
  white: GamePlayer;
  winner: ('white' | 'black') | null;
}
/**
 * Who played a finished game.
 */
export interface GamePlayer {
  bot: boolean;
  name: string;
  player_id: string;
}
/**
 * Finished games, newest first; `next` is the next page's URL.
 */
export interface GamePage {
  items: GameSummary[];
  next: string | null;
}
/**
 * A finished game as lists show it.
 */
export interface GameSummary {
  black: GamePlayer;
  ended_at: number;
  game_id: string;
  pgn_url: string;
  plies: number;
  reason:
    | 'checkmate'
    | 'stalemate'
    | 'insufficient_material'
    | 'threefold_repetition'
    | 'fivefold_repetition'
    | 'fifty_moves'
    | 'seventyfive_moves'
    | 'agreement'
    | 'resignation'
    | 'timeout'
    | 'timeout_insufficient_material'
    | 'abandonment'
    | 'aborted'
    | 'variant_end';
  result: '1-0' | '0-1' | '1/2-1/2' | '*';
  room_id: string;
  started_at: number;
  time_control: string;
  variant: string;
  white: GamePlayer;
  winner: ('white' | 'black') | null;
}
/**
 * What this very connection has cost so far, without these frames; only for spectators who ask with `cost=on`.
 *
 * Not versioned, about once a second while it grows. Bytes as the server counts them: handshake, frame headers and
 * heartbeats, or response head and chunk framing, are in it; TLS and TCP/IP are not.
 */
export interface CostFrame {
  received_bytes: number;
  sent_bytes: number;
  server_time: number;
  type: 'cost';
}
/**
 * Whether one can play the computer here. `engine` null: no engine was found, and `reason` says what to do.
 */
export interface ComputerOffer {
  /**
   * How many may be.
   */
  at_most: number;
  engine: string | null;
  levels: number[];
  /**
   * Games against the computer that are being played now; not those without a clock that rest.
   */
  playing: number;
  reason: string | null;
}
