import type { Logger } from './logger.js';

/** Something that a node does again and again: each round a while after the last one has ended, whether that went well or not. */
export class Rounds {
  readonly #everyMs: number;
  readonly #round: () => Promise<unknown>;
  readonly #failed: (error: unknown) => void;
  #timer: NodeJS.Timeout | null = null;
  #stopped = false;

  /** `what`: the sentence for the log where a round fails. */
  constructor({ everyMs, round, logger, what }: { everyMs: number; round: () => Promise<unknown>; logger: Logger; what: string }) {
    this.#everyMs = everyMs;
    this.#round = round;
    this.#failed = (error) => logger.warn({ err: error }, what);
  }

  start(): void {
    this.#timer = setTimeout(() => void this.#next(), this.#everyMs);
  }

  stop(): void {
    this.#stopped = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  async #next(): Promise<void> {
    try {
      await this.#round();
    } catch (error) {
      this.#failed(error);
    }
    if (!this.#stopped) this.start();
  }
}
