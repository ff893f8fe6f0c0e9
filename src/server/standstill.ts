const beatEveryMs = 1_000;
/** Longer than the machine makes a node wait, and about as long as a client waits for one. */
const longestMs = 10_000;
/** What came in while it stood still lies before us for a moment. */
const afterwardsMs = 1_000;

/**
 * Knows when this process has stood still: frozen by the system, or starved. What lies in its sockets then is of another
 * time: who asked has given up, and asked another node. By the monotonic clock, so a clock that is set is no standstill.
 */
export class Standstill {
  #noticed: ((ms: number) => void) | null = null;
  #beatAt = -Infinity;
  #overAt = -Infinity;
  #beat: NodeJS.Timeout | null = null;

  /** `noticed` is called once for each, before anything that came in meanwhile is looked at. */
  start(noticed: (ms: number) => void): void {
    this.#noticed = noticed;
    this.#beatAt = performance.now();
    this.#beat = setInterval(() => this.isStale(), beatEveryMs);
  }

  stop(): void {
    if (this.#beat !== null) clearInterval(this.#beat);
    this.#noticed = null;
  }

  /** To be asked before anything from outside is looked at: whether it may have come during a standstill. */
  isStale(): boolean {
    const now = performance.now();
    const stoodMs = now - this.#beatAt;
    this.#beatAt = now;
    if (this.#noticed !== null && stoodMs > longestMs) {
      this.#overAt = now;
      this.#noticed(stoodMs);
    }
    return now - this.#overAt < afterwardsMs;
  }
}
