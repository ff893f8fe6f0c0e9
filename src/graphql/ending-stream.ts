import type { ExecutionArgs, ExecutionResult } from 'graphql';
import { runSubscription } from './execution-plan.js';

/**
 * A subscription whose stream ends behind an event that could not be told, where graphql-js goes on: a client that takes
 * the cursors of the events that follow would never have that one.
 */
export async function runEndingSubscription(args: ExecutionArgs): Promise<ExecutionResult | AsyncIterableIterator<ExecutionResult>> {
  const stream = await runSubscription(args);
  return Symbol.asyncIterator in stream ? new EndingStream(stream) : stream;
}

/** By hand rather than an async generator: one that is parked on a promise cannot be ended from outside. */
class EndingStream implements AsyncIterableIterator<ExecutionResult> {
  readonly #results: AsyncIterableIterator<ExecutionResult>;
  #hasFailed = false;

  constructor(results: AsyncIterableIterator<ExecutionResult>) {
    this.#results = results;
  }

  async next(): Promise<IteratorResult<ExecutionResult, undefined>> {
    if (this.#hasFailed) return this.return();
    const result = (await this.#results.next()) as IteratorResult<ExecutionResult, undefined>;
    this.#hasFailed = result.done !== true && result.value.data == null;
    return result;
  }

  async return(): Promise<IteratorResult<ExecutionResult, undefined>> {
    await this.#results.return?.();
    return { value: undefined, done: true };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
