/** Names of events, and what their listeners are given. */
type EventMap = object;

/**
 * An event as the iterator gives it.
 *
 * @example
 * ```ts
 * function describe(event: EventOf<CallEvents>): string {
 *   return event.type === 'ended' ? `over: ${event.detail.endReason}` : event.type;
 * }
 * for await (const event of call.events()) console.log(describe(event));
 * ```
 */
export type EventOf<Events extends EventMap> = {
  [Name in keyof Events]: { readonly type: Name; readonly detail: Events[Name] };
}[keyof Events];

/** Events that one loop has not read yet; null is the end. */
interface Stream<Event> {
  readonly waiting: (Event | null)[];
  wake: () => void;
}

/**
 * Events by callback and as an async iterator. A listener is called in the turn in which the event happens; one that
 * throws is reported as an uncaught error and keeps no other from being called.
 */
export class Emitter<Events extends EventMap> {
  readonly #listeners = new Map<keyof Events, Set<(detail: never) => void>>();
  readonly #streams = new Set<Stream<EventOf<Events>>>();
  #closed = false;

  /** Calls `listener` at each such event until the returned function is called. */
  on<Name extends keyof Events>(name: Name, listener: (detail: Events[Name]) => void): () => void {
    const listeners = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, listeners.add(listener));
    return () => void listeners.delete(listener);
  }

  /** All events from this moment on, in order, until it closes or the loop is left. What is not read yet is kept. */
  events(): AsyncGenerator<EventOf<Events>, void> {
    const stream: Stream<EventOf<Events>> = { waiting: this.#closed ? [null] : [], wake: () => undefined };
    this.#streams.add(stream);
    return this.#read(stream);
  }

  async *#read(stream: Stream<EventOf<Events>>): AsyncGenerator<EventOf<Events>, void> {
    try {
      for (;;) {
        const event = stream.waiting.shift();
        if (event === null) return;
        if (event !== undefined) yield event;
        else await new Promise<void>((resolve) => (stream.wake = resolve));
      }
    } finally {
      this.#streams.delete(stream);
    }
  }

  protected emit<Name extends keyof Events>(type: Name, detail: Events[Name]): void {
    for (const listener of this.#listeners.get(type) ?? []) {
      reportingThrows(() => (listener as (detail: Events[Name]) => void)(detail));
    }
    this.#push({ type, detail } as EventOf<Events>);
  }

  /** Ends every iterator, after what it has still to give. */
  protected closeEvents(): void {
    this.#closed = true;
    this.#push(null);
  }

  #push(event: EventOf<Events> | null): void {
    for (const stream of this.#streams) {
      stream.waiting.push(event);
      stream.wake();
    }
  }
}

/** Runs what the application has given us. What it throws is reported as an uncaught error, and stops nothing here. */
export function reportingThrows(run: () => void): void {
  try {
    run();
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}
