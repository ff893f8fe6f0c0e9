import { AppError } from '../errors.js';
import { isBadData, isTransient } from '../db/database-error.js';

/** What is counted of the commits. */
export interface CommitObserver {
  /** A commit is done; `tookMs` has its tries and the pauses between them. */
  committed(rows: number, tookMs: number): void;
  /** A try failed. `retried`: it is sent once more; `given-up`: it was the last one; `refused`: a value or a statement was to blame. */
  commitFailed(how: 'retried' | 'given-up' | 'refused'): void;
}

export interface GroupCommitOptions<Item, Result> {
  /** One statement for all; results in the order of the items. `again` is true where a commit of unknown fate is sent once more. */
  readonly commit: (items: readonly Item[], again: boolean) => Promise<readonly Result[]>;
  readonly bytesOf: (item: Item) => number;
  /** Two items with the same identity never share a batch. */
  readonly identityOf: (item: Item) => string;
  readonly observer: CommitObserver;
  readonly maxRows?: number;
  readonly maxBytes?: number;
  readonly maxQueued?: number;
  readonly maxQueuedBytes?: number;
}

interface Waiting<Item, Result> {
  readonly item: Item;
  readonly sinceMs: number;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

const giveUpAfterMs = 1_800;
const retryPauseMs = 50;

/**
 * Items that arrive while a commit is under way wait for the next and go in together, in the order they came. Nothing
 * waits for a timer.
 *
 * A full queue rejects with TOO_BUSY. A transient failure sends the whole batch again, with `again` set, until its
 * first item is 1.8 seconds old, then rejects it with UNAVAILABLE. Where the values of a row are refused the rows go in one by one.
 */
export class GroupCommit<Item, Result> {
  readonly #options: Required<GroupCommitOptions<Item, Result>>;
  #queue: Waiting<Item, Result>[] = [];
  #queuedBytes = 0;
  #committing = false;

  constructor(options: GroupCommitOptions<Item, Result>) {
    this.#options = { maxRows: 500, maxBytes: 1_048_576, maxQueued: 10_000, maxQueuedBytes: 64 * 1_048_576, ...options };
  }

  get queued(): number {
    return this.#queue.length;
  }

  /** Joins the next commit before it returns: the order of calls is the order of rows. */
  submit(item: Item): Promise<Result> {
    const { maxQueued, maxQueuedBytes, bytesOf } = this.#options;
    if (this.#queue.length >= maxQueued || this.#queuedBytes >= maxQueuedBytes) {
      return Promise.reject(new AppError('TOO_BUSY', 'Too many signals are waiting to be stored.', { retryAfterMs: 1_000 }));
    }
    return new Promise((resolve, reject) => {
      this.#queue.push({ item, sinceMs: performance.now(), resolve, reject });
      this.#queuedBytes += bytesOf(item);
      if (!this.#committing) {
        this.#committing = true;
        // What else arrives in this turn of the event loop goes along.
        setImmediate(() => void this.#drain());
      }
    });
  }

  async #drain(): Promise<void> {
    while (this.#queue.length > 0) await this.#settle(this.#nextBatch());
    this.#committing = false;
  }

  #nextBatch(): Waiting<Item, Result>[] {
    const { maxRows, maxBytes, bytesOf, identityOf } = this.#options;
    const identities = new Set<string>();
    let bytes = 0;
    let count = 0;
    for (const { item } of this.#queue) {
      const identity = identityOf(item);
      if (count > 0 && (count === maxRows || bytes + bytesOf(item) > maxBytes || identities.has(identity))) break;
      identities.add(identity);
      bytes += bytesOf(item);
      count += 1;
    }
    this.#queuedBytes -= bytes;
    return this.#queue.splice(0, count);
  }

  async #settle(batch: readonly Waiting<Item, Result>[]): Promise<void> {
    try {
      const results = await this.#commit(batch);
      batch.forEach(({ resolve }, position) => resolve(results[position] as Result));
    } catch (error) {
      if (batch.length > 1 && isBadData(error)) for (const one of batch) await this.#settle([one]);
      else for (const { reject } of batch) reject(error);
    }
  }

  async #commit(batch: readonly Waiting<Item, Result>[]): Promise<readonly Result[]> {
    const { commit, observer } = this.#options;
    const items = batch.map(({ item }) => item);
    const begunAtMs = performance.now();
    // Of the first, which has waited longest: the time in the queue counts.
    const giveUpAtMs = (batch[0]?.sinceMs ?? 0) + giveUpAfterMs;
    for (let again = false; ; again = true) {
      try {
        const results = await commit(items, again);
        observer.committed(items.length, performance.now() - begunAtMs);
        return results;
      } catch (error) {
        if (!isTransient(error)) {
          observer.commitFailed('refused');
          throw error;
        }
        if (performance.now() + retryPauseMs >= giveUpAtMs) {
          observer.commitFailed('given-up');
          throw new AppError('UNAVAILABLE', 'The database cannot be reached.', {}, { cause: error });
        }
        observer.commitFailed('retried');
        await new Promise((resolve) => setTimeout(resolve, retryPauseMs));
      }
    }
  }
}
