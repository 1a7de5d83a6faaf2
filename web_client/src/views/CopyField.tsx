import { useRef, useState } from 'preact/hooks';
import { text } from '../text';

const THANKS_MS = 2_500;

interface Props {
  label: string;
  value: string;
  /** What is copied, for who does not see it. */
  name?: string;
  /** What the button says. */
  copy?: string;
}

/** A text to copy, with one press; on plain HTTP too, where browsers offer no clipboard to scripts but this old one. */
export function CopyField({ label, value, name = text.invite.linkLabel, copy: act = text.invite.copy }: Props) {
  const field = useRef<HTMLInputElement>(null);
  const [done, setDone] = useState<'copied' | 'failed' | null>(null);
  const copy = async (): Promise<void> => {
    setDone((await copied(value, field.current)) ? 'copied' : 'failed');
    setTimeout(() => setDone(null), THANKS_MS);
  };
  return (
    <div class="field">
      <span>{label}</span>
      <div class="copy-field">
        <input
          ref={field}
          type="text"
          class="mono"
          readOnly
          value={value}
          aria-label={name}
          data-testid="invite-link"
          onFocus={event => event.currentTarget.select()}
        />
        <button type="button" class="button primary" data-testid="copy" onClick={() => void copy()}>
          <span aria-live="polite">
            {done === 'copied' ? text.invite.copied : done === 'failed' ? text.invite.copyFailed : act}
          </span>
        </button>
      </div>
    </div>
  );
}

async function copied(value: string, field: HTMLInputElement | null): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(value);
    return true;
  } catch {
    // No clipboard on plain HTTP, or no permission: the selected field is copied instead, or at least stays selected.
    field?.focus();
    field?.select();
    return document.execCommand('copy');
  }
}
