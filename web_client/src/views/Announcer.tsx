/** Says what happens to those who do not see it. */
import type { Color } from '../protocol';
import { opponent } from '../protocol';
import type { RoomState } from '../state';
import { text } from '../text';
import { nameOf } from './title';

export function Announcer({ state, own }: { state: RoomState; own: Color | null }) {
  return (
    <p class="unseen" aria-live="polite" data-testid="announcer">
      {announcement(state, own)}
    </p>
  );
}

function announcement(state: RoomState, own: Color | null): string {
  const { facts } = state;
  if (!facts || facts.game_id === null) return '';
  const said: string[] = [];
  const move = facts.moves.at(-1);
  if (move) said.push(text.announce.move(opponent(facts.turn), move.san));
  if (facts.result !== null) {
    said.push(text.result.heading(facts.winner, facts.reason), text.result.reason(facts.reason, facts.winner));
  } else if (own === facts.turn) {
    said.push(text.game.yourMove);
  }
  if (own && facts.offers.draw === opponent(own)) {
    said.push(text.act.offered(nameOf(facts[opponent(own)], opponent(own)), 'draw'));
  }
  return said.join(' ');
}
