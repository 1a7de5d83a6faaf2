/** A small board to look at; what it shows is told by its name. */
import { useEffect, useRef } from 'preact/hooks';
import { Chessground } from 'chessground';
import type { Api } from 'chessground/api';
import type { Config } from 'chessground/config';
import type { Key } from 'chessground/types';
import { shownBoard } from '../shown';
import type { RoomState } from '../state';
import { text } from '../text';

export function WatchedBoard({ state }: { state: RoomState }) {
  const element = useRef<HTMLDivElement>(null);
  const ground = useRef<Api | null>(null);
  const { fen, check, lastMove, turn } = shownBoard(state);
  const key = [fen, check, lastMove].join('|');
  useEffect(() => {
    if (!element.current) return;
    const made = Chessground(element.current, { viewOnly: true, coordinates: false });
    ground.current = made;
    return () => made.destroy();
  }, []);
  useEffect(() => {
    const calm = matchMedia('(prefers-reduced-motion: reduce)').matches;
    const config: Config = { fen, turnColor: turn, check: check ?? false, lastMove: lastMove as Key[] };
    ground.current?.set({ ...config, animation: { enabled: !calm } });
  }, [key]);
  const san = state.facts?.moves.at(-1)?.san ?? null;
  return (
    <div class="watched-board" role="img" aria-label={text.compare.board(san)}>
      <div ref={element} />
    </div>
  );
}
