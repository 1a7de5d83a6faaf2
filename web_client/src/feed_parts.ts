/** What both ways to follow a room have in common. */
import type { Cost, Frame } from './protocol';
import type { Link } from './state';

export interface FeedOptions {
  readonly roomId: string;
  /** `epoch:v` to go on from; null: from the present state. */
  readonly position: () => string | null;
  readonly onFrame: (frame: Frame) => void;
  readonly onLink: (link: Link) => void;
  /** Hears what the connection costs; without it the server is not asked to count. */
  readonly onCost?: (cost: Cost) => void;
}

export interface Feed {
  /** See Connection.check. */
  check(hasNetwork: boolean): void;
  close(): void;
}

/** A feed's address: the room's, with the position to resume from, and asking for its cost. */
export function feedPath(base: string, roomId: string, since: string | null, isCounted: boolean): string {
  const query = new URLSearchParams();
  if (since !== null) query.set('since', since);
  if (isCounted) query.set('cost', 'on');
  const asked = query.toString();
  return `${base}/${encodeURIComponent(roomId)}${asked && `?${asked}`}`;
}

/** `text` as what the connection costs, or null if it is something else. */
export function parseCost(text: string): Cost | null {
  // The server is trusted with the shape of what it names.
  return text.startsWith('{"type":"cost"') ? (JSON.parse(text) as Cost) : null;
}
