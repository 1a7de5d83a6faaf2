/**
 * The board for keyboards and screen readers: a grid of named squares that lies over the drawn one and lets the mouse
 * through. Arrow keys walk, Enter takes a piece up and puts it down, Escape lets it go.
 */
import { useState } from 'preact/hooks';
import type { Board } from '../board';
import type { ShownBoard } from '../shown';
import { neighbour, piecesOf, rowsOf, targetsOf } from '../squares';
import { text } from '../text';

interface Props {
  shown: ShownBoard;
  /** The drawn board, once there is one. */
  board: () => Board | null;
  label: string;
}

export function SquareGrid({ shown, board, label }: Props) {
  const bottom = shown.orientation;
  const [current, setCurrent] = useState(bottom === 'white' ? 'e2' : 'e7');
  const [said, say] = useState('');
  const pieces = piecesOf(shown.fen);
  const selected = board()?.selected() ?? null;
  const targets = selected === null ? [] : targetsOf(shown, selected);

  const press = (square: string): void => {
    setCurrent(square);
    board()?.select(square === board()?.selected() ? null : square);
    const taken = board()?.selected();
    const piece = taken ? pieces.get(taken) : undefined;
    if (taken && piece) say(text.square.taken(taken, piece, targetsOf(shown, taken)));
    else say(selected === null ? text.square.nothing : '');
  };
  const pressed = (event: KeyboardEvent & { currentTarget: HTMLElement }): void => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const next = neighbour(current, event.key, bottom);
    if (next === null) return;
    event.preventDefault();
    setCurrent(next);
    event.currentTarget.querySelector<HTMLElement>(`[data-square=${next}]`)?.focus({ preventScroll: true });
  };

  return (
    <>
      <div class="square-grid" role="grid" aria-label={label} onKeyDown={pressed} data-testid="squares">
        {rowsOf(bottom).map((row, index) => (
          <div role="row" key={index}>
            {row.map(square => (
              <button
                key={square}
                type="button"
                role="gridcell"
                tabIndex={square === current ? 0 : -1}
                aria-label={text.square.label(square, pieces.get(square), {
                  isTaken: square === selected,
                  isTarget: targets.includes(square),
                  isPremove: shown.premove.includes(square),
                })}
                aria-selected={square === selected}
                data-square={square}
                onFocus={() => setCurrent(square)}
                onClick={() => press(square)}
              />
            ))}
          </div>
        ))}
      </div>
      <p class="unseen" aria-live="polite">
        {said}
      </p>
    </>
  );
}
