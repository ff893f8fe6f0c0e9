import { CANDIDATES_PER_SIDE, type Line, LINES_PER_SIDE, SIGNALS_PER_ROUND } from './script.ts';
import { Side } from './side.ts';
import type { Link } from './wire.ts';

/** Two peers and one call, and the rounds they play on it. */
export class Pair {
  readonly caller: Side;
  readonly callee: Side;
  readonly #onLatency: (latencyMs: number) => void;
  #roundsLeft = 0;
  #eventsLeft = 0;
  #answers = true;
  #done = (): void => {};
  #fail = (_error: Error): void => {};
  /** The first one, also where no phase was waiting: a signal that arrives a second time after the last round. */
  failure: Error | null = null;

  constructor(link: Link, window: number, totalRounds: number, onLatency: (latencyMs: number) => void) {
    this.#onLatency = onLatency;
    this.caller = new Side('caller', link.caller, window, totalRounds);
    this.callee = new Side('callee', link.callee, window, totalRounds);
    this.caller.start(this.callee, this.#eventsOf(this.caller, CANDIDATES_PER_SIDE));
    this.callee.start(this.caller, this.#eventsOf(this.callee, LINES_PER_SIDE));
  }

  /** Closed loop: the next round starts when every signal of this one has arrived and is acknowledged. */
  async play(rounds: number): Promise<void> {
    this.#answers = true;
    this.#roundsLeft = rounds;
    await this.#until(() => this.#startRound());
  }

  /** Open loop: somebody else calls `caller.allow` and `callee.allow`. Resolves when `rounds` have gone through. */
  async listen(rounds: number): Promise<void> {
    this.#answers = false;
    this.caller.window = this.callee.window = Number.POSITIVE_INFINITY;
    this.#roundsLeft = 1;
    await this.#until(() => {
      this.#eventsLeft = 2 * SIGNALS_PER_ROUND * rounds;
    });
  }

  stop(): void {
    this.caller.stop();
    this.callee.stop();
  }

  /** Arrivals and receipts that this phase still waits for. */
  get outstanding(): number {
    return this.#eventsLeft;
  }

  async #until(start: () => void): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#done = resolve;
      this.#fail = reject;
      if (this.failure) reject(this.failure);
      else start();
    });
  }

  #startRound(): void {
    this.#eventsLeft = 2 * SIGNALS_PER_ROUND;
    this.caller.allow(1);
  }

  #eventsOf(side: Side, replies: number) {
    return {
      received: (line: Line, latencyMs: number): void => {
        this.#onLatency(latencyMs);
        // The other side's description is the cue: the callee answers and trickles, the caller trickles.
        if (this.#answers && line.kind !== 'ICE_CANDIDATE') side.allow(replies);
        this.#step();
      },
      acknowledged: (): void => this.#step(),
      failed: (error: Error): void => {
        this.failure ??= error;
        this.#fail(error);
      },
    };
  }

  #step(): void {
    this.#eventsLeft -= 1;
    if (this.#eventsLeft > 0) return;
    this.#roundsLeft -= 1;
    if (this.#roundsLeft > 0) this.#startRound();
    else this.#done();
  }
}
