import { useEffect } from 'preact/hooks';
import { firstPlyOf } from '../line';
import { newsOf } from '../news';
import type { News } from '../news';
import { isWorthTelling, markIcon, notify } from '../notify';
import type { Session } from '../session';
import { play, soundOf } from '../sound';
import { mayMove, ownColor } from '../state';
import type { RoomState } from '../state';
import { text } from '../text';
import { nameOf, titleOf } from './title';
import { opponent } from '../protocol';

/** Lets what happens in the room be heard, and told to a player who looks elsewhere. */
export function useNews(session: Session): void {
  useEffect(() => {
    let before = session.get();
    return session.subscribe(after => {
      const news = newsOf(before, after);
      before = after;
      if (!news) return;
      play(soundOf(news));
      if (ownColor(after) && isWorthTelling(news)) notify(titleOf(after), bodyOf(news, after));
    });
  }, [session]);
}

/** Marks the tab while it is this player's move. */
export function useTurnIcon(state: RoomState): void {
  const isMyMove = mayMove(state);
  useEffect(() => {
    markIcon(isMyMove);
    return () => markIcon(false);
  }, [isMyMove]);
}

function bodyOf(news: News, { facts }: RoomState): string {
  switch (news.kind) {
    case 'move':
      return facts ? text.announce.move(opponent(facts.turn), news.san, firstPlyOf(facts.initial_fen) + facts.ply) : '';
    case 'end':
      return facts ? text.result.reason(facts.reason, facts.winner) : '';
    case 'offer': {
      const by = facts?.offers[news.offer] ?? null;
      const name = by && facts ? nameOf(facts[by], by) : '';
      return news.offer === 'takeback' ? text.act.asksTakeback(name) : text.act.offered(name, news.offer);
    }
    default:
      return text.game.started;
  }
}
