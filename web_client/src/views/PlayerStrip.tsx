/** One player: name, presence, material, delay, score, clock. */
import { materialOf } from '../material';
import { opponent } from '../protocol';
import type { Color } from '../protocol';
import type { Session } from '../session';
import { shownBoard } from '../shown';
import { ownColor } from '../state';
import type { Facts, RoomState } from '../state';
import { text } from '../text';
import { Clock } from './Clock';
import { PieceIcon } from './PieceIcon';
import { nameOf } from './title';

const GIVEN_MS = 15_000;

interface Props {
  state: RoomState;
  session: Session;
  color: Color;
  place: 'top' | 'bottom';
}

export function PlayerStrip({ state, session, color, place }: Props) {
  const { facts } = state;
  const player = facts?.[color] ?? null;
  const own = ownColor(state);
  const isKnown = player !== null && state.link.kind === 'live';
  const isTurn = facts?.status === 'playing' && facts.turn === color;
  const hasScore = facts !== null && facts.score.white + facts.score.black > 0;
  return (
    <div class={`strip ${place} ${isTurn ? 'turn' : ''}`} data-testid={`player-${color}`}>
      <span class={`lamp ${isKnown ? (player.connected ? 'on' : 'off') : ''}`}>
        {isKnown && <span class="unseen">{player.connected ? text.game.online : text.game.away}</span>}
      </span>
      <span class={`side ${color}`} role="img" aria-label={text.color(color)} />
      <span class="who">
        <span class="name" title={player ? nameOf(player, color) : undefined}>
          {player?.bot && <b class="bot">{text.bot}</b>}
          {facts && (player ? nameOf(player, color) : '…')}
          {own === color && <span class="quiet"> ({text.you})</span>}
        </span>
        <span class="aside">
          {facts && <Lag state={state} facts={facts} color={color} />}
          {facts && <Advantage fen={shownBoard(state).fen} color={color} />}
        </span>
      </span>
      {hasScore && (
        <span class="score" title={text.game.score(facts.score[color], facts.score[opponent(color)])}>
          {text.game.points(facts.score[color])}
        </span>
      )}
      {facts && mayGive(state, facts, color) && (
        <button
          type="button"
          class="button give"
          aria-label={text.clock.give(GIVEN_MS / 1000)}
          title={text.clock.give(GIVEN_MS / 1000)}
          data-testid="add-time"
          onClick={() => session.ask({ type: 'add_time', ms: GIVEN_MS })}
        >
          +{GIVEN_MS / 1000}
        </button>
      )}
      {facts?.clock && <Clock state={state} facts={facts} clock={facts.clock} color={color} />}
    </div>
  );
}

function mayGive(state: RoomState, facts: Facts, color: Color): boolean {
  const isTimed = facts.clock !== null && !facts.time_control.endsWith('d');
  return isTimed && facts.status === 'playing' && state.link.kind !== 'ended' && ownColor(state) === opponent(color);
}

/** How far away a player is: one's own round trip, and of others what the server measured at their last move. */
function Lag({ state, facts, color }: { state: RoomState; facts: Facts; color: Color }) {
  const isOwn = ownColor(state) === color;
  const ms = isOwn && state.link.kind === 'live' ? state.roundTripMs : isOwn ? null : facts.lag[color];
  if (facts.status !== 'playing' || ms === null) return null;
  return (
    <span class="lag" title={text.game.lag(ms)} data-testid={`lag-${color}`}>
      {text.link.roundTrip(ms)}
    </span>
  );
}

/** What this side has more of, and by how much it is ahead. */
function Advantage({ fen, color }: { fen: string; color: Color }) {
  const material = materialOf(fen);
  const lead = color === 'white' ? material.lead : -material.lead;
  const roles = material[color];
  if (roles.length === 0) return null;
  return (
    <span class="material" role="img" aria-label={text.game.material(roles, lead)} data-testid={`material-${color}`}>
      {roles.map((role, index) => (
        <PieceIcon key={index} color={opponent(color)} role={role} />
      ))}
      {lead > 0 && <b aria-hidden="true">+{lead}</b>}
    </span>
  );
}
