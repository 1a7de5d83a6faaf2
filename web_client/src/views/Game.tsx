/** The board with all that belongs to it. The board's place is the same from the first moment on: nothing jumps. */
import type { Color } from '../protocol';
import { opponent } from '../protocol';
import type { Session } from '../session';
import { choose, settings } from '../settings';
import { bottomColor } from '../state';
import type { RoomState } from '../state';
import { useStore } from '../store';
import { text } from '../text';
import { Actions } from './Actions';
import { Announcer } from './Announcer';
import { BoardView } from './BoardView';
import { Chat } from './Chat';
import { MoveBox } from './MoveBox';
import { MoveList } from './MoveList';
import { useNews, useTurnIcon } from './news';
import { PlayerStrip } from './PlayerStrip';
import { StageCard } from './StageCard';
import { TurnLine } from './TurnLine';

interface Props {
  state: RoomState;
  own: Color | null;
  session: Session;
  isEmbedded: boolean;
}

export function Game({ state, own, session, isEmbedded }: Props) {
  const { facts } = state;
  const chosen = useStore(settings);
  useNews(session);
  useTurnIcon(state);
  const bottom = bottomColor(state);
  const hasChat = !isEmbedded && facts !== null && facts.options.chat && facts.game_id !== null;
  const card = isEmbedded ? null : StageCard({ state, session });
  const isPlaying = own !== null && facts?.status === 'playing' && state.link.kind !== 'ended';
  const isZen = chosen.zen && isPlaying;
  return (
    <div class={`game ${facts ? '' : 'loading'} ${card ? 'covered' : ''} ${isZen ? 'zen' : ''}`} data-testid="game">
      <div class="stage">
        <BoardView state={state} session={session} />
        {card && <div class="stage-card">{card}</div>}
      </div>
      <PlayerStrip state={state} session={session} color={opponent(bottom)} place="top" />
      <PlayerStrip state={state} session={session} color={bottom} place="bottom" />
      <section class="panel" aria-label={text.game.moves}>
        <TurnLine state={state} own={own} session={session} />
        <MoveList state={state} session={session} />
        {isPlaying && chosen.moveBox && <MoveBox state={state} session={session} />}
        {!isEmbedded && facts && <Actions state={state} facts={facts} own={own} session={session} />}
        {isZen && (
          <button type="button" class="button" data-testid="leave-zen" onClick={() => choose({ zen: false })}>
            {text.game.leaveZen}
          </button>
        )}
      </section>
      {!facts && !isEmbedded && <section class={`chat unknown ${chosen.chat ? '' : 'off'}`} aria-hidden="true" />}
      {hasChat && <Chat facts={facts} canSpeak={own !== null && state.link.kind !== 'ended'} session={session} />}
      <Announcer state={state} own={own} />
    </div>
  );
}
