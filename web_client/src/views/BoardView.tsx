import { useEffect, useRef } from 'preact/hooks';
import { mountBoard } from '../board';
import type { Board } from '../board';
import { placeOf } from '../line';
import type { PromotionRole } from '../line';
import type { Session } from '../session';
import { shownBoard } from '../shown';
import { bottomColor, ownColor } from '../state';
import type { RoomState } from '../state';
import { text } from '../text';
import { PieceIcon } from './PieceIcon';

export function BoardView({ state, session }: { state: RoomState; session: Session }) {
  const element = useRef<HTMLDivElement>(null);
  const board = useRef<Board | null>(null);
  useEffect(() => {
    if (!element.current) return;
    const mounted = mountBoard(element.current, shownBoard(session.get()), (from, to) => session.play(from, to));
    board.current = mounted;
    return () => {
      mounted.destroy();
      board.current = null;
    };
  }, [session]);
  useEffect(() => board.current?.show(shownBoard(state)), [state]);
  return (
    <div class="board-frame" role="group" aria-label={text.game.board} data-testid="board">
      <div class="board" ref={element} />
      {state.promoting && <Promotion state={state} session={session} />}
    </div>
  );
}

const SQUARE_PERCENT = 12.5;
const ROLES: readonly PromotionRole[] = ['queen', 'knight', 'rook', 'bishop'];

/** The four pieces over the pawn's file, the queen nearest, as players expect them. */
function Promotion({ state, session }: { state: RoomState; session: Session }) {
  const first = useRef<HTMLButtonElement>(null);
  useEffect(() => first.current?.focus({ preventScroll: true }), []);
  const { promoting } = state;
  if (!promoting) return null;
  const { column, row } = placeOf(promoting.to, bottomColor(state));
  const color = ownColor(state) ?? 'white';
  const cancel = (): void => session.dispatch({ kind: 'promoting', promoting: null });
  return (
    <div
      class="promotion"
      role="dialog"
      aria-label={text.game.promote}
      data-testid="promotion"
      onClick={cancel}
      onKeyDown={event => {
        if (event.key === 'Escape') cancel();
      }}
    >
      {ROLES.map((role, index) => (
        <button
          key={role}
          ref={index === 0 ? first : null}
          type="button"
          class="promotion-choice"
          style={{ left: `${column * SQUARE_PERCENT}%`, top: `${(row === 0 ? index : 7 - index) * SQUARE_PERCENT}%` }}
          aria-label={text.game.role[role]}
          data-testid={`promote-${role}`}
          onClick={event => {
            event.stopPropagation();
            session.play(promoting.from, promoting.to, role);
          }}
        >
          <PieceIcon color={color} role={role} />
        </button>
      ))}
    </div>
  );
}
