import type { InboxSubscription } from './gql/graphql.js';

export type InboxEvent = InboxSubscription['inbox'];

/** How far a device has read its inbox. */
export class InboxCursor {
  #after: string | null;
  readonly #save: (cursor: string) => void;

  /** `after` as `save` was given it last; null on a new device. */
  constructor({ after = null, save = () => undefined }: { after?: string | null; save?: (cursor: string) => void } = {}) {
    this.#after = after;
    this.#save = save;
  }

  get after(): string | null {
    return this.#after;
  }

  /** Where the server cannot read it (BAD_INPUT): it was altered, or is of something else. The next start is at the live call. */
  forget(): void {
    this.#after = null;
  }

  /**
   * For the subscription. graphql-ws keeps this object and writes it out again at each reconnect, so `after` is a getter: a
   * plain value would be where the inbox was when the page was opened.
   */
  variables(): { readonly after: string | null } {
    return Object.defineProperty({ after: null }, 'after', { enumerable: true, get: () => this.#after });
  }

  /**
   * Hands the event on, and moves forward behind it. Cursors of a user sort bytewise, so what is not behind the last one was
   * handled before; the other types are not kept, and repeat a position.
   */
  handle(event: InboxEvent, hand: () => void): void {
    const isKept = event.__typename === 'CallChanged' || event.__typename === 'SignalReceived';
    if (isKept && this.#after !== null && event.cursor <= this.#after) return;
    hand();
    this.#after = event.cursor;
    this.#save(event.cursor);
  }
}
