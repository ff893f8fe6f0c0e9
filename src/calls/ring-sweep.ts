import type { Logger } from '../logger.js';
import type { CallService } from './call.service.js';

const everyMs = 500;
const mostAtOnce = 100;

/** Ends calls that have rung out, on any node: Postgres decides which are due, and that each ends once. */
export class RingSweep {
  readonly #calls: Pick<CallService, 'sweep'>;
  readonly #logger: Logger;
  #timer: NodeJS.Timeout | null = null;
  #stopped = false;

  constructor({ calls, logger }: { calls: Pick<CallService, 'sweep'>; logger: Logger }) {
    this.#calls = calls;
    this.#logger = logger;
  }

  start(): void {
    this.#timer = setTimeout(() => void this.#round(), everyMs);
  }

  stop(): void {
    this.#stopped = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  async #round(): Promise<void> {
    try {
      while (!this.#stopped && (await this.#calls.sweep(mostAtOnce)) === mostAtOnce);
    } catch (error) {
      this.#logger.warn({ err: error }, 'calls could not be swept this time');
    }
    if (!this.#stopped) this.start();
  }
}
