import { useEffect, useReducer, useRef } from 'preact/hooks';
import { mountBoard } from '../board';
import type { Board } from '../board';
import type { Session } from '../session';
import { settings } from '../settings';
import { shownBoard } from '../shown';
import type { RoomState } from '../state';
import { useStore } from '../store';
import { text } from '../text';
import { Promotion } from './Promotion';
import { SquareGrid } from './SquareGrid';

export function BoardView({ state, session }: { state: RoomState; session: Session }) {
  const element = useRef<HTMLDivElement>(null);
  const board = useRef<Board | null>(null);
  const { coordinates } = useStore(settings);
  const [, draw] = useReducer((count: number) => count + 1, 0);

  useEffect(() => {
    if (!element.current) return;
    const mounted = mountBoard(element.current, shownBoard(session.get()), {
      onMove: session.play,
      onPremove: session.premove,
      onSelect: () => draw(0),
    });
    board.current = mounted;
    // Not by way of drawing the page: the board shows a move in the same moment in which it is known.
    const stop = session.subscribe(next => mounted.show(shownBoard(next)));
    const pressed = (event: KeyboardEvent): void => {
      const isInDialog = event.target instanceof Element && event.target.closest('dialog');
      if (event.key !== 'Escape' || isInDialog) return;
      mounted.cancel();
      session.premove(null);
      draw(0);
    };
    addEventListener('keydown', pressed);
    return () => {
      stop();
      removeEventListener('keydown', pressed);
      mounted.destroy();
      board.current = null;
    };
  }, [session]);

  useWheel(element, session);

  return (
    <div
      class={`board-frame ${coordinates ? '' : 'no-coordinates'}`}
      role="group"
      aria-label={text.game.board}
      data-testid="board"
    >
      <div class="board" ref={element} aria-hidden="true" />
      <SquareGrid shown={shownBoard(state)} board={() => board.current} label={text.game.board} />
      {state.promoting && <Promotion state={state} promoting={state.promoting} session={session} />}
    </div>
  );
}

/** Pixels of turning that make one step: one notch of a mouse's wheel, a short stroke on a touchpad. */
const NOTCH_PX = 60;

/** The wheel over the board goes through the moves. */
function useWheel(element: { readonly current: HTMLElement | null }, session: Session): void {
  useEffect(() => {
    let turned = 0;
    const wheel = (event: WheelEvent): void => {
      const { facts, viewedPly } = session.get();
      const from = viewedPly ?? facts?.ply ?? 0;
      const isAtEnd = event.deltaY > 0 ? viewedPly === null : from === 0;
      // At either end the page may scroll.
      if (isAtEnd || event.ctrlKey) return;
      event.preventDefault();
      turned += event.deltaY * (event.deltaMode === WheelEvent.DOM_DELTA_PIXEL ? 1 : NOTCH_PX);
      if (Math.abs(turned) < NOTCH_PX) return;
      session.dispatch({ kind: 'viewed', ply: from + Math.sign(turned) });
      turned = 0;
    };
    const frame = element.current?.parentElement;
    frame?.addEventListener('wheel', wheel, { passive: false });
    return () => frame?.removeEventListener('wheel', wheel);
  }, [element, session]);
}
