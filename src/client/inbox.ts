import { backoffMs, pause } from './backoff.js';
import type { Connection } from './connection.js';
import { ConnectionError, SwitchboardError } from './errors.js';
import type { InboxEventPartsFragment } from './gql/graphql.js';
import { inboxSubscription } from './operations.js';

/** An event of the inbox, as docs/protocol.md describes it. */
export type InboxEvent = InboxEventPartsFragment;

/**
 * The stream of everything that is addressed to this device. It is opened again behind the last event that was handled,
 * over whatever connection there is; an event is given once, in order.
 */
export class Inbox {
  readonly #connection: Connection;
  readonly #onEvent: (event: InboxEvent) => void;
  readonly #onFailure: (error: Error) => void;
  readonly #stopped = new AbortController();
  #cursor: string | null;
  #close: () => void = () => undefined;

  /** `after`: the cursor of the last event handled; null for the beginning of the live call. */
  constructor(options: {
    readonly connection: Connection;
    readonly after: string | null;
    readonly onEvent: (event: InboxEvent) => void;
    readonly onFailure: (error: Error) => void;
  }) {
    this.#connection = options.connection;
    this.#cursor = options.after;
    this.#onEvent = options.onEvent;
    this.#onFailure = options.onFailure;
  }

  /** Of the last event that was handled. */
  get cursor(): string | null {
    return this.#cursor;
  }

  /** Until `stop`. Every end but that is a failure, and followed by another attempt, unless that would fail again. */
  async run(): Promise<void> {
    const { signal } = this.#stopped;
    for (let failures = 0; !signal.aborted; failures += 1) {
      const error = await this.#read(() => (failures = 0));
      if (signal.aborted) return;
      if (error !== null) this.#onFailure(error);
      if (error instanceof ConnectionError && error.isFinal) return;
      // Of another server, or altered in the store: the stream starts without it.
      if (error instanceof SwitchboardError && error.code === 'BAD_INPUT') this.#cursor = null;
      if (error instanceof SwitchboardError && error.code === 'UNAUTHENTICATED') return;
      await pause(backoffMs(failures), signal);
    }
  }

  stop(): void {
    this.#stopped.abort();
    this.#close();
  }

  #read(onReady: () => void): Promise<Error | null> {
    const variables = { after: null as string | null };
    // Read at each attempt to connect, and not when the subscription was made.
    Object.defineProperty(variables, 'after', { enumerable: true, get: () => this.#cursor });
    return new Promise((resolve) => {
      this.#close = this.#connection.subscribe(inboxSubscription, variables, {
        next: ({ inbox }) => {
          if (inbox.__typename === 'Ready') onReady();
          this.#take(inbox);
        },
        failed: resolve,
        completed: () => resolve(null),
      });
      this.#stopped.signal.addEventListener('abort', () => resolve(null), { once: true });
    });
  }

  #take(event: InboxEvent): void {
    const isKept = event.__typename === 'CallChanged' || event.__typename === 'SignalReceived';
    // Cursors of one user sort bytewise. Where events were lost Ready starts again from an earlier one.
    if (isKept && this.#cursor !== null && event.cursor <= this.#cursor) return;
    this.#onEvent(event);
    this.#cursor = event.cursor;
  }
}
