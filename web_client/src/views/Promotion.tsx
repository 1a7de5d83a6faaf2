/** The choice of what a pawn becomes: by mouse, finger, arrow keys, or a piece's letter. */
import { useEffect, useRef } from 'preact/hooks';
import { placeOf, PROMOTION_ROLES } from '../line';
import type { Session } from '../session';
import { bottomColor, ownColor } from '../state';
import type { Promoting, RoomState } from '../state';
import { text } from '../text';
import { PieceIcon } from './PieceIcon';

const SQUARE_PERCENT = 12.5;
const LETTERS = ['q', 'n', 'r', 'b'];
const STEPS: Record<string, number> = { ArrowUp: -1, ArrowLeft: -1, ArrowDown: 1, ArrowRight: 1 };

/** The four pieces over the pawn's file, the queen nearest, as players expect them. */
export function Promotion(props: { state: RoomState; promoting: Promoting; session: Session }) {
  const { state, promoting, session } = props;
  const dialog = useRef<HTMLDivElement>(null);
  const { column, row } = placeOf(promoting.to, bottomColor(state));
  const color = ownColor(state) ?? 'white';

  useEffect(() => {
    const buttons = (): HTMLButtonElement[] => [...(dialog.current?.querySelectorAll('button') ?? [])];
    const before = document.activeElement;
    buttons()[0]?.focus({ preventScroll: true });
    const pressed = (event: KeyboardEvent): void => {
      if (event.altKey || event.ctrlKey || event.metaKey) return;
      const at = buttons().findIndex(button => button === document.activeElement);
      const step = event.key === 'Tab' ? (event.shiftKey ? -1 : 1) : (STEPS[event.key] ?? 0) * (row === 0 ? 1 : -1);
      const role = PROMOTION_ROLES[LETTERS.indexOf(event.key.toLowerCase())];
      if (event.key === 'Escape') session.dispatch({ kind: 'promoting', promoting: null });
      else if (role) session.play(promoting.from, promoting.to, role);
      else if (step !== 0) buttons()[(at + step + LETTERS.length) % LETTERS.length]?.focus({ preventScroll: true });
      else return;
      event.preventDefault();
      event.stopPropagation();
    };
    // Before everybody else, wherever the focus is: the dialog is all there is until it is answered.
    addEventListener('keydown', pressed, true);
    return () => {
      removeEventListener('keydown', pressed, true);
      if (before instanceof HTMLElement) before.focus({ preventScroll: true });
    };
  }, [session, promoting, row]);

  return (
    <div
      class="promotion"
      role="dialog"
      aria-modal="true"
      aria-label={text.game.promote}
      ref={dialog}
      data-testid="promotion"
      onClick={() => session.dispatch({ kind: 'promoting', promoting: null })}
    >
      {PROMOTION_ROLES.map((role, index) => (
        <button
          key={role}
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
