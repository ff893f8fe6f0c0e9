/** What happens to a story while it is told: each disaster at its count of acknowledged signals, one after the other. */
export class Disasters {
  readonly #plan: ReadonlyMap<number, () => Promise<void>>;
  #chain: Promise<void> = Promise.resolve();
  #happened = 0;

  constructor(plan: ReadonlyMap<number, () => Promise<void>>) {
    this.#plan = plan;
  }

  /** The same one at each of those counts. */
  static each(counts: readonly number[], disaster: () => Promise<void>): Disasters {
    return new Disasters(new Map(counts.map((count) => [count, disaster])));
  }

  readonly onAcknowledged = (count: number): void => {
    const disaster = this.#plan.get(count);
    if (disaster === undefined) return;
    this.#chain = this.#chain.then(disaster).then(() => void (this.#happened += 1));
    // `over` tells; until then nobody is there to be told.
    this.#chain.catch(() => undefined);
  };

  /** Resolves with how many there were; rejects where one could not be carried out. */
  async over(): Promise<number> {
    await this.#chain;
    return this.#happened;
  }
}
