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
  if (!facts) return text.title.home;
  const [white, black] = [nameOf(facts.white, 'white'), nameOf(facts.black, 'black')];
  const own = ownColor(state);
  if (facts.status === 'waiting') return text.title.waiting;
  if (facts.result) return text.title.over(`${white} ${facts.result} ${black}`);
  if (own && facts.turn === own) return text.title.yourMove(own === 'white' ? black : white);
  return text.title.playing(white, black);
}
