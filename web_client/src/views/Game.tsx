/** The board with all that belongs to it. The board's place is the same from the first moment on: nothing jumps. */
import type { Color } from '../protocol';
import { opponent } from '../protocol';
import type { Session } from '../session';
import { bottomColor, pendingMove } from '../state';
import type { RoomState } from '../state';
import { text } from '../text';
import { Actions } from './Actions';
import { Announcer } from './Announcer';
import { BoardView } from './BoardView';
import { Chat } from './Chat';
import { MoveList } from './MoveList';
import { PlayerStrip } from './PlayerStrip';
import { StageCard } from './StageCard';
import { nameOf } from './title';

interface Props {
  state: RoomState;
  own: Color | null;
  session: Session;
  isEmbedded: boolean;
}

export function Game({ state, own, session, isEmbedded }: Props) {
  const { facts } = state;
  const bottom = bottomColor(state);
  const hasChat = !isEmbedded && facts !== null && facts.options.chat && facts.game_id !== null;
  const card = isEmbedded ? null : StageCard({ state, session });
  return (
    <div class={`game ${facts ? '' : 'loading'} ${card ? 'covered' : ''}`} data-testid="game">
      <div class="stage">
        <BoardView state={state} session={session} />
        {card && <div class="stage-card">{card}</div>}
      </div>
      <PlayerStrip state={state} session={session} color={opponent(bottom)} place="top" />
      <PlayerStrip state={state} session={session} color={bottom} place="bottom" />
      <section class="panel" aria-label={text.game.moves}>
        <TurnLine state={state} own={own} />
        <MoveList state={state} session={session} />
        {!isEmbedded && facts && <Actions state={state} facts={facts} own={own} session={session} />}
      </section>
      {hasChat && <Chat facts={facts} canSpeak={own !== null && state.link.kind !== 'ended'} session={session} />}
      <Announcer state={state} own={own} />
    </div>
  );
}

/** Time control, and whose turn it is in words. */
function TurnLine({ state, own }: { state: RoomState; own: Color | null }) {
  const { facts } = state;
  if (!facts) return <p class="turn-line">&nbsp;</p>;
  const pending = pendingMove(state);
  const isMine = facts.status === 'playing' && own === facts.turn && !pending;
  const isUnsent = pending !== null && state.link.kind !== 'live';
  const waitedFor = pending ? opponent(facts.turn) : facts.turn;
  const turn = isUnsent
    ? text.game.unsent
    : isMine
      ? text.game.yourMove
      : text.game.theirMove(nameOf(facts[waitedFor], waitedFor));
  return (
    <p class={`turn-line ${isMine ? 'mine' : ''}`}>
      <span data-testid="turn">{facts.status === 'playing' ? turn : ' '}</span>
      <span class="quiet">
        {facts.variant === 'standard'
          ? text.timeControl(facts.time_control)
          : text.variantAndTime(facts.variant, facts.time_control)}
      </span>
    </p>
  );
}
