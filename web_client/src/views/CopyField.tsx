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
  testid?: string;
  isMain?: boolean;
  isLong?: boolean;
}

/** A text to copy, with one press; on plain HTTP too, where browsers offer no clipboard to scripts but this old one. */
export function CopyField({
  label,
  value,
  name = text.invite.linkLabel,
  copy: act = text.invite.copy,
  testid = 'invite-link',
  isMain = true,
  isLong,
}: Props) {
  const field = useRef<HTMLInputElement & HTMLTextAreaElement>(null);
  const [done, setDone] = useState<'copied' | 'failed' | null>(null);
  const copy = async (): Promise<void> => {
    setDone((await copied(value, field.current)) ? 'copied' : 'failed');
    setTimeout(() => setDone(null), THANKS_MS);
  };
  const shown = {
    ref: field,
    class: 'mono',
    readOnly: true,
    value,
    'aria-label': name,
    'data-testid': testid,
    onFocus: () => field.current?.select(),
  };
  return (
    <div class="field">
      <span>{label}</span>
      <div class="copy-field">
        {isLong ? <textarea rows={3} {...shown} /> : <input type="text" {...shown} />}
        <button
          type="button"
          class={`button ${isMain ? 'primary' : ''}`}
          data-testid={isMain ? 'copy' : `copy-${testid}`}
          onClick={() => void copy()}
        >
          <span aria-live="polite">
            {done === 'copied' ? text.invite.copied : done === 'failed' ? text.invite.copyFailed : act}
          </span>
        </button>
      </div>
    </div>
  );
}

async function copied(value: string, field: HTMLInputElement | HTMLTextAreaElement | null): Promise<boolean> {
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
