import { useEffect, useState } from 'preact/hooks';
import { serverNow } from '../clock';
import type { RoomState } from '../state';

/** Whole seconds until the server's time `until`, counting; null without a moment to wait for. */
export function useCountdownS(state: RoomState, until: number | null): number | null {
  const [, tick] = useState(0);
  const left = until === null ? null : Math.max(0, Math.ceil((until - serverNow(state.sync, Date.now())) / 1000));
  useEffect(() => {
    if (left === null || left === 0) return;
    const timer = setTimeout(() => tick(count => count + 1), 500);
    return () => clearTimeout(timer);
  });
  return left;
}
