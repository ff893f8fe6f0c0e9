/** Gathers the keys that are asked for in one turn of the microtask queue into one read. Remembers nothing. */
export class BatchLoader<Value> {
  readonly #loadMany: (keys: readonly string[]) => Promise<ReadonlyMap<string, Value>>;
  #next: { keys: Set<string>; found: Promise<ReadonlyMap<string, Value>> } | null = null;

  constructor(loadMany: (keys: readonly string[]) => Promise<ReadonlyMap<string, Value>>) {
    this.#loadMany = loadMany;
  }

  async load(key: string): Promise<Value | null> {
    this.#next ??= this.#gather();
    const { keys, found } = this.#next;
    keys.add(key);
    return (await found).get(key) ?? null;
  }

  #gather(): { keys: Set<string>; found: Promise<ReadonlyMap<string, Value>> } {
    const keys = new Set<string>();
    // Two turns: resolvers of one level ask in the first.
    const found = Promise.resolve()
      .then(() => undefined)
      .then(() => {
        this.#next = null;
        return this.#loadMany([...keys]);
      });
    return { keys, found };
  }
}
