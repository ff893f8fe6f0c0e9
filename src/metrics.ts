import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client';

/** What /metrics shows: the process, and what the servers count. */
export class Metrics {
  readonly #registry = new Registry();

  constructor() {
    collectDefaultMetrics({ register: this.#registry, prefix: 'switchboard_' });
  }

  /** A figure that is asked for when somebody looks; NaN where it cannot be had. */
  gauge(name: string, help: string, read: () => number | Promise<number>): void {
    new Gauge({
      name: `switchboard_${name}`,
      help,
      registers: [this.#registry],
      async collect() {
        this.set(await Promise.resolve(read()).catch(() => NaN));
      },
    });
  }

  /** Counts what happens by how it went; each outcome is shown from the start, with 0. */
  counter<Outcome extends string>(name: string, help: string, outcomes: readonly Outcome[]): (outcome: Outcome) => void {
    const counter = new Counter({ name: `switchboard_${name}`, help, labelNames: ['outcome'], registers: [this.#registry] });
    for (const outcome of outcomes) counter.inc({ outcome }, 0);
    return (outcome) => counter.inc({ outcome });
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  text(): Promise<string> {
    return this.#registry.metrics();
  }
}
