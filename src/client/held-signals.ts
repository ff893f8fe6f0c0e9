import type { Signal } from './signal-queue.js';

/** An offer and its candidates are far below this, and so are several. */
const mostCharacters = 1_000_000;

/** Signals that wait until there is a peer for them. The other side decides how many it sends, and not how many are kept. */
export class HeldSignals {
  #signals: Signal[] = [];
  #characters = 0;

  /** False where there is no room for it. */
  add(signal: Signal): boolean {
    if (this.#characters + signal.payload.length > mostCharacters) return false;
    this.#characters += signal.payload.length;
    this.#signals.push(signal);
    return true;
  }

  /** In the order in which they came; none is left. */
  take(): readonly Signal[] {
    const taken = this.#signals;
    this.clear();
    return taken;
  }

  clear(): void {
    this.#signals = [];
    this.#characters = 0;
  }
}
