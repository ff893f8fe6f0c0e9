/**
 * Lets a few pass in each turn of the event loop and the others in the turns that follow, in their order. What arrives in
 * one moment is read in one turn: five hundred requests handled in one go would hold up every signal for as long as all of
 * them take; spread over turns, signals are looked at in between.
 */
export class Turns {
  readonly #perTurn: number;
  readonly #waiting: (() => void)[] = [];
  #passed = 0;

  constructor(perTurn: number) {
    this.#perTurn = perTurn;
  }

  /** Resolves at once where few have passed in this turn, else when it is its turn. */
  next(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#passed < this.#perTurn) this.#pass(resolve);
      else this.#waiting.push(resolve);
    });
  }

  #pass(resolve: () => void): void {
    if (this.#passed === 0) setImmediate(() => this.#begin());
    this.#passed += 1;
    resolve();
  }

  #begin(): void {
    this.#passed = 0;
    for (const resolve of this.#waiting.splice(0, this.#perTurn)) this.#pass(resolve);
  }
}
