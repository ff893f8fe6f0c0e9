import type { Rates } from '../rates.js';
import type { CallRepository, NewCall } from './call.repository.js';

/** How often somebody may call, and call one and the same user. */
export class CallRate {
  readonly #rates: Pick<Rates, 'take' | 'giveBack'>;
  readonly #calls: Pick<CallRepository, 'knowsKey'>;

  constructor({ rates, calls }: { rates: Pick<Rates, 'take' | 'giveBack'>; calls: Pick<CallRepository, 'knowsKey'> }) {
    this.#rates = rates;
    this.#calls = calls;
  }

  /**
   * Throws RATE_LIMITED. A key is looked up before that: one that repeats a call has its answer, and is not counted; false
   * says so.
   */
  async admit({ callerId, calleeId, key }: NewCall): Promise<boolean> {
    try {
      await this.#rates.take('LIMIT_CALLS_PER_MINUTE', callerId);
      await this.#rates.take('LIMIT_CALLS_PER_PAIR_PER_MINUTE', `${callerId} ${calleeId}`);
      return true;
    } catch (refused) {
      if (key !== null && (await this.#calls.knowsKey(callerId, key))) return false;
      throw refused;
    }
  }

  /** What was counted made no call. */
  async giveBack({ callerId, calleeId }: NewCall): Promise<void> {
    await this.#rates.giveBack('LIMIT_CALLS_PER_MINUTE', callerId);
    await this.#rates.giveBack('LIMIT_CALLS_PER_PAIR_PER_MINUTE', `${callerId} ${calleeId}`);
  }
}
