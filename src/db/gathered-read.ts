const mostAtOnce = 500;

interface Waiting<Key, Value> {
  readonly key: Key;
  readonly resolve: (value: Value) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * One statement at a time: what is wanted while one is under way waits for the next, and goes together. Thousands who come
 * back in one moment cost a few statements, not each a connection of the pool. A read begins after it was asked for, so
 * it sees whatever was committed before that. Where a statement fails all that it was for reject with its error.
 */
export class GatheredRead<Key, Value> {
  readonly #readMany: (keys: readonly Key[]) => Promise<readonly Value[]>;
  readonly #waiting: Waiting<Key, Value>[] = [];
  #reading = false;

  /** `readMany` gives a value for each key, in their order; at most 500 keys. */
  constructor(readMany: (keys: readonly Key[]) => Promise<readonly Value[]>) {
    this.#readMany = readMany;
  }

  read(key: Key): Promise<Value> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ key, resolve, reject });
      if (this.#reading) return;
      this.#reading = true;
      // What else is wanted in this turn of the event loop goes along.
      setImmediate(() => void this.#readAll());
    });
  }

  async #readAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, mostAtOnce);
      try {
        const values = await this.#readMany(batch.map(({ key }) => key));
        batch.forEach(({ resolve }, position) => resolve(values[position]!));
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    this.#reading = false;
  }
}
