import { onTestFinished } from 'vitest';
import type { Addresses } from './talker.js';

const everyMs = 250;
const paths = ['/healthz', '/readyz'];
const answerWithinMs = 2_000;

/** Asks each node without pause whether it lives and is ready, as an orchestrator does. */
export class HealthWatch {
  readonly #over = new AbortController();
  /** Answers that were not 200, or none within 2 s. */
  readonly bad: string[] = [];
  asked = 0;

  /** Ended when the test is over. */
  static startForTest(): HealthWatch {
    const watch = new HealthWatch();
    onTestFinished(() => watch.stop());
    return watch;
  }

  watch({ url }: Addresses): void {
    for (const path of paths) void this.#ask(new URL(path, url).href);
  }

  stop(): void {
    this.#over.abort();
  }

  async #ask(url: string): Promise<void> {
    while (!this.#over.signal.aborted) {
      const answer = await fetch(url, { signal: AbortSignal.timeout(answerWithinMs) }).then(
        ({ status }) => String(status),
        (error: unknown) => String(error),
      );
      if (this.#over.signal.aborted) return;
      this.asked += 1;
      if (answer !== '200') this.bad.push(`${url}: ${answer}`);
      await new Promise((resolve) => setTimeout(resolve, everyMs));
    }
  }
}
