/** How the connection is, honestly: quiet while it works, plain when it does not. */
import { useEffect, useState } from 'preact/hooks';
import type { Session } from '../session';
import type { RoomState } from '../state';
import { text } from '../text';

export function LinkStatus({ state, session }: { state: RoomState; session: Session }) {
  const { link, roundTripMs } = state;
  const isBad = link.kind === 'lost' || link.kind === 'doubtful';
  const waitS = useWaitS(link.kind === 'lost' ? link.retryAt : null);
  return (
    <>
      {link.kind === 'live' && roundTripMs !== null && (
        <span class="round-trip" aria-label={text.link.roundTripLabel(roundTripMs)} data-testid="round-trip">
          {text.link.roundTrip(roundTripMs)}
        </span>
      )}
      {link.kind === 'connecting' && <span class="quiet">{text.link.connecting}</span>}
      <div class="link-status" role="status" data-testid="link" data-link={link.kind}>
        {isBad && (
          <div class="link-bar">
            <span class="spinner" aria-hidden="true" />
            <span>{messageOf(state, waitS)}</span>
            {waitS > 1 && (
              <button type="button" class="button" onClick={session.reopen}>
                {text.link.retry}
              </button>
            )}
          </div>
        )}
      </div>
    </>
  );
}

function messageOf({ link }: RoomState, waitS: number): string {
  if (link.kind === 'doubtful') return text.link.doubtful;
  if (link.kind === 'lost' && link.isRestart) return text.link.restarting;
  return waitS > 1 ? text.link.lostAgainIn(waitS) : text.link.lost;
}

/** Whole seconds until this device's time `until`, counting down. */
function useWaitS(until: number | null): number {
  const [, tick] = useState(0);
  const left = until === null ? 0 : Math.max(0, Math.ceil((until - Date.now()) / 1000));
  useEffect(() => {
    if (left === 0) return;
    const timer = setTimeout(() => tick(count => count + 1), 250);
    return () => clearTimeout(timer);
  });
  return left;
}
