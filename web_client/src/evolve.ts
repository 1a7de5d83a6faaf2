/**
 * The room's facts after one frame: the client's counterpart of the server's `evolve`. Never refuses; pure.
 */
import type { Color, EventFrame, FrameOf, Player } from './protocol';
import type { Facts } from './state';

/** The whole room anew; what `state` leaves out is kept from `before`, as far as it still holds. */
export function factsOf(frame: FrameOf<'state'>, before: Facts | null): Facts {
  const { type: _, ...rest } = frame;
  const isSameGame = before !== null && before.epoch === frame.epoch && before.game_id === frame.game_id;
  return {
    ...rest,
    away: { white: stillAway(before, frame.white, 'white'), black: stillAway(before, frame.black, 'black') },
    lag: isSameGame ? before.lag : NO_LAG,
    turnSince: isSameGame && before.ply === frame.ply ? before.turnSince : null,
    pgn_url: isSameGame ? before.pgn_url : null,
  };
}

/** `state` does not say when an absent player forfeits: what an earlier frame said holds while they are away. */
function stillAway(facts: Facts | null, player: Player | null, color: Color): Facts['away'][Color] {
  return player && !player.connected && facts?.[color]?.player_id === player.player_id ? facts.away[color] : null;
}

/** `facts` after `frame`. */
export function evolved(facts: Facts, frame: EventFrame): Facts {
  switch (frame.type) {
    case 'room_opened':
      return { ...facts, options: frame.options };
    case 'player_joined':
      return withPlayer(facts, frame.color, {
        player_id: frame.player_id,
        name: frame.name,
        bot: frame.bot,
        connected: true,
      });
    case 'player_left':
      return withPlayer(facts, frame.color, null);
    case 'game_started':
      return started(facts, frame);
    case 'move':
      return moved(facts, frame);
    case 'takeback':
      return tookBack(facts, frame);
    case 'offer':
      return { ...facts, offers: { ...facts.offers, [frame.kind]: frame.by } };
    case 'offer_cancelled':
      return { ...facts, offers: { ...facts.offers, [frame.kind]: null } };
    case 'player_disconnected':
      return connection(facts, frame.color, { policy: frame.policy, forfeitAt: frame.forfeit_at });
    case 'player_reconnected':
      return connection(facts, frame.color, null);
    case 'clock':
      return { ...facts, clock: frame.clock, at: frame.at };
    case 'game_over':
      return over(facts, frame);
    case 'chat': {
      const { at, by, name, room, text } = frame;
      return { ...facts, chat: [...facts.chat, { at, by, name, room, text }].slice(-CHAT_KEPT) };
    }
    case 'room_closed':
      return { ...facts, status: 'closed', offers: NO_OFFERS };
  }
}

const CHAT_KEPT = 50;
const NO_LAG = { white: null, black: null } as const;
const NO_OFFERS = { draw: null, takeback: null, rematch: null } as const;

function started(facts: Facts, frame: FrameOf<'game_started'>): Facts {
  return {
    ...facts,
    at: frame.at,
    status: 'playing',
    game_id: frame.game_id,
    white: frame.white,
    black: frame.black,
    variant: frame.variant,
    initial_fen: frame.fen,
    fen: frame.fen,
    turn: turnOf(frame.fen),
    ply: 0,
    moves: [],
    clock: frame.clock,
    score: frame.score,
    offers: NO_OFFERS,
    result: null,
    winner: null,
    reason: null,
    check: false,
    away: sameAway(facts, frame),
    lag: NO_LAG,
    turnSince: frame.at,
    pgn_url: null,
  };
}

/** Who was away when a game started is so still, under the other colour perhaps. */
function sameAway(facts: Facts, frame: FrameOf<'game_started'>): Facts['away'] {
  const awayOf = (player: Player): Facts['away'][Color] => {
    if (player.connected) return null;
    if (player.player_id === facts.white?.player_id) return facts.away.white;
    return player.player_id === facts.black?.player_id ? facts.away.black : null;
  };
  return { white: awayOf(frame.white), black: awayOf(frame.black) };
}

function moved(facts: Facts, frame: FrameOf<'move'>): Facts {
  return {
    ...facts,
    at: frame.at,
    fen: frame.fen,
    turn: turnOf(frame.fen),
    ply: frame.ply,
    moves: [...facts.moves.slice(0, frame.ply - 1), { uci: frame.uci, san: frame.san }],
    clock: frame.clock,
    check: frame.check,
    lag: { ...facts.lag, [frame.color]: frame.lag_ms },
    turnSince: frame.at,
  };
}

function tookBack(facts: Facts, frame: FrameOf<'takeback'>): Facts {
  const moves = facts.moves.slice(0, frame.ply);
  return {
    ...facts,
    at: frame.at,
    fen: frame.fen,
    turn: turnOf(frame.fen),
    ply: frame.ply,
    moves,
    clock: frame.clock,
    check: /[+#]$/.test(moves.at(-1)?.san ?? ''),
    offers: { ...facts.offers, takeback: null },
  };
}

function over(facts: Facts, frame: FrameOf<'game_over'>): Facts {
  return {
    ...facts,
    at: frame.at,
    status: 'finished',
    result: frame.result,
    winner: frame.winner,
    reason: frame.reason,
    clock: frame.clock,
    score: frame.score,
    offers: NO_OFFERS,
    pgn_url: frame.pgn_url,
  };
}

function turnOf(fen: string): Color {
  return fen.split(' ')[1] === 'b' ? 'black' : 'white';
}

function withPlayer(facts: Facts, color: Color, player: Player | null): Facts {
  return { ...facts, [color]: player, away: { ...facts.away, [color]: null } };
}

function connection(facts: Facts, color: Color, away: Facts['away'][Color]): Facts {
  const player = facts[color];
  return {
    ...facts,
    [color]: player && { ...player, connected: away === null },
    away: { ...facts.away, [color]: away },
  };
}

/** Being connected is soft: it moves the lamp, and what absence costs is said by other frames. */
export function withPresence(facts: Facts, frame: FrameOf<'presence'>): Facts {
  return {
    ...facts,
    spectators: frame.spectators,
    white: facts.white && { ...facts.white, connected: frame.white },
    black: facts.black && { ...facts.black, connected: frame.black },
  };
}
