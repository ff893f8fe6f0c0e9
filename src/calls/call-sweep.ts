import type { Logger } from '../logger.js';
import type { CallService } from './call.service.js';

const everyMs = 500;
const mostAtOnce = 100;

export interface CallSweepOptions {
  readonly calls: Pick<CallService, 'sweep' | 'sweepLost'>;
  readonly nodeId: string;
  readonly signalingLostSeconds: number;
  readonly logger: Logger;
}

/** Ends calls that have rung out, or have lost a device, on any node: Postgres decides which are due, and that each ends once. */
export class CallSweep {
  readonly #options: CallSweepOptions;
  #timer: NodeJS.Timeout | null = null;
  #stopped = false;

  constructor(options: CallSweepOptions) {
    this.#options = options;
  }

  start(): void {
    this.#timer = setTimeout(() => void this.#round(), everyMs);
  }

  stop(): void {
    this.#stopped = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  async #round(): Promise<void> {
    const { calls, nodeId, signalingLostSeconds, logger } = this.#options;
    try {
      while (!this.#stopped && (await calls.sweep(mostAtOnce)) === mostAtOnce);
      await calls.sweepLost(nodeId, signalingLostSeconds, mostAtOnce);
    } catch (error) {
      logger.warn({ err: error }, 'calls could not be swept this time');
    }
    if (!this.#stopped) this.start();
  }
}
