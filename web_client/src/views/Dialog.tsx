/** A dialog over the page; the browser keeps the focus in it, and Escape or a press beside it closes it. */
import { useLayoutEffect, useRef } from 'preact/hooks';
import type { ComponentChildren } from 'preact';
import { text } from '../text';
import { Icon } from './Icon';

interface Props {
  heading: string;
  testid: string;
  /** Closed only by what stands in it, or by Escape: it says something that is not said again. */
  isHeld?: boolean;
  onClose: () => void;
  children: ComponentChildren;
}

export function Dialog({ heading, testid, isHeld, onClose, children }: Props) {
  const element = useRef<HTMLDialogElement>(null);
  // Before it is seen, and before anybody types: opening moves the focus.
  useLayoutEffect(() => {
    const dialog = element.current;
    dialog?.showModal();
    return () => dialog?.close();
  }, []);
  return (
    <dialog
      class="dialog"
      ref={element}
      aria-label={heading}
      data-testid={testid}
      onClose={onClose}
      onClick={event => {
        if (event.target === element.current && !isHeld) onClose();
      }}
    >
      <div class="dialog-card">
        <header>
          <h2>{heading}</h2>
          {!isHeld && (
            <button
              type="button"
              class="button icon"
              aria-label={text.notice.dismiss}
              data-testid="close-dialog"
              onClick={onClose}
            >
              <Icon name="close" />
            </button>
          )}
        </header>
        {children}
      </div>
    </dialog>
  );
}
