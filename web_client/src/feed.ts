/** A spectator's feed, over server-sent events or a WebSocket: the same frames, byte for byte. */
import { feedPath, parseCost } from './feed_parts';
import type { Feed, FeedOptions } from './feed_parts';
import { SUBPROTOCOL } from './protocol';
import { connect } from './socket';
import { storedFeedKind } from './storage';
import { stream } from './stream';

/** Follows a room, over what this browser has chosen if nothing is said. */
export function follow(options: FeedOptions, kind = storedFeedKind()): Feed {
  return kind === 'websocket' ? watchSocket(options) : stream(options);
}

function watchSocket({ roomId, position, onFrame, onLink, onCost }: FeedOptions): Feed {
  return connect({
    url: () => {
      const url = new URL(feedPath('/ws/watch', roomId, position(), onCost !== undefined), location.href);
      url.protocol = location.protocol === 'https:' ? 'wss:' : 'ws:';
      return url.href;
    },
    protocols: [SUBPROTOCOL],
    isWatching: true,
    onFrame,
    onLink,
    onOther: text => {
      const cost = parseCost(text);
      if (cost) onCost?.(cost);
    },
  });
}
