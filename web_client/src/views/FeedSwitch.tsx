/** For spectators: what they watch over, and the way to the page that compares the two. */
import { useState } from 'preact/hooks';
import { comparePath } from '../route';
import type { Session } from '../session';
import { storedFeedKind, storeFeedKind } from '../storage';
import type { FeedKind } from '../storage';
import { text } from '../text';

const KINDS: readonly FeedKind[] = ['sse', 'websocket'];

export function FeedSwitch({ roomId, session }: { roomId: string; session: Session }) {
  const [kind, setKind] = useState(storedFeedKind);
  return (
    <span class="feed-switch">
      <label>
        <span class="feed-label quiet">{text.watch.label} </span>
        <select
          value={kind}
          aria-label={text.watch.label}
          data-testid="feed"
          onChange={event => {
            const chosen = event.currentTarget.value === 'websocket' ? 'websocket' : 'sse';
            storeFeedKind(chosen);
            setKind(chosen);
            session.reopen();
          }}
        >
          {KINDS.map(option => (
            <option key={option} value={option}>
              {text.watch.kind[option]}
            </option>
          ))}
        </select>
      </label>
      <a href={comparePath(roomId)} data-testid="compare-link">
        {text.watch.compare}
      </a>
    </span>
  );
}
