import { useEffect, useRef } from 'preact/hooks';

interface Props {
  label: string;
  /** The whole of it, where the label is short; begins with the label. */
  hint?: string;
  testid: string;
  isMain?: boolean;
  isBusy?: boolean;
  hasFocus?: boolean;
  onClick: () => void;
}

export function Button({ label, hint, testid, isMain, isBusy, hasFocus, onClick }: Props) {
  const element = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (hasFocus) element.current?.focus({ preventScroll: true });
  }, [hasFocus]);
  return (
    <button
      type="button"
      class={`button ${isMain ? 'primary' : ''}`}
      disabled={isBusy}
      title={hint}
      aria-label={hint}
      ref={element}
      data-testid={testid}
      onClick={onClick}
    >
      {label}
    </button>
  );
}
