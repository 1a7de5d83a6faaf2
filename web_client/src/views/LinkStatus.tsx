/** How the connection is, honestly: quiet while it works, plain when it does not. */
import { useEffect, useState } from 'preact/hooks';
import { CLOSE } from '../protocol';
import type { Session } from '../session';
import { ownColor } from '../state';
import type { RoomState } from '../state';
import { storedFeedKind } from '../storage';
import { text } from '../text';
import { FeedSwitch } from './FeedSwitch';

export function LinkStatus({ state, session }: { state: RoomState; session: Session }) {
  const { link, roundTripMs } = state;
  const isBad = link.kind === 'lost' || link.kind === 'doubtful';
  const waitS = useWaitS(link.kind === 'lost' ? link.retryAt : null);
  const isWatching = isSpectator(state);
  const isMeasured = !isWatching || storedFeedKind() === 'websocket';
  return (
    <>
      {link.kind === 'live' && roundTripMs !== null && isMeasured && (
        <span class="round-trip" aria-label={text.link.roundTripLabel(roundTripMs)} data-testid="round-trip">
          {text.link.roundTrip(roundTripMs)}
        </span>
      )}
      {isWatching && <FeedSwitch roomId={state.roomId} session={session} />}
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

/** Whether this is somebody who watches a game, and not the one who is invited to it. */
function isSpectator(state: RoomState): boolean {
  const { facts, link } = state;
  if (!facts || facts.game_id === null || facts.status === 'closed' || ownColor(state)) return false;
  return link.kind !== 'ended' || link.code !== CLOSE.roomClosed;
}

function messageOf({ link }: RoomState, waitS: number): string {
  if (link.kind === 'doubtful') return navigator.onLine ? text.link.unanswered : text.link.doubtful;
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
