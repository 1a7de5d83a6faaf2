/**
 * A stream of server-sent events that begins anew whenever it comes back: `/sse/rooms`, `/sse/me`.
 *
 * EventSource comes back by itself, until the server answers with an error; then `mayRetry` is asked, and the stream is
 * opened anew after a while.
 */
import { CLOSE } from './protocol';
import { retryDelayMs } from './socket';

export interface EventsOptions {
  readonly path: string;
  readonly types: readonly string[];
  /** The stream has begun: everything is about to be told again. */
  readonly onOpen: () => void;
  readonly onLost: () => void;
  readonly onEvent: (event: unknown) => void;
  /** Whether there is any use in trying again after the server has refused. */
  readonly mayRetry?: () => Promise<boolean>;
}

/** Opens the stream; returns what closes it. */
export function listen(options: EventsOptions): () => void {
  let source: EventSource | null = null;
  let isOver = false;
  let attempt = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;

  function open(): void {
    const opened = new EventSource(options.path);
    source = opened;
    opened.onopen = () => {
      attempt = 0;
      options.onOpen();
    };
    opened.onerror = () => {
      if (isOver || source !== opened) return;
      options.onLost();
      if (opened.readyState === EventSource.CLOSED) void refused();
    };
    for (const type of options.types) {
      opened.addEventListener(type, (event: MessageEvent<unknown>) => {
        if (isOver || typeof event.data !== 'string') return;
        // The server is trusted with the shape of what it names.
        options.onEvent(JSON.parse(event.data));
      });
    }
  }

  async function refused(): Promise<void> {
    const mayRetry = (await options.mayRetry?.()) ?? true;
    if (!isOver && mayRetry) timer = setTimeout(open, retryDelayMs(attempt++, CLOSE.tryLater, Math.random()));
  }

  open();
  return () => {
    isOver = true;
    clearTimeout(timer);
    source?.close();
  };
}

/** Calls `start` whenever the page can be seen, and what it returned when it cannot; returns what ends that. */
export function whileVisible(start: () => () => void): () => void {
  let stop: (() => void) | null = null;
  const look = (): void => {
    const isVisible = document.visibilityState === 'visible';
    if (isVisible && !stop) stop = start();
    else if (!isVisible) {
      stop?.();
      stop = null;
    }
  };
  document.addEventListener('visibilitychange', look);
  look();
  return () => {
    document.removeEventListener('visibilitychange', look);
    stop?.();
    stop = null;
  };
}
