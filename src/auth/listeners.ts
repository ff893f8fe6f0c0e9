import type { Logger } from '../logger.js';

/** Who is told of something within this process. One that throws is logged and keeps nobody else from being told. */
export class Listeners<Event extends unknown[]> {
  readonly #listeners = new Set<(...event: Event) => void>();
  readonly #logger: Logger;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** Returns what ends it. */
  add(listener: (...event: Event) => void): () => void {
    // A function of its own for each call: the same listener added twice is told twice and ended once each.
    const own = (...event: Event): void => listener(...event);
    this.#listeners.add(own);
    return () => this.#listeners.delete(own);
  }

  tell(...event: Event): void {
    for (const listener of this.#listeners) {
      try {
        listener(...event);
      } catch (error) {
        this.#logger.error({ err: error }, 'a listener failed');
      }
    }
  }
}
