import type { Connection } from './connection.js';
import { ConnectionError, SwitchboardError } from './errors.js';
import type { InboxEventPartsFragment, InboxSubscription } from './gql/graphql.js';
import { inboxSubscription } from './operations.js';
import { keepOpen } from './stream.js';

/**
 * An event of the inbox, as docs/protocol.md describes it.
 *
 * @example
 * ```ts
 * const isMissed = (event: InboxEvent) => event.__typename === 'CallChanged' && event.change === 'ENDED' && event.call.missed;
 * phone.on('event', (event) => {
 *   if (isMissed(event)) console.log('A missed call.');
 * });
 * ```
 */
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

  /**
   * Until `stop`, or until the two sides prove not to speak the same protocol: then it resolves false. Every end but these
   * is a failure, and followed by another attempt.
   */
  async run(): Promise<boolean> {
    const variables = { after: null as string | null };
    // Read at each attempt to connect, and not when the subscription was made.
    Object.defineProperty(variables, 'after', { enumerable: true, get: () => this.#cursor });
    await keepOpen<InboxSubscription>({
      open: (sink) => this.#connection.subscribe(inboxSubscription, variables, sink),
      onData: ({ inbox }) => this.#take(inbox),
      goesOn: (error, hadData) => this.#goesOn(error, hadData),
      signal: this.#stopped.signal,
    });
    return this.#stopped.signal.aborted;
  }

  stop(): void {
    this.#stopped.abort();
  }

  #goesOn(error: SwitchboardError | ConnectionError | null, hadData: boolean): boolean {
    if (error !== null) this.#onFailure(error);
    // Of another server, or altered in the store: the stream starts without it.
    if (error instanceof SwitchboardError && error.code === 'BAD_INPUT') this.#cursor = null;
    // Where the stream had begun, something else that was sent is to blame, as a message that is too long.
    return !(error instanceof ConnectionError && error.isFinal) || hadData;
  }

  #take(event: InboxEvent): void {
    const isKept = event.__typename === 'CallChanged' || event.__typename === 'SignalReceived';
    // Cursors of one user sort bytewise. Where events were lost Ready starts again from an earlier one.
    if (isKept && this.#cursor !== null && event.cursor <= this.#cursor) return;
    this.#onEvent(event);
    this.#cursor = event.cursor;
  }
}
