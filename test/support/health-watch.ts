import { onTestFinished } from 'vitest';
import type { ServerProcess } from './server-process.js';
import { until } from './until.js';

interface Look {
  readonly atMs: number;
  readonly alive: number;
  readonly ready: number;
  readonly reason: string;
}

const everyMs = 250;
const answerWithinMs = 2_000;

/** What load balancers see of nodes: /healthz and /readyz of each, four times a second. */
export class HealthWatch {
  readonly #looks: Look[] = [];
  readonly #over = new AbortController();
  readonly #watching: Promise<void>[] = [];

  /** Ended when the test is over. */
  static startForTest(nodes: readonly ServerProcess[]): HealthWatch {
    const watch = new HealthWatch();
    onTestFinished(() => watch.stop());
    for (const node of nodes) watch.watch(node);
    return watch;
  }

  watch({ url }: ServerProcess): void {
    this.#watching.push(this.#look(new URL(url).origin));
  }

  get looks(): number {
    return this.#looks.length;
  }

  /** Looks since then at which a node was not alive, or not ready. */
  notWellSince(atMs: number): string[] {
    return this.#since(atMs)
      .filter(({ alive, ready }) => alive !== 200 || ready !== 200)
      .map(({ alive, ready, reason }) => `${alive}, ${ready} ${reason}`);
  }

  /** Answers to /healthz since then that were not 200. */
  notAliveSince(atMs: number): number[] {
    return this.#since(atMs)
      .map(({ alive }) => alive)
      .filter((status) => status !== 200);
  }

  /** Each different answer to /readyz since then. */
  readinessSince(atMs: number): string[] {
    return [...new Set(this.#since(atMs).map(({ ready, reason }) => `${ready} ${reason}`))];
  }

  /** Resolves when each node has said that it is ready in a look that began after this. */
  async ready(withinMs: number): Promise<void> {
    const atMs = performance.now();
    await until('the nodes to be ready', () => this.#since(atMs).at(-1)?.ready === 200, { withinMs });
  }

  async stop(): Promise<void> {
    this.#over.abort();
    await Promise.all(this.#watching);
  }

  #since(atMs: number): Look[] {
    return this.#looks.filter((look) => look.atMs >= atMs);
  }

  async #look(origin: string): Promise<void> {
    while (!this.#over.signal.aborted) {
      const atMs = performance.now();
      const [alive, ready] = await Promise.all([statusOf(`${origin}/healthz`), statusOf(`${origin}/readyz`)]);
      this.#looks.push({ atMs, alive: alive.status, ready: ready.status, reason: ready.text });
      await new Promise((resolve) => setTimeout(resolve, everyMs));
    }
  }
}

/** Status 0 where nobody answers in time. */
async function statusOf(url: string): Promise<{ status: number; text: string }> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(answerWithinMs) });
    return { status: response.status, text: (await response.text()).trim() };
  } catch {
    return { status: 0, text: 'no answer' };
  }
}
