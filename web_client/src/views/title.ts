import { useEffect } from 'preact/hooks';
import { ownColor } from '../state';
import type { RoomState } from '../state';
import type { Color, Player } from '../protocol';
import { text } from '../text';

export function nameOf(player: Player | null, color: Color): string {
  return player?.name || text.anonymous(color);
}

/** What the tab is called: in a row of tabs, whether it is one's move is what counts. */
export function titleOf(state: RoomState): string {
  const { facts } = state;
  if (!facts) return state.link.kind === 'ended' ? text.title.page(text.missing.heading) : text.title.home;
  const [white, black] = [nameOf(facts.white, 'white'), nameOf(facts.black, 'black')];
  const own = ownColor(state);
  if (facts.status === 'waiting') return text.title.waiting;
  if (facts.result) return text.title.over(`${white} ${facts.result} ${black}`);
  if (own && facts.turn === own) return text.title.yourMove(own === 'white' ? black : white);
  return text.title.playing(white, black);
}

/** Calls the tab `title` as long as the component is there. */
export function useTitle(title: string): void {
  useEffect(() => {
    document.title = title === text.title.home ? title : text.title.page(title);
    return () => {
      document.title = text.title.home;
    };
  }, [title]);
}
