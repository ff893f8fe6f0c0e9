/** Gathers the keys that are asked for in one turn of the event loop's microtasks into one read. Remembers nothing. */
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
    // A tick that is asked for from a microtask comes when none is left: items of a list that resolve one after another are one read.
    const gathered = Promise.resolve().then(() => new Promise<void>((resolve) => process.nextTick(resolve)));
    const found = gathered.then(() => {
      this.#next = null;
      return this.#loadMany([...keys]);
    });
    return { keys, found };
  }
}
