import type { InboxEventPartsFragment, SignalKind } from '../../src/client/gql/graphql.js';

/** Where a node, or what stands in front of several, is found. */
export interface Addresses {
  readonly url: string;
  readonly webSocketUrl: string;
}

/**
 * A device that talks on whatever happens: it comes back by itself behind the last event that it handled, and asks again,
 * with the same key, what was not answered.
 */
export interface Talker {
  readonly userId: string;
  /** Of the device. */
  readonly id: string;
  /** Signals of one call that it may be given before the first of them is acknowledged. */
  readonly atOnce: number;
  /** Connections that it has made. */
  readonly connections: number;
  /** Ready that was not the place it had asked for. */
  readonly unrecovered: number;
  /** Connects, and stays connected until it leaves. Resolves when it is subscribed. */
  arrive(): Promise<void>;
  leave(): Promise<void>;
  /** The network is gone, without a close frame, and what is on its way with it. False where it is not connected now. */
  cut(): boolean;
  /** Gives back the call's id. */
  call(calleeId: string): Promise<string>;
  /** Answers, with that ANSWER. */
  answer(callId: string, payload: string): Promise<void>;
  /** Resolves when the server has acknowledged it; signals of one call in the order in which they were given. */
  say(callId: string, kind: SignalKind, payload: string): Promise<void>;
  end(callId: string): Promise<void>;
  /** Resolves when it has handled an event of that name: `<callId> CREATED`, or `<callId> <payload>`. False where it waits in vain. */
  hears(name: string): Promise<boolean>;
}

export type Handle = (event: InboxEventPartsFragment) => void;

/** What a device has handled, by name, and who waits for it. */
export class Heard {
  readonly #patienceMs: number;
  readonly #names = new Set<string>();
  readonly #waiting = new Map<string, () => void>();

  constructor(patienceMs: number) {
    this.#patienceMs = patienceMs;
  }

  note(event: InboxEventPartsFragment): void {
    if (event.__typename !== 'CallChanged' && event.__typename !== 'SignalReceived') return;
    const name = event.__typename === 'CallChanged' ? `${event.call.id} ${event.change}` : `${event.callId} ${event.payload}`;
    this.#names.add(name);
    this.#waiting.get(name)?.();
    this.#waiting.delete(name);
  }

  hears(name: string): Promise<boolean> {
    if (this.#names.has(name)) return Promise.resolve(true);
    return new Promise((resolve) => {
      const late = setTimeout(() => resolve(false), this.#patienceMs);
      this.#waiting.set(name, () => {
        clearTimeout(late);
        resolve(true);
      });
    });
  }
}
