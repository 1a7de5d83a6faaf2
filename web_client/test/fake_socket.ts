/** A WebSocket whose other end is the test. */
import type { Socket } from '../src/socket';
import type { Frame } from '../src/protocol';

export class FakeSocket implements Socket {
  static opened: FakeSocket[] = [];

  static get newest(): FakeSocket {
    const socket = FakeSocket.opened.at(-1);
    if (!socket) throw new Error('nothing was opened');
    return socket;
  }

  readyState = 0;
  onopen: ((event: Event) => void) | null = null;
  onmessage: ((event: MessageEvent) => void) | null = null;
  onclose: ((event: CloseEvent) => void) | null = null;
  readonly sent: { type: string; id?: string; uci?: string; ply?: number }[] = [];

  constructor(
    readonly url: string,
    readonly protocols: readonly string[] = [],
  ) {
    FakeSocket.opened.push(this);
  }

  send(text: string): void {
    this.sent.push(JSON.parse(text) as FakeSocket['sent'][number]);
  }

  close(): void {
    this.readyState = 3;
  }

  /** What was sent besides pings. */
  get commands(): FakeSocket['sent'] {
    return this.sent.filter(({ type }) => type !== 'ping');
  }

  opens(): void {
    this.readyState = 1;
    this.onopen?.(new Event('open'));
  }

  says(...frames: Frame[]): void {
    this.readyState = 1;
    for (const frame of frames) this.hears(JSON.stringify(frame));
  }

  hears(text: string): void {
    this.onmessage?.({ data: text } as MessageEvent);
  }

  drops(code = 1006, reason = ''): void {
    this.readyState = 3;
    this.onclose?.({ code, reason } as CloseEvent);
  }
}
