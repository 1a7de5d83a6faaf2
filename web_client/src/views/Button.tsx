import { useEffect, useRef } from 'preact/hooks';

interface Props {
  label: string;
  testid: string;
  isMain?: boolean;
  isBusy?: boolean;
  hasFocus?: boolean;
  onClick: () => void;
}

export function Button({ label, testid, isMain, isBusy, hasFocus, onClick }: Props) {
  const element = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (hasFocus) element.current?.focus({ preventScroll: true });
  }, [hasFocus]);
  return (
    <button
      type="button"
      class={`button ${isMain ? 'primary' : ''}`}
      disabled={isBusy}
      ref={element}
      data-testid={testid}
      onClick={onClick}
    >
      {label}
    </button>
  );
}
