/** So many a second, evenly, whoever asks. */
export class Pace {
  readonly #everyMs: number;
  #nextAt = 0;

  constructor(perSecond: number) {
    this.#everyMs = 1_000 / perSecond;
  }

  /** Resolves when it is its turn. What was not used is not made up for. */
  async next(): Promise<void> {
    const at = Math.max(performance.now(), this.#nextAt);
    this.#nextAt = at + this.#everyMs;
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, at - performance.now())));
  }
}
