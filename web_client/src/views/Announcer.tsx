/** Says what happens to those who do not see it. */
import { useEffect, useState } from 'preact/hooks';
import { lowTimeMs, remainingMs, serverNow } from '../clock';
import { firstPlyOf } from '../line';
import type { Color } from '../protocol';
import { opponent } from '../protocol';
import type { Facts, RoomState } from '../state';
import { text } from '../text';
import { nameOf } from './title';

export function Announcer({ state, own }: { state: RoomState; own: Color | null }) {
  const isLow = useLowTime(state, own);
  const { facts } = state;
  const said = facts && facts.game_id !== null ? sentences(state, facts, own, isLow) : [];
  return (
    <p class="unseen" role="log" aria-live="polite" data-testid="announcer">
      {said.map(sentence => (
        // Only what is new is read out, not the whole again.
        <span key={sentence}>{sentence} </span>
      ))}
    </p>
  );
}

function sentences(state: RoomState, facts: Facts, own: Color | null, isLow: boolean): string[] {
  const said: string[] = [];
  const move = facts.moves.at(-1);
  if (move) said.push(text.announce.move(opponent(facts.turn), move.san, firstPlyOf(facts.initial_fen) + facts.ply));
  if (facts.result !== null) {
    said.push(text.result.heading(facts.winner, facts.reason), text.result.reason(facts.reason, facts.winner));
    return said;
  }
  if (own === facts.turn) said.push(text.game.yourMove);
  if (isLow) said.push(text.clock.low);
  if (state.premove) said.push(text.box.kept(state.premove.from, state.premove.to));
  if (own === null) return said;
  const them = opponent(own);
  const name = nameOf(facts[them], them);
  if (facts.offers.draw === them) said.push(text.act.offered(name, 'draw'));
  if (facts.offers.takeback === them) said.push(text.act.asksTakeback(name));
  if (facts.away[them]) said.push(text.act.left(name));
  return said;
}

/** Whether the own clock runs and has become low. */
function useLowTime(state: RoomState, own: Color | null): boolean {
  const { facts, sync } = state;
  const [, look] = useState(0);
  const isRunning = facts?.status === 'playing' && facts.clock !== null && facts.clock.running === own;
  const untilMs =
    isRunning && facts.clock && own
      ? remainingMs(facts.clock, facts.at, own, serverNow(sync, Date.now())) - lowTimeMs(facts.time_control)
      : null;
  useEffect(() => {
    if (untilMs === null || untilMs <= 0) return;
    const timer = setTimeout(() => look(count => count + 1), Math.min(untilMs + 1, LONGEST_TIMEOUT_MS));
    return () => clearTimeout(timer);
  });
  return untilMs !== null && untilMs <= 0;
}

/** Browsers take longer ones for none at all. */
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1;
