/**
 * Lets one pass in each turn of the event loop and the others in the turns that follow, in their order. What arrives in
 * one moment is read in one turn: five hundred requests handled in one go would hold up every signal for as long as all of
 * them take; spread over turns, signals are looked at in between.
 */
export class Turns {
  readonly #waiting: (() => void)[] = [];
  #isTaken = false;

  /** Resolves at once where nobody has passed in this turn, else when it is its turn. */
  next(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#isTaken) this.#waiting.push(resolve);
      else this.#pass(resolve);
    });
  }

  #pass(resolve: () => void): void {
    this.#isTaken = true;
    setImmediate(() => {
      const next = this.#waiting.shift();
      if (next === undefined) this.#isTaken = false;
      else this.#pass(next);
    });
    resolve();
  }
}
